"""The few places where the two engines differ: parameters, arrays, instants, and rows per parent."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import orjson

from planner.instants import INSTANTS, sqlite_instant
from planner.source import Kind

#: How PostgreSQL calls the kinds.
TYPES: Mapping[Kind, str] = {
    Kind.PLAIN: "text",
    Kind.INT: "bigint",
    Kind.FLOAT: "double precision",
    Kind.TIME: "timestamptz",
    Kind.DATE: "date",
    Kind.FLAG: "boolean",
    Kind.JSON: "text",
    Kind.ID: "uuid",
}
#: Cells that SQLite's JSON would change: it writes 15 digits of a number, and takes JSON that it has just made for its own.
_JSON_CELLS: Mapping[Kind, str] = {
    Kind.FLOAT: "CASE WHEN {cell} IS NOT NULL THEN printf('%!.17g', {cell}) END",
    Kind.JSON: "{cell} || ''",
}
#: A function of SQLite takes 127 arguments.
_MOST_ARGUMENTS = 100
_NAMED = re.compile(r"(?<![:\w]):([a-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text for the driver, and the names of its parameters in their order."""

    text: str
    names: tuple[str, ...]

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        return [values[name] for name in self.names]


def place(template: str, alias: str, key: str = "") -> str:
    """Template with its table alias and parent key put in."""
    return template.replace("{t}", alias).replace("{key}", key)


def both(*conditions: str) -> str:
    """All of the conditions; an empty one is none."""
    return " AND ".join(f"({c})" for c in conditions if c) or "1 = 1"


class Dialect:
    """SQL of one engine."""

    name: Literal["sqlite", "postgresql"]
    mark: str

    def compile(self, sql: str) -> Statement:
        """Numbered parameters for named ones; a name used twice is passed once."""
        numbers: dict[str, int] = {}

        def number(match: re.Match[str]) -> str:
            return f"{self.mark}{numbers.setdefault(match[1], len(numbers) + 1)}"

        text = _NAMED.sub(number, sql)
        return Statement(text, tuple(numbers))

    def value(self, kind: Kind, code: str) -> str:
        """Python expression that turns the stored value `code` into one that orjson writes."""
        raise NotImplementedError

    def cursor_value(self, kind: Kind, value: Any) -> object:
        """Value of an order's column as a cursor holds it, the same on both engines."""
        raise NotImplementedError

    def instant(self, value: datetime) -> object:
        raise NotImplementedError

    def day(self, value: date) -> object:
        raise NotImplementedError

    def array(self, values: Iterable[object]) -> object:
        raise NotImplementedError

    def among(self, expression: str, name: str) -> str:
        """Condition that the expression is one of the array parameter `name`."""
        raise NotImplementedError

    def keys_value(self, keys: Iterable[Any]) -> object:
        """Value of the parameter `keys`."""
        raise NotImplementedError

    def keys(self) -> str:
        """FROM item `k(key)` over the parameter `keys`."""
        raise NotImplementedError

    def in_keys(self, expression: str) -> str:
        """Condition that the expression is one of the parameter `keys`."""
        raise NotImplementedError

    def packed(self, kinds: Sequence[Kind], *, keyed: bool) -> list[str]:
        """Columns that hold all rows of `b`, whose columns are c1, c2... of these kinds, and `key` before them where it has one."""
        raise NotImplementedError

    def unpacked(self, columns: Sequence[Any], *, keyed: bool) -> list[Sequence[Any]]:
        """Rows out of these columns. Where they have no key, anything stands in its place, which nobody reads."""
        raise NotImplementedError

    def order_within(self, on: str, order: str) -> str:  # noqa: ARG002 - for those who must look at it
        """Order of the rows that `on` ties to a parent."""
        return order

    def per_key(
        self, *, columns: Sequence[str], table: str, joins: str, scope: str, where: str, order: str, limit: int, keys: str = ""
    ) -> str:
        """Rows of `table` for each key, at most `limit` a key, in order; the first column is the key.

        `keys` is the FROM item of the keys, where they are not a parameter.
        """
        raise NotImplementedError


class PostgreSQL(Dialect):
    """PostgreSQL through asyncpg. Instants come in rows as they are on the wire, in microseconds since 2000."""

    name = "postgresql"
    mark = "$"
    _KEYS = "CAST(CAST(:keys AS text) AS uuid[])"

    def value(self, kind: Kind, code: str) -> str:
        if kind is Kind.TIME:
            return f"(None if {code} is None else INSTANTS[{code}])"
        return f"(None if {code} is None else loads({code}))" if kind is Kind.JSON else code

    def cursor_value(self, kind: Kind, value: Any) -> object:
        return INSTANTS[value] if kind is Kind.TIME and value is not None else value

    def instant(self, value: datetime) -> object:
        return value

    def day(self, value: date) -> object:
        return value

    def array(self, values: Iterable[object]) -> object:
        return list(values)

    def among(self, expression: str, name: str) -> str:
        return f"{expression} = ANY(:{name})"

    def keys_value(self, keys: Iterable[Any]) -> object:
        return "{" + ",".join(keys) + "}"  # one text: the driver's way with arrays costs a microsecond an element

    def keys(self) -> str:
        return f"unnest({self._KEYS}) AS k(key)"

    def in_keys(self, expression: str) -> str:
        return f"{expression} = ANY({self._KEYS})"

    def packed(self, kinds: Sequence[Kind], *, keyed: bool) -> list[str]:
        """An array for each column, of few types: the driver asks the server about each that it meets."""
        cells = ["b.key"] if keyed else []
        cells += [f"CAST(b.c{i} AS {TYPES[kind]})" for i, kind in enumerate(kinds, 1)]
        return [f"array_agg({cell})" for cell in cells or ["1"]]

    def unpacked(self, columns: Sequence[Any], *, keyed: bool) -> list[Sequence[Any]]:
        if columns[0] is None:  # an array of nothing
            return []
        return list(zip(*columns, strict=True) if keyed else zip(columns[0], *columns, strict=True))

    def per_key(
        self, *, columns: Sequence[str], table: str, joins: str, scope: str, where: str, order: str, limit: int, keys: str = ""
    ) -> str:
        inner = ", ".join(f"{place(sql, 't', 'k.key')} AS c{i}" for i, sql in enumerate(columns, 1)) or "1"
        outer = "".join(f", r.c{i}" for i in range(1, len(columns) + 1))
        condition = place(both(scope, where), "t", "k.key")
        page = f"ORDER BY {place(order, 't')} LIMIT {limit}" if order else f"LIMIT {limit}"
        rows = f"SELECT {inner} FROM {table} t{place(joins, 't')} WHERE {condition} {page}"
        return f"SELECT k.key{outer} FROM {keys or self.keys()} CROSS JOIN LATERAL ({rows}) r"


class SQLite(Dialect):
    """SQLite through aiosqlite."""

    name = "sqlite"
    mark = "?"

    def value(self, kind: Kind, code: str) -> str:
        if kind is Kind.TIME:
            return f"(None if {code} is None else instant({code}))"
        if kind is Kind.FLAG:
            return f"(None if {code} is None else {code} != 0)"
        if kind is Kind.FLOAT:
            return f"(None if {code} is None else float({code}))"
        return f"(None if {code} is None else loads({code}))" if kind is Kind.JSON else code

    def cursor_value(self, kind: Kind, value: Any) -> object:
        return sqlite_instant(value) if kind is Kind.TIME and value is not None else value

    def instant(self, value: datetime) -> object:
        return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]

    def day(self, value: date) -> object:
        return value.isoformat()

    def array(self, values: Iterable[object]) -> object:
        return orjson.dumps(list(values)).decode()

    def among(self, expression: str, name: str) -> str:
        return f"{expression} IN (SELECT value FROM json_each(:{name}))"

    def keys_value(self, keys: Iterable[Any]) -> object:
        return self.array(keys)

    def keys(self) -> str:
        return "(SELECT value AS key FROM json_each(:keys)) AS k"

    def in_keys(self, expression: str) -> str:
        return self.among(expression, "keys")

    def packed(self, kinds: Sequence[Kind], *, keyed: bool) -> list[str]:
        """All rows as one JSON text. Python lets go of its lock, and takes it again, for every row that it fetches."""
        cells = [
            "b.key" if keyed else "0",
            *(_JSON_CELLS.get(kind, "{cell}").replace("{cell}", f"b.c{i}") for i, kind in enumerate(kinds, 1)),
        ]
        parts = (cells[start : start + _MOST_ARGUMENTS] for start in range(0, len(cells), _MOST_ARGUMENTS))
        return [f"json_group_array(json_array({', '.join(part)}))" for part in parts]

    def unpacked(self, columns: Sequence[Any], *, keyed: bool) -> list[Sequence[Any]]:  # noqa: ARG002 - something is in its place
        rows: list[Sequence[Any]] = orjson.loads(columns[0])
        for more in columns[1:]:
            rows = [[*row, *rest] for row, rest in zip(rows, orjson.loads(more), strict=True)]
        return rows

    def order_within(self, on: str, order: str) -> str:
        """A tie through another table is followed first; SQLite would rather walk the whole order until the page is full."""
        return order.replace("{t}.", "+{t}.") if " IN (" in on else order

    def per_key(
        self, *, columns: Sequence[str], table: str, joins: str, scope: str, where: str, order: str, limit: int, keys: str = ""
    ) -> str:
        if table.startswith("("):
            return self._per_key_derived(columns, f"{table} t{place(joins, 't')}", both(scope, where), order, limit)
        selected = "".join(f", {place(sql, 't', 'k.key')} AS c{i}" for i, sql in enumerate(columns, 1))
        if not order:  # the one row that is the key's own
            own = f"{keys or self.keys()} CROSS JOIN {table} t ON {place(both(scope, where), 't', 'k.key')}"
            return f"SELECT k.key{selected} FROM {own}{place(joins, 't')}"
        page = place(f"WHERE {both(scope, where)} ORDER BY {order} LIMIT {limit}", "t2", "k.key")
        ids = f"json_each((SELECT json_group_array(id) FROM (SELECT t2.id FROM {table} t2 {page})))"
        row = place(both(scope, "{t}.id = p.value"), "t")
        # CROSS JOIN keeps the loops in this order, and so the rows in theirs, whatever the statistics of the tables say
        loops = f"{keys or self.keys()} CROSS JOIN {ids} p CROSS JOIN {table} t ON {row}"
        return f"SELECT k.key{selected} FROM {loops}{place(joins, 't')}"

    def _per_key_derived(self, columns: Sequence[str], tables: str, where: str, order: str, limit: int) -> str:
        """The same for a table that is itself a query: its rows have no index to be found by again, so they are read once and counted."""
        selected = "".join(f", {place(sql, 't', 'k.key')} AS c{i}" for i, sql in enumerate(columns, 1))
        nth = f"row_number() OVER (PARTITION BY k.key ORDER BY {place(order, 't', 'k.key')}) AS nth"
        rows = f"SELECT k.key{selected}, {nth} FROM {self.keys()} CROSS JOIN {tables} WHERE {place(where, 't', 'k.key')}"
        listed = "".join(f", t2.c{i}" for i in range(1, len(columns) + 1))
        return f"SELECT t2.key{listed} FROM ({rows}) t2 WHERE t2.nth <= {limit} ORDER BY t2.key, t2.nth"


DIALECTS: Mapping[str, Dialect] = {"sqlite": SQLite(), "postgresql": PostgreSQL()}
