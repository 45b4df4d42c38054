"""The planner's front door: documents parsed once, plans kept, runs answered."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.execution import VariableValues, get_variable_values

from planner.check import check
from planner.dialect import DIALECTS
from planner.errors import InconsistentError, RequestError
from planner.execute import Connected, Run, Viewer
from planner.ids import Cursors
from planner.plan import Planner, Shape
from planner.selection import Selections, flag_names, fragments_of, pick_operation
from planner.source import Sources

V = TypeVar("V")
NO_VARIABLES = VariableValues({}, {})

#: Opens a connection for one run.
Connect = Callable[[], AbstractAsyncContextManager[Connected]]


class Recent(Generic[V]):
    """The most recently used entries, up to a bound."""

    def __init__(self, bound: int) -> None:
        self._entries: OrderedDict[Any, V] = OrderedDict()
        self._bound = bound

    def get(self, key: Any, make: Callable[[], V]) -> V:
        found = self._entries.get(key)
        if found is None:
            found = self._entries[key] = make()
            if len(self._entries) > self._bound:
                self._entries.popitem(last=False)
        else:
            self._entries.move_to_end(key)
        return found


@dataclass(slots=True)
class Prepared:
    """Document, parsed and validated, with its plans; `errors` when it is not valid."""

    document: DocumentNode | None
    errors: list[GraphQLError]
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    plannable: dict[int, bool] = field(default_factory=dict)  # by the identity of an operation of this document
    plans: "Recent[Shape]" = field(default_factory=lambda: Recent(100))


@dataclass(slots=True)
class Answer:
    """Data of an operation, ready for orjson, and what was withheld from it: `{path, code, because}` each."""

    data: dict[str, Any]
    withheld: list[dict[str, Any]]


class Engine:
    """Answers queries over the sources. One engine serves every viewer of one schema on one kind of database."""

    def __init__(
        self,
        schema: GraphQLSchema,
        sources: Sources,
        *,
        dialect: str,
        secret: bytes,
        rules: Collection[type[ASTValidationRule]] = specified_rules,
        max_tokens: int | None = None,
        documents: int = 1000,
    ) -> None:
        check(schema, sources)
        self.schema = schema
        self.sources = sources
        self.dialect = DIALECTS[dialect]
        self.cursors = Cursors(secret)
        self._rules = rules
        self._max_tokens = max_tokens
        self._documents: Recent[Prepared] = Recent(documents)
        if schema.query_type is None:
            raise ValueError("the schema has no query type")
        self.query: GraphQLObjectType = schema.query_type

    def prepare(self, text: str) -> Prepared:
        """Parses and validates a document, once for its text."""
        return self._documents.get(text, lambda: self._prepare(text))

    def _prepare(self, text: str) -> Prepared:
        try:
            document = parse(text, no_location=False, max_tokens=self._max_tokens)
        except GraphQLSyntaxError as error:
            return Prepared(None, [error])
        except RecursionError:
            return Prepared(None, [GraphQLError("The document is nested too deeply.")])
        errors = validate(self.schema, document, self._rules)
        return Prepared(document, errors, fragments_of(document), () if errors else flag_names(document))

    def operation(self, prepared: Prepared, name: str | None) -> OperationDefinitionNode:
        if prepared.document is None:
            raise ValueError("the document is not valid")
        return pick_operation(prepared.document, name)

    def variables(self, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> VariableValues:
        """Coerced variables; BAD_USER_INPUT names the first that does not fit."""
        if not operation.variable_definitions:
            return NO_VARIABLES
        values = get_variable_values(self.schema, operation.variable_definitions, dict(given), max_errors=1, hide_suggestions=True)
        if isinstance(values, VariableValues):
            return values
        raise RequestError("BAD_USER_INPUT", values[0].message)

    def plannable(self, prepared: Prepared, operation: OperationDefinitionNode) -> bool:
        """Whether every field of the root is ours, so that no resolver need run."""
        known = prepared.plannable.get(id(operation))
        if known is None:
            known = prepared.plannable[id(operation)] = self._plannable(prepared, operation)
        return known

    def _plannable(self, prepared: Prepared, operation: OperationDefinitionNode) -> bool:
        if operation.operation is not OperationType.QUERY:
            return False
        ours = {*self.sources[self.query.name].fields, "__typename"}
        sets, seen = [operation.selection_set], set()
        while sets:
            for node in sets.pop().selections:
                if isinstance(node, FieldNode):
                    if node.name.value not in ours:
                        return False
                elif isinstance(node, InlineFragmentNode):
                    sets.append(node.selection_set)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                    seen.add(node.name.value)
                    sets.append(prepared.fragments[node.name.value].selection_set)
        return True

    async def run(
        self, prepared: Prepared, operation: OperationDefinitionNode, variables: VariableValues, viewer: Viewer, connect: Connect
    ) -> Answer:
        """Answer to a plannable operation."""
        flags = {name: variables.coerced.get(name, False) for name in prepared.flags}
        key = (operation.name and operation.name.value, tuple(flags.values()), viewer.key)

        def plan() -> Shape:
            selections = Selections(self.schema, prepared.fragments, flags)
            return Planner(self.schema, self.sources, self.dialect, selections, viewer.key).root(self.query, [operation.selection_set])

        return await self._answer(prepared.plans.get(key, plan), variables, viewer, connect)

    async def run_field(
        self, prepared: Prepared, nodes: Sequence[FieldNode], variables: VariableValues, viewer: Viewer, connect: Connect
    ) -> Answer:
        """Answer to one root field of an operation that is not plannable as a whole."""
        flags = {name: variables.coerced.get(name, False) for name in prepared.flags}
        selections = Selections(self.schema, prepared.fragments, flags)
        shape = Planner(self.schema, self.sources, self.dialect, selections, viewer.key).field(self.query, nodes)
        return await self._answer(shape, variables, viewer, connect)

    async def _answer(self, shape: Shape, variables: VariableValues, viewer: Viewer, connect: Connect) -> Answer:
        """Runs without a transaction; when its statements disagree, once more inside a snapshot."""
        async with connect() as connection:
            try:
                return await self._run(shape, variables, viewer, connection)
            except InconsistentError:
                async with connection.snapshot():
                    return await self._run(shape, variables, viewer, connection)

    async def _run(self, shape: Shape, variables: VariableValues, viewer: Viewer, connection: Connected) -> Answer:
        run = Run(
            connection=connection,
            viewer=viewer,
            variables=variables,
            sources=self.sources,
            dialect=self.dialect,
            cursors=self.cursors,
            fragments=True,
        )
        data = (await run.objects(shape, [()]))[0]
        await run.pass_gate()
        return Answer(data, withheld(data, {id(made): note for made, note in run.notes}) if run.notes else [])


def withheld(data: Any, notes: Mapping[int, Any]) -> list[dict[str, Any]]:
    """Path and reason of everything withheld, in the order of the answer."""
    found: list[dict[str, Any]] = []

    def walk(value: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            for key, denial in notes.get(id(value), ()):
                found.append({"path": [*path, key], "code": denial.code, "because": denial.because})
            for key, item in value.items():
                if isinstance(item, dict | list):
                    walk(item, (*path, key))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, dict | list):
                    walk(item, (*path, i))

    walk(data, ())
    return found
