"""Smaller operations that still show the same fault: pieces of the document are left out one by one."""

import copy
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    Node,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from tests.planner.generate import Operation


async def shrink(operation: Operation, faulty: Callable[[Operation], Awaitable[bool]], *, tries: int = 400) -> Operation:
    """The smallest operation found for which `faulty` still holds."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _candidates(operation):
            tries -= 1
            if tries < 0:
                return operation
            if await faulty(candidate):
                operation, smaller = candidate, True
                break
    return operation


def _candidates(operation: Operation) -> Iterator[Operation]:
    whole = parse(operation.text, no_location=True)
    for path in _removable(whole):
        document = copy.deepcopy(whole)
        holder, attribute, index = document, "", 0
        for step in path[:-1]:
            holder = _step(holder, step)
        attribute, index = path[-1]
        rest = list(getattr(holder, attribute))
        del rest[index]
        object.__setattr__(holder, attribute, tuple(rest))  # nodes are frozen; the copy is ours
        yield _tidied(document, operation)


def _step(node: Any, step: tuple[str, int]) -> Any:
    found = getattr(node, step[0])
    return found if step[1] < 0 else found[step[1]]


def _removable(node: Any, path: tuple[tuple[str, int], ...] = ()) -> Iterator[tuple[tuple[str, int], ...]]:
    """Places of what may be left out, large pieces first."""
    deeper = []
    for attribute in ("definitions", "selection_set", "selections", "arguments", "directives", "value", "fields"):
        child = getattr(node, attribute, None)
        if isinstance(child, list | tuple):
            removable = attribute in ("selections", "arguments", "directives", "fields") and (attribute != "selections" or len(child) > 1)
            for i, item in enumerate(child):
                if removable:
                    yield (*path, (attribute, i))
                deeper.append((item, (*path, (attribute, i))))
        elif isinstance(child, Node):
            deeper.append((child, (*path, (attribute, -1))))
    for item, below in deeper:
        yield from _removable(item, below)


class _Names(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.spread: set[str] = set()
        self.variables: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.spread.add(node.name.value)

    def enter_variable(self, node: VariableNode, _key: object, parent: object, *_: object) -> None:
        if not type(parent).__name__.startswith("VariableDefinition"):
            self.variables.add(node.name.value)


def _tidied(document: DocumentNode, operation: Operation) -> Operation:
    """Without the fragments and variables that nothing uses any more."""
    while True:
        names = _Names()
        visit(document, names)
        kept = tuple(d for d in document.definitions if not isinstance(d, FragmentDefinitionNode) or d.name.value in names.spread)
        if len(kept) == len(document.definitions):
            break
        object.__setattr__(document, "definitions", kept)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            used = tuple(d for d in definition.variable_definitions or () if d.variable.name.value in names.variables)
            object.__setattr__(definition, "variable_definitions", used)
    variables = {name: value for name, value in operation.variables.items() if name in names.variables}
    return Operation(print_ast(document), variables)
