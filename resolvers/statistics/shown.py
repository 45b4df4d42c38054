"""What a caller is shown of a measure: a row for each group, those without anybody included, in the order of what one asks by."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, Final

from lifecycle.statistics import Dimension, FunnelStep, Lens, share
from lifecycle.vocabulary import ClientStatus, Origin
from planner.ids import global_id
from resolvers.statistics.ask import Found, Wish
from resolvers.statistics.asked import Asked
from resolvers.statistics.measures import Spread

#: Columns of a row by name.
Columns = dict[str, Any]
_NOBODY: Final = Spread(0, 0, 0, 0, 0, None)


def _choices(dimension: Dimension, asked: Asked, found: Found, place: int) -> Sequence[Any]:
    """Every value of a dimension; of coaches and packages those that are there, by name.

    Through a lens all that are listed are: that one is there would tell of somebody.
    """
    if dimension is Dimension.MONTH:
        return range(len(asked.months))
    if dimension in {Dimension.STATUS, Dimension.SOURCE}:
        return list(ClientStatus if dimension is Dimension.STATUS else Origin)
    there = {key[place] for key in found.table} if asked.lens.threshold is None else found.listed[dimension]
    return sorted(there, key=lambda key: (found.names.get(key, ""), key))


def _columns(dimension: Dimension, value: Any, asked: Asked, found: Found) -> Columns:
    match dimension:
        case Dimension.MONTH:
            return {"month": asked.labels[value]}
        case Dimension.STATUS:
            return {"status": ClientStatus[value]}
        case Dimension.SOURCE:
            return {"source": Origin[value]}
        case Dimension.COACH:
            return {"coach": found.names.get(value), "coach_id": global_id("member", value)}
        case _:
            return {"package": found.names.get(value), "package_id": global_id("package", value)}


def _groups(asked: Asked, wish: Wish, found: Found, more: Sequence[tuple[Any, ...]] = ((),)) -> Iterator[tuple[tuple[Any, ...], Columns]]:
    """Key and columns of each group."""
    for values in product(*(_choices(dimension, asked, found, place) for place, dimension in enumerate(wish.by))):
        columns: Columns = {}
        for dimension, value in zip(wish.by, values, strict=True):
            columns |= _columns(dimension, value, asked, found)
        for rest in more:
            yield (*values, *rest), dict(columns)


def _part(lens: Lens, numbers: tuple[int, int], names: tuple[str, str, str]) -> Columns:
    """A number of clients, those of them who did something, and their share."""
    whole, part = numbers
    all_, some = lens.people(whole), None if lens.hides(whole) else lens.people(part)
    return dict(zip(names, (all_, some, share(some, all_)), strict=True)) | {"suppressed": lens.hides(whole, part)}


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _clients(asked: Asked, wish: Wish, found: Found) -> Iterator[Columns]:
    for key, columns in _groups(asked, wish, found):
        number = found.table.get(key, 0)
        yield columns | {"clients": asked.lens.people(number), "suppressed": asked.lens.hides(number)}


def _funnel(asked: Asked, wish: Wish, found: Found) -> Iterator[Columns]:
    for key, columns in _groups(asked, wish, found, [(step,) for step in FunnelStep]):
        one: Spread = found.table.get(key, _NOBODY)
        yield (
            columns
            | {"step": key[-1]}
            | _took(asked.lens, one)
            | _part(asked.lens, (one.clients, one.finishers), ("clients", "converted", "conversion"))
        )


def _took(lens: Lens, one: Spread) -> Columns:
    hidden = lens.hides(one.clients)
    return {
        "median_days": None if hidden else lens.days(one.median, one.finishers),
        "mean_days": None if hidden else lens.days(one.mean, one.finishers),
    }


def _time_in_status(asked: Asked, wish: Wish, found: Found) -> Iterator[Columns]:
    lens = asked.lens
    for key, columns in _groups(asked, wish, found, [(status,) for status in ClientStatus]):
        one: Spread = found.table.get(key, _NOBODY)
        counts = {"clients": lens.people(one.clients), "stays": _whole(lens.amount(one.rows, one.clients))}
        yield columns | {"status": key[-1], "suppressed": lens.hides(one.clients)} | counts | _took(lens, one)


def _churn(asked: Asked, wish: Wish, found: Found) -> Iterator[Columns]:
    for key, columns in _groups(asked, wish, found):
        yield columns | _part(asked.lens, found.table.get(key, (0, 0)), ("active_at_start", "left", "churn"))


def _retention(asked: Asked, wish: Wish, found: Found) -> Iterator[Columns]:
    count = len(asked.months)
    for key, columns in _groups(asked, wish, found, [(month, step) for month in range(count) for step in range(count - month)]):
        month, step = key[-2:]
        part = _part(asked.lens, found.table.get(key, (0, 0)), ("clients", "active", "retention"))
        yield columns | {"cohort": asked.labels[month], "months_since": step} | part


def _sessions(asked: Asked, wish: Wish, found: Found) -> Iterator[Columns]:
    lens = asked.lens
    for key, columns in _groups(asked, wish, found):
        clients, number, minutes = found.table.get(key, (0, 0, 0))
        hours = lens.amount(minutes / 60, clients)
        yield columns | {
            "clients": lens.people(clients),
            "sessions": _whole(lens.amount(number, clients)),
            "hours": None if hours is None else round(hours, 2),
            "suppressed": lens.hides(clients),
        }


def _freezes(asked: Asked, wish: Wish, found: Found) -> Iterator[Columns]:
    lens = asked.lens
    for key, columns in _groups(asked, wish, found):
        clients, number, signed_in, back = found.table.get(key, (0, 0, 0, 0))
        hidden = lens.hides(clients)
        yield columns | {
            "clients": lens.people(clients),
            "freezes": _whole(lens.amount(number, clients)),
            "signed_in": None if hidden else lens.people(signed_in),
            "reactivated": None if hidden else lens.people(back),
            "suppressed": lens.hides(clients, signed_in, back),
        }


SHOWN: Final[dict[str, Callable[[Asked, Wish, Found], Iterator[Columns]]]] = {
    "clients": _clients,
    "funnel": _funnel,
    "timeInStatus": _time_in_status,
    "churn": _churn,
    "retention": _retention,
    "sessions": _sessions,
    "freezes": _freezes,
}
