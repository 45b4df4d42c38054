"""The planner's front door: documents parsed once, plans kept, runs answered."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from itertools import product
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    value_from_ast_untyped,
)
from graphql.execution import VariableValues

from planner.check import check
from planner.cost import Costs, Part, Weights
from planner.dialect import DIALECTS
from planner.documents import Limits, Prepared, read
from planner.errors import InconsistentError, RequestError
from planner.execute import Run
from planner.ids import Cursors
from planner.notes import withheld
from planner.plan import Plan, Planner
from planner.recent import Recent
from planner.selection import Selections, pick_operation
from planner.source import Elsewhere, Sources
from planner.statements import Connected, Fetching, Given, Viewer
from planner.variables import Variables

NO_VARIABLES = VariableValues({}, {})

#: Documents are kept up to so many characters in all (each costs up to 150 bytes of memory), plans up to so many fields (1 KB each).
MOST_TEXT, MOST_FIELDS = 250_000, 40_000
#: A longer document is not kept, nor are its plans: a few of them would put away everybody else's.
MOST_KEPT = MOST_TEXT // 10
#: A plan holds the values that are written in its document: so many characters of it weigh as much as a field.
CHARACTERS_A_FIELD = 50
#: Variables in `@skip` and `@include` up to which a pinned document is planned for all their values.
MOST_PINNED_FLAGS = 3

#: Opens a connection for one run.
Connect = Callable[[], AbstractAsyncContextManager[Connected]]


@dataclass(slots=True)
class Answer:
    """Data of an operation, ready for orjson, and what was withheld from it: `{path, code, because}` each."""

    data: dict[str, Any]
    withheld: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Field of an operation, as the executor meets it: every place that asks for it, and the variables."""

    prepared: Prepared
    nodes: Sequence[FieldNode]
    variables: VariableValues


class Engine:
    """Answers queries over the sources. One engine serves every viewer of one schema on one kind of database."""

    def __init__(
        self,
        schema: GraphQLSchema,
        sources: Sources,
        *,
        dialect: str,
        secret: bytes,
        limits: Limits = lambda _: [],
        max_tokens: int | None = None,
        max_fields: int = 4000,
        weights: Weights | None = None,
    ) -> None:
        check(schema, sources)
        self.schema = schema
        self.sources = sources
        self.dialect = DIALECTS[dialect]
        self.cursors = Cursors(secret)
        self._given = Given(sources, self.dialect, self.cursors)
        self._limits = limits
        self._max_tokens = max_tokens
        self._max_fields = max_fields
        self._costs = Costs(schema, weights or {})
        self._documents: Recent[Prepared] = Recent(1000, MOST_TEXT)
        self._pinned: dict[str, Prepared] = {}
        self._pinned_plans: dict[tuple[Any, ...], Plan] = {}
        self._plans: Recent[Plan] = Recent(1000, MOST_FIELDS)
        if schema.query_type is None:
            raise ValueError("the schema has no query type")
        self.query: GraphQLObjectType = schema.query_type
        roots = sources[self.query.name].fields
        self._ours = {"__typename", *(name for name, origin in roots.items() if not isinstance(origin, Elsewhere))}

    def prepare(self, text: str) -> Prepared:
        """Parses and validates a document, once for its text where it is valid."""
        prepared = self.known(text)
        if prepared is None:
            prepared = self.read(text)
            self.keep(text, prepared)
        return prepared

    def known(self, text: str) -> Prepared | None:
        """Document that was read before."""
        return self._pinned.get(text) or self._documents.get(text)

    def pin(self, text: str, viewers: Iterable[Hashable] = ()) -> list[GraphQLError]:
        """Read a document once and for all, and plan its queries for these classes of viewers; its errors, where it is not valid."""
        prepared = self.read(text)
        if prepared.errors or prepared.document is None:
            return prepared.errors
        self._pinned[text], prepared.size = prepared, len(text)
        every = product((False, True), repeat=len(prepared.flags)) if len(prepared.flags) <= MOST_PINNED_FLAGS else ()
        flags = [dict(zip(prepared.flags, values, strict=True)) for values in every]
        operations = [one for one in prepared.document.definitions if isinstance(one, OperationDefinitionNode)]
        for operation, viewer, values in product(operations, viewers, flags):
            if self.plannable(prepared, operation):
                plan, _ = self._made(prepared, [operation.selection_set], values, viewer)
                self._pinned_plans[prepared.number, _place(operation), tuple(values.values()), viewer] = plan
        return []

    def keep(self, text: str, prepared: Prepared) -> None:
        """Remember a document that was read, unless it is long."""
        if not prepared.errors and len(text) <= MOST_KEPT:
            prepared.size = len(text)
            self._documents.keep(text, prepared, prepared.size)

    def read(self, text: str) -> Prepared:
        """Parses and validates a document; any thread may."""
        return read(text, self.schema, self._limits, self._max_tokens)

    def operation(self, prepared: Prepared, name: str | None) -> OperationDefinitionNode:
        found = prepared.operations.get(name)
        if found is None:
            if prepared.document is None:
                raise ValueError("the document is not valid")
            found = prepared.operations[name] = pick_operation(prepared.document, name)
        return found

    def variables(self, prepared: Prepared, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> VariableValues:
        """Coerced variables; BAD_USER_INPUT names the first that does not fit."""
        if not operation.variable_definitions:
            return NO_VARIABLES
        declared = prepared.variables.get(id(operation))
        if declared is None:
            declared = prepared.variables[id(operation)] = Variables.of(self.schema, operation)
        return declared.coerced(self.schema, given)

    def plannable(self, prepared: Prepared, operation: OperationDefinitionNode) -> bool:
        """Whether every field of the root is ours, so that no resolver need run."""
        return operation.operation is OperationType.QUERY and self.roots(prepared, operation) <= self._ours

    def roots(self, prepared: Prepared, operation: OperationDefinitionNode) -> frozenset[str]:
        """Names of the root fields of an operation, those in fragments included."""
        known = prepared.roots.get(id(operation))
        if known is None:
            known = prepared.roots[id(operation)] = _roots(prepared, operation)
        return known

    def cost(self, prepared: Prepared, operation: OperationDefinitionNode, variables: VariableValues) -> int:
        """Number of objects that an operation may answer at most, and the weights of its fields."""
        part = prepared.costs.get(id(operation)) or self._cost(prepared, operation)
        return part.count(variables.coerced, {})[0] if part.terms else part.fixed

    def supposed_cost(self, prepared: Prepared, operation: OperationDefinitionNode) -> int:
        """The same of an operation whose variables have the values of their definitions, if any."""
        defaults = {
            definition.variable.name.value: value_from_ast_untyped(definition.default_value)
            for definition in operation.variable_definitions or ()
            if definition.default_value is not None
        }
        return self._cost(prepared, operation).count(defaults, {})[0]

    def _cost(self, prepared: Prepared, operation: OperationDefinitionNode) -> Part:
        part = prepared.costs[id(operation)] = self._costs.of(operation, prepared.fragments)
        return part

    async def run(
        self,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        viewer: Viewer,
        connect: Connect,
        *,
        gathering: Fetching | None = None,
    ) -> Answer:
        """Answer to a plannable operation. One that is a single row comes from `gathering`, which reads for many at once."""
        plan = self._plan(prepared, _place(operation), [operation.selection_set], variables, viewer)
        if gathering is not None and plan.single:
            with suppress(InconsistentError):
                return await self._run(plan, variables, viewer, gathering)
        return await self._answer(plan, variables, viewer, connect)

    def _plan(self, prepared: Prepared, place: object, sets: Sequence[SelectionSetNode], variables: VariableValues, viewer: Viewer) -> Plan:
        """Plan of what is asked of the root at a place of a document, made once for every class of viewers and every set of flags."""
        flags = _flags(prepared, variables)
        key = (prepared.number, place, tuple(flags.values()), viewer.key)
        plan = self._plans.get(key) or self._pinned_plans.get(key)
        if plan is None:
            plan, fields = self._made(prepared, sets, flags, viewer.key)
            if prepared.size:
                self._plans.keep(key, plan, fields + prepared.size // CHARACTERS_A_FIELD)
        return plan

    def _made(self, prepared: Prepared, sets: Sequence[SelectionSetNode], flags: Mapping[str, bool], viewer: Any) -> tuple[Plan, int]:
        """Plan of what is asked of the root, and the number of its fields."""
        selections = Selections(self.schema, prepared.fragments, flags, self._max_fields)
        plan = Planner(self.schema, self.sources, self.dialect, selections, viewer).root(self.query, sets)
        return plan, self._max_fields - selections.left

    async def run_field(
        self, prepared: Prepared, nodes: Sequence[FieldNode], variables: VariableValues, viewer: Viewer, connect: Connect
    ) -> Answer:
        """Answer to one root field of an operation that is not plannable as a whole."""
        selections = Selections(self.schema, prepared.fragments, _flags(prepared, variables), self._max_fields)
        plan = Planner(self.schema, self.sources, self.dialect, selections, viewer.key).field(self.query, nodes)
        return await self._answer(plan, variables, viewer, connect)

    async def run_below(
        self, prepared: Prepared, nodes: Sequence[FieldNode], variables: VariableValues, viewer: Viewer, connect: Connect
    ) -> Answer:
        """Answer to the selection below one field, as if it stood at the root and this viewer had asked."""
        sets = [node.selection_set for node in nodes if node.selection_set]
        plan = self._plan(prepared, tuple(id(node) for node in nodes), sets, variables, viewer)
        return await self._answer(plan, variables, viewer, connect)

    async def run_objects(self, asked: Asked, type_name: str, keys: Sequence[str], viewer: Viewer, connect: Connect) -> Answer:
        """Objects of one type with these keys, as `data["objects"]`, for a field that answers what a resolver found."""
        selections = Selections(self.schema, asked.prepared.fragments, _flags(asked.prepared, asked.variables), self._max_fields)
        level = Planner(self.schema, self.sources, self.dialect, selections, viewer.key).object(type_name, asked.nodes)
        async with connect() as connection:
            run = Run(connection, viewer, asked.variables, self._given)
            data = {"objects": await run.known(level, keys)}
        return _told(run, data)

    async def _answer(self, plan: Plan, variables: VariableValues, viewer: Viewer, connect: Connect) -> Answer:
        """Runs without a transaction; when its statements disagree, once more inside a snapshot."""
        async with connect() as connection:
            try:
                return await self._run(plan, variables, viewer, connection)
            except InconsistentError:
                async with connection.snapshot():
                    return await self._run(plan, variables, viewer, connection)

    async def _run(self, plan: Plan, variables: VariableValues, viewer: Viewer, connection: Fetching) -> Answer:
        run = Run(connection, viewer, variables, self._given)
        if plan.bundle is not None and not plan.bundle.too_deep:
            await run.read(plan.bundle)
        data = (await run.objects(plan.shape, [()]))[0]
        await run.pass_gate()
        return _told(run, data)


def _place(operation: OperationDefinitionNode) -> str | None:
    """Place of an operation in its document: its name."""
    return operation.name.value if operation.name else None


def _told(run: Run, data: dict[str, Any]) -> Answer:
    return Answer(data, withheld(data, {id(made): note for made, note in run.notes}) if run.notes else [])


def _flags(prepared: Prepared, variables: VariableValues) -> dict[str, bool]:
    """Values of the variables that stand in `@skip` and `@include`."""
    flags = {name: variables.coerced.get(name, False) for name in prepared.flags}
    for name, value in flags.items():
        if value is None:
            raise RequestError("BAD_USER_INPUT", f"`${name}` decides what is included and may not be null.")
    return flags


def _roots(prepared: Prepared, operation: OperationDefinitionNode) -> frozenset[str]:
    found: set[str] = set()
    sets, seen = [operation.selection_set], set()
    while sets:
        for node in sets.pop().selections:
            if isinstance(node, FieldNode):
                found.add(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                sets.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                sets.append(prepared.fragments[node.name.value].selection_set)
    return frozenset(found)
