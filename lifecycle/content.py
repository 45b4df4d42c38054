"""The words of a content comparison: what a client gets of their package, and why they do not get the rest."""

from lifecycle.vocabulary import Word


class ContentKind(Word):
    """What a line of a content comparison is about."""

    MODULE_VERSION = "MODULE_VERSION", "Version of a module."
    DOCUMENT = "DOCUMENT", "Document of a version."
    REVISION = "REVISION", "Revision of a document."


class WithheldReason(Word):
    """Why a client does not get something that is in their package; where several reasons hold, one of them is given."""

    ENROLLMENT_DELETED = "ENROLLMENT_DELETED", "Client was removed from the package."
    NO_ACCESS = "NO_ACCESS", "Status, access mode or data state of the client admits no content at all, or there is no login."
    WITHDRAWN = "WITHDRAWN", "Module or document was withdrawn, for everybody."
    ARCHIVED = "ARCHIVED", "Module was archived while the client was not frozen."
    ADDED_AFTER_FREEZE = "ADDED_AFTER_FREEZE", "Module was added to the package, or document to the version, after the freeze."
    RELEASED_AFTER_FREEZE = "RELEASED_AFTER_FREEZE", "Module was released to the client after the freeze."
    NOT_RELEASED = "NOT_RELEASED", "Module is not released to the client, in a package that releases modules one by one."
    NOT_PUBLISHED = "NOT_PUBLISHED", "Version is a draft, or its time has not come yet."
    PUBLISHED_AFTER_FREEZE = "PUBLISHED_AFTER_FREEZE", "Version was published after the freeze."
    REVISED_AFTER_FREEZE = "REVISED_AFTER_FREEZE", "Revision was made after the freeze."
    RELATIONSHIP_ENDED = "RELATIONSHIP_ENDED", "It came after the day on which the client became inactive."
    PINNED = "PINNED", "Version was published after the enrollment, which is pinned to the versions of its day."
    IN_GAP = "IN_GAP", "It came during a freeze that was lifted without granting what was missed."
    SUPERSEDED = "SUPERSEDED", "Client has a newer version of the module."
