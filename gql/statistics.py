"""Statistics: flat rows of numbers, by group and month, in which those who may read no names find nobody."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.dataloader import DataLoader

from gql.enums import publish
from gql.planned import Info, told
from lifecycle.statistics import MEASURES, Dimension, FunnelStep
from lifecycle.vocabulary import ClientStatus, Origin
from resolvers.statistics.ask import Found, Wish, measured, statistics
from resolvers.statistics.asked import Asked
from resolvers.statistics.shown import SHOWN

publish(Dimension, "StatisticsDimension")
publish(FunnelStep)

_HIDDEN = "Null where it would tell of fewer clients than `threshold`."


def _number(description: str) -> Any:
    return strawberry.field(default=None, description=f"{description} {_HIDDEN}")


def _column(description: str) -> Any:
    return strawberry.field(default=None, description=f"{description}; null where one does not ask by it.")


@strawberry.type
class _Group:
    suppressed: bool = strawberry.field(
        description="Is a number of the row withheld because it would tell of fewer clients than `threshold`, perhaps of nobody?"
    )
    coach: str | None = _column("Name of the coach of the group")
    coach_id: strawberry.ID | None = _column("Global id of the coach of the group")
    package: str | None = _column("Name of the package of the group")
    package_id: strawberry.ID | None = _column("Global id of the package of the group")
    source: Origin | None = _column("Where the clients of the group came from")


@strawberry.type
class _Monthly(_Group):
    month: str | None = _column("Month of the group in the time zone of the workspace, as `2026-11`")


@strawberry.type(description="Clients of a group at the end of the month, or of the period.")
class ClientStatistic(_Monthly):
    status: ClientStatus | None = _column("Status that the clients of the group had")
    clients: int | None = _number("Number of the clients.")


@strawberry.type(description="Clients of a group who came as prospects, and those of them who took a step by now.")
class FunnelStatistic(_Monthly):
    step: FunnelStep = strawberry.field(description="Step that is told of.")
    clients: int | None = _number("Number of the clients who could take the step.")
    converted: int | None = _number("Number of those who took it.")
    conversion: float | None = _number("Share of those who took it, from 0 to 1.")
    median_days: float | None = _number("Median of the days it took those who took it.")
    mean_days: float | None = _number("Mean of the days it took those who took it.")


@strawberry.type(description="Stays of a group in one status that ended in the month, or in the period.")
class StayStatistic(_Monthly):
    status: ClientStatus = strawberry.field(description="Status of the stays.")
    clients: int | None = _number("Number of the clients.")
    stays: int | None = _number("Number of the stays.")
    median_days: float | None = _number("Median of the days of a stay.")
    mean_days: float | None = _number("Mean of the days of a stay.")


@strawberry.type(description="Clients of a group who were active at the start of the month, or of the period, and those of them who left.")
class ChurnStatistic(_Monthly):
    active_at_start: int | None = _number("Number of the clients who were active at the start.")
    left: int | None = _number("Number of those who became inactive until the end.")
    churn: float | None = _number("Share of those who became inactive, from 0 to 1.")


@strawberry.type(
    description="Clients of a group who became active for the first time in one month, and those of them who are active later."
)
class RetentionStatistic(_Group):
    cohort: str = strawberry.field(description="Month in which they became active, as `2026-11`.")
    months_since: int = strawberry.field(description="Months since then: 0 is the end of that very month.")
    clients: int | None = _number("Number of the clients.")
    active: int | None = _number("Number of those who are active at the end of the later month.")
    retention: float | None = _number("Share of those who are active, from 0 to 1.")


@strawberry.type(description="Sessions of a group that were held: appointments, and places in group events.")
class SessionStatistic(_Monthly):
    status: ClientStatus | None = _column("Status that is stamped on the sessions of the group")
    clients: int | None = _number("Number of the clients who came.")
    sessions: int | None = _number("Number of the sessions; a group event counts once for each client who came.")
    hours: float | None = _number("Hours of the sessions.")


@strawberry.type(
    description="Enrollments of a group that were frozen in the month, or in the period. Who opens what is recorded nowhere; that a client"
    " signed in is the nearest to it that is."
)
class FreezeStatistic(_Monthly):
    clients: int | None = _number("Number of the clients.")
    freezes: int | None = _number("Number of the freezes.")
    signed_in: int | None = _number("Number of the clients who signed in to the portal while their enrollment was frozen.")
    reactivated: int | None = _number("Number of the clients whose freeze was lifted.")


class Loader(DataLoader[Wish, Found]):
    """Reads all measures of one answer together, so that all of them speak of one instant."""

    def __init__(self, info: Info, asked: Asked) -> None:
        async def load(wishes: list[Wish]) -> list[Found]:
            return await measured(info.context, asked, wishes)

        super().__init__(load_fn=load)


def _measure(name: str, row: type[Any], description: str) -> Any:
    """Field with the rows of a measure, for each group of what one asks by."""

    async def resolver(root: Any, by: Any = UNSET) -> Any:
        wish = Wish.of(name, None if by is UNSET else by)
        found = await root.loader.load(wish)
        return [row(**columns) for columns in SHOWN[name](root.asked, wish, found)]

    known = MEASURES[name]
    possible, usual = ", ".join(known.dimensions), ", ".join(known.usual) or "nothing"
    words = f"What the rows are grouped by, at most {known.most} of {possible}; {usual} when left out."
    resolver.__annotations__ = {
        "by": Annotated[list[Dimension] | None, strawberry.argument(description=words)],
        "return": list[row],  # type: ignore[valid-type]
    }
    return strawberry.field(resolver=resolver, description=description)


@strawberry.type(
    description="Numbers about the clients of the workspace. To those who may read no names they are approximate: they come from seven of"
    " eight clients, are scaled up, are multiples of `threshold`, and tell nothing of fewer clients than that."
)
class Statistics:
    asked: strawberry.Private[Asked]
    loader: strawberry.Private[Loader]

    at: datetime = told(lambda root: root.asked.at, "Instant as of which the numbers speak.")
    timezone: str = told(lambda root: root.asked.zone.key, "Time zone that the months are in: that of the workspace.")
    months: list[str] = told(lambda root: root.asked.labels, "Months of the period.")
    threshold: int | None = told(
        lambda root: root.asked.lens.threshold,
        "Fewest clients that are told of, and the step to which numbers are rounded; null where they are exact.",
    )
    clients: list[ClientStatistic] = _measure(
        "clients", ClientStatistic, "How many clients there are at the end of each month, or of the period."
    )
    funnel: list[FunnelStatistic] = _measure(
        "funnel",
        FunnelStatistic,
        "How many of those who came as prospects in the period became hot leads and active, and how soon. A month is that of coming.",
    )
    time_in_status: list[StayStatistic] = _measure(
        "timeInStatus", StayStatistic, "How long clients stay in each status, by the stays that ended in the period."
    )
    churn: list[ChurnStatistic] = _measure("churn", ChurnStatistic, "How many of the clients active at the start became inactive.")
    retention: list[RetentionStatistic] = _measure(
        "retention",
        RetentionStatistic,
        "How many of those who became active in a month of the period are active so many months later.",
    )
    sessions: list[SessionStatistic] = _measure("sessions", SessionStatistic, "Sessions that were held, and their hours.")
    freezes: list[FreezeStatistic] = _measure("freezes", FreezeStatistic, "Freezes of enrollments, and what became of them.")


_ABOUT = (
    "Numbers about the clients of the workspace, computed now from what is stored and from the history of statuses; whose contact is"
    " deleted is not in them. Null, with an entry in `extensions.withheld`, where you may read none. Read by staff: OWNER, COACH (own"
    " clients), ANALYST (approximately, and nothing of small groups)."
)


def _argument(description: str, name: str | None = None) -> Any:
    return strawberry.argument(description=description, name=name)


async def _statistics(
    info: Info,
    from_: Annotated[
        str | None, _argument("First month of the period, as `2026-01`; eleven months before the last when left out.", "from")
    ] = UNSET,
    to: Annotated[str | None, _argument("Last month of the period; the month of `at` when left out.")] = UNSET,
    at: Annotated[
        datetime | None, _argument("Instant of the past as of which the numbers speak, by what was known then; now when left out.")
    ] = UNSET,
) -> Statistics | None:
    asked = await statistics(info.context, info._raw_info, from_ or None, to or None, at or None)
    return None if asked is None else Statistics(asked=asked, loader=Loader(info, asked))


@strawberry.type
class StatisticsQuery:
    statistics: Statistics | None = strawberry.field(resolver=_statistics, description=_ABOUT)
