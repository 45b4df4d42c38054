"""What a transition answers beside its object: preview, effects, warnings, problems with a remedy, the event it left."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from gql.base import Node, PageInfo, connection, one, ordering, planned, ref
from gql.enums import publish
from gql.guard import guarded
from gql.payloads import PlainProblem, Problem
from gql.planned import Info, Prepared, resolved
from lifecycle.problems import Caution, ProblemCode
from lifecycle.problems import Problem as Refusal
from lifecycle.vocabulary import EffectAction, EffectKind, WarningCode
from planner.errors import RequestError
from planner.ids import global_id
from resolvers.steps import Difference, Found, Outcome, Preview

for _word in (EffectAction, EffectKind, WarningCode):
    publish(_word)

#: Type in the graph, and the word of its ids, of what an effect touches; sessions are nobody's to look at.
TOUCHED: dict[EffectKind, tuple[str, str]] = {
    EffectKind.APPOINTMENTS: ("Appointment", "appointment"),
    EffectKind.ATTENDANCES: ("Attendance", "attendance"),
    EffectKind.SERVICE_TEMPLATES: ("ServiceTemplate", "template"),
    EffectKind.SUBSCRIPTIONS: ("Subscription", "subscription"),
    EffectKind.ENROLLMENTS: ("Enrollment", "enrollment"),
    EffectKind.CLIENTS: ("Client", "client"),
    EffectKind.SCHEDULES: ("ScheduledTransition", "schedule"),
    EffectKind.SUGGESTIONS: ("Suggestion", "suggestion"),
    EffectKind.CONVERSATIONS: ("Conversation", "conversation"),
    EffectKind.MESSAGES: ("Message", "message"),
    EffectKind.ESTIMATES: ("Estimate", "estimate"),
    EffectKind.INVOICES: ("Invoice", "invoice"),
    EffectKind.PAYMENTS: ("Payment", "payment"),
    EffectKind.DOCUMENTS: ("ClientDocument", "clientdocument"),
    EffectKind.ANSWERS: ("FormResponse", "response"),
    EffectKind.PURCHASES: ("Purchase", "purchase"),
}
LARGEST_PAGE = 100


@strawberry.type(description="Warning about a transition; nothing was refused.")
class TransitionWarning:
    code: WarningCode = strawberry.field(description="Code of the warning, for programs.")
    message: str = strawberry.field(description="Sentence of the warning, for people.")


@strawberry.type(description="Option of a transition that has something to apply to.")
class TransitionOption:
    name: str = strawberry.field(description="Name of the option in the input of the mutation.")
    default: str = strawberry.field(description="Value of the option when it is left out, as it stands in a document.")


async def _nodes(root: "EffectResources", info: Info) -> Any:
    return Prepared(await info.context.read_objects(info._raw_info, root.type_name, root.keys))


def _ids(root: "EffectResources") -> list[strawberry.ID]:
    return [strawberry.ID(global_id(root.tag, key)) for key in root.keys]


@strawberry.type(description="Page of the objects that a transition touches.")
class EffectResources:
    keys: strawberry.Private[Sequence[str]]
    type_name: strawberry.Private[str]
    tag: strawberry.Private[str]
    total_count: int = strawberry.field(description="Number of objects on all pages.")
    page_info: PageInfo = strawberry.field(description="Place of the page in the list.")

    ids: list[strawberry.ID] = strawberry.field(resolver=_ids, description="Global ids of the objects of the page.")
    nodes: list[Node] = strawberry.field(resolver=_nodes, description="Objects of the page, as far as they are open to the caller.")


First = Annotated[int, strawberry.argument(description="Number of items of the page, 0 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Cursor after which the page starts.")]


def page_of_keys(every: Iterable[str], type_name: str, tag: str, first: int, after: str | None) -> EffectResources:
    """Page of objects whose keys are known; the cursor of each is its id."""
    if not 0 <= first <= LARGEST_PAGE:
        raise RequestError("INVALID_PAGE", f"A page has 0 to {LARGEST_PAGE} items; {first} were asked for.")
    keys = sorted(every)
    rest = [key for key in keys if global_id(tag, key) > after] if after else keys
    page = rest[:first]
    ends = [global_id(tag, key) for key in (page[0], page[-1])] if page else [None, None]
    here = PageInfo(has_next_page=len(rest) > first, has_previous_page=len(rest) < len(keys), start_cursor=ends[0], end_cursor=ends[1])
    return EffectResources(keys=page, type_name=type_name, tag=tag, total_count=len(keys), page_info=here)


def _resources(root: "TransitionEffect", first: First = 25, after: After = None) -> EffectResources | None:
    return page_of_keys(root.found.was, *TOUCHED[root.kind], first, after) if root.kind in TOUCHED else None


@strawberry.type(description="What a transition does to one kind of object.")
class TransitionEffect:
    found: strawberry.Private[Found]
    kind: EffectKind = strawberry.field(description="Kind of the objects.")
    action: EffectAction = strawberry.field(description="What is done to the objects.")
    count: int = strawberry.field(description="Number of the objects.")
    session_minutes: int = strawberry.field(description="Minutes of sessions among the objects, which certification may count.")

    resources: EffectResources | None = strawberry.field(
        resolver=_resources, description="The very objects, in pages; null where they are not part of the graph."
    )


@strawberry.type(description="How far what a transition would touch has moved since its preview.")
class PlanDifference:
    kind: EffectKind = strawberry.field(description="Kind of the objects.")
    action: EffectAction = strawberry.field(description="What would be done to the objects.")
    added: list[strawberry.ID] = strawberry.field(description="Global ids of objects that came.")
    removed: list[strawberry.ID] = strawberry.field(description="Global ids of objects that went.")


@strawberry.type(description="Refusal because the step would no longer do what its preview showed.")
class PlanStaleProblem(Problem):
    difference: list[PlanDifference] = strawberry.field(description="What has moved since the preview.")


@strawberry.type(description="Refusal because a client with this e-mail address exists.")
class ClientExistsProblem(Problem):
    key: strawberry.Private[str | None]
    suggested_mutation: str | None = strawberry.field(description="Name of the mutation that helps instead; null where none does.")

    client = resolved(
        ref("Client", "clients"), lambda root: ("Client", root.key), "Client who exists; null where the caller may not see them."
    )


@strawberry.type(description="What a transition would do if it were taken now, by the judge that decides when it is.")
class TransitionPreview:
    token: str | None = strawberry.field(
        description="Token that binds the mutation to this preview: it does this, or answers PLAN_STALE. Null where it would be refused."
    )
    expires_at: datetime | None = strawberry.field(description="End of the token.")
    reversible: bool = strawberry.field(description="Can the step be undone with `transitionUndo`?")
    undo_until: datetime | None = strawberry.field(description="End of the time in which the step could be undone; null where it cannot.")
    before: str | None = strawberry.field(description="State of the object now; null for one that is to be made.")
    after: str | None = strawberry.field(description="State of the object after the step; null where the step would be refused.")
    options: list[TransitionOption] = strawberry.field(description="Options that have something to apply to.")
    effects: list[TransitionEffect] = strawberry.field(description="What the step touches beside its object, by kind and action.")
    blockers: list[Problem] = strawberry.field(description="Why the step would be refused; empty where it would be taken.")
    warnings: list[TransitionWarning] = strawberry.field(description="What to consider before the step is taken.")


@guarded
@strawberry.type(description="Step that was taken: who, what, when, why.")
class LifecycleEvent(Node):
    name: str = planned("Name of the event, as webhooks and feeds carry it: the object, a dot, the verb.")
    at: datetime = planned("Time of the event.")
    actor: str = planned(
        "Kind of whoever took the step: STAFF, CLIENT, ANONYMOUS at a public door, LINK for whoever held one, CLOCK, or COMMAND_LINE."
    )
    member = one(ref("Member", "workspace"), "Member who took the step; null where no member did.")
    client = one(ref("Client", "clients"), "Client whose object it was; null where it belongs to the workspace.")
    subject: strawberry.ID | None = planned("Global id of the object of the step.")
    before: str | None = planned("State of the object before the step.")
    after: str | None = planned("State of the object after the step.")
    reason: str | None = planned("Reason that was given for the step.")
    batch_id: strawberry.ID | None = planned("Id by which the step can be undone with `transitionUndo`; null where it cannot.")


LifecycleEventOrder = ordering("LifecycleEvent", AT="Time of the event.")


def history(description: str) -> Any:
    return connection(ref("LifecycleEvent", "transitions"), description, order=LifecycleEventOrder)


def warnings_of(cautions: Sequence[Caution]) -> list[TransitionWarning]:
    return [TransitionWarning(code=caution.code, message=caution.message) for caution in cautions]


def touched_id(kind: EffectKind, key: str) -> strawberry.ID:
    """Global id of an object that an effect touches."""
    return strawberry.ID(global_id(TOUCHED[kind][1] if kind in TOUCHED else kind.lower(), key))


def difference_of(one: Difference) -> PlanDifference:
    ids = [[touched_id(one.kind, key) for key in keys] for keys in (one.added, one.removed)]
    return PlanDifference(kind=one.kind, action=one.action, added=ids[0], removed=ids[1])


def problem_of(refusal: Refusal, outcome: Outcome | None = None) -> Problem:
    """Problem as the schema has it, with the remedy that belongs to its code."""
    said: dict[str, Any] = {"code": refusal.code, "message": refusal.message, "path": [to_camel_case(part) for part in refusal.path]}
    match refusal.code:
        case ProblemCode.PLAN_STALE if outcome is not None:
            return PlanStaleProblem(**said, difference=[difference_of(one) for one in outcome.difference])
        case ProblemCode.CLIENT_EXISTS | ProblemCode.CLIENT_EXISTS_INACTIVE if outcome is not None:
            helps = "clientReactivate" if refusal.code is ProblemCode.CLIENT_EXISTS_INACTIVE else None
            return ClientExistsProblem(**said, key=outcome.remedy, suggested_mutation=helps)
        case _:
            return PlainProblem(**said)


def preview_of(made: Preview, names: dict[str, str]) -> TransitionPreview:
    """Preview as the schema has it; `names` are the options' names in documents."""
    return TransitionPreview(
        token=made.token,
        expires_at=made.expires_at,
        reversible=made.reversible,
        undo_until=made.undo_until,
        before=made.before,
        after=made.after,
        options=[TransitionOption(name=names[name], default=_literal(value)) for name, value in made.options],
        effects=[
            TransitionEffect(found=one, kind=one.kind, action=one.action, count=one.count, session_minutes=one.minutes)
            for one in made.effects
        ],
        blockers=[problem_of(refusal) for refusal in made.blockers],
        warnings=warnings_of(made.warnings),
    )


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
