"""A workspace of one coach with content at controlled instants, and what its people see of it.

Every instant is days after T0. Rows are put where they belong, because what matters is when something happened; whoever drives the same
stories through the operations of the API changes this file and no test.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lifecycle.vocabulary import Billing, ClientStatus, EnrollmentState
from storage.tables.clients import Client
from storage.tables.content import Document, DocumentRevision
from storage.tables.packages import Enrollment, Module, ModuleVersion, Package, PackageItem, Release
from storage.tables.workspace import Member, Workspace
from tests.access.site import Site, day, gid

MODULES = """query ($id: ID!) { enrollment(id: $id) { modules(first: 100) { totalCount nodes { version body
  title documents(first: 100) { totalCount nodes { title currentRevision { revision } revisions { nodes { revision } } } } } } } }"""
ALL = """{ modules(first: 100) { totalCount nodes { id versions { totalCount nodes { version body } } currentVersion { version } } }
  documents(first: 100) { totalCount nodes { title } } }"""

Seen = dict[str, int]


@dataclass
class Course:
    """Workspace of one coach with content at controlled instants."""

    site: Site
    coach: Member
    coach_token: str
    packages: dict[str, Package] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    versions: dict[tuple[str, int], ModuleVersion] = field(default_factory=dict)

    @property
    def w(self) -> dict[str, Any]:
        return {"workspace_id": self.coach.workspace_id}

    async def package(self, name: str = "P", **more: Any) -> Package:
        self.packages[name] = Package(name=name, billing=Billing.MONTHLY, **more, **self.w)
        await self.site.put(self.packages[name])
        return self.packages[name]

    async def module(self, name: str, *published: float, package: str = "P", added: float = -50) -> Module:
        """Module in a package, with a version published on each of the days."""
        if name not in self.modules:
            self.modules[name] = Module(title=f"Working title of {name}", **self.w)
            await self.site.put(self.modules[name])
        module = self.modules[name]
        for number, at in enumerate(published, 1):
            await self.publish(name, number, at)
        if package:
            item = PackageItem(package_id=self.packages[package].id, position=1, module_id=module.id, added_at=day(added), **self.w)
            await self.site.put(item)
        return module

    async def publish(self, name: str, number: int, at: float | datetime) -> ModuleVersion:
        published = at if isinstance(at, datetime) else day(at)
        version = ModuleVersion(module_id=self.modules[name].id, version=number, title=name, body=f"{name} {number}", **self.w)
        version.published_at, self.versions[name, number] = published, version
        await self.site.put(version)
        return version

    async def draft(self, name: str, number: int) -> ModuleVersion:
        version = ModuleVersion(module_id=self.modules[name].id, version=number, title=name, body=f"{name} {number}", **self.w)
        await self.site.put(version)
        return version

    async def release(self, enrollment: Enrollment, name: str, at: float) -> None:
        version = self.versions[name, 1].id
        await self.site.put(Release(enrollment_id=enrollment.id, module_version_id=version, released_at=day(at), **self.w))

    async def workspace(self) -> Workspace:
        async with self.site.database.write() as session:
            found = await session.get(Workspace, self.coach.workspace_id)
        assert found is not None
        return found

    async def document(self, title: str, *revised: float, withdrawn: bool = False, **place: Any) -> Document:
        """Document with a revision on each of the days; its title ends with the number of the revision."""
        document = Document(title=title, added_at=day(revised[0]), withdrawn_at=day(5) if withdrawn else None, **place, **self.w)
        revisions = [
            DocumentRevision(document_id=document.id, revision=number, title=f"{title}{number}", revised_at=day(at), **self.w)
            for number, at in enumerate(revised, 1)
        ]
        await self.site.put(document, *revisions)
        return document

    async def client(self, status: ClientStatus = ClientStatus.ACTIVE, **more: Any) -> tuple[Client, str]:
        client = await self.site.client(self.coach, status, **more)
        return client, await self.site.token(client)

    async def enroll(self, client: Client, package: str = "P", *, frozen: float | datetime | None = None, **more: Any) -> Enrollment:
        at = day(frozen) if isinstance(frozen, int | float) else frozen
        state = EnrollmentState.ACTIVE if at is None else EnrollmentState.DEACTIVATED
        given = {"state": state, "frozen_at": at, "enrolled_at": day(-40)} | more
        row = Enrollment(client_id=client.id, package_id=self.packages[package].id, **given, **self.w)
        await self.site.put(row)
        return row

    async def sees(self, token: str, enrollment: Enrollment) -> Seen:
        """Versions by module through an enrollment, the same for the client and for their coach."""
        mine, coachs = [await self._through(who, enrollment) for who in (token, self.coach_token)]
        assert {name: found["version"] for name, found in mine.items()} == {name: found["version"] for name, found in coachs.items()}
        return {name: found["version"] for name, found in mine.items()}

    async def documents(self, token: str, enrollment: Enrollment) -> dict[str, list[tuple[str, int, int]]]:
        """Documents of each module: title, current revision, number of revisions."""
        return {
            name: [(d["title"], d["currentRevision"]["revision"], len(d["revisions"]["nodes"])) for d in found["documents"]["nodes"]]
            for name, found in (await self._through(token, enrollment)).items()
        }

    async def _through(self, token: str, enrollment: Enrollment) -> dict[str, Any]:
        found = (await self.site.data(token, MODULES, id=gid("enrollment", enrollment)))["enrollment"]["modules"]
        assert found["totalCount"] == len(found["nodes"])
        for node in found["nodes"]:
            assert node["body"] == f"{node['title']} {node['version']}"
            assert node["documents"]["totalCount"] == len(node["documents"]["nodes"])
        return {node["title"]: node for node in found["nodes"]}

    async def everything(self, token: str) -> tuple[dict[str, list[int]], list[str]]:
        """Versions of every module and titles of every document that a client can list."""
        data = await self.site.data(token, ALL)
        modules, documents = data["modules"], data["documents"]
        assert (modules["totalCount"], documents["totalCount"]) == (len(modules["nodes"]), len(documents["nodes"]))
        versions = {}
        for node in modules["nodes"]:
            found = [version["version"] for version in node["versions"]["nodes"]]
            assert (node["versions"]["totalCount"], node["currentVersion"]["version"]) == (len(found), max(found))
            versions[node["versions"]["nodes"][0]["body"].split()[0]] = found
        return versions, sorted(document["title"] for document in documents["nodes"])

    async def hidden(self, token: str, tag: str, row: Any) -> bool:
        """Whether the object answers exactly like one that does not exist."""
        absent = gid(tag, row)[:-4] + "dead"
        texts = [(await self.site.send(token, f'{{ node(id: "{key}") {{ __typename }} }}')).content for key in (gid(tag, row), absent)]
        assert texts[1] == b'{"data":{"node":null}}'
        return texts[0] == texts[1]
