"""Cost of an operation before it runs: how many objects it may answer at most, counted from its text and the sizes of its pages.

One walk over the document, each fragment once, gives a `Part` for each selection; what depends on no variable is a number at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)

from planner.paging import DEFAULT_PAGE

#: Items supposed in a list that has no pages.
LIST: Final = 10
_SIZES: Final = frozenset({"first", "last", "ids"})
#: Weight of a field of a type beyond the objects that it answers; under the name `*`, of all others of the type.
Weights = Mapping[tuple[str, str], int]


class _Role(Enum):
    """What a selection is to the one it stands in."""

    SAME = "more fields of the same object"
    OBJECT = "one object"
    LIST = "a list without pages"
    PAGED = "a connection"
    ITEMS = "the items of a connection"


@dataclass(slots=True)
class Part:
    """Objects below a selection: `fixed` in any case, `each` for each item of the page that it stands on, and `terms` by variables."""

    fixed: int = 0
    each: int = 0
    terms: list[tuple[_Role, int | str, "Part"]] = field(default_factory=list)

    def add(self, role: _Role, size: int | str, below: "Part") -> None:
        if below.terms or (isinstance(size, str) and (below.each or role is _Role.LIST)):
            self.terms.append((role, size, below))
        else:
            fixed, each = _come_to(role, 0 if isinstance(size, str) else size, below.fixed, below.each)
            self.fixed += fixed
            self.each += each

    def count(self, variables: Mapping[str, Any], known: dict[int, tuple[int, int]]) -> tuple[int, int]:
        """Numbers `fixed` and `each` come to with these variables."""
        found = known.get(id(self))
        if found is None:
            fixed, each = self.fixed, self.each
            for role, size, below in self.terms:
                number = _number(variables.get(size)) if isinstance(size, str) else size
                more = _come_to(role, number, *below.count(variables, known))
                fixed, each = fixed + more[0], each + more[1]
            found = known[id(self)] = fixed, each
        return found


def _come_to(role: _Role, size: int, fixed: int, each: int) -> tuple[int, int]:
    """What a selection below adds: in any case, and for each item of the page."""
    match role:
        case _Role.SAME:
            return fixed, each
        case _Role.OBJECT:
            return 1 + fixed, 0
        case _Role.LIST:
            return size * (1 + fixed), 0
        case _Role.PAGED:
            return 1 + fixed + size * each, 0
        case _Role.ITEMS:
            return 0, 1 + fixed


def _number(value: Any) -> int:
    """Size that an argument asks for."""
    if isinstance(value, list | tuple):
        return len(value)
    return value if isinstance(value, int) and value >= 0 else DEFAULT_PAGE


class Costs:
    """Costs of the operations of one schema."""

    def __init__(self, schema: GraphQLSchema, weights: Weights) -> None:
        self._schema = schema
        self._weights = weights

    def of(self, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Part:
        """Cost of a valid operation; `fixed` of it is the answer where it has no terms."""
        root = self._schema.get_root_type(operation.operation)
        return _Walk(self._schema, self._weights, fragments).selection(operation.selection_set, root)


class _Walk:
    def __init__(self, schema: GraphQLSchema, weights: Weights, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._weights = weights
        self._fragments = fragments
        self._known: dict[str, Part] = {}

    def selection(self, selection_set: SelectionSetNode, type_: Any) -> Part:
        part = Part()
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                self._field(part, node, type_)
            elif isinstance(node, InlineFragmentNode):
                on = self._schema.get_type(node.type_condition.name.value) if node.type_condition else type_
                part.add(_Role.SAME, 1, self.selection(node.selection_set, on))
            elif isinstance(node, FragmentSpreadNode):
                part.add(_Role.SAME, 1, self._fragment(node.name.value))
        return part

    def _fragment(self, name: str) -> Part:
        if name not in self._known:
            fragment = self._fragments[name]
            self._known[name] = self.selection(fragment.selection_set, self._schema.get_type(fragment.type_condition.name.value))
        return self._known[name]

    def _field(self, part: Part, node: FieldNode, type_: Any) -> None:
        name = node.name.value
        part.fixed += self._weights.get((type_.name, name)) or self._weights.get((type_.name, "*"), 0)
        definition = getattr(type_, "fields", {}).get(name)
        if definition is None:  # `__typename`, `__schema` and `__type`
            if node.selection_set is not None:
                part.add(_Role.OBJECT, 1, self.selection(node.selection_set, self._schema.get_type(f"__{name.strip('_').title()}")))
            return
        named = get_named_type(definition.type)
        if is_leaf_type(named) or node.selection_set is None:
            return
        below = self.selection(node.selection_set, named)
        many = isinstance(definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type, GraphQLList)
        if many and "pageInfo" in getattr(type_, "fields", {}):
            part.add(_Role.ITEMS, 1, below)
        elif many:
            part.add(_Role.LIST, _size(node, LIST), below)
        elif "pageInfo" in getattr(named, "fields", {}):
            part.add(_Role.PAGED, _size(node, DEFAULT_PAGE), below)
        else:
            part.add(_Role.OBJECT, 1, below)


def _size(node: FieldNode, default: int) -> int | str:
    """Number of items that the arguments ask for, or the variable that says it."""
    for argument in node.arguments or ():
        if argument.name.value in _SIZES:
            if isinstance(argument.value, VariableNode):
                return argument.value.name.value
            if isinstance(argument.value, IntValueNode):
                return max(0, int(argument.value.value))
            if isinstance(argument.value, ListValueNode):
                return len(argument.value.values)
    return default
