"""Pages: the arguments of a connection turned into conditions, an order and a limit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

from planner.dialect import Dialect
from planner.errors import RequestError
from planner.ids import Cursors
from planner.source import Filter, Guard, Kind, Order, Source

DEFAULT_PAGE = 25
LARGEST_PAGE = 100


@dataclass(slots=True)
class Page:
    """One page of a list, for any parent. `conditions` are templates over `{t}`; `parameters` their values, `prefix` starts their names."""

    limit: int
    order: Order
    order_name: str
    descending: bool
    backward: bool
    continued: bool  # a cursor was given
    conditions: tuple[str, ...] = ()  # of the filter
    keyset: str = ""  # of the cursor
    parameters: dict[str, object] = field(default_factory=dict)
    prefix: str = "p"
    shape: tuple[object, ...] = ()  # what the SQL text depends on

    @property
    def order_by(self) -> str:
        direction = " DESC" if self.descending != self.backward else ""
        return f"{self.order.column}{direction}, {{t}}.id{direction}"


def plain(value: Any) -> Any:
    """Argument with enum members as their words."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if item is not None}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def page_of(
    source: Source,
    arguments: Mapping[str, Any],
    *,
    default: tuple[str, bool],
    guard: Guard | None,
    dialect: Dialect,
    cursors: Cursors,
    whole: bool = False,
    prefix: str = "p",
) -> Page:
    """Page that the arguments ask for; refuses what is malformed, too large, or would reveal a withheld field."""
    limit, backward = size(arguments)
    order = plain(arguments.get("orderBy")) or {}
    name = order.get("field") or _default_order(source, default[0], guard)
    descending = order["direction"] == "DESC" if "direction" in order else (default[1] if name == default[0] else False)
    page = Page(limit, source.orders[name], name, descending, backward, continued=False, prefix=prefix)
    _listable(guard, page.order.reads)
    _filter(page, source, arguments, guard, dialect, whole=whole)
    _keyset(page, arguments, dialect, cursors)
    page.shape = (page.limit, page.order_by, page.conditions, page.keyset)
    return page


def size(arguments: Mapping[str, Any]) -> tuple[int, bool]:
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        raise RequestError("INVALID_PAGE", "`first` and `last` exclude each other.")
    backward = last is not None
    limit = last if backward else first
    if limit is None:
        limit, backward = DEFAULT_PAGE, arguments.get("before") is not None
    if not 0 <= limit <= LARGEST_PAGE:
        raise RequestError("INVALID_PAGE", f"A page has 0 to {LARGEST_PAGE} items; {limit} were asked for.")
    return limit, backward


def _default_order(source: Source, name: str, guard: Guard | None) -> str:
    """The default order, or the first that reveals nothing withheld from the viewer."""
    for order in (name, *source.orders):
        if guard is None or all(guard.listable(field) for field in source.orders[order].reads):
            return order
    return name


def _listable(guard: Guard | None, reads: tuple[str, ...]) -> None:
    for name in reads:
        if guard is not None and not guard.listable(name):
            raise RequestError("FORBIDDEN_FILTER", f"You may not filter, search or order by `{name}`: you may not read it everywhere.")


def _binder(page: Page) -> Callable[[object], str]:
    def bind(value: object) -> str:
        name = f"{page.prefix}{len(page.parameters)}"
        page.parameters[name] = value
        return name

    return bind


def _filter(page: Page, source: Source, arguments: Mapping[str, Any], guard: Guard | None, dialect: Dialect, *, whole: bool) -> None:
    wanted: list[tuple[Filter, Any]] = []
    given = plain(arguments.get("filter")) or {}
    for name, value in given.items():
        wanted.append((source.filters[name], value))
    if not whole:
        page.conditions += tuple(filter_.absent for name, filter_ in source.filters.items() if filter_.absent and name not in given)
    if source.search is not None and arguments.get("search") is not None:
        wanted.append((source.search, arguments["search"]))
    if any(_holds_null(value) for _, value in wanted):
        raise RequestError("BAD_USER_INPUT", "A text may not hold the null character.")
    bind = _binder(page)
    for filter_, value in wanted:
        _listable(guard, filter_.reads)
        page.conditions += (filter_.condition(value, dialect, bind),)


def _holds_null(value: Any) -> bool:
    """Whether some text holds the character that PostgreSQL keeps in none."""
    if isinstance(value, str):
        return "\0" in value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(map(_holds_null, inner))


def _keyset(page: Page, arguments: Mapping[str, Any], dialect: Dialect, cursors: Cursors) -> None:
    """`after` and `before` bound the list on either side, whichever end the page is counted from."""
    bind = _binder(page)
    label = order_label(page)
    for argument, forward in (("after", True), ("before", False)):
        cursor = arguments.get(argument)
        if cursor is None:
            continue
        values = cursors.decode(label, cursor)
        at, key = bind(_stored(values[0], page.order.kind, dialect)), bind(values[1])
        sign = ">" if forward != page.descending else "<"
        condition = f"({page.order.column}, {{t}}.id) {sign} (:{at}, :{key})"
        page.keyset = f"{page.keyset} AND {condition}" if page.keyset else condition
        page.continued = page.continued or forward != page.backward


def order_label(page: Page) -> str:
    """Name of the order that a cursor is bound to."""
    return f"{page.order_name}{'-' if page.descending else '+'}"


def _stored(value: object, kind: Kind, dialect: Dialect) -> object:
    if kind is Kind.TIME and isinstance(value, str):
        return dialect.instant(datetime.fromisoformat(value))
    return dialect.day(date.fromisoformat(value)) if kind is Kind.DATE and isinstance(value, str) else value
