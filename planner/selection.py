"""What a document asks of one object: its fields merged over fragments, after `@skip` and `@include`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    is_abstract_type,
    print_ast,
    visit,
)

from planner.errors import RequestError


@dataclass(frozen=True, slots=True)
class Selected:
    """Field of an answer: its key there, its name, and every place in the document that asks for it."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]

    @property
    def below(self) -> list[SelectionSetNode]:
        return [node.selection_set for node in self.nodes if node.selection_set]


class Selections:
    """Reads selections of one operation; `flags` are the values of the variables in `@skip` and `@include`.

    Fragments within fragments can make a short document ask for billions of fields, so they are counted: `left` more are read.
    """

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], flags: Mapping[str, bool], most: int
    ) -> None:
        self.schema = schema
        self.left = self._most = most
        self._fragments = fragments
        self._flags = flags

    def of(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> list[Selected]:
        """Fields asked of an object of the type, in the order of the answer."""
        found: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selection_set in sets:
            self._collect(type_, selection_set, found, visited)
        self.left -= len(found) + 1
        if self.left < 0:
            words = f"The operation asks for more than {self._most} fields in all, fragments written out."
            raise RequestError("LIMIT_EXCEEDED", words, more={"limit": "FIELDS", "value": self._most + 1, "maximum": self._most})
        return [Selected(key, nodes[0].name.value, tuple(nodes)) for key, nodes in found.items()]

    def _collect(
        self, type_: GraphQLObjectType, selection_set: SelectionSetNode, found: dict[str, list[FieldNode]], visited: set[str]
    ) -> None:
        for node in selection_set.selections:
            if not self._wanted(node.directives):
                continue
            if isinstance(node, FieldNode):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else type_.name
                if self._fits(type_, condition):
                    self._collect(type_, node.selection_set, found, visited)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                fragment = self._fragments[node.name.value]
                if self._fits(type_, fragment.type_condition.name.value):
                    self._collect(type_, fragment.selection_set, found, visited)

    def _fits(self, type_: GraphQLObjectType, condition: str) -> bool:
        if condition == type_.name:
            return True
        named = self.schema.type_map[condition]
        return is_abstract_type(named) and self.schema.is_sub_type(_abstract(named), type_)

    def _wanted(self, directives: Sequence[DirectiveNode] | None) -> bool:
        return all(self._condition(d) is (d.name.value == "include") for d in directives or () if d.name.value in ("skip", "include"))

    def _condition(self, directive: DirectiveNode) -> bool:
        value = (directive.arguments or ())[0].value
        if isinstance(value, VariableNode):
            return self._flags[value.name.value]
        return isinstance(value, BooleanValueNode) and value.value


def _abstract(type_: object) -> GraphQLAbstractType:
    if not is_abstract_type(type_):
        raise TypeError(f"{type_} is not abstract")
    return type_


def has_variables(node: FieldNode) -> bool:
    """Whether the arguments of the field depend on variables."""
    return any("$" in print_ast(argument) for argument in node.arguments or ())


class _Flags(Visitor):
    """Names of the variables that decide what is skipped."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value in ("skip", "include"):
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.names.add(argument.value.name.value)


def flag_names(document: DocumentNode) -> tuple[str, ...]:
    flags = _Flags()
    visit(document, flags)
    return tuple(sorted(flags.names))


def pick_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """Operation of that name, or the only one; OPERATION_NOT_FOUND otherwise."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is None and len(operations) > 1:
        raise RequestError("OPERATION_NOT_FOUND", "The document has several operations: say which in `operationName`.")
    for operation in operations:
        if name is None or (operation.name is not None and operation.name.value == name):
            return operation
    raise RequestError("OPERATION_NOT_FOUND", "The document has no operation of that name.")


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
