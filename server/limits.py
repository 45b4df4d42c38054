"""Limits on a document, checked before anything runs; depth is counted in one walk, each fragment once."""

from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationRule,
    get_named_type,
)
from graphql import specified_rules as _specified

MAX_BODY_BYTES: Final = 256 * 1024
MAX_TOKENS: Final = 4000
MAX_DEPTH: Final = 20
MAX_ROOT_FIELDS: Final = 30


class Limits(ValidationRule):
    """Refuses documents that are too deep or ask for too many things at once."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self._depths: dict[str, int] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        roots = self._roots(node.selection_set, set())
        if roots > MAX_ROOT_FIELDS:
            self._refuse("ROOT_FIELDS", f"An operation has at most {MAX_ROOT_FIELDS} root fields; this one has {roots}.", node)
        depth = self._depth(node.selection_set)
        if depth > MAX_DEPTH:
            self._refuse("DEPTH", f"A document is at most {MAX_DEPTH} levels deep; this one has {depth}.", node)

    def _roots(self, selection_set: SelectionSetNode, seen: set[str], *, below: bool = False) -> int:
        """Root fields, those in fragments included, and those of a root that stands `below` a field; deeper ones are never answered."""
        count = 0
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                inner = None if below else self._root_below(selection)
                count += 1 + (self._roots(inner, set(), below=True) if inner else 0)
            elif isinstance(selection, InlineFragmentNode):
                count += self._roots(selection.selection_set, seen, below=below)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self.context.get_fragment(selection.name.value)
                count += self._roots(fragment.selection_set, seen, below=below) if fragment else 0
        return count

    def _root_below(self, node: FieldNode) -> SelectionSetNode | None:
        """What is asked of the root by a field that answers it again, such as `viewAs`."""
        root = self.context.schema.query_type
        field = root.fields.get(node.name.value) if root else None
        return node.selection_set if field and get_named_type(field.type) is root else None

    def _refuse(self, limit: str, message: str, node: OperationDefinitionNode) -> None:
        self.report_error(GraphQLError(message, node, extensions={"code": "LIMIT_EXCEEDED", "limit": limit}))

    def _depth(self, selection_set: SelectionSetNode) -> int:
        deepest = 0
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                below = 1 + self._depth(selection.selection_set) if selection.selection_set else 1
            elif isinstance(selection, InlineFragmentNode):
                below = self._depth(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                below = self._fragment(selection)
            else:
                below = 0
            deepest = max(deepest, below)
        return deepest

    def _fragment(self, spread: FragmentSpreadNode) -> int:
        name = spread.name.value
        if name not in self._depths:
            self._depths[name] = 0  # a cycle is another rule's business
            fragment = self.context.get_fragment(name)
            self._depths[name] = self._depth(fragment.selection_set) if fragment else 0
        return self._depths[name]


RULES: Final = (*_specified, Limits)
