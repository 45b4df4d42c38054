"""Transitions that wait for their day, and steps that are suggested to a coach."""

from datetime import datetime

import strawberry

from gql.base import Node, TimeSpan, connection, one, ordering, planned, ref, some
from gql.guard import guarded
from gql.steps import STEPS, AvailableTransition
from lifecycle.schedules import ScheduleCondition
from lifecycle.vocabulary import FreezeReason, ScheduleState, SuggestionReason

SCHEDULED, SUGGESTED = ref("ScheduledTransition", "schedules"), ref("Suggestion", "schedules")
CLIENT = ref("Client", "clients")
ScheduledTransitionOrder = ordering(
    "ScheduledTransition", DUE_AT="Day of the transition.", CREATED_AT="Time the transition was written down."
)
SuggestionOrder = ordering("Suggestion", CREATED_AT="Time of the suggestion.")


@strawberry.input(description="Conditions on scheduled transitions; all that are given must hold.")
class ScheduledTransitionFilter:
    state: list[ScheduleState] | None = some("Scheduled transition has one of these states.")
    transition: list[str] | None = some("Transition is one of these, by the name of its mutation.")
    condition: list[ScheduleCondition] | None = some("Transition waits for one of these.")
    due_at: TimeSpan | None = some("Transition is due in this span.")
    client: strawberry.ID | None = some("Transition is with this client or what is theirs.")


@strawberry.input(description="Conditions on suggestions; all that are given must hold.")
class SuggestionFilter:
    dismissed: bool | None = some("Is the suggestion dismissed? Only open ones are listed when left out.")
    transition: list[str] | None = some("Suggested step is one of these, by the name of its mutation.")
    client: strawberry.ID | None = some("Suggestion is about this client.")


@guarded
@strawberry.type(description="Transition that waits for its day, or waited for it. The clock of the gateway takes it.")
class ScheduledTransition(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    transition: str = planned("Name of the mutation that is taken.")
    subject: strawberry.ID = planned("Global id of the object of the transition.")
    condition: ScheduleCondition = planned("What the transition waits for.")
    days: int | None = planned("Days without a session; null where it waits for something else.")
    cause: FreezeReason | None = planned("State of payment that asked for the transition; null where a member did.")
    state: ScheduleState = planned("State of the scheduled transition.")
    due_at: datetime = planned("Day of the transition, as it stands now.")
    created_at: datetime = planned("Time the transition was written down.")
    finished_at: datetime | None = planned("Time the transition was taken or cancelled.")
    outcome: str | None = planned(
        "What came of it: `DONE`, `CANCELLED_BY_MEMBER`, `NO_LONGER_APPLIES`, `FAILED`, or the code of the problem that stood in the way."
    )
    actor: str = planned("Kind of whoever asked for it: STAFF, or PAYMENTS where the package says so.")
    reason: str | None = planned("Reason that was given for the transition.")
    member = one(ref("Member", "workspace"), "Member who asked for it; null where no member did.")
    client = one(CLIENT, "Client whose object it is.")
    event = one(ref("LifecycleEvent", "transitions"), "Event that the transition left; null until it is taken.")


@guarded
@strawberry.type(description="Step that the coach may want to take. It is followed by taking the step, or dismissed.")
class Suggestion(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    transition: str = planned("Name of the mutation that is suggested.")
    reason: SuggestionReason | None = planned("Reason of the suggestion.")
    subject: strawberry.ID = planned("Global id of the object of the step.")
    created_at: datetime = planned("Time of the suggestion.")
    dismissed_at: datetime | None = planned("Time the suggestion was dismissed, or no longer applied.")
    client = one(CLIENT, "Client whose object it is.")
    enrollment = one(ref("Enrollment", "packages"), "Enrollment that the step would change.")


@strawberry.type
class SchedulesQuery:
    scheduled_transitions = connection(
        SCHEDULED,
        "Calendar of the transitions that wait or waited for their day, the soonest first.",
        filter=ScheduledTransitionFilter,
        order=ScheduledTransitionOrder,
        required=True,
    )
    suggestions = connection(
        SUGGESTED, "Steps that are suggested to the coach, newest first.", filter=SuggestionFilter, order=SuggestionOrder, required=True
    )
