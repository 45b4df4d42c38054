"""Transitions of packages, modules, versions and documents."""

from lifecycle.inputs import Withdraw
from lifecycle.transition import Axis, Transition
from lifecycle.transitions.base import AUTHOR
from lifecycle.vocabulary import ContentState, OfferState, VersionState

CONTENT = (
    Transition(
        Axis.PACKAGE, "archive", (OfferState.OFFERED,), OfferState.ARCHIVED, AUTHOR,
        "Stops offering a package: nobody new is enrolled, those who are in it stay.", undoable=True,
    ),
    Transition(
        Axis.PACKAGE, "restore", (OfferState.ARCHIVED,), OfferState.OFFERED, AUTHOR, "Offers an archived package again.", undoable=True,
    ),
    Transition(
        Axis.MODULE, "archive", (ContentState.PRESENT,), ContentState.ARCHIVED, AUTHOR,
        "Takes a module out of use. Clients frozen before keep it; all others lose it.", undoable=True,
    ),
    Transition(
        Axis.MODULE, "restore", (ContentState.ARCHIVED,), ContentState.PRESENT, AUTHOR, "Brings an archived module back.",
        undoable=True, lifts=True,
    ),
    Transition(
        Axis.MODULE, "withdraw", (ContentState.PRESENT, ContentState.ARCHIVED), ContentState.WITHDRAWN, AUTHOR,
        "Withdraws a module from everybody, frozen clients too. NOBODY CAN UNDO IT.", Withdraw, permanent=True,
    ),
    Transition(
        Axis.MODULE_VERSION, "publish", (VersionState.DRAFT,), VersionState.PUBLISHED, AUTHOR,
        "Publishes a version of a module: active enrollments that follow the latest version see it from now on, frozen ones do not. "
        "It can never be changed again.", permanent=True,
    ),
    Transition(
        Axis.DOCUMENT, "withdraw", (ContentState.PRESENT,), ContentState.WITHDRAWN, AUTHOR,
        "Withdraws a document from everybody, frozen clients too. NOBODY CAN UNDO IT.", Withdraw, permanent=True,
    ),
)  # fmt: skip
