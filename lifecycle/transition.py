"""What a transition is: one row of the table in `lifecycle/transitions.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

from lifecycle.facts import Facts
from lifecycle.inputs import Input, Plain
from lifecycle.permits import Permit
from lifecycle.rules import Rule
from lifecycle.schedules import Presence, SuggestionState
from lifecycle.vocabulary import (
    AppointmentState,
    ClientStatus,
    ContentState,
    ConversationState,
    DataPart,
    DataState,
    EffectAction,
    EffectKind,
    EnrollmentState,
    ErasureState,
    HoldState,
    InvoiceState,
    OfferState,
    RecordState,
    RunState,
    ScheduleState,
    VersionState,
    Word,
)


class Axis(StrEnum):
    """Kind of object that a transition changes, as the API names it."""

    CLIENT = "client"
    ENROLLMENT = "enrollment"
    APPOINTMENT = "appointment"
    CONVERSATION = "conversation"
    PACKAGE = "package"
    MODULE = "module"
    MODULE_VERSION = "moduleVersion"
    DOCUMENT = "document"
    INVOICE = "invoice"
    MESSAGE = "message"
    RESPONSE = "response"
    PURCHASE = "purchase"
    PACKAGE_ITEM = "packageItem"
    PRODUCT = "product"
    PAGE = "page"
    FORM = "form"
    APPOINTMENT_TYPE = "appointmentType"
    SERVICE_TEMPLATE = "serviceTemplate"
    SCHEDULE = "scheduledTransition"
    SUGGESTION = "suggestion"
    DATA = "data"  # of a client: what is stored about them
    ERASURE = "erasure"
    HOLD = "hold"
    HOURS = "hours"
    REPORT = "report"
    MEMBER = "member"
    RETENTION_RULE = "retentionRule"
    WORKSPACE = "workspace"


#: States of each axis, in the order of a life.
STATES: dict[Axis, type[Word]] = {
    Axis.CLIENT: ClientStatus,
    Axis.ENROLLMENT: EnrollmentState,
    Axis.APPOINTMENT: AppointmentState,
    Axis.CONVERSATION: ConversationState,
    Axis.PACKAGE: OfferState,
    Axis.MODULE: ContentState,
    Axis.MODULE_VERSION: VersionState,
    Axis.DOCUMENT: ContentState,
    Axis.INVOICE: InvoiceState,
    Axis.MESSAGE: RecordState,
    Axis.RESPONSE: RecordState,
    Axis.PURCHASE: RecordState,
    Axis.PACKAGE_ITEM: Presence,
    Axis.PRODUCT: Presence,
    Axis.PAGE: ContentState,
    Axis.FORM: ContentState,
    Axis.APPOINTMENT_TYPE: Presence,
    Axis.SERVICE_TEMPLATE: Presence,
    Axis.SCHEDULE: ScheduleState,
    Axis.SUGGESTION: SuggestionState,
    Axis.DATA: DataState,
    Axis.ERASURE: ErasureState,
    Axis.HOLD: HoldState,
    Axis.HOURS: RecordState,
    Axis.REPORT: RunState,
    Axis.MEMBER: Presence,
    Axis.RETENTION_RULE: Presence,
    Axis.WORKSPACE: Presence,
}

#: States that nothing leads out of.
TERMINAL: frozenset[Word] = frozenset(
    {
        EnrollmentState.DELETED,
        ContentState.WITHDRAWN,
        VersionState.PUBLISHED,
        InvoiceState.VOID,
        RecordState.RECORDED,
        DataState.ERASED,
        ErasureState.COMPLETED,
        ErasureState.INCOMPLETE,
        ErasureState.CANCELLED,
        HoldState.RELEASED,
    }
)


class Target(Enum):
    """Where a transition leads, where the row cannot name one state."""

    SAME = "same"  # the state stays, something else changes
    EARLIER = "earlier"  # the state before the relationship ended
    CHOSEN = "chosen"  # `input.to`
    LEFT = "left"  # what is left once the parts of the step are deleted


@dataclass(frozen=True, slots=True)
class Touch:
    """What a transition does to other objects, `when(given, facts, after)` says so."""

    kind: EffectKind
    action: EffectAction
    when: Callable[[Any, Facts, Word | None], bool] = lambda _given, _facts, _after: True


@dataclass(frozen=True, slots=True)
class Transition:
    """One row. `before` is empty for a step that makes its object.

    `permanent` steps cannot be undone and take the token of their preview. `lifts` marks a step that gives back what another took:
    from a terminal state it is IRREVERSIBLE. `reaches_client` steps are refused once the contact is deleted. Steps that are `undoable`
    leave a batch that `transitionUndo` takes. A `door` is a step for people who are not signed in: it has no preview, and its answer
    tells nobody who is known. `noun` names the mutation where the axis does not. `deletes` names the parts of a client's data that the step
    deletes: by small steps, once it is taken.
    """

    axis: Axis
    verb: str
    before: tuple[Word, ...]
    after: Word | Target
    permit: Permit
    summary: str
    input: type[Input] = Plain
    rules: tuple[Rule, ...] = ()
    touches: tuple[Touch, ...] = ()
    permanent: bool = False
    undoable: bool = False
    lifts: bool = False
    reaches_client: bool = True
    bulk: bool = False
    door: bool = False
    noun: str = ""
    deletes: tuple[DataPart, ...] = ()

    @property
    def thing(self) -> Axis:
        """Object of the step, as the API names it: the data of a client is the client."""
        return Axis.CLIENT if self.axis is Axis.DATA else self.axis

    @property
    def name(self) -> str:
        """Name of the mutation: the object, then the verb."""
        return (self.noun or self.thing) + "".join(word.capitalize() for word in self.verb.split("_"))

    @property
    def bulk_name(self) -> str:
        """Name of the mutation over many objects: the objects, then the verb."""
        return f"{self.thing}s" + self.name.removeprefix(self.thing)

    @property
    def event(self) -> str:
        """Name of the event that webhooks and feeds carry."""
        return f"{self.thing}.{self.verb}"

    @property
    def makes(self) -> bool:
        """Whether the step makes its object."""
        return not self.before
