"""After a backup was restored: the list of deletions, done again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from lifecycle.vocabulary import DataPart
from resolvers.erasure.again import Done, again, done
from tests.access.site import Site, gid
from tests.erasure.acts import delete as erase
from tests.erasure.acts import finish
from tests.erasure.person import full
from tests.lifecycle.stage import build


@pytest.mark.req("T-Q12")
async def test_who_came_back_with_a_backup_is_deleted_again(site: Site) -> None:
    stage = await build(site)
    person, held = await full(stage), await full(stage)
    await erase(stage, "clientErase", person)
    listed = [one async for one in done(site.database) if one.workspace == stage.workspace.id]
    lines = [one.line() for one in listed]
    assert [Done.of(line) for line in lines] == [Done(stage.workspace.id, person.client.id, frozenset(DataPart))]
    assert person.canary not in str(lines)
    # given a backup from before: the client is there, and nobody knows of the deletion
    lost = [Done(stage.workspace.id, held.client.id, frozenset(DataPart)), Done(stage.workspace.id, uuid4(), frozenset(DataPart))]
    # when the list is done again
    counts = await again(site.database, (site.secret,), [*listed, *lost], datetime.now(UTC))
    # then only who is there is deleted
    assert counts == (1, 2, 0)
    await finish(stage, timedelta(minutes=2))
    assert (await stage.find(held.client)).data_state.value == "ERASED"
    assert (await again(site.database, (site.secret,), lost, datetime.now(UTC))) == (0, 2, 0)


@pytest.mark.req("T-Q12", "T-Q10")
async def test_a_hold_is_respected_even_then(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    await stage.act("holdPlace", None, f'client: "{gid("client", person.client)}", reason: "Case"')
    given = [Done(stage.workspace.id, person.client.id, frozenset(DataPart))]
    assert await again(site.database, (site.secret,), given, datetime.now(UTC)) == (0, 0, 1)
    assert (await stage.find(person.client)).data_state.value == "PRESENT"


@pytest.mark.parametrize("line", ["", "[]", "{}", "nonsense", '{"workspace": 1, "client": 2, "parts": []}'])
def test_a_line_that_is_no_deletion(line: str) -> None:
    with pytest.raises(ValueError, match=r"no deletion|unexpected|expected|badly formed|empty|input"):
        Done.of(line)
