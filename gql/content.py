"""Pages, forms and documents, each with its audience."""

from datetime import datetime

import strawberry

from gql.base import Node, connection, one, ordering, planned, ref, some
from gql.guard import guarded
from gql.steps import STEPS, AvailableTransition
from lifecycle.vocabulary import ClientStatus

PAGE, FORM, DOCUMENT = ref("Page", "content"), ref("Form", "content"), ref("Document", "content")
RULE = ref("AudienceRule", "content")
PageOrder = ordering("Page", TITLE="Title of the page.")
FormOrder = ordering("Form", TITLE="Title of the form.")
DocumentOrder = ordering("Document", ADDED_AT="Time the document was added.")


@strawberry.input(description="Conditions on pages, forms or documents; all that are given must hold.")
class ContentFilter:
    withdrawn: bool | None = some("Is it withdrawn?")


@guarded
@strawberry.type(description="Private page of the portal.")
class Page(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    title: str = planned("Title of the page.")
    body: str = planned("Text of the page, as Markdown.")
    published_at: datetime | None = planned("Time the page was published; null for a draft.")
    withdrawn_at: datetime | None = planned("Time the page was withdrawn.")
    documents = connection(DOCUMENT, "Documents on the page, oldest first.", required=True)
    audience = connection(RULE, "Who may see the page.")


@guarded
@strawberry.type(description="Form for clients to answer.")
class Form(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    title: str = planned("Title of the form.")
    questions: list[str] = planned("Questions of the form, in their order.")
    published_at: datetime | None = planned("Time the form was published; null for a draft.")
    withdrawn_at: datetime | None = planned("Time the form was withdrawn.")
    audience = connection(RULE, "Who may see and answer the form.")
    responses = connection(ref("FormResponse", "content"), "Answers to the form, newest first.")


@guarded
@strawberry.type(description="Answers of a client to a form.")
class FormResponse(Node):
    answers: list[str] = planned("Answers, in the order of the questions.")
    answered_at: datetime = planned("Time of the answers.")
    form = one(FORM, "Form that was answered.")
    client = one(ref("Client", "clients"), "Client who answered.")


@guarded
@strawberry.type(description="Document in a module version, on a page, or standing alone with an audience.")
class Document(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    title: str | None = planned("Title of the document, in the newest revision the viewer may see.")
    added_at: datetime = planned("Time the document was added.")
    withdrawn_at: datetime | None = planned("Time the document was withdrawn, for everybody.")
    withdrawn_reason: str | None = planned("Why the document was withdrawn.")
    current_revision = one(ref("DocumentRevision", "content"), "Newest revision of the document that the viewer may see.")
    revisions = connection(
        ref("DocumentRevision", "content"), "Revisions of the document that the viewer may see, newest first.", required=True
    )
    module_version = one(ref("ModuleVersion", "packages"), "Module version that holds the document.")
    page = one(PAGE, "Page that holds the document.")
    audience = connection(RULE, "Who may see the document where it stands alone.")


@guarded
@strawberry.type(description="Revision of a document; never changes.")
class DocumentRevision(Node):
    revision: int = planned("Number of the revision.")
    title: str = planned("Title of the document in the revision.")
    media_type: str = planned("Media type of the revision, such as `application/pdf`.")
    byte_size: int = planned("Size of the revision in bytes.")
    revised_at: datetime = planned("Time of the revision.")
    document = one(DOCUMENT, "Document of the revision.")


@guarded
@strawberry.type(description="One line of the permission settings of a page, form or document; any line that fits admits.")
class AudienceRule(Node):
    status: ClientStatus | None = planned("Status that admits.")
    client = one(ref("Client", "clients"), "Client who is admitted.")
    package = one(ref("Package", "packages"), "Package whose clients are admitted.")


@strawberry.type
class ContentQuery:
    pages = connection(PAGE, "Private pages of the portal.", filter=ContentFilter, order=PageOrder, required=True)
    forms = connection(FORM, "Forms for clients.", filter=ContentFilter, order=FormOrder, required=True)
    documents = connection(DOCUMENT, "Documents of the workspace, newest first.", filter=ContentFilter, order=DocumentOrder, required=True)
