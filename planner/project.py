"""Projections: the generated function that turns the rows of a level into objects, access checked in the same pass."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from planner.dialect import Dialect, sqlite_instant
from planner.errors import InconsistentError
from planner.selection import Selected
from planner.source import Denial, Derived, Embedded, Expr, First, Guard, Kind, One, Source, Values

if TYPE_CHECKING:
    from planner.source import FieldSource

Row = Sequence[Any]
#: `make(rows, children, standing, notes)`: objects of the rows; what was withheld is noted as `(object, note)`.
Make = Callable[[Sequence[Row], Sequence[Any], Any, list[Any]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """Member of an object: its answer key and the Python expression for its value."""

    key: str
    code: str


#: What is withheld from an object: answer keys and why.
Note = tuple[tuple[str, Denial], ...]


class _Masks(dict[Any, tuple[int, Note]]):
    """Bits and notes by guard key; a combination that no one foresaw withholds everything."""

    def __init__(self, known: Mapping[Any, tuple[int, Note]], everything: tuple[int, Note]) -> None:
        super().__init__(known)
        self._everything = everything

    def __missing__(self, _key: object) -> tuple[int, Note]:
        return self._everything


def needed(found: Mapping[Any, Any], key: Any) -> Any:
    """Object of a key that must exist."""
    try:
        return found[key]
    except KeyError:
        raise InconsistentError from None


class Projection:
    """Collects the members of an object and generates the function that makes it."""

    def __init__(self, dialect: Dialect, source: Source, guard: Guard | None, use: Callable[[str], int]) -> None:
        self.source = source
        self.entries: list[Entry] = []
        self._dialect = dialect
        self._guard = guard
        self._use = use
        self._functions: list[Callable[..., object]] = []
        self._guarded: list[tuple[str, dict[tuple[object, ...], Denial]]] = []

    @property
    def withholds(self) -> bool:
        return bool(self._guarded)

    def constant(self, key: str, value: str) -> None:
        self.entries.append(Entry(key, repr(value)))

    def forbidden(self, key: str, name: str) -> bool:
        """Whether the field is withheld in every case, so that nothing need be fetched for it."""
        if self._guard is None:
            return False
        denials = {k: d for k in self._guard.keys if (d := self._guard.denial(k, name)) is not None}
        if denials:
            self._guarded.append((key, denials))
        if len(denials) < len(self._guard.keys):
            return False
        self.entries.append(Entry(key, "None"))
        return True

    def _add(self, key: str, code: str) -> None:
        if self._guarded and self._guarded[-1][0] == key:
            code = f"None if m & {1 << (len(self._guarded) - 1)} else {code}"
        self.entries.append(Entry(key, code))

    def _value(self, origin: Expr | Derived) -> str:
        if isinstance(origin, Expr):
            code = f"r[{self._use(origin.sql)}]"
            if origin.kind is Kind.ID:
                return f"{self.source.tag + '_'!r} + {code}"
            return self._dialect.value(origin.kind, code)
        self._functions.append(origin.function)
        arguments = ", ".join(self._dialect.value(need.kind, f"r[{self._use(need.sql)}]") for need in origin.needs)
        return f"f{len(self._functions) - 1}({arguments})"

    def scalar(self, selected: Selected, origin: Expr | Derived) -> None:
        self._add(selected.key, self._value(origin))

    def embedded(self, selected: Selected, origin: Embedded, type_name: str, fields: Sequence[Selected]) -> None:
        first = next(iter(origin.fields.values()))
        if isinstance(first, Derived):
            first = first.needs[0]
        members = ", ".join(
            f"{f.key!r}: {type_name!r}" if f.name == "__typename" else f"{f.key!r}: {self._value(origin.fields[f.name])}" for f in fields
        )
        self._add(selected.key, f"(None if r[{self._use(first.sql)}] is None else {{{members}}})")

    def child(self, selected: Selected, number: int, key: int | None, origin: "FieldSource", *, required: bool) -> None:
        if key is None:
            code = f"c{number}"
        elif isinstance(origin, Values):
            code = f"c{number}.get(r[{key}], EMPTY)"
        elif isinstance(origin, One | First):
            code = f"needed(c{number}, r[{key}])" if required else f"c{number}.get(r[{key}])"
        else:
            code = f"c{number}[r[{key}]]"
        self._add(selected.key, code)

    def make(self, children: int) -> Make:
        """Generates the function."""
        body = "{" + ", ".join(f"{entry.key!r}: {entry.code}" for entry in self.entries) + "}"
        unpack = "".join(f"c{i}, " for i in range(children))
        lines = ["def make(rows, children, standing, notes):"]
        if children:
            lines.append(f"    {unpack}= children")
        lines += self._loop(body)
        names: dict[str, Any] = {
            "EMPTY": (),
            "instant": sqlite_instant,
            "loads": orjson.loads,
            "masks": self._masks(),
            "needed": needed,
            **{f"f{i}": function for i, function in enumerate(self._functions)},
        }
        exec("\n".join(lines), names)  # noqa: S102 - places in rows, and names that GraphQL's grammar keeps to letters
        made: Make = names["make"]
        return made

    def _loop(self, body: str) -> list[str]:
        if not self._guarded or self._guard is None:
            return [f"    return [{body} for r in rows]"]
        keys = [f"r[{self._use(template)}]" for template in self._guard.columns]
        decided = "standing" if not keys else keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
        return [
            "    out = []",
            "    for r in rows:",
            f"        m, note = masks[{decided}]",
            f"        d = {body}",
            "        if m:",
            "            notes.append((d, note))",
            "        out.append(d)",
            "    return out",
        ]

    def _masks(self) -> _Masks:
        if self._guard is None:
            return _Masks({}, (0, ()))
        known = {}
        for key in self._guard.keys:
            withheld = [(bit, name, denials[key]) for bit, (name, denials) in enumerate(self._guarded) if key in denials]
            entry = sum(1 << bit for bit, _, _ in withheld), tuple((name, denial) for _, name, denial in withheld)
            known[key[0] if len(self._guard.columns) == 1 else key] = entry
        anything = tuple((name, next(iter(denials.values()))) for name, denials in self._guarded)
        return _Masks(known, ((1 << len(self._guarded)) - 1, anything))
