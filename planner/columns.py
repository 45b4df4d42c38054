"""Columns of rows: where each stands, and the tables that a statement joins for them."""

import re
from collections.abc import Collection

from planner.dialect import both, place
from planner.source import LOOKUP, Kind


class Layout:
    """Kinds of the columns of a row, from place 1 on. Levels that are read together share one, and its columns."""

    def __init__(self) -> None:
        self.kinds: list[Kind] = []

    def place(self, kind: Kind, taken: Collection[int]) -> int:
        """First place of the kind that is not taken, at the end where there is none."""
        for number, present in enumerate(self.kinds, 1):
            if present is kind and number not in taken:
                return number
        self.kinds.append(kind)
        return len(self.kinds)


class Columns:
    """Columns that one statement selects, each once, and the tables it joins; row[0] is the key, so they start at 1."""

    def __init__(self, layout: Layout | None = None) -> None:
        self.layout = layout or Layout()
        self.places: dict[str, int] = {}
        self.joins: dict[str, str] = {}  # what ties a table to the row -> the alias and the clause
        self._clauses: list[str] = []
        self._plain: dict[tuple[str, str, str], str] = {}  # table, key and condition -> the alias

    def use(self, template: str, kind: Kind) -> int:
        """Place of the column in a row."""
        if template not in self.places:
            self.places[template] = self.layout.place(kind, self.places.values())
        return self.places[template]

    @property
    def width(self) -> int:
        return max(self.places.values(), default=0)

    @property
    def sql(self) -> list[str]:
        """What is selected from place 1 on: NULL where only another level has a column."""
        found = {number: template for template, number in self.places.items()}
        return [found.get(number, "NULL") for number in range(1, self.width + 1)]

    def join(self, table: str, key: str, condition: str) -> str:
        """Alias of the row of `table` whose id is `key` and for which the condition holds."""
        tie = f"{table} {key}"
        if tie not in self.joins:
            alias = self.joins[tie] = f"j{len(self.joins)}"
            on = both(f"{alias}.id = {key}", place(condition, alias))
            self._clauses.append(f" LEFT JOIN {table} {alias} ON {on}")
            self._plain[table, key, condition] = alias
        return self.joins[tie]

    def looked_up(self, sql: str) -> str:
        """The same, where a lookup of a row that is joined anyway reads the joined one."""

        def read(match: re.Match[str]) -> str:
            alias = self._plain.get((match["table"], match["key"], both(re.sub(r"\bl\.", "{t}.", match["scope"]))))
            return match[0] if alias is None else f"{alias}.{match['column']}"

        return LOOKUP.sub(read, sql) if self._plain else sql

    @property
    def clauses(self) -> str:
        return "".join(self._clauses)
