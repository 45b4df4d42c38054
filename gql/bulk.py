"""The mutation and the preview of each transition over many objects, made from the rows of the table that are marked so."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import strawberry
from graphql.execution import get_argument_values

from gql.appointments import AppointmentFilter
from gql.batches import BulkPayload, BulkTransitionPreview, payload, shown
from gql.clients import ClientFilter
from gql.conversations import ConversationFilter
from gql.keys import IDEMPOTENCY_KEY, key_of, request_key
from gql.objects import OBJECTS
from gql.operations import input_type, operation, read_input, said
from gql.packages import EnrollmentFilter
from gql.planned import Info
from lifecycle.decide import problem_codes
from lifecycle.transition import Axis, Transition
from lifecycle.transitions import TRANSITIONS
from lifecycle.vocabulary import ErrorPolicy
from planner.errors import RequestError
from resolvers.bulk import steer
from resolvers.bulk.asked import MOST_AT_ONCE, MOST_IDS, MOST_OBJECTS, BulkStep, Selection
from resolvers.bulk.start import preview, start
from resolvers.lifecycle import desk_of

#: Filter of the list of each axis.
FILTERS: Mapping[Axis, Any] = {
    Axis.CLIENT: ClientFilter,
    Axis.ENROLLMENT: EnrollmentFilter,
    Axis.APPOINTMENT: AppointmentFilter,
    Axis.CONVERSATION: ConversationFilter,
}


def _arguments(transition: Transition, *, acting: bool) -> dict[str, tuple[Any, str, Any]]:
    given = input_type(transition)
    optional = all(field.default is not inspect.Parameter.empty for field in inspect.signature(given).parameters.values())
    axis = transition.axis
    arguments: dict[str, tuple[Any, str, Any]] = {
        "ids": (list[strawberry.ID] | None, f"Ids of the {axis}s, at most {MOST_IDS:,}; or give `filter`.", strawberry.UNSET),
    }
    if axis in FILTERS:
        words = f"Conditions on the {axis}s, as in their list; they may find at most {MOST_OBJECTS:,}. Or give `ids`."
        arguments["filter"] = (FILTERS[axis] | None, words, strawberry.UNSET)
    arguments["input"] = (given, "Options of the step, the same for all.", given() if optional else inspect.Parameter.empty)
    if acting:
        arguments["error_policy"] = (ErrorPolicy, f"What becomes of the step when some {axis}s refuse it.", inspect.Parameter.empty)
        words = f"Token of `{transition.bulk_name}Preview`: the step then does what it showed, or answers PLAN_STALE."
        arguments["token"] = (str | None, words, strawberry.UNSET)
        arguments["idempotency_key"] = IDEMPOTENCY_KEY
    return arguments


def _selection(info: Info, transition: Transition, given: Mapping[str, Any]) -> Selection:
    ids = given.get("ids")
    raw = info._raw_info
    arguments = get_argument_values(raw.parent_type.fields[raw.field_name], raw.field_nodes[0], raw.variable_values)
    wanted = arguments.get("filter")
    if (ids is None) == (wanted is None):
        raise RequestError("BAD_USER_INPUT", "Give either `ids` or `filter`.")
    keys = None if ids is None else tuple(dict.fromkeys(key_of(one, OBJECTS[transition.axis][2]) for one in ids))
    return Selection(keys, wanted)


def _asked(info: Info, transition: Transition, given: Mapping[str, Any]) -> BulkStep:
    given = {name: value for name, value in given.items() if value is not strawberry.UNSET}
    return BulkStep(
        transition=transition,
        selection=_selection(info, transition, given),
        given=read_input(transition, given.get("input"), said(info)),
        policy=given.get("error_policy", ErrorPolicy.SKIP_FAILED),
        token=given.get("token"),
        idempotency_key=request_key(info, given.get("idempotency_key")),
    )


def _mutation(transition: Transition) -> Any:
    async def resolve(info: Info, **arguments: Any) -> BulkPayload:
        info.context.signed_in()
        asked = _asked(info, transition, arguments)
        return payload(transition.axis, await start(desk_of(info.context), info.context.caller, asked))

    codes = ", ".join(f"`{code.value}`" for code in problem_codes(transition))
    words = (
        f"`{transition.name}` with many {transition.axis}s, each as if alone: with up to {MOST_AT_ONCE} in the mutation itself, with "
        f"more in a job that goes on after the answer. {transition.permit.sentence()}\n\nCodes of the problems of one result: {codes}."
    )
    return operation(BulkPayload, _arguments(transition, acting=True), words, resolve)


def _preview(transition: Transition) -> Any:
    async def resolve(info: Info, **arguments: Any) -> BulkTransitionPreview:
        info.context.signed_in()
        asked = _asked(info, transition, arguments)
        return shown(asked, await preview(desk_of(info.context), info.context.caller, asked))

    words = f"What `{transition.bulk_name}` would do now. Nothing is changed."
    return operation(BulkTransitionPreview, _arguments(transition, acting=False), words, resolve)


def _steered(function: str) -> Callable[..., Any]:
    async def resolve(info: Info, id: strawberry.ID) -> BulkPayload:  # noqa: A002 - the argument's name in the schema
        info.context.signed_in()
        act = {"cancel": steer.cancel, "undo": steer.undo_job}[function]
        return payload(Axis.CLIENT, await act(desk_of(info.context), info.context.caller, UUID(key_of(id, "bulkjob"))))

    return resolve


def _steering(function: str, description: str) -> Any:
    arguments = {"id": (strawberry.ID, "Id of the job.", inspect.Parameter.empty)}
    return operation(BulkPayload, arguments, description, _steered(function))


def bulk_operations(transitions: tuple[Transition, ...] = TRANSITIONS) -> tuple[type[Any], type[Any]]:
    """Types with the mutations and with the previews over many objects."""
    mutations: dict[str, Any] = {"__annotations__": {}}
    previews: dict[str, Any] = {"__annotations__": {}}
    for transition in transitions:
        if transition.bulk:
            mutations[transition.bulk_name] = _mutation(transition)
            previews[f"{transition.bulk_name}Preview"] = _preview(transition)
    mutations["bulk_job_cancel"] = _steering(
        "cancel", "Stops a job after the object that is being done; what is done stays. By whoever started it, or the OWNER."
    )
    mutations["bulk_job_undo"] = _steering(
        "undo",
        "Starts a job that takes back each step of another that is over, the last one first, as `transitionUndo` does with one. By whoever "
        "started that job, or the OWNER.",
    )
    return strawberry.type(type("BulkMutations", (), mutations)), strawberry.type(type("BulkPreviews", (), previews))


_made = bulk_operations()
BulkMutations: type = _made[0]
BulkPreviews: type = _made[1]
