"""The export that is offered before a deletion: said where none is current, made with the request, waited for."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select, update

from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import DataState, Grant
from storage.tables.clients import Client
from storage.tables.operations import AuditEvent, ExportFile
from storage.tables.workspace import Workspace
from tests.access.site import Site, gid
from tests.erasure.acts import ERASURE, confirmed, finish
from tests.erasure.person import Person, full
from tests.erasure.test_by_link import link, only, used
from tests.lifecycle.stage import Stage, build
from tests.rows import changed

PATH = f"exportPath {ERASURE}"
STEPS = ("clientDeleteHistory", "clientDeleteContact", "clientErase", "erasureRequest")


async def warned(stage: Stage, person: Person, name: str = "erasureRequest", given: str = "", by: str = "COACH") -> bool:
    looked = await stage.look(name, gid("client", person.client), given, by=by)
    offered = [option["name"] for option in looked["options"]]
    assert name != "erasureRequest" or given or ("exportFirst" in offered) == ({"code": "EXPORT_FIRST"} in looked["warnings"])
    return {"code": "EXPORT_FIRST"} in looked["warnings"]


async def scene(site: Site) -> tuple[Stage, Person]:
    stage = await build(site)
    await stage.grant("COACH", grants=(Grant.ERASE,))
    return stage, await full(stage)


@pytest.mark.req("T10")
async def test_every_preview_offers_it_until_one_was_fetched(site: Site) -> None:
    stage, person = await scene(site)
    key = gid("client", person.client)
    assert [await warned(stage, person, name) for name in STEPS] == [True] * 4
    made = await stage.act("clientExport", key, by="COACH", also="path")
    assert await warned(stage, person)  # a link is no export yet
    assert (await site.get(made["path"])).status_code == 200
    assert [await warned(stage, person, name) for name in STEPS] == [False] * 4
    # a request changes nothing that an export holds; a step with the client does
    asked = await confirmed(stage, "erasureRequest", key, by="COACH")
    assert not await warned(stage, person, "clientErase")
    await stage.act("erasureCancel", asked["erasure"]["id"])
    assert not await warned(stage, person)
    await stage.act("clientAddTag", key, 'tag: "late"')
    assert await warned(stage, person)
    # and of somebody whose contact is deleted there is none
    await site.change(Client, person.client, data_state=DataState.CONTACT_DELETED)
    assert not await warned(stage, person)


@pytest.mark.req("T1", "T-Q11")
async def test_made_with_the_request_it_is_fetched_before_the_data_goes(site: Site) -> None:
    """Given no time of grace, when the export is made with the request, the deletion waits as long as its link is good."""
    stage, person = await scene(site)
    async with site.database.write() as session:
        mine = col(Workspace.id) == stage.workspace.id
        await session.exec(update(Workspace).where(mine).values(erasure_grace_hours=0))
    assert not await warned(stage, person, given="exportFirst: true")
    made = await confirmed(stage, "erasureRequest", gid("client", person.client), "exportFirst: true", by="COACH", also=PATH)
    waits = datetime.fromisoformat(made["erasure"]["scheduledFor"]) - datetime.now(UTC)
    assert timedelta(hours=23) < waits <= timedelta(hours=24)
    await finish(stage, timedelta(hours=23))
    taken = await site.get(made["exportPath"])
    assert taken.json()["client"]["id"] == gid("client", person.client)
    await finish(stage, timedelta(hours=25))
    assert (await stage.find(person.client)).data_state is DataState.ERASED
    assert (await site.get(made["exportPath"])).status_code == 404


async def test_where_one_is_current_the_option_is_ignored(site: Site) -> None:
    stage, person = await scene(site)
    key = gid("client", person.client)
    await site.get((await stage.act("clientExport", key, by="COACH", also="path"))["path"])
    files = len(await exports(stage))
    made = await confirmed(stage, "erasureRequest", key, "exportFirst: true", by="COACH", also=PATH)
    assert (made["exportPath"], {"code": "OPTION_IGNORED"} in made["warnings"]) == (None, True)
    assert len(await exports(stage)) == files


async def exports(stage: Stage) -> list[ExportFile]:
    async with stage.site.database.write() as session:
        return list((await session.exec(select(ExportFile).where(col(ExportFile.workspace_id) == stage.workspace.id))).all())


async def test_of_another_coachs_client_it_takes_a_reason(site: Site) -> None:
    stage, person = await scene(site)
    key = gid("client", person.client)
    looked = await stage.look("erasureRequest", key, by="OWNER")
    assert looked["blockers"] == []
    before = await stage.everything()
    for given in ("exportFirst: true", 'exportFirst: true, reason: "  "'):
        refused = await stage.act("erasureRequest", key, given, more='token: "x"')
        assert [(one["code"], one["path"]) for one in refused["problems"]] == [("REASON_REQUIRED", ["input", "reason"])]
    assert changed(before, await stage.everything()) == {}
    made = await confirmed(stage, "erasureRequest", key, 'exportFirst: true, reason: "They asked"', also=PATH)
    assert (await site.get(made["exportPath"])).status_code == 200
    async with site.database.write() as session:
        mine = (col(AuditEvent.workspace_id) == stage.workspace.id, col(AuditEvent.action) == "client.request")
        assert (await session.exec(select(AuditEvent.reason).where(*mine))).all() == ["They asked"]


@pytest.mark.req("T1")
async def test_the_client_takes_it_in_the_portal(site: Site) -> None:
    stage, person = await scene(site)
    stage.tokens["CLIENT"] = await site.token(person.client)
    key = gid("client", person.client)
    assert await warned(stage, person, by="CLIENT")
    made = await confirmed(stage, "erasureRequest", key, "exportFirst: true", by="CLIENT", also="exportPath")
    assert (await site.get(made["exportPath"])).json()["client"]["id"] == key
    # scheduled at once, it still waits for the link
    async with site.database.write() as session:
        await session.exec(update(Workspace).where(col(Workspace.id) == stage.workspace.id).values(erasure_grace_hours=0))
    asked = await only(stage, person.client)
    done = await stage.act("erasureSchedule", asked["id"], also="erasure { scheduledFor }")
    assert datetime.fromisoformat(done["erasure"]["scheduledFor"]) > datetime.now(UTC) + timedelta(hours=23)


async def test_a_link_makes_none(site: Site) -> None:
    """Whoever holds a link is not signed in, and reads nothing."""
    stage, person = await scene(site)
    token, files = await link(stage, person.client), len(await exports(stage))
    assert await used(stage, "erasureRequestByLink", token) == "OK"
    assert len(await exports(stage)) == files


def test_whoever_may_ask_may_export() -> None:
    """The export of a request takes no more than the step that makes exports."""
    ask, export = BY_NAME["erasureRequest"].permit, BY_NAME["clientExport"].permit
    assert ask.grant is Grant.ERASE
    assert set(ask.writers) <= set(export.writers)
    assert set(ask.clients) <= set(export.clients)
