"""What stood at an instant: only what the append-only history answers, and links to what it is today."""

from datetime import datetime
from typing import Any

import strawberry

from gql.base import connection, field, one, planned, ref
from gql.guard import guarded
from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, EnrollmentState

CLIENT, ENROLLMENT, PACKAGE = ref("Client", "clients"), ref("Enrollment", "packages"), ref("Package", "packages")
ENROLLMENT_AS_OF, VERSION_AS_OF = ref("EnrollmentAsOf", "as_of"), ref("ModuleVersionAsOf", "as_of")


def as_of(type_name: str, noun: str, born: str) -> Any:
    """The object as it stood at an instant."""
    at = {"at": (datetime, "Instant of the past that is asked about; what happened at this very instant has happened.")}
    what = f"{noun.capitalize()} as it stood at an instant; null where it {born}, and for an instant that has not come."
    return field(ref(type_name, "as_of") | None, at, what)


@guarded
@strawberry.type(description="Client as they stood at an instant. What was deleted since is not told again.")
class ClientAsOf:
    status: ClientStatus | None = planned("Status of the client then.")
    status_since: datetime | None = planned("Time of the last change of status until then.")
    access_mode: AccessMode | None = planned("Access mode of the client then; null where the history does not tell.")
    data_state: DataState = planned("What was stored about the client then.")
    enrollments = connection(ENROLLMENT_AS_OF, "Packages the client was in then, newest first; deleted enrollments are left out.")
    client = one(CLIENT, "Client as they are today.")


@guarded
@strawberry.type(description="Enrollment as it stood at an instant.")
class EnrollmentAsOf:
    state: EnrollmentState | None = planned("State of the enrollment then.")
    frozen_at: datetime | None = planned("Instant as of which the client kept the content then; null unless it was deactivated.")
    modules = connection(
        VERSION_AS_OF,
        "Modules that the enrollment opened then, each in the version the client saw. Items that were taken out of the package since are"
        " not remembered, and the version policy is that of today.",
    )
    client = one(CLIENT, "Client of the enrollment, as they are today.")
    package = one(PACKAGE, "Package of the enrollment, as it is today.")
    enrollment = one(ENROLLMENT, "Enrollment as it is today.")


@guarded
@strawberry.type(description="Package as it stood at an instant. Its name and price have no history, so they are not here.")
class PackageAsOf:
    modules = connection(
        VERSION_AS_OF,
        "Modules that the package offered then, each in its newest version then. Items that were taken out since are not remembered.",
    )
    enrollments = connection(ENROLLMENT_AS_OF, "Clients who were in the package then, newest first; deleted enrollments are left out.")
    package = one(PACKAGE, "Package as it is today.")


@guarded
@strawberry.type(description="Version of a module, with the documents it had at an instant; the version itself never changes.")
class ModuleVersionAsOf:
    version: int = planned("Number of the version.")
    title: str | None = planned("Title of the module in the version.")
    body: str | None = planned("Text of the version, as Markdown.")
    published_at: datetime | None = planned("Time the version was published.")
    documents = connection(ref("DocumentAsOf", "as_of"), "Documents of the version then, oldest first, those withdrawn by then left out.")
    module_version = one(ref("ModuleVersion", "packages"), "Version as it is today.")


@guarded
@strawberry.type(description="Document in the revision of an instant.")
class DocumentAsOf:
    title: str = planned("Title of the document then.")
    revision: int = planned("Number of the revision that was the newest then.")
    media_type: str = planned("Media type of the revision.")
    byte_size: int = planned("Size of the revision in bytes.")
    added_at: datetime = planned("Time the document was added.")
    revised_at: datetime = planned("Time of the revision.")
    document = one(ref("Document", "content"), "Document as it is today.")
