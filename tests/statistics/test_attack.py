"""Nobody who asks everything there is to ask learns how many people a small group has.

Two proofs. Whoever is left out changes no answer, so that a group and the same group with one more are told alike, whatever is asked
and however cleverly it is put together. And even who knew the left out could not put the groups together from numbers that are rounded,
where the same reasoning finds them in exact numbers of which only the small are withheld.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import combinations
from statistics import fmean
from typing import Any, Final

import pytest

from lifecycle.statistics import Dimension
from lifecycle.vocabulary import ClientStatus, Origin
from storage.tables.clients import Client
from tests.access.site import Site
from tests.statistics.attacker import Attacker, Bounds, Cell, exact, rounded
from tests.statistics.studio import EVERYTHING, Draw, Studio, columns, field_of, open_studio

#: What an analyst may ask about, beside the year: a month alone, and the year as it was known before its end.
PERIODS: Final[tuple[dict[str, str], ...]] = ({}, {"from_": "2025-04", "to": "2025-04"}, {"at": "2025-12-05T00:00:00Z"})
KEYS: Final = {"month", "status", "coachId", "packageId", "source", "step", "cohort", "monthsSince"}
PEOPLE: Final = {"clients", "converted", "activeAtStart", "left", "active", "signedIn", "reactivated"}


@pytest.mark.req("A4")
async def test_one_more_who_is_left_out_changes_no_answer(site: Site) -> None:
    """When some of random people get a twin who is left out, then an analyst is told the same of everything, and an owner is not."""
    studio = await open_studio(site, zone="America/New_York")
    draw = Draw("twins", studio)
    await draw.fill(25)

    async def everything() -> list[Any]:
        return [await studio.statistics(EVERYTHING, by="ANALYST", **period) for period in PERIODS]

    before, exact_before = await everything(), await studio.statistics(EVERYTHING)
    for life in draw.sample(studio.lives, 8):
        await studio.load(studio.twin(life))
    assert await everything() == before
    assert await studio.statistics(EVERYTHING) != exact_before


async def test_some_more_who_are_not_left_out_are_told_of(site: Site) -> None:
    """The twins of the test above show where nobody leaves them out."""
    studio = await open_studio(site, threshold=3)
    draw = Draw("seen", studio)
    await draw.fill(10)
    before = await studio.statistics(EVERYTHING, by="ANALYST")
    life = next(rows for rows in studio.lives if any(isinstance(row, Client) and row.data_state == "PRESENT" for row in rows))
    for _ in range(3):
        await studio.load(studio.twin(life, drawn=True))
    assert await studio.statistics(EVERYTHING, by="ANALYST") != before


@pytest.mark.req("A3")
async def test_no_small_group_is_told(site: Site) -> None:
    """Whatever has a number for an analyst has at least so many clients, and every such number is a multiple of the threshold."""
    studio = await open_studio(site)
    draw = Draw("told", studio)
    await draw.fill(60)
    true, shown = await studio.statistics(EVERYTHING), await studio.statistics(EVERYTHING, by="ANALYST")

    def group(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(value for name, value in row.items() if name in KEYS)

    seen = 0
    for name, rows in shown.items():
        exactly = {group(row): row for row in true[name]}
        for row in rows:
            for number in PEOPLE & row.keys():
                if row[number]:
                    seen += 1
                    assert exactly[group(row)][number] >= 5, (name, row)
                    assert row[number] % 5 == 0
    assert seen > 100


# -- reasoning -----------------------------------------------------------------------------------------------------------

ASKED: Final = (Dimension.STATUS, Dimension.COACH, Dimension.SOURCE)
Tables = dict[tuple[Dimension, ...], list[Any]]


async def studio_of(site: Site, seed: int) -> tuple[Studio, list[Client]]:
    """Studio with small groups among larger ones."""
    studio = await open_studio(site)
    draw = Draw(f"attack {seed}", studio)
    people = [
        studio.client(
            draw.choices([ClientStatus.ACTIVE, ClientStatus.PROSPECT, ClientStatus.INACTIVE], [8, 5, 2])[0],
            coach=draw.choices(["COACH", "OTHER", "OWNER"], [8, 5, 1])[0],
            origin=draw.choices([Origin.STAFF, Origin.INQUIRY, Origin.REENTRY], [8, 5, 2])[0],
        )
        for _ in range(draw.randint(30, 60))
    ]
    await studio.load(people)
    return studio, people


async def answers(studio: Studio, by: str) -> Tables:
    """Every table of numbers of clients at the end of the year."""
    ways = [way for size in range(3) for way in combinations(ASKED, size)]
    found = await studio.statistics(" ".join(field_of("clients", way) for way in ways), by=by)
    return {way: found["_".join(["clients", *way])] for way in ways}


def attacked(people: list[Client], tables: Tables, bounds: Callable[[int | None, int], Bounds]) -> Attacker:
    told: dict[Cell, Bounds] = {}
    for way, rows in tables.items():
        for row in rows:
            said = dict(zip(way, (row[one] for one in columns("clients", way)), strict=True))
            told[tuple(said.get(dimension) for dimension in ASKED)] = bounds(row["clients"], 5)
    coaches = sorted({f"member_{client.coach_id.hex}" for client in people})
    return Attacker([[status.value for status in ClientStatus], coaches, [origin.value for origin in Origin]], told)


def learned(attacker: Attacker, people: list[Client]) -> float:
    """Share of the small groups of which the attacker is sure how many people they have."""
    kinds = Counter((client.status.value, f"member_{client.coach_id.hex}", client.origin.value) for client in people)
    small = sure = 0
    for cell, (low, high) in attacker.bounds.items():
        number = sum(n for kind, n in kinds.items() if all(value in {None, kind[place]} for place, value in enumerate(cell)))
        assert low <= number <= high, "the attacker reasons wrongly"
        small += 0 < number < 5
        sure += 0 < number < 5 and low == high
    return sure / small


@pytest.mark.req("A4")
async def test_who_even_knew_the_left_out_finds_next_to_no_small_group_in_all_that_is_told(site: Site) -> None:
    """Given small groups among larger ones, when somebody puts all tables together, then rounding keeps the small groups from them.

    The same reasoning finds many where numbers are exact and only the small ones are withheld.
    """
    through_the_lens, without = [], []
    for seed in range(8):
        studio, people = await studio_of(site, seed)
        drawn = [client for client in people if client.id.hex[-2:] not in studio.left_out]
        through_the_lens.append(learned(attacked(people, await answers(studio, "ANALYST"), rounded), drawn))
        tables = await answers(studio, "OWNER")
        for row in (row for rows in tables.values() for row in rows):
            row["clients"] = None if 0 < row["clients"] < 5 else row["clients"]
        without.append(learned(attacked(people, tables, exact), people))
    assert fmean(through_the_lens) < 0.02
    assert fmean(without) > 0.2
