"""Time travel: what is answered as of an instant is what was answered at that instant, whatever happened since."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lifecycle.vocabulary import AccessMode, Billing, ClientStatus, DataState, EnrollmentState, Role
from storage.tables.clients import Client, ClientStatusChange
from storage.tables.content import Document, DocumentRevision
from storage.tables.packages import (
    Enrollment,
    EnrollmentChange,
    EnrollmentGap,
    Module,
    ModuleVersion,
    Package,
    PackageItem,
)
from storage.tables.workspace import Member
from tests.access.site import TICK, Site, gid

_VERSION = "version title body publishedAt"
NOW = f"""query ($client: ID!, $package: ID!) {{
  client(id: $client) {{ status statusSince accessMode dataState
    enrollments(first: 100) {{ totalCount nodes {{ id state frozenAt modules(first: 100) {{ totalCount nodes {{ {_VERSION} }} }} }} }} }}
  package(id: $package) {{ enrollments(first: 100) {{ totalCount nodes {{ id state frozenAt }} }}
    modules(first: 100) {{ nodes {{ archivedAt withdrawnAt currentVersion {{ {_VERSION}
      documents(first: 100) {{ nodes {{ title addedAt withdrawnAt currentRevision {{ title revision revisedAt }} }} }} }} }} }} }} }}"""
THEN = f"""query ($client: ID!, $package: ID!, $at: DateTime!) {{
  client(id: $client) {{ asOf(at: $at) {{ status statusSince accessMode dataState
    enrollments(first: 100) {{ totalCount nodes {{ enrollment {{ id }} state frozenAt
      modules(first: 100) {{ totalCount nodes {{ {_VERSION} }} }} }} }} }} }}
  package(id: $package) {{ asOf(at: $at) {{ enrollments(first: 100) {{ totalCount nodes {{ enrollment {{ id }} state frozenAt }} }}
    modules(first: 100) {{ totalCount nodes {{ {_VERSION}
      documents(first: 100) {{ nodes {{ title addedAt revision revisedAt }} }} }} }} }} }} }}"""


def today(data: Any) -> Any:
    """Answer of the present, in the shape of the past: what is archived or withdrawn is left out."""
    for module in data["package"]["modules"]["nodes"]:
        for document in module["currentVersion"]["documents"]["nodes"] if module["currentVersion"] else ():
            document["revision"] = document["currentRevision"]["revision"]
            document["revisedAt"] = document.pop("currentRevision")["revisedAt"]
    modules = [module for module in data["package"]["modules"]["nodes"] if not module["archivedAt"] and not module["withdrawnAt"]]
    versions = [module["currentVersion"] for module in modules if module["currentVersion"]]
    for version in versions:
        version["documents"]["nodes"] = [d for d in version["documents"]["nodes"] if d.pop("withdrawnAt") is None]
    data["package"]["modules"] = {"totalCount": len(versions), "nodes": sorted(versions, key=lambda version: version["title"])}
    return data


def then(data: Any) -> Any:
    """Answer of the past, in the same shape."""
    found = {name: data[name] and data[name]["asOf"] for name in data}
    for value in found.values():
        for node in value["enrollments"]["nodes"] if value else ():
            node |= {"id": node.pop("enrollment")["id"]}
    return found


class Chronicle:
    """A client in a package, to whom things happen in real time; after each, the answer and its instant are kept."""

    def __init__(self, site: Site, coach: Member, token: str) -> None:
        self.site, self.token, self.coach = site, token, coach
        self.w: dict[str, Any] = {"workspace_id": coach.workspace_id}
        at = datetime.now(UTC)
        begun: dict[str, Any] = {"status": ClientStatus.PROSPECT, "status_since": at, "created_at": at}
        self.client = Client(number=1, coach_id=coach.id, name="Ada", sort_name="ada", **begun, **self.w)
        self.package = Package(name="P", billing=Billing.MONTHLY, **self.w)
        self.kept: list[tuple[datetime, Any]] = []
        self.enrollment: Enrollment | None = None

    async def keep(self) -> None:
        data = await self.site.data(self.token, NOW, client=gid("client", self.client), package=gid("package", self.package))
        self.kept.append((datetime.now(UTC), today(data)))

    async def become(self, status: ClientStatus, mode: AccessMode = AccessMode.NONE, state: DataState = DataState.PRESENT) -> None:
        at, before = datetime.now(UTC), self.client.status
        values: dict[str, Any] = {"status": status, "access_mode": mode, "data_state": state}
        await self.site.change(Client, self.client, **values, **({"status_since": at} if status is not before else {}))
        self.client.status = status
        await self.changed(before, at, status, mode, state)

    async def changed(
        self, before: ClientStatus | None, at: datetime, after: ClientStatus, mode: AccessMode, state: DataState = DataState.PRESENT
    ) -> None:
        told: dict[str, Any] = {"access_mode": mode, "data_state": state, "transition": "test", "actor": ""}
        await self.site.put(ClientStatusChange(client_id=self.client.id, before=before, after=after, at=at, **told, **self.w))
        await self.keep()

    async def enroll(self) -> None:
        at = datetime.now(UTC)
        self.enrollment = Enrollment(client_id=self.client.id, package_id=self.package.id, enrolled_at=at, **self.w)
        await self.site.put(self.enrollment)
        await self._moved(None, EnrollmentState.ACTIVE, at)

    async def move(self, state: EnrollmentState, *, gap: bool = False) -> None:
        assert self.enrollment is not None
        at, before = datetime.now(UTC), self.enrollment.state
        frozen = at if state is EnrollmentState.DEACTIVATED else None
        if gap:
            since = self.enrollment.frozen_at
            assert since is not None
            await self.site.put(EnrollmentGap(enrollment_id=self.enrollment.id, from_at=since, until_at=at, **self.w))
        deleted = at if state is EnrollmentState.DELETED else None
        await self.site.change(Enrollment, self.enrollment, state=state, frozen_at=frozen, deleted_at=deleted)
        self.enrollment.state, self.enrollment.frozen_at = state, frozen
        await self._moved(before, state, at)

    async def _moved(self, before: EnrollmentState | None, after: EnrollmentState, at: datetime) -> None:
        assert self.enrollment is not None
        told: dict[str, Any] = {"frozen_at": self.enrollment.frozen_at, "transition": "test", "actor": ""}
        await self.site.put(EnrollmentChange(enrollment_id=self.enrollment.id, before=before, after=after, at=at, **told, **self.w))
        await self.keep()

    async def module(self, name: str) -> tuple[Module, ModuleVersion]:
        module = Module(title=name, **self.w)
        await self.site.put(module)
        version = await self.publish(module, name, 1)
        await self.site.put(PackageItem(package_id=self.package.id, position=1, module_id=module.id, added_at=datetime.now(UTC), **self.w))
        await self.keep()
        return module, version

    async def publish(self, module: Module, name: str, number: int) -> ModuleVersion:
        version = ModuleVersion(module_id=module.id, version=number, title=name, body=f"{name} {number}", **self.w)
        version.published_at = datetime.now(UTC)
        await self.site.put(version)
        await self.keep()
        return version

    async def document(self, version: ModuleVersion, title: str) -> Document:
        document = Document(title=title, module_version_id=version.id, added_at=datetime.now(UTC), **self.w)
        await self.site.put(document)
        await self.revise(document, title, 1)
        return document

    async def revise(self, document: Document, title: str, number: int) -> None:
        at = datetime.now(UTC)
        await self.site.put(DocumentRevision(document_id=document.id, revision=number, title=title, revised_at=at, **self.w))
        await self.keep()

    async def live(self) -> None:
        """A whole life, with everything that a history can hold."""
        await self.site.put(self.client, self.package)
        await self.changed(None, self.client.created_at, ClientStatus.PROSPECT, AccessMode.NONE)
        one, first = await self.module("One")
        leaflet = await self.document(first, "Leaflet")
        await self.become(ClientStatus.HOT_LEAD)
        await self.become(ClientStatus.ACTIVE)
        await self.enroll()
        two, _ = await self.module("Two")
        await self.move(EnrollmentState.DEACTIVATED)
        await self.revise(leaflet, "Leaflet, revised", 2)
        newer = await self.publish(one, "One", 2)
        await self.module("Three")
        await self.move(EnrollmentState.ACTIVE, gap=True)
        await self.publish(two, "Two", 2)
        flyer = await self.document(first, "Flyer")
        await self.document(newer, "Poster")
        await self.site.change(Document, flyer, withdrawn_at=datetime.now(UTC))
        await self.keep()
        await self.site.change(Module, two, archived_at=datetime.now(UTC))
        await self.keep()
        await self.become(ClientStatus.INACTIVE, AccessMode.PURCHASED_CONTENT)
        await self.publish(one, "One", 3)
        await self.become(ClientStatus.INACTIVE, AccessMode.READ_ONLY)
        await self.become(ClientStatus.ACTIVE)
        await self.site.change(Module, one, withdrawn_at=datetime.now(UTC))
        await self.keep()
        await self.move(EnrollmentState.DELETED)
        await self.enroll()
        await self.become(ClientStatus.ACTIVE, state=DataState.HISTORY_DELETED)


@pytest.fixture
async def chronicle(site: Site) -> Chronicle:
    coach = await site.member(await site.workspace("chronicle"), Role.COACH)
    made = Chronicle(site, coach, await site.token(coach))
    await made.live()
    return made


@pytest.mark.req("J8", "J9", "J10", "J11", "C8")
async def test_what_is_answered_as_of_an_instant_is_what_was_answered_then(chronicle: Chronicle) -> None:
    ids = {"client": gid("client", chronicle.client), "package": gid("package", chronicle.package)}
    for at, kept in chronicle.kept:
        found = await chronicle.site.data(chronicle.token, THEN, client=ids["client"], package=ids["package"], at=at.isoformat())
        assert then(found) == kept, at
    different = {str(kept) for _, kept in chronicle.kept}
    assert len(different) >= 20
    # many instants in one document, each with its own answer
    alias = " ".join(f'a{i}: asOf(at: "{at.isoformat()}") {{ status accessMode }}' for i, (at, _) in enumerate(chronicle.kept))
    data = await chronicle.site.data(chronicle.token, f'{{ client(id: "{ids["client"]}") {{ {alias} }} }}')
    assert [(a["status"], a["accessMode"]) for a in data["client"].values()] == [
        (kept["client"]["status"], kept["client"]["accessMode"]) for _, kept in chronicle.kept
    ]


async def test_nothing_stands_before_its_beginning_and_after_now(chronicle: Chronicle) -> None:
    site, token, enrollment = chronicle.site, chronicle.token, chronicle.enrollment
    assert enrollment is not None
    for node, begun in (
        (gid("client", chronicle.client), chronicle.client.created_at),
        (gid("package", chronicle.package), chronicle.package.created_at),
        (gid("enrollment", enrollment), enrollment.enrolled_at),
    ):
        fields = "{ asOf(at: $at) { __typename } }"
        query = f"""query ($id: ID!, $at: DateTime!) {{ node(id: $id) {{
          ... on Client {fields} ... on Package {fields} ... on Enrollment {fields} }} }}"""
        for at, there in ((begun - TICK, False), (begun, True), (datetime.now(UTC).replace(year=2099), False)):
            data = await site.data(token, query, id=node, at=at.isoformat())
            assert (data["node"]["asOf"] is not None) is there, (node, at)


async def test_a_deleted_enrollment_opened_nothing_after_and_all_before(chronicle: Chronicle) -> None:
    """Given the first enrollment, deleted since, then it is not in the lists of its package after that, and itself tells its state."""
    site, token = chronicle.site, chronicle.token
    listed = "query ($id: ID!) { client(id: $id) { enrollments(filter: {state: DELETED}) { nodes { id deletedAt } } } }"
    [gone] = (await site.data(token, listed, id=gid("client", chronicle.client)))["client"]["enrollments"]["nodes"]
    query = """query ($id: ID!, $at: DateTime!) { enrollment(id: $id) { asOf(at: $at) { state frozenAt client { name } package { name }
      modules { nodes { title version moduleVersion { publishedAt } } } } } }"""
    deleted = datetime.fromisoformat(gone["deletedAt"])
    found = [await site.data(token, query, id=gone["id"], at=at.isoformat()) for at in (deleted - TICK, deleted)]
    before, after = [answer["enrollment"]["asOf"] for answer in found]
    assert (before["state"], [m["title"] for m in before["modules"]["nodes"]]) == (
        "ACTIVE",
        [],
    )  # the one was withdrawn, the other archived
    assert (after["state"], after["modules"]["nodes"]) == ("DELETED", [])
    assert after["client"] == {"name": "Ada"}
