"""What one client gets of their package, beside all that is in it."""

from datetime import datetime

import strawberry

from gql.base import connection, one, planned, ref, some
from lifecycle.content import ContentKind, WithheldReason

ITEM = ref("ContentItem", "content_diff")


@strawberry.input(description="Conditions on the lines of a content comparison; all that are given must hold.")
class ContentItemFilter:
    kind: list[ContentKind] | None = some("Line is about one of these.")
    reason: list[WithheldReason] | None = some("Line is withheld for one of these reasons.")


@strawberry.type(
    description="Version, document or revision in a package, and whether one client reads it."
    " All but `readElsewhere` is about this enrollment."
)
class ContentItem:
    id: strawberry.ID = planned("Key of the line, the same in every answer; for caches, and not for `node`.")
    kind: ContentKind = planned("What the line is about.")
    title: str = planned("Title of the version or revision, or the newest title of the document.")
    at: datetime = planned("Time of the publication (for a draft, of its creation), addition or revision.")
    reason: WithheldReason | None = planned("Why the client does not get it; null where they read it.")
    read_elsewhere: bool = planned("Does the client read it by another enrollment, or by a purchase?")
    module_version = one(ref("ModuleVersion", "packages"), "Module version of the line, or the one that holds its document.")
    document = one(ref("Document", "content"), "Document of the line; null for a version.")
    revision = one(
        ref("DocumentRevision", "content"), "Revision of the line; for a document, the one the client sees, null where they see none."
    )


@strawberry.type(
    description="All that is in the package of an enrollment, as the client sees it: what they read, and what they do not get, and why."
    " Made by the same rule as the client's own view."
)
class ContentDiff:
    as_of: datetime | None = planned(
        "Instant as of which the client sees the content: of the freeze, or of the end of the relationship;"
        " null while new content reaches them."
    )
    visible = connection(ITEM, "Lines that the client reads, by title.", filter=ContentItemFilter, required=True)
    withheld = connection(
        ITEM, "Lines that the client does not get, each with its reason, newest first.", filter=ContentItemFilter, required=True
    )
    missed_since = connection(
        ITEM,
        "Lines that the client would get if the enrollment were reactivated now and what was missed were granted, newest first.",
        filter=ContentItemFilter,
        required=True,
    )
