"""Steps by which content comes to be: packages and what is in them, modules and their drafts, documents, pages, forms, products."""

from lifecycle import authored as given
from lifecycle import rules as r
from lifecycle.schedules import Presence
from lifecycle.transition import Axis, Target, Transition
from lifecycle.transitions.base import AUTHOR, ENROLLER
from lifecycle.vocabulary import ContentState, EnrollmentState, OfferState, VersionState

_PRESENT, _SAME = (ContentState.PRESENT,), Target.SAME
_ANY_OFFER = (OfferState.OFFERED, OfferState.ARCHIVED)
_STANDING = (EnrollmentState.ACTIVE, EnrollmentState.DEACTIVATED)

AUTHORING = (
    Transition(Axis.PACKAGE, "add", (), OfferState.OFFERED, AUTHOR, "Makes a package, still empty.", given.AddPackage),
    Transition(
        Axis.PACKAGE, "update", _ANY_OFFER, _SAME, AUTHOR, "Changes a package; what is left out stays as it is.", given.UpdatePackage,
        undoable=True,
    ),
    Transition(
        Axis.PACKAGE_ITEM, "add", (), Presence.PRESENT, AUTHOR,
        "Puts a module or a number of sessions into a package: active enrollments get it, frozen ones do not.", given.AddItem,
    ),
    Transition(
        Axis.PACKAGE_ITEM, "remove", (Presence.PRESENT,), Presence.REMOVED, AUTHOR,
        "Takes an item out of a package. Clients frozen before keep the module; all others lose it.", undoable=True,
    ),
    Transition(
        Axis.MODULE, "add", (), ContentState.PRESENT, AUTHOR, "Makes a module; its text comes with `moduleVersionAdd`.", given.AddModule,
    ),
    Transition(
        Axis.MODULE_VERSION, "add", (), VersionState.DRAFT, AUTHOR,
        "Begins the next version of a module, as a draft that staff alone see.", given.AddVersion, rules=(r.DRAFT_EXISTS,),
    ),
    Transition(
        Axis.MODULE_VERSION, "update", (VersionState.DRAFT,), _SAME, AUTHOR, "Changes a draft; a published version never changes.",
        given.UpdateVersion,
    ),
    Transition(
        Axis.ENROLLMENT, "release_module", _STANDING, _SAME, ENROLLER,
        "Releases a module to one client, in a package that releases modules one by one. A frozen client sees it when the freeze is "
        "lifted.", given.ReleaseModule,
    ),
    Transition(
        Axis.DOCUMENT, "add", (), ContentState.PRESENT, AUTHOR,
        "Adds a document to a module version, also a published one, to a page, or alone with an audience. Frozen clients do not see it.",
        given.AddDocument,
    ),
    Transition(
        Axis.DOCUMENT, "revise", _PRESENT, _SAME, AUTHOR,
        "Adds a revision of a document; earlier ones never change, and frozen clients keep the one they had.", given.ReviseDocument,
    ),
    Transition(
        Axis.DOCUMENT, "set_audience", _PRESENT, _SAME, AUTHOR, "Says anew who may see a document that stands alone.", given.SetAudience,
    ),
    Transition(Axis.PAGE, "add", (), ContentState.PRESENT, AUTHOR, "Makes a page of the portal.", given.AddPage),
    Transition(
        Axis.PAGE, "update", _PRESENT, _SAME, AUTHOR,
        "Changes a page for everybody who may see it, readers as of an earlier day included: what must stay as it was belongs into a "
        "document, whose revisions are kept.", given.UpdatePage,
    ),
    Transition(Axis.PAGE, "set_audience", _PRESENT, _SAME, AUTHOR, "Says anew who may see a page.", given.SetAudience),
    Transition(
        Axis.PAGE, "withdraw", _PRESENT, ContentState.WITHDRAWN, AUTHOR,
        "Withdraws a page, and what is on it, from everybody. NOBODY CAN UNDO IT.", permanent=True,
    ),
    Transition(Axis.FORM, "add", (), ContentState.PRESENT, AUTHOR, "Makes a form for clients to answer.", given.AddForm),
    Transition(Axis.FORM, "set_audience", _PRESENT, _SAME, AUTHOR, "Says anew who may see and answer a form.", given.SetAudience),
    Transition(Axis.PRODUCT, "add", (), Presence.PRESENT, AUTHOR, "Makes a product.", given.AddProduct),
    Transition(
        Axis.PRODUCT, "update", (Presence.PRESENT,), _SAME, AUTHOR, "Changes a product; what is left out stays as it is.",
        given.UpdateProduct,
    ),
)  # fmt: skip
