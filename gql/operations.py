"""The mutation and the preview of every transition, made from the table by one loop. `schema.graphql` shows what comes out."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import datetime
from functools import cache
from typing import Annotated, Any, get_args, get_type_hints
from uuid import UUID

import strawberry
from graphql import ObjectValueNode, VariableNode
from strawberry.types.base import StrawberryType
from strawberry.utils.str_converters import to_camel_case

from gql.base import ref
from gql.keys import IDEMPOTENCY_KEY, key_of, request_key
from gql.objects import OBJECTS, VERSIONED
from gql.payloads import Problem
from gql.planned import Info, resolved
from gql.transitions import TransitionPreview, TransitionWarning, preview_of, problem_of, warnings_of
from lifecycle.decide import problem_codes
from lifecycle.inputs import Input, Key
from lifecycle.transition import Axis, Transition
from lifecycle.transitions import PREVIEWED
from planner.ids import global_id
from resolvers.erasure.run import delete_now
from resolvers.export_tokens import export_token
from resolvers.lifecycle import desk_of, perform
from resolvers.lifecycle import preview as look
from resolvers.steps import Outcome, Step


def pascal(name: str) -> str:
    return name[0].upper() + name[1:]


# -- inputs --------------------------------------------------------------------------------------------------------------


@cache
def _members(transition: Transition) -> tuple[tuple[Field[Any], Any], ...]:
    """Fields of a step's input with their types, as a caller may give them."""
    hints = get_type_hints(transition.input)
    return tuple((field, hints[field.name]) for field in fields(transition.input) if field.name != "said")


def _in_schema(type_: Any) -> Any:
    """Type as the schema has it: keys are global ids."""
    options = get_args(type_)
    if list[Key] in (type_, *options):
        return list[strawberry.ID] | None if options and list[Key] in options else list[strawberry.ID]
    if Key in (type_, *options):
        return strawberry.ID | None if options else strawberry.ID
    return type_


@cache
def input_type(transition: Transition) -> Any:
    """Input of the mutation, with the defaults of the table."""
    body: dict[str, Any] = {"__annotations__": {}, "__hash__": object.__hash__}  # strawberry hashes defaults
    for field, type_ in _members(transition):
        body["__annotations__"][field.name] = _in_schema(type_)
        default = {} if field.default is MISSING else {"default": strawberry.UNSET if field.default is None else field.default}
        body[field.name] = strawberry.field(description=field.metadata["description"], **default)
    name = f"{pascal(transition.name)}Input"
    return strawberry.input(type(name, (), body), description=f"Input of `{transition.name}`.")


def said(info: Info) -> frozenset[str]:
    """Names of the input's fields that stand in the document or in its variables: what is coerced holds the defaults too."""
    for argument in info._raw_info.field_nodes[0].arguments or ():
        if argument.name.value == "input":
            value = argument.value
            if isinstance(value, ObjectValueNode):
                return frozenset(field.name.value for field in value.fields)
            source = info._raw_info.variable_values.sources.get(value.name.value) if isinstance(value, VariableNode) else None
            return frozenset(source.value) if source is not None and isinstance(source.value, dict) else frozenset()
    return frozenset()


def read_input(transition: Transition, given: Any, said_names: frozenset[str]) -> Input:
    """Input as the table has it; raises RequestError for an id that is none of the type."""
    values: dict[str, Any] = {}
    for field, _ in _members(transition):
        value = getattr(given, field.name, strawberry.UNSET)
        if value is strawberry.UNSET or (value is None and field.default not in (None, MISSING)):
            continue
        values[field.name] = _keys(value, field.metadata["tag"]) if field.metadata["tag"] and value is not None else value
    return transition.input(**values, said=frozenset(name for name in values if to_camel_case(name) in said_names))


def _keys(value: str | list[str], tag: str) -> str | list[str]:
    return [key_of(one, tag) for one in value] if isinstance(value, list) else key_of(value, tag)


# -- payloads ------------------------------------------------------------------------------------------------------------


class Payload:
    """What every payload is read from."""

    outcome: Outcome


def _object_field(thing: Axis) -> Any:
    type_name, file, _ = OBJECTS[thing]
    words = f"{pascal(thing)} after the step, as the caller may see it; where the step was refused, as it stands."
    return resolved(ref(type_name, file), lambda root: (type_name, root.outcome.subject), words)


def _batch(self: Payload) -> strawberry.ID | None:
    return strawberry.ID(global_id("batch", self.outcome.batch)) if self.outcome.batch else None


def _undo_until(self: Payload) -> datetime | None:
    return self.outcome.undo_until


def _warnings(self: Payload) -> list[TransitionWarning]:
    return warnings_of(self.outcome.warnings)


def _problems(self: Payload) -> list[Problem]:
    return [problem_of(refusal, self.outcome) for refusal in self.outcome.problems]


def _erasure(name: str) -> Any:
    return resolved(
        ref("ErasureRequest", "erasure"),
        lambda root: ("ErasureRequest", root.outcome.erasure),
        f"What `{name}` deletes, how far it is, and its receipt.",
    )


def _secret(self: Payload) -> str | None:
    return self.outcome.secret


def _path(self: Payload, info: Info) -> str | None:
    workspace, key = info.context.caller.workspace, self.outcome.secret
    return f"/exports/{export_token(info.context.secrets[0], workspace, key)}" if workspace and key else None


def _scheduled(self: Payload) -> strawberry.ID | None:
    return strawberry.ID(global_id("schedule", self.outcome.scheduled)) if self.outcome.scheduled else None


_GOOD = ", shown this once; good for thirty days."
#: Further fields of single payloads: resolver and description.
MORE: Mapping[str, Mapping[str, tuple[Callable[..., Any], str]]] = {
    "clientAssignCredentials": {"password_token": (_secret, "Token for `passwordChoose`, shown this once; good for a week.")},
    "invoicePaymentLink": {"token": (_secret, f"Token for `invoiceByLink` and `invoicePayByLink`{_GOOD}")},
    "clientReactivationLink": {"token": (_secret, f"Token for `reactivationRequest`{_GOOD}")},
    "clientErasureLink": {"token": (_secret, f"Token for `erasureByLink`, `erasureRequestByLink` and `erasureCancelByLink`{_GOOD}")},
    "clientExport": {"path": (_path, "Path of the file at this gateway, shown this once; good for a day.")},
    "erasureRequest": {
        "export_path": (_path, "Path of the export that `exportFirst` made, at this gateway, shown this once; good for a day.")
    },
    "enrollmentDeactivate": {
        "scheduled_id": (_scheduled, "Id of the transition that waits, and whose event this is; null where the freeze took effect at once.")
    },
}


def payload_type(transition: Transition) -> Any:
    """Payload of the mutation: the object under the name of its axis, and what every payload has."""
    body: dict[str, Any] = {
        "__annotations__": {"outcome": strawberry.Private[Outcome]},
        transition.thing: _object_field(transition.thing),
        "event": resolved(
            ref("LifecycleEvent", "transitions"),
            lambda root: ("LifecycleEvent", root.outcome.event),
            "Event that the step left; null where it was refused.",
        ),
    }
    if transition.axis is Axis.DATA:
        body["erasure"] = _erasure(transition.name)
    for name, (resolver, description) in MORE.get(transition.name, {}).items():
        body[name] = strawberry.field(resolver=resolver, description=description)
    if transition.undoable:
        body["batch_id"] = strawberry.field(resolver=_batch, description="Id by which the step can be undone with `transitionUndo`.")
        body["undo_until"] = strawberry.field(resolver=_undo_until, description="End of the time in which the step can be undone.")
    body["warnings"] = strawberry.field(resolver=_warnings, description="What to know about the step that was taken.")
    body["problems"] = strawberry.field(resolver=_problems, description="Why nothing was changed; empty where the step was taken.")
    codes = ", ".join(f"`{code.value}`" for code in problem_codes(transition))
    made = type(f"{pascal(transition.name)}Payload", (), body)
    return strawberry.type(made, description=f"Answer of `{transition.name}`. Codes of its problems: {codes}.")


# -- operations ----------------------------------------------------------------------------------------------------------


def _arguments(transition: Transition, given: Any, *, acting: bool) -> dict[str, tuple[Any, str, Any]]:
    """Arguments by name: type, description, default. The id that selects stands apart from the input that changes."""
    optional = all(field.default is not MISSING for field, _ in _members(transition))
    arguments: dict[str, tuple[Any, str, Any]] = {}
    if not transition.makes:
        arguments["id"] = (strawberry.ID, f"Id of the {transition.thing}.", inspect.Parameter.empty)
    words = "Options of the step." if optional else "What the step needs to know."
    arguments["input"] = (given, words, given() if optional else inspect.Parameter.empty)
    if not acting:
        return arguments
    if not transition.makes:
        must = (
            "needed, for nobody can undo the step" if transition.permanent else "the step then does what it showed, or answers PLAN_STALE"
        )
        arguments["token"] = (str | None, f"Token of `{transition.name}Preview`: {must}.", strawberry.UNSET)
    if transition.axis in VERSIONED and not transition.makes:
        arguments["expected_version"] = (
            int | None,
            f"Version the {transition.thing} must have; CONFLICT where it has another.",
            strawberry.UNSET,
        )
    arguments["idempotency_key"] = IDEMPOTENCY_KEY
    return arguments


def operation(returns: Any, arguments: Mapping[str, tuple[Any, str, Any]], description: str, resolve: Callable[..., Awaitable[Any]]) -> Any:
    """Field whose arguments are declared as data and handed to the resolver by name."""

    async def resolver(self: Any, info: Info, **given: Any) -> Any:  # noqa: ARG001 - the root has nothing
        return await resolve(info, **given)

    kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("self", kinds[0]), inspect.Parameter("info", kinds[0], annotation=Info)]
    annotations: dict[str, Any] = {"info": Info, "return": returns}
    for name, (type_, words, default) in arguments.items():
        annotations[name] = Annotated[type_, strawberry.argument(description=words)]
        parameters.append(inspect.Parameter(name, kinds[1], default=default, annotation=annotations[name]))
    resolver.__annotations__ = annotations
    resolver.__signature__ = inspect.Signature(parameters, return_annotation=returns)  # type: ignore[attr-defined]
    return strawberry.field(resolver=resolver, description=description)


def step_of(info: Info, transition: Transition, **given: Any) -> Step:
    """Step that the arguments ask for; the header's key serves each mutation of a document by its place."""
    given = {name: value for name, value in given.items() if value is not strawberry.UNSET}
    subject = given.get("id")
    return Step(
        transition=transition,
        subject=None if subject is None else key_of(subject, OBJECTS[transition.axis][2]),
        given=read_input(transition, given.get("input"), said(info)),
        token=given.get("token"),
        expected_version=given.get("expected_version"),
        idempotency_key=request_key(info, given.get("idempotency_key")),
    )


def mutation(transition: Transition, given: Any) -> Any:
    payload = payload_type(transition)

    async def resolve(info: Info, **arguments: Any) -> Any:
        info.context.signed_in()
        step, desk = step_of(info, transition, **arguments), desk_of(info.context)
        outcome = await perform(desk, info.context.caller, step)
        if transition.deletes and outcome.erasure is not None and info.context.caller.workspace is not None:
            await delete_now(desk, UUID(info.context.caller.workspace), UUID(outcome.erasure))
        return payload(outcome=outcome)

    words = f"{transition.summary} {transition.permit.sentence()}"
    return operation(payload, _arguments(transition, given, acting=True), words, resolve)


def preview(transition: Transition, given: Any) -> Any:
    names = {field.name: to_camel_case(field.name) for field, _ in _members(transition)}

    async def resolve(info: Info, **arguments: Any) -> TransitionPreview:
        info.context.signed_in()
        step = step_of(info, transition, **arguments)
        return preview_of(await look(desk_of(info.context), info.context.caller, step), names)

    words = f"What `{transition.name}` would do now. Nothing is changed."
    return operation(TransitionPreview, _arguments(transition, given, acting=False), words, resolve)


def operations(transitions: tuple[Transition, ...] = PREVIEWED) -> tuple[type[Any], type[Any]]:
    """Types with the mutations and with the previews of these transitions."""
    mutations: dict[str, Any] = {"__annotations__": {}}
    previews: dict[str, Any] = {"__annotations__": {}}
    for transition in transitions:
        given: StrawberryType | Any = input_type(transition)
        mutations[transition.name] = mutation(transition, given)
        previews[f"{transition.name}Preview"] = preview(transition, given)
    return strawberry.type(type("LifecycleMutations", (), mutations)), strawberry.type(type("LifecyclePreviews", (), previews))


_made = operations()
LifecycleMutations: type = _made[0]
LifecyclePreviews: type = _made[1]
