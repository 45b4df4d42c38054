"""Operations that hypothesis-graphql draws over the schema, field by field, in which some texts become ids and cursors that exist."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from random import Random
from typing import Any, Final

from graphql import ArgumentNode, DocumentNode, FieldNode, GraphQLSchema, Node, ObjectFieldNode, StringValueNode, print_ast
from graphql.language.visitor import REMOVE, Visitor, visit
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations, queries

_INSTANTS: Final = st.datetimes(timezones=st.just(UTC)).map(lambda at: StringValueNode(value=at.isoformat()))
_DAYS: Final = st.dates().map(lambda day: StringValueNode(value=day.isoformat()))
_SCALARS: Final = {"DateTime": _INSTANTS, "Date": _DAYS}
_PAGES: Final = frozenset({"first", "last", "after", "before"})
#: A step of this kind would end the login that the next operation comes with.
_LEFT_OUT: Final = frozenset({"signOut"})


class _Swap(Visitor):
    """Most ids become those of objects that exist, mostly of the right type. Most of what describes a page goes: no page has all four."""

    def __init__(self, random: Random, words: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self._random, self._words = random, words
        self._field = ""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self._field = node.name.value

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
        return REMOVE if node.name.value in _PAGES and self._random.random() < 0.8 else None

    def enter_string_value(self, _node: Node, _key: Any, parent: Node | None, *_: Any) -> Any:
        return self._swapped(parent)

    def enter_int_value(self, _node: Node, _key: Any, parent: Node | None, *_: Any) -> Any:
        name = parent.name.value if isinstance(parent, ArgumentNode | ObjectFieldNode) else ""
        return self._swapped(parent) if name == "id" or name in self._words else None

    def _swapped(self, parent: Node | None) -> StringValueNode | None:
        name = parent.name.value if isinstance(parent, ArgumentNode | ObjectFieldNode) else ""
        if name in {"at", "from", "until", "to"} or self._random.random() < 0.2:
            return None
        tag = next((tag for tag in (name, *re.findall("^[a-z]+", self._field)) if tag in self._words), None)
        known = self._words[tag] if tag and self._random.random() < 0.8 else self._words["other"]
        return StringValueNode(value=self._random.choice(known)) if name in {"", "id", "after", "before", tag} else None


def drawn(schema: GraphQLSchema, words: Mapping[str, Sequence[str]], count: int, start: int) -> Iterator[str]:
    """So many documents, the same for the same start: each root field in turn."""
    random = Random(start)

    def written(document: DocumentNode) -> str:
        return print_ast(visit(document, _Swap(random, words)))

    roots = [
        strategy(schema, fields=[name], custom_scalars=_SCALARS, print_ast=written)
        for strategy, type_ in ((queries, schema.query_type), (mutations, schema.mutation_type))
        for name in (type_.fields if type_ else ())
        if name not in _LEFT_OUT
    ]
    random.shuffle(roots)
    for number in range(count):
        each = count // len(roots) + (number < count % len(roots))
        if number >= len(roots) or not each:
            return
        yield from _examples(roots[number], each, start + number)


def _examples(strategy: st.SearchStrategy[str], count: int, start: int) -> list[str]:
    found: list[str] = []

    @seed(start)
    @settings(max_examples=count + 1, database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(strategy)
    def note(document: str) -> None:
        found.append(document)

    note()
    return found[-count:]  # the first is always the plainest
