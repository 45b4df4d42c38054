"""Statements: the SQL of each kind of level."""

from collections.abc import Mapping, Sequence

from planner.columns import Columns
from planner.dialect import Dialect, both, place
from planner.paging import Page
from planner.source import First, Many, Poly, Source, Sources, Values


def listed(columns: Columns) -> str:
    """Columns for SELECT, each after a comma."""
    return "".join(f", {place(sql, 't')} AS c{i}" for i, sql in enumerate(columns.sql, 1))


def selected(columns: Columns, table: str | None, key: str = "1") -> str:
    """SELECT and FROM of the columns, first the key by which the rows are found again, where they are."""
    return f"SELECT {key} AS key{listed(columns)} FROM {table} t{place(columns.clauses, 't')}"


class Sql:
    """SQL over the sources as one class of viewer sees them. `keys` is the FROM item of the keys, where they are not a parameter."""

    def __init__(self, dialect: Dialect, sources: Sources, viewer: object) -> None:
        self.dialect = dialect
        self._sources = sources
        self._viewer = viewer

    def where(self, source: Source, *conditions: str, owned: bool = False) -> str:
        """Conditions of a statement over the source, visibility first."""
        visible = source.owned if owned and source.owned is not None else source.visible
        return both(visible(self._viewer), *conditions)

    def by_keys(self, source: Source, columns: Columns, keys: str = "") -> str:
        """Rows with their own key, for the keys."""
        if keys:
            return self._per_key(source, columns, self.where(source, "{t}.id = {key}"), "", limit=1, keys=keys)
        match = self.dialect.in_keys("{t}.id")
        where = place(both(source.scope, match, self.where(source)), "t")
        return f"{selected(columns, source.table, 't.id')} WHERE {where}"

    def picked(self, source: Source, columns: Columns, condition: str) -> str:
        """The one row that the condition picks."""
        where = place(both(source.scope, condition, self.where(source)), "t")
        return f"{selected(columns, source.table)} WHERE {where} LIMIT 1"

    def page(self, source: Source, columns: Columns, on: str, page: Page, limit: int) -> str:
        """One page without a parent."""
        where = place(both(source.scope, on, self.where(source, *page.conditions, page.keyset)), "t")
        order = place(page.order_by, "t")
        return f"{selected(columns, source.table)} WHERE {where} ORDER BY {order} LIMIT {limit}"

    def pages(self, source: Source, columns: Columns, spec: Many, page: Page, limit: int, *, keys: str = "") -> str:
        """A page for each key."""
        where = both(spec.on, self.where(source, *page.conditions, page.keyset, owned=spec.owned))
        return self._per_key(source, columns, where, self.dialect.order_within(spec.on, page.order_by), limit=limit, keys=keys)

    def first(self, source: Source, columns: Columns, spec: First, keys: str = "") -> str:
        """The first row for each key."""
        direction = " DESC" if spec.descending else ""
        order_by = f"{source.orders[spec.order].column}{direction}, {{t}}.id{direction}"
        return self._per_key(source, columns, both(spec.on, self.where(source, owned=spec.owned)), order_by, limit=1, keys=keys)

    def _per_key(self, source: Source, columns: Columns, where: str, order: str, *, limit: int, keys: str) -> str:
        return self.dialect.per_key(
            columns=columns.sql,
            table=str(source.table),
            joins=columns.clauses,
            scope=source.scope,
            where=columns.looked_up(where) if self.dialect.name == "postgresql" else where,  # SQLite picks before it joins
            order=order,
            limit=limit,
            keys=keys,
        )

    def count(self, source: Source, columns: Columns, on: str, page: Page) -> str:
        """How many rows there are without a parent, on all pages."""
        where = place(both(source.scope, on, self.where(source, *page.conditions)), "t")
        return f"{selected(columns, source.table)} WHERE {where}"

    def counts(self, source: Source, on: str, page: Page, *, owned: bool, keys: str = "") -> str:
        """How many rows there are for each key, on all pages."""
        where = place(both(source.scope, on, self.where(source, *page.conditions, owned=owned)), "t", "k.key")
        counted = f"(SELECT count(*) FROM {source.table} t WHERE {where})"
        return f"SELECT k.key, {counted} AS c1 FROM {keys or self.dialect.keys()}"

    def values(self, spec: Values, columns: Columns, keys: str = "") -> str:
        """Scalars for each key, ordered by value."""
        inner = place(spec.sql, "t", "k.key")
        head = f"SELECT k.key{listed(columns)} FROM {keys or self.dialect.keys()}"
        match self.dialect.name:
            case "postgresql":
                return f"{head} CROSS JOIN LATERAL ({inner}) v ORDER BY v.value"
            case "sqlite":
                rows = f"(SELECT json_group_array(value) FROM (SELECT value FROM ({inner}) ORDER BY value))"
                return f"{head} JOIN json_each({rows}) v"

    def kinds(self, spec: Poly, types: Sequence[str], pages: Mapping[str, Page], limit: int) -> str:
        """Key, type, instant and own key of the rows of each type, for each key."""
        parts = []
        for i, name in enumerate(types):
            source, branch, page = self._sources[name], spec.branches[name], pages[name]
            inner = self.dialect.per_key(
                columns=(f"'{name}'", branch.at, "{t}.id"),
                table=str(source.table),
                joins="",
                scope=source.scope,
                where=both(branch.on, self.where(source, *page.conditions, page.keyset, owned=spec.owned)),
                order=self.dialect.order_within(branch.on, page.order_by),
                limit=limit,
            )
            parts.append(f"SELECT * FROM ({inner}) b{i}")
        return " UNION ALL ".join(parts)

    def gated(self, gate: str, width: int, inner: str, columns: Columns) -> str:
        """Statement whose rows end with the gate's row; none at all when the gate lets nobody through."""
        own = ", ".join(["r.key", *(f"r.c{i}" for i in range(1, columns.width + 1))])
        through = ", ".join(f"g.g{i}" for i in range(width))
        return f"WITH g AS ({gate}) SELECT {own}, {through} FROM g LEFT JOIN ({inner}) r ON 1 = 1"
