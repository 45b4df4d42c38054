"""Everything a coach does to content over time, and to the enrollments in it, each at the instant of the author's clock.

It writes rows. Whoever drives the same stories through the operations of the API changes this class, and nothing else.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lifecycle.vocabulary import Billing, EnrollmentState, VersionPolicy
from storage.tables.clients import Client
from storage.tables.content import Document, DocumentRevision
from storage.tables.packages import Enrollment, EnrollmentGap, Module, ModuleVersion, Package, PackageItem, Release
from storage.tables.workspace import Member
from tests.access.site import Site, day, gid

START = day(-10)


@dataclass
class Author:
    """Coach of one workspace. Rows are in the order of their making; a number picks one of them, whatever it is."""

    site: Site
    coach: Member
    clock: datetime = START
    packages: list[Package] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    items: list[PackageItem] = field(default_factory=list)
    versions: list[ModuleVersion] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    revisions: list[DocumentRevision] = field(default_factory=list)
    enrollments: list[Enrollment] = field(default_factory=list)
    frozen: dict[int, datetime] = field(default_factory=dict)
    _released: set[tuple[Any, Any]] = field(default_factory=set)

    @property
    def _w(self) -> dict[str, Any]:
        return {"workspace_id": self.coach.workspace_id}

    def wait(self, hours: float) -> None:
        self.clock += timedelta(hours=hours)

    # -- content ---------------------------------------------------------------------------------------------------------

    async def add_package(self, *, drip: bool) -> None:
        self.packages.append(Package(name=f"Package {len(self.packages)}", billing=Billing.MONTHLY, drip=drip, **self._w))
        await self.site.put(self.packages[-1])

    async def add_module(self, package: int) -> None:
        """New module with a published version, at the end of the package."""
        self.modules.append(Module(title=f"Module {len(self.modules)}", created_at=self.clock, **self._w))
        await self.site.put(self.modules[-1])
        await self.publish(len(self.modules) - 1)
        await self.add_item(package, len(self.modules) - 1)

    async def add_item(self, package: int, module: int) -> None:
        """Module at the end of one more package; nothing where it is there already."""
        row = self.packages[package % len(self.packages)]
        key = self.modules[module % len(self.modules)].id
        if any((item.package_id, item.module_id) == (row.id, key) for item in self.items):
            return
        self.items.append(PackageItem(package_id=row.id, position=len(self.items) + 1, module_id=key, added_at=self.clock, **self._w))
        await self.site.put(self.items[-1])
        await self._touch(Package, row)

    async def publish(self, module: int, *, draft: bool = False) -> None:
        row = self.modules[module % len(self.modules)]
        number = sum(version.module_id == row.id for version in self.versions) + 1
        title = f"{row.title}, version {number}"
        published = None if draft else self.clock
        self.versions.append(
            ModuleVersion(module_id=row.id, version=number, title=title, published_at=published, created_at=self.clock, **self._w)
        )
        await self.site.put(self.versions[-1])
        await self._touch(Module, row)

    async def publish_draft(self, module: int) -> None:
        """Publish the newest version of the module, if it is a draft."""
        row = self.modules[module % len(self.modules)]
        newest = [version for version in self.versions if version.module_id == row.id][-1]
        if newest.published_at is None:
            newest.published_at = self.clock
            await self.site.change(ModuleVersion, newest, published_at=self.clock)

    async def add_document(self, version: int) -> None:
        holder = self.versions[version % len(self.versions)]
        title = f"Document {len(self.documents)}"
        self.documents.append(Document(title=title, module_version_id=holder.id, added_at=self.clock, **self._w))
        await self.site.put(self.documents[-1])
        await self.revise(len(self.documents) - 1)

    async def revise(self, document: int) -> None:
        if not self.documents:
            return
        row = self.documents[document % len(self.documents)]
        number = sum(revision.document_id == row.id for revision in self.revisions) + 1
        title = f"{row.title} as of {self.clock:%d %H:%M}"
        self.revisions.append(DocumentRevision(document_id=row.id, revision=number, title=title, revised_at=self.clock, **self._w))
        await self.site.put(self.revisions[-1])
        await self.site.change(Document, row, title=title)

    async def archive(self, module: int) -> None:
        row = self.modules[module % len(self.modules)]
        if row.archived_at is None:
            row.archived_at = self.clock
            await self.site.change(Module, row, archived_at=self.clock)

    async def withdraw_module(self, module: int) -> set[str]:
        """Global ids of all that is gone for everybody."""
        row = self.modules[module % len(self.modules)]
        await self.site.change(Module, row, withdrawn_at=self.clock, withdrawn_reason="legal")
        versions = [version for version in self.versions if version.module_id == row.id]
        inside = [document for document in self.documents if document.module_version_id in {version.id for version in versions}]
        gone = {gid("module", row), *(gid("moduleversion", version) for version in versions)}
        gone |= {gid("item", item) for item in self.items if item.module_id == row.id}
        return gone.union(*(self._with_revisions(document) for document in inside))

    async def withdraw_document(self, document: int) -> set[str]:
        if not self.documents:
            return set()
        row = self.documents[document % len(self.documents)]
        await self.site.change(Document, row, withdrawn_at=self.clock, withdrawn_reason="error")
        return self._with_revisions(row)

    def _with_revisions(self, document: Document) -> set[str]:
        mine = {gid("revision", revision) for revision in self.revisions if revision.document_id == document.id}
        return {gid("document", document)} | mine

    async def _touch(self, kind: type[Any], row: Any) -> None:
        """Count the version of the record up, as every change of it does."""
        row.version += 1
        await self.site.change(kind, row, version=row.version)

    # -- enrollments -----------------------------------------------------------------------------------------------------

    async def enroll(self, client: Client, package: int, policy: VersionPolicy = VersionPolicy.LATEST) -> None:
        key = self.packages[package].id
        row = Enrollment(client_id=client.id, package_id=key, enrolled_at=self.clock, version_policy=policy, **self._w)
        self.enrollments.append(row)
        await self.site.put(row)

    async def release(self, enrollment: int, version: int) -> None:
        """Release a version to an enrollment; nothing where it is released."""
        row, released = self.enrollments[enrollment % len(self.enrollments)], self.versions[version % len(self.versions)]
        if (row.id, released.id) not in self._released:
            self._released.add((row.id, released.id))
            await self.site.put(Release(enrollment_id=row.id, module_version_id=released.id, released_at=self.clock, **self._w))

    async def freeze(self, enrollment: int) -> None:
        row = self.enrollments[enrollment]
        self.frozen[enrollment] = self.clock
        await self.site.change(Enrollment, row, state=EnrollmentState.DEACTIVATED, frozen_at=self.clock)

    async def lift(self, enrollment: int, *, grant: bool) -> None:
        row, since = self.enrollments[enrollment], self.frozen.pop(enrollment)
        await self.site.change(Enrollment, row, state=EnrollmentState.ACTIVE, frozen_at=None)
        if not grant:
            await self.site.put(EnrollmentGap(enrollment_id=row.id, from_at=since, until_at=self.clock, **self._w))

    # -- ids -------------------------------------------------------------------------------------------------------------

    def ids(self) -> list[str]:
        """Global ids of everything there is."""
        rows: dict[str, list[Any]] = {
            "module": self.modules,
            "item": self.items,
            "moduleversion": self.versions,
            "document": self.documents,
            "revision": self.revisions,
        }
        return [gid(tag, row) for tag, made in rows.items() for row in made]
