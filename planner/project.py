"""Projections: the generated function that turns the rows of a level into objects, access checked in the same pass."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from planner.dialect import Dialect
from planner.errors import InconsistentError
from planner.instants import INSTANTS, sqlite_instant
from planner.selection import Selected
from planner.source import Denial, Derived, Embedded, Expr, First, Guard, Kind, Listing, One, Source, Then, Values

if TYPE_CHECKING:
    from planner.source import FieldSource

Row = Sequence[Any]
#: `make(rows, children, standing, notes)`: objects of the rows; what was withheld is noted as `(object, note)`.
Make = Callable[[Sequence[Row], Sequence[Any], Any, list[Any]], list[dict[str, Any]]]
#: `gather(rows, children, standing, notes, lists)`: the same, each appended to the list of the key that its row begins with.
Gather = Callable[[Sequence[Row], Sequence[Any], Any, list[Any], Mapping[Any, list[dict[str, Any]]]], None]

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


class Scope:
    """Names that the generated function sees."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {
            "EMPTY": (),
            "INSTANTS": INSTANTS,
            "InconsistentError": InconsistentError,
            "instant": sqlite_instant,
            "loads": orjson.loads,
            "needed": needed,
        }

    def add(self, prefix: str, value: object = None) -> str:
        name = f"{prefix}{len(self.names)}"
        self.names[name] = value
        return name


class Projection:
    """Collects the members of an object and generates the code that makes it from a row `r`."""

    def __init__(self, dialect: Dialect, source: Source, guard: Guard | None, use: Callable[[str, Kind], int], scope: Scope) -> None:
        self.source = source
        self.scope = scope
        self.withholds = False
        self._members: list[str] = []
        self._prelude: list[str] = []
        self._dialect = dialect
        self._guard = guard
        self._use = use
        self._mask = scope.add("m")
        self._guarded: list[tuple[str, dict[tuple[object, ...], Denial]]] = []

    def constant(self, key: str, value: str) -> None:
        self._members.append(f"{key!r}: {value!r}")

    def forbidden(self, key: str, name: str) -> bool:
        """Whether the field is withheld in every case, so that nothing need be fetched for it."""
        if self._guard is None:
            return False
        denials = {k: d for k in self._guard.keys if (d := self._guard.denial(k, name)) is not None}
        if denials:
            self._guarded.append((key, denials))
            self.withholds = True
        if len(denials) < len(self._guard.keys):
            return False
        self._members.append(f"{key!r}: None")
        return True

    def _add(self, key: str, code: str) -> None:
        if self._guarded and self._guarded[-1][0] == key:
            code = f"None if {self._mask} & {1 << (len(self._guarded) - 1)} else {code}"
        self._members.append(f"{key!r}: {code}")

    def _value(self, origin: Expr | Derived | Listing) -> str:
        if isinstance(origin, Expr):
            code = f"r[{self._use(origin.sql, origin.kind)}]"
            if origin.kind is Kind.ID:
                return f"{self.source.tag + '_'!r} + {code}"
            return self._dialect.value(origin.kind, code)
        function = self.scope.add("f", origin.function)
        return f"{function}({', '.join(self._dialect.value(need.kind, f'r[{self._use(need.sql, need.kind)}]') for need in origin.needs)})"

    def scalar(self, selected: Selected, origin: Expr | Derived) -> None:
        self._add(selected.key, self._value(origin))

    def embedded(self, selected: Selected, origin: Embedded, type_name: str, fields: Sequence[Selected]) -> None:
        first = next(iter(origin.fields.values()))
        if isinstance(first, Derived):
            first = first.needs[0]
        members = ", ".join(
            f"{f.key!r}: {type_name!r}" if f.name == "__typename" else f"{f.key!r}: {self._value(origin.fields[f.name])}" for f in fields
        )
        self._add(selected.key, f"(None if r[{self._use(first.sql, first.kind)}] is None else {{{members}}})")

    def listing(self, selected: Selected, origin: Listing, type_name: str, fields: Sequence[Selected]) -> None:
        members = ", ".join(f"{f.key!r}: {type_name!r}" if f.name == "__typename" else f"{f.key!r}: x[{f.name!r}]" for f in fields)
        self._add(selected.key, f"[{{{members}}} for x in {self._value(origin)}]")

    def child(self, selected: Selected, number: int, key: int | None, origin: "FieldSource", *, required: bool) -> None:
        """Member whose value another level found: `c<number>` by the key in the row."""
        if key is None:
            code = f"c{number}"
        elif isinstance(origin, Values):
            code = f"c{number}.get(r[{key}], EMPTY)"
        elif isinstance(origin, One | First | Then):
            code = f"needed(c{number}, r[{key}])" if required else f"c{number}.get(r[{key}])"
        else:
            code = f"c{number}[r[{key}]]"
        self._add(selected.key, code)

    def joined(self, selected: Selected, inner: "Projection", key: int, *, required: bool) -> None:
        """Member that is made from further columns of the same row, unless it says at `key` that there is none."""
        self.withholds = self.withholds or inner.withholds
        if inner._plain and not required:
            self._add(selected.key, f"({inner._object} if r[{key}] else None)")
            return
        name = self.scope.add("o")
        otherwise = "raise InconsistentError" if required else f"{name} = None"
        made = [f"    {line}" for line in inner._statements(name)]
        self._prelude += [f"if not r[{key}]:", f"    {otherwise}", "else:", *made]
        self._add(selected.key, name)

    @property
    def _plain(self) -> bool:
        return not self._guarded and not self._prelude

    @property
    def _object(self) -> str:
        return "{" + ", ".join(self._members) + "}"

    def _statements(self, name: str) -> list[str]:
        """Lines that make the object under a name."""
        lines = list(self._prelude)
        if self._guarded and self._guard is not None:
            columns = [f"r[{self._use(template, Kind.PLAIN)}]" for template in self._guard.columns]
            decided = "standing" if not columns else columns[0] if len(columns) == 1 else f"({', '.join(columns)})"
            masks = self.scope.add("masks", self._masks(self._guard))
            lines.append(f"{self._mask}, note = {masks}[{decided}]")
            return [*lines, f"{name} = {self._object}", f"if {self._mask}:", f"    notes.append(({name}, note))"]
        return [*lines, f"{name} = {self._object}"]

    def make(self, children: int) -> tuple[Make, Gather]:
        """Generates the two functions: objects in a list, and objects in the lists of their parents."""
        unpacked = [f"    {''.join(f'c{i}, ' for i in range(children))}= children"] if children else []
        lines = ["def make(rows, children, standing, notes):", *unpacked]
        if self._plain:
            body = [f"        lists[r[0]].append({self._object})"]
            lines.append(f"    return [{self._object} for r in rows]")
        else:
            made = [f"        {line}" for line in self._statements("d")]
            body = [*made, "        lists[r[0]].append(d)"]
            lines += ["    out = []", "    for r in rows:", *made, "        out.append(d)", "    return out"]
        lines += ["def gather(rows, children, standing, notes, lists):", *unpacked, "    for r in rows:", *body]
        exec("\n".join(lines), self.scope.names)  # noqa: S102 - places in rows, and names that GraphQL's grammar keeps to letters
        return self.scope.names["make"], self.scope.names["gather"]

    def _masks(self, guard: Guard) -> _Masks:
        known = {}
        for key in guard.keys:
            withheld = [(bit, name, denials[key]) for bit, (name, denials) in enumerate(self._guarded) if key in denials]
            entry = sum(1 << bit for bit, _, _ in withheld), tuple((name, denial) for _, name, denial in withheld)
            known[key[0] if len(guard.columns) == 1 else key] = entry
        anything = tuple((name, next(iter(denials.values()))) for name, denials in self._guarded)
        return _Masks(known, ((1 << len(self._guarded)) - 1, anything))
