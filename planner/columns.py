"""Columns of rows: where each stands, and the tables that a statement joins for them."""

import re

from planner.dialect import both, place
from planner.source import LOOKUP, Kind


class Columns:
    """Columns that a level selects, each once, and the tables it joins; row[0] is the key, so they start at 1.

    `together` where other levels may be read by the same statement.
    """

    def __init__(self, *, together: bool = False) -> None:
        self.together = together
        self.places: dict[str, int] = {}
        self.kinds: list[Kind] = []
        self.joins: dict[str, str] = {}  # what ties a table to the row -> the alias and the clause
        self._clauses: list[str] = []
        self._plain: dict[tuple[str, str, str], str] = {}  # table, key and condition -> the alias

    def use(self, template: str, kind: Kind) -> int:
        """Place of the column in a row."""
        if template not in self.places:
            self.kinds.append(kind)
            self.places[template] = len(self.kinds)
        return self.places[template]

    @property
    def width(self) -> int:
        return len(self.kinds)

    @property
    def sql(self) -> list[str]:
        """What is selected from place 1 on."""
        return list(self.places)

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
