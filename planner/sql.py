"""Statements: the SQL of each kind of level, compiled once for each shape of its arguments."""

from collections.abc import Sequence

from planner.dialect import Dialect, Statement, both, place
from planner.levels import Columns
from planner.paging import Page
from planner.source import First, Many, Poly, Source, Sources, Values


def selected(columns: Columns, table: str | None, key: str = "1") -> str:
    """SELECT and FROM of the columns, first the key by which the rows are found again, where they are."""
    listed = "".join(f", {place(sql, 't')} AS c{i}" for i, sql in enumerate(columns.sql))
    return f"SELECT {key} AS key{listed} FROM {table} t{place(columns.clauses, 't')}"


class Sql:
    """SQL over the sources as one class of viewer sees them."""

    def __init__(self, dialect: Dialect, sources: Sources, viewer: object) -> None:
        self._dialect = dialect
        self._sources = sources
        self._viewer = viewer

    def where(self, source: Source, *conditions: str, owned: bool = False) -> str:
        """Conditions of a statement over the source, visibility first."""
        visible = source.owned if owned and source.owned is not None else source.visible
        return both(visible(self._viewer), *conditions)

    def by_keys(self, source: Source, columns: Columns) -> Statement:
        """Rows with their own key, for the keys of the array parameter `keys`."""
        match = self._dialect.in_keys("{t}.id")
        where = place(both(source.scope, match, self.where(source)), "t")
        text = f"{selected(columns, source.table, 't.id')} WHERE {where}"
        return self._dialect.compile(text)

    def picked(self, source: Source, columns: Columns, condition: str) -> str:
        """The one row that the condition picks."""
        where = place(both(source.scope, condition, self.where(source)), "t")
        return f"{selected(columns, source.table)} WHERE {where} LIMIT 1"

    def page(self, source: Source, columns: Columns, on: str, page: Page, limit: int) -> str:
        """One page without a parent."""
        where = place(both(source.scope, on, self.where(source, *page.conditions, page.keyset)), "t")
        order = place(page.order_by, "t")
        return f"{selected(columns, source.table)} WHERE {where} ORDER BY {order} LIMIT {limit}"

    def pages(self, source: Source, columns: Columns, spec: Many, page: Page, limit: int) -> Statement:
        """A page for each key."""
        where = both(spec.on, self.where(source, *page.conditions, page.keyset, owned=spec.owned))
        return self._per_key(source, columns, where, self._dialect.order_within(spec.on, page.order_by), limit)

    def first(self, source: Source, columns: Columns, spec: First) -> Statement:
        """The first row for each key."""
        direction = " DESC" if spec.descending else ""
        order_by = f"{source.orders[spec.order].column}{direction}, {{t}}.id{direction}"
        return self._per_key(source, columns, both(spec.on, self.where(source, owned=spec.owned)), order_by, 1)

    def _per_key(self, source: Source, columns: Columns, where: str, order: str, limit: int) -> Statement:
        text = self._dialect.per_key(
            columns=columns.sql,
            table=str(source.table),
            joins=columns.clauses,
            scope=source.scope,
            where=where,
            order=order,
            limit=limit,
        )
        return self._dialect.compile(text)

    def count(self, source: Source, on: str, page: Page) -> str:
        """How many rows there are without a parent, on all pages."""
        where = place(both(source.scope, on, self.where(source, *page.conditions)), "t")
        return f"SELECT count(*) AS key FROM {source.table} t WHERE {where}"

    def counts(self, source: Source, on: str, page: Page, *, owned: bool) -> Statement:
        """How many rows there are for each key, on all pages."""
        where = place(both(source.scope, on, self.where(source, *page.conditions, owned=owned)), "t", "k.key")
        inner = f"(SELECT count(*) FROM {source.table} t WHERE {where})"
        return self._dialect.compile(f"SELECT k.n, {inner} FROM {self._dialect.keys()}")

    def values(self, spec: Values) -> Statement:
        """Scalars for each key, ordered by value."""
        inner = place(spec.sql, "t", "k.key")
        match self._dialect.name:
            case "postgresql":
                text = f"SELECT k.n, v.value FROM {self._dialect.keys()} CROSS JOIN LATERAL ({inner}) v ORDER BY v.value"
            case "sqlite":
                listed = f"(SELECT json_group_array(value) FROM (SELECT value FROM ({inner}) ORDER BY value))"
                text = f"SELECT k.n, j.value FROM {self._dialect.keys()} JOIN json_each({listed}) j"
        return self._dialect.compile(text)

    def kinds(self, spec: Poly, types: Sequence[str], pages: dict[str, Page], limit: int) -> Statement:
        """Place of the key, type, instant and own key of the rows of each type, for each key."""
        parts = []
        for i, name in enumerate(types):
            source, branch, page = self._sources[name], spec.branches[name], pages[name]
            inner = self._dialect.per_key(
                columns=(f"'{name}'", branch.at, "{t}.id"),
                table=str(source.table),
                joins="",
                scope=source.scope,
                where=both(branch.on, self.where(source, *page.conditions, page.keyset, owned=spec.owned)),
                order=self._dialect.order_within(branch.on, page.order_by),
                limit=limit,
            )
            parts.append(f"SELECT * FROM ({inner}) b{i}")
        return self._dialect.compile(" UNION ALL ".join(parts))

    def gated(self, gate: str, width: int, inner: str, columns: int) -> str:
        """Statement whose rows end with the gate's row; none at all when the gate lets nobody through."""
        own = ", ".join(["r.key", *(f"r.c{i}" for i in range(columns))])
        through = ", ".join(f"g.g{i}" for i in range(width))
        return f"WITH g AS ({gate}) SELECT {own}, {through} FROM g LEFT JOIN ({inner}) r ON 1 = 1"
