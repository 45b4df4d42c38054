"""Limits on a document, checked before anything runs, in walks that are linear in it: each fragment is looked at once."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    get_named_type,
)

from lifecycle.statistics import MEASURES
from planner.cost import Weights
from planner.errors import RequestError
from resolvers.elsewhere import ASKED, BULK_PREVIEWS, PREVIEWS

MAX_BODY_BYTES: Final = 256 * 1024
MAX_TOKENS: Final = 4000
MAX_DEPTH: Final = 20
MAX_ROOT_FIELDS: Final = 30
MAX_ALIASES: Final = 200
MAX_DIRECTIVES: Final = 100
MAX_REPEATS: Final = 5000
#: Fields of a document that are looked at for repeats, fragments written out; of an operation, the planner refuses more.
MAX_FIELDS: Final = 4000
MAX_LIST: Final = 10_000
#: Items of a list that is written in a document.
MAX_WRITTEN_LIST: Final = 200
MAX_INPUT_DEPTH: Final = 10
#: What a document costs that is not valid, and what reading a new one costs by the millisecond.
INVALID_COST, READING_COST = 10, 1000

#: What a field costs beyond the objects that it answers: a step looks around and writes, a report counts through years.
WEIGHTS: Final[Weights] = {
    **{("Query", name): 20 for name in PREVIEWS},
    **{("Query", name): 200 for name in BULK_PREVIEWS | ASKED},
    **{("Statistics", name): 200 for name in MEASURES},
    ("Mutation", "*"): 20,
    ("Mutation", "reportExport"): 200,
    ("Query", "__schema"): 2000,
    ("Query", "__type"): 20,
}


def refused(limit: str, message: str, value: int, maximum: int) -> RequestError:
    """Refusal of what passes a limit, which names the limit, the value and the maximum."""
    return RequestError("LIMIT_EXCEEDED", message, more=exceeded(limit, value, maximum))


def exceeded(limit: str, value: int, maximum: int) -> dict[str, Any]:
    return {"limit": limit, "value": value, "maximum": maximum}


class Limits:
    """Refuses documents that are too deep or ask for too many things at once. It looks at the text alone, before the schema does."""

    def __init__(self, schema: GraphQLSchema) -> None:
        root = schema.query_type
        fields = root.fields.items() if root else ()
        self._again = frozenset(name for name, field in fields if get_named_type(field.type) is root)

    def __call__(self, document: DocumentNode) -> list[GraphQLError]:
        """Limits that a document passes."""
        return _Count(document, self._again).errors


class _Count:
    """One look at a document; `again` are root fields below which the root stands once more, such as `viewAs`."""

    def __init__(self, document: DocumentNode, again: frozenset[str]) -> None:
        self.errors: list[GraphQLError] = []
        self._again = again
        self._fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        self._depths: dict[str, int] = {}
        self._aliases = self._directives = self._longest = 0
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode):
                depth = self._depth(node.selection_set)
            if isinstance(node, OperationDefinitionNode):
                roots = self._roots(node.selection_set, set())
                self._within("ROOT_FIELDS", "An operation has at most {} root fields; this one has {}.", roots, MAX_ROOT_FIELDS, node)
                self._lists(definition.default_value for definition in node.variable_definitions or () if definition.default_value)
                self._within("DEPTH", "A document is at most {} levels deep; this one has {}.", depth, MAX_DEPTH, node)
        self._within("ALIASES", "A document has at most {} aliases; this one has {}.", self._aliases, MAX_ALIASES, document)
        words = "A list has at most {} items in a document; this one has {}: send it in a variable."
        self._within("LIST", words, self._longest, MAX_WRITTEN_LIST, document)
        self._within("DIRECTIVES", "A document has at most {} directives; this one has {}.", self._directives, MAX_DIRECTIVES, document)
        if not self.errors:
            repeats = self._repeats(document)
            self._within("REPEATS", "Fields are repeated at most {} times in all; here {} or more.", repeats, MAX_REPEATS, document)

    def _within(self, limit: str, message: str, value: int, maximum: int, node: Node) -> None:
        if value > maximum:
            told = {"code": "LIMIT_EXCEEDED", **exceeded(limit, value, maximum)}
            self.errors.append(GraphQLError(message.format(maximum, value), node, extensions=told))

    def _lists(self, values: Iterable[ValueNode]) -> None:
        self._longest = max(self._longest, *map(_longest_list, values), 0)

    def _roots(self, selection_set: SelectionSetNode, seen: set[str], *, below: bool = False) -> int:
        """Root fields, those in fragments included, and those of a root that stands `below` a field; deeper ones are never answered."""
        count = 0
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                again = not below and selection.name.value in self._again and selection.selection_set
                count += 1 + (self._roots(again, set(), below=True) if again else 0)
            elif isinstance(selection, InlineFragmentNode):
                count += self._roots(selection.selection_set, seen, below=below)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self._fragments.get(selection.name.value)
                count += self._roots(fragment.selection_set, seen, below=below) if fragment else 0
        return count

    def _depth(self, selection_set: SelectionSetNode) -> int:
        """Levels of a selection, in which aliases and directives are counted, each once."""
        deepest = 0
        for selection in selection_set.selections:
            self._directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                self._aliases += selection.alias is not None
                self._lists(argument.value for argument in selection.arguments or ())
                below = 1 + self._depth(selection.selection_set) if selection.selection_set else 1
            elif isinstance(selection, InlineFragmentNode):
                below = self._depth(selection.selection_set)
            else:
                below = self._fragment(selection)
            deepest = max(deepest, below)
        return deepest

    def _fragment(self, spread: SelectionNode) -> int:
        if not isinstance(spread, FragmentSpreadNode):
            return 0
        name = spread.name.value
        if name not in self._depths:
            self._depths[name] = 0  # a cycle is another rule's business
            fragment = self._fragments.get(name)
            self._depths[name] = self._depth(fragment.selection_set) if fragment else 0
        return self._depths[name]

    def _repeats(self, document: DocumentNode) -> int:
        """Pairs of fields that have the same place in the answer, and are compared with each other. Fragments are written out for it."""
        pairs, left = 0, MAX_FIELDS
        waiting = [[node.selection_set] for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        while waiting and pairs <= MAX_REPEATS:
            places: dict[str, list[SelectionSetNode]] = {}
            counts: dict[str, int] = {}
            sets, seen = waiting.pop(), set[str]()
            while sets and left > 0:
                for node in sets.pop().selections:
                    if isinstance(node, FieldNode):
                        key = (node.alias or node.name).value
                        pairs += counts.get(key, 0)
                        counts[key] = counts.get(key, 0) + 1
                        left -= 1
                        if node.selection_set:
                            places.setdefault(key, []).append(node.selection_set)
                    elif isinstance(node, InlineFragmentNode):
                        sets.append(node.selection_set)
                    elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen and node.name.value in self._fragments:
                        seen.add(node.name.value)
                        sets.append(self._fragments[node.name.value].selection_set)
            if left <= 0:
                return pairs
            waiting += places.values()
        return pairs


def _longest_list(value: ValueNode) -> int:
    """Items of the longest list in a value."""
    if isinstance(value, ListValueNode):
        return max(len(value.values), *map(_longest_list, value.values), 0)
    return max((_longest_list(field.value) for field in value.fields), default=0) if isinstance(value, ObjectValueNode) else 0


def check_variables(variables: Mapping[str, Any]) -> None:
    """Refuse variables that are nested too deeply or hold too long a list."""
    level: list[Any] = list(variables.values())
    for depth in range(MAX_INPUT_DEPTH + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
            elif isinstance(value, list):
                if len(value) > MAX_LIST:
                    raise refused("LIST", f"A list has at most {MAX_LIST} items; one has {len(value)}.", len(value), MAX_LIST)
                below += value
        if not below:
            return
        level = below
        if depth == MAX_INPUT_DEPTH:
            words = f"Variables are at most {MAX_INPUT_DEPTH} levels deep."
            raise refused("INPUT_DEPTH", words, MAX_INPUT_DEPTH + 1, MAX_INPUT_DEPTH)
