"""A coach's studio, run through the API alone: what is made, sold and planned here is made by mutations."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import ClientStatus, Role
from server.workers import steps
from storage.database import Database
from storage.tables.clients import Client
from storage.tables.workspace import Member
from tests.access.site import Site, gid
from tests.rows import every_row

SECRETS: Final = (b"a secret of the tests, long enough to sign with",)
DAY: Final = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


def instant(at: datetime) -> str:
    return at.isoformat()


@dataclass
class Studio:
    """Workspace with an owner, a coach and an accountant."""

    site: Site
    owner: Member
    coach: Member
    tokens: dict[str, str]

    async def client(self, status: ClientStatus = ClientStatus.ACTIVE, **more: Any) -> tuple[Client, str]:
        """Client of the coach, and their token."""
        client = await self.site.client(self.coach, status, **more)
        return client, await self.site.token(client)

    async def try_to(self, name: str, key: str | None = None, /, *, by: str = "coach", wanted: str = "", **given: Any) -> Any:
        """Payload of a mutation, confirmed by its preview where nobody can undo it."""
        step = BY_NAME[name]
        kind = f"{name[0].upper()}{name[1:]}Input"
        token = await self._confirmed(name, key, given, by) if step.permanent else None
        declared = f"$i: {kind}!" + (", $id: ID!" if key else "") + (", $t: String" if token else "")
        said = "input: $i" + (", id: $id" if key else "") + (", token: $t" if token else "")
        answer = f"{step.axis} {{ id {wanted} }} warnings {{ code }} problems {{ code path message }} event {{ name actor }}"
        if step.undoable:
            answer += " batchId"
        variables: dict[str, Any] = {"i": given} | ({"id": key} if key else {}) | ({"t": token} if token else {})
        data = await self.site.data(self.tokens[by], f"mutation ({declared}) {{ it: {name}({said}) {{ {answer} }} }}", **variables)
        return data["it"]

    async def _confirmed(self, name: str, key: str | None, given: dict[str, Any], by: str) -> str | None:
        token: str | None = (await self.look(name, key, given, by))["token"]
        return token

    async def look(self, name: str, key: str | None, given: dict[str, Any], by: str) -> Any:
        """Preview of a step."""
        kind = f"{name[0].upper()}{name[1:]}Input"
        declared, said = (f"$i: {kind}!, $id: ID!", "input: $i, id: $id") if key else (f"$i: {kind}!", "input: $i")
        query = f"query ({declared}) {{ it: {name}Preview({said}) {{ token blockers {{ code path message }} }} }}"
        return (await self.ask(query, by, i=given, **({"id": key} if key else {})))["it"]

    async def do(self, name: str, key: str | None = None, /, *, by: str = "coach", wanted: str = "", **given: Any) -> Any:
        """Object of a mutation that must succeed."""
        payload = await self.try_to(name, key, by=by, wanted=wanted, **given)
        assert payload["problems"] == [], payload["problems"]
        return payload[str(BY_NAME[name].axis)]

    async def refused(self, name: str, key: str | None = None, /, *, by: str = "coach", **given: Any) -> tuple[str, list[str]]:
        """Code and path of a refusal, which changes nothing, and which the preview tells alike."""
        before = await self.rows()
        payload = await self.try_to(name, key, by=by, **given)
        looked = await self.look(name, key, given, by)
        assert await self.rows() == before
        [problem] = payload["problems"]
        assert looked["blockers"] == [problem]
        return problem["code"], problem["path"]

    async def ask(self, query: str, by: str = "coach", **variables: Any) -> Any:
        return await self.site.data(self.tokens[by], query, **variables)

    # -- content ---------------------------------------------------------------------------------------------------------

    async def package(self, **given: Any) -> str:
        return str((await self.do("packageAdd", **{"name": "Package", "billing": "MONTHLY"} | given))["id"])

    async def module(self, package: str, *bodies: str) -> tuple[str, list[str]]:
        """Module in a package, with a published version for each text."""
        module = (await self.do("moduleAdd", title=f"Module of {package[-4:]}"))["id"]
        versions = [await self.publish(module, body) for body in bodies]
        await self.do("packageItemAdd", package=package, module=module)
        return module, versions

    async def publish(self, module: str, body: str) -> str:
        version = (await self.do("moduleVersionAdd", module=module, title="Title", body=body))["id"]
        return str((await self.do("moduleVersionPublish", version))["id"])

    async def enrolled(self, package: str, client: Client, **given: Any) -> str:
        return str((await self.do("enrollmentCreate", package=package, client=gid("client", client), **given))["id"])

    # -- the clock -------------------------------------------------------------------------------------------------------

    async def wind(self, at: datetime | None = None) -> None:
        """Let the clock do all that is due at an instant, now when left out."""
        await wind(self.site.database, at or now())

    async def rows(self) -> dict[str, str]:
        """Everything the workspace has, but for plans, which a preview may leave."""
        found = await every_row(self.site.database, self.owner.workspace_id)
        return {table: rows for table, rows in found.items() if table != "transition_plan"}


async def wind(database: Database, at: datetime) -> None:
    """What the workers do at an instant."""
    every = steps()
    while any([await step(database, SECRETS, lambda: at) for step in every]):
        pass


async def open_studio(site: Site) -> Studio:
    workspace = await site.workspace("studio")
    members = {role: await site.member(workspace, role) for role in Role}
    tokens = {role.value.lower(): await site.token(member) for role, member in members.items()}
    return Studio(site, members[Role.OWNER], members[Role.COACH], tokens)
