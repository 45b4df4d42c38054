"""Generated operations over the real schema give the same bytes by the planner and field by field, on both engines."""

from random import Random

import pytest

from gql.schema import GRAPHQL
from resolvers.sources import SOURCES
from tests.planner.differential import VIEWERS, Side, fault, pairs, pool_of
from tests.planner.generate import Generator

BATCHES = range(16)
BATCH = 26  # operations each; the whole file runs over 500


@pytest.mark.parametrize("batch", BATCHES)
async def test_planner_and_slow_reading_agree_on_postgresql_and_sqlite(sides: list[Side], batch: int) -> None:
    generator = Generator(GRAPHQL, SOURCES, await pool_of(sides[0]))
    ran = substantial = 0
    for number in range(BATCH):
        operation = generator.operation(Random(f"batch {batch} {number}"))
        if sides[0].engine.prepare(operation.text).errors:
            continue
        viewer = VIEWERS[(batch + number) % len(VIEWERS)]

        wrong, outcome = await fault(sides, operation, viewer, slow_side=number % 2)

        assert not wrong, f"as {viewer}: {operation.text}\n{dict(operation.variables)}\n{wrong}"
        ran, substantial = ran + 1, substantial + (outcome.substance >= 3)
    assert ran >= 0.9 * BATCH
    assert substantial >= 0.3 * BATCH


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_field_reads_the_same_for_every_viewer_on_postgresql_and_sqlite(sides: list[Side], viewer: str) -> None:
    generator = Generator(GRAPHQL, SOURCES, await pool_of(sides[0]))
    reached = sides[0].reference.reached
    reached.clear()
    for operation in generator.sweep():
        assert not sides[0].engine.prepare(operation.text).errors

        wrong, _ = await fault(sides, operation, viewer, slow_side=0)

        assert not wrong, f"{operation.text}\n{wrong}"
    lost = sorted(pairs() - reached.keys())
    assert viewer != "owner" or len(lost) <= 0.05 * len(pairs()), lost


def test_generated_operations_are_the_same_for_the_same_seed() -> None:
    from tests.planner.generate import Pool

    pool = Pool(ids={source.tag: [f"{source.tag}_{32 * '0'}"] for source in SOURCES.values() if source.tag})

    first, second, third = (Generator(GRAPHQL, SOURCES, pool).operation(Random(seed)) for seed in ("a", "a", "b"))

    assert first == second != third
