"""The settings of a workspace: who changes them, to what, and what comes of it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
import pytest
from sqlmodel import col, select

from lifecycle.vocabulary import ClientStatus
from storage.tables.operations import AuditEvent, OutboxEvent
from storage.tables.workspace import Workspace
from tests.access.site import Site, gid
from tests.lifecycle.stage import Stage, build, field_of, soon
from tests.rows import changed

STEP: Final = "workspaceUpdate"
FIELDS: Final = (
    "name country timezone currency keepHoursOnErasure erasureGraceHours erasureByTwo undoWindowHours defaultAccessMode countingBasis"
    " messagingWhenFrozen statisticsThreshold"
)
#: Each setting: as it is said, as it is then, its column, and what it was.
SETTINGS: Final[dict[str, tuple[str, Any, str, Any]]] = {
    "name": ('"Hart"', "Hart", "name", "settings"),
    "country": ('"de"', "DE", "country", "US"),
    "timezone": ('"Europe/Berlin"', "Europe/Berlin", "timezone", "UTC"),
    "currency": ('"eur"', "EUR", "currency", "USD"),
    "keepHoursOnErasure": ("false", False, "keep_hours_on_erasure", True),
    "erasureGraceHours": ("0", 0, "erasure_grace_hours", 72),
    "erasureByTwo": ("true", True, "erasure_by_two", False),
    "undoWindowHours": ("720", 720, "undo_window_hours", 72),
    "defaultAccessMode": ("READ_ONLY", "READ_ONLY", "default_access_mode", "NONE"),
    "countingBasis": ("BOOKING", "BOOKING", "counting_basis", "SESSION_START"),
    "messagingWhenFrozen": ("false", False, "messaging_when_frozen", True),
    "statisticsThreshold": ("3", 3, "statistics_threshold", 5),
}


async def scene(site: Site) -> Stage:
    return await build(site, name="settings")


async def put(stage: Stage, given: str, *, by: str = "OWNER", more: str = "") -> Any:
    """Payload of a change, which the preview foresaw."""
    key = gid("workspace", stage.workspace)
    looked = await stage.look(STEP, key, given, by=by)
    done = await stage.act(
        STEP, key, given, by=by, more=more, also=f"workspace {{ {FIELDS} version }} event {{ name subject before after }}"
    )
    if "expectedVersion" not in more:
        assert looked["blockers"] == [{"code": problem["code"]} for problem in done["problems"]]
    return done


async def events(stage: Stage) -> list[AuditEvent]:
    async with stage.site.database.write() as session:
        mine = select(AuditEvent).where(col(AuditEvent.workspace_id) == stage.workspace.id, col(AuditEvent.subject_kind) == "workspace")
        return list((await session.exec(mine.order_by(col(AuditEvent.id)))).all())


async def now(stage: Stage) -> dict[str, Any]:
    asked = f"{{ viewer {{ workspace {{ {FIELDS} version }} }} }}"
    found: dict[str, Any] = (await stage.site.data(stage.tokens["ANALYST"], asked))["viewer"]["workspace"]
    return found


@pytest.mark.parametrize("name", SETTINGS)
async def test_the_owner_changes_one_and_the_others_stay(site: Site, name: str) -> None:
    stage = await scene(site)
    said, value, column, was = SETTINGS[name]
    before = await now(stage)
    done = await put(stage, f'{name}: {said}, reason: "Moved"')
    assert done["problems"] == []
    assert done["workspace"] == await now(stage) == before | {name: value, "version": 2}
    assert before[name] == was
    key = gid("workspace", stage.workspace)
    assert done["event"] == {"name": "workspace.update", "subject": key, "before": "PRESENT", "after": "PRESENT"}
    [event] = await events(stage)
    assert (event.action, event.actor, event.reason) == ("workspace.update", f"member:{stage.members['OWNER'].id.hex}", "Moved")
    assert (event.subject_id, event.client_id, event.member_id) == (stage.workspace.id, None, stage.members["OWNER"].id)
    assert orjson.loads(event.detail) == {"before": {column: was}, "after": {column: value}}
    async with site.database.write() as session:
        told = select(OutboxEvent.name, OutboxEvent.subject_id).where(col(OutboxEvent.workspace_id) == stage.workspace.id)
        assert (await session.exec(told)).all() == [("workspace.update", stage.workspace.id)]


def test_every_setting_is_tried() -> None:
    assert set(FIELDS.split()) == SETTINGS.keys()
    kept = {"id", "slug", "created_at", "version", "erasure_by_one_proposer", "erasure_by_one_until"}
    assert {column for *_, column, _ in SETTINGS.values()} == Workspace.model_fields.keys() - kept


async def test_all_at_once_and_what_is_so_already_is_not_told(site: Site) -> None:
    stage = await scene(site)
    given = ", ".join(f"{name}: {said}" for name, (said, *_) in SETTINGS.items())
    assert (await put(stage, given))["workspace"] == {name: value for name, (_, value, *_) in SETTINGS.items()} | {"version": 2}
    again = ", ".join(f"{name}: {said}" for name, (said, *_) in SETTINGS.items() if name != "name")
    assert (await put(stage, f'{again}, name: "Moss"'))["problems"] == []
    assert [orjson.loads(event.detail) for event in await events(stage)] == [
        {
            "before": {column: was for *_, column, was in SETTINGS.values()},
            "after": {column: value for _, value, column, _ in SETTINGS.values()},
        },
        {"before": {"name": "Hart"}, "after": {"name": "Moss"}},
    ]


async def test_a_server_of_the_owner_may_too(site: Site) -> None:
    stage = await scene(site)
    made = await site.data(stage.tokens["OWNER"], 'mutation { apiKeyCreate(input: {name: "server", scope: FULL}) { key } }')
    stage.tokens["KEY"] = made["apiKeyCreate"]["key"]
    assert (await put(stage, "undoWindowHours: 5", by="KEY"))["workspace"]["undoWindowHours"] == 5


@pytest.mark.parametrize(
    ("by", "code"),
    [
        *((role, "FORBIDDEN") for role in ("COACH", "OTHER_COACH", "ASSISTANT", "ACCOUNTANT", "ANALYST", "CLIENT")),
        ("FOREIGN OWNER", "NOT_FOUND"),
        ("FOREIGN CLIENT", "NOT_FOUND"),
    ],
)
@pytest.mark.parametrize("given", ["erasureGraceHours: 0", "erasureByTwo: false", 'name: "Mine"'])
async def test_nobody_else_does(site: Site, by: str, code: str, given: str) -> None:
    stage, elsewhere = await scene(site), await build(site)
    stage.tokens["CLIENT"] = await site.token(stage.rows["client"])
    stage.tokens["FOREIGN OWNER"] = elsewhere.tokens["OWNER"]
    stage.tokens["FOREIGN CLIENT"] = await site.token(elsewhere.rows["client"])
    await stage.grant("COACH", "ASSISTANT", "ACCOUNTANT", "ANALYST")
    before = await stage.everything()
    assert [problem["code"] for problem in (await put(stage, given, by=by))["problems"]] == [code]
    assert changed(before, await stage.everything()) == {}


async def test_without_a_login_nothing_is_changed(site: Site) -> None:
    stage = await scene(site)
    before = await stage.everything()
    act = field_of(STEP, gid("workspace", stage.workspace), "undoWindowHours: 5")
    answer = await site.ask(None, f"mutation {{ {act} }}")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert changed(before, await stage.everything()) == {}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("erasureGraceHours: -1", "erasureGraceHours"),
        ("erasureGraceHours: 721", "erasureGraceHours"),
        ("undoWindowHours: -1", "undoWindowHours"),
        ("undoWindowHours: 721", "undoWindowHours"),
        ("statisticsThreshold: 2", "statisticsThreshold"),
        ("statisticsThreshold: 101", "statisticsThreshold"),
        ('name: " "', "name"),
        (f'name: "{"x" * 201}"', "name"),
        ('country: "Germany"', "country"),
        ('country: "D1"', "country"),
        ('country: "XX"', "country"),
        ('country: ""', "country"),
        ('timezone: "Europe/Atlantis"', "timezone"),
        ('timezone: ""', "timezone"),
        ('currency: "EURO"', "currency"),
        ('currency: "E1R"', "currency"),
        (f'undoWindowHours: 5, reason: "{"x" * 1001}"', "reason"),
    ],
)
async def test_what_is_out_of_bounds_is_refused(site: Site, given: str, field: str) -> None:
    stage = await scene(site)
    before = await stage.everything()
    found = (await put(stage, f"messagingWhenFrozen: false, {given}"))["problems"]
    assert [(problem["code"], problem["path"]) for problem in found] == [("INVALID_INPUT", ["input", field])]
    assert changed(before, await stage.everything()) == {}


async def test_who_expects_another_version_is_told(site: Site) -> None:
    stage = await scene(site)
    assert (await put(stage, "undoWindowHours: 5", more="expectedVersion: 1"))["workspace"]["version"] == 2
    before = await stage.everything()
    late = await put(stage, "undoWindowHours: 6", more="expectedVersion: 1")
    assert ([problem["code"] for problem in late["problems"]], late["workspace"]["undoWindowHours"]) == (["CONFLICT"], 5)
    moved = changed(before, await stage.everything())
    assert moved.keys() <= {"transition_plan"}  # of the preview


async def test_of_two_at_once_one_is_told(site: Site) -> None:
    stage = await scene(site)
    key = gid("workspace", stage.workspace)
    acts = [stage.act(STEP, key, f"undoWindowHours: {hours}", more="expectedVersion: 1") for hours in range(10, 16)]
    found = sorted(problem["code"] for done in await asyncio.gather(*acts) for problem in done["problems"])
    assert found == ["CONFLICT"] * 5
    assert (await now(stage))["version"] == 2


async def test_steps_beside_it_are_taken(site: Site) -> None:
    """Given many who write in the workspace while its settings change, then all of it is done: nobody waits for another for ever."""
    stage = await scene(site)
    key, client = gid("workspace", stage.workspace), gid("client", stage.rows["client"])
    acts = [stage.act(STEP, key, f"undoWindowHours: {hours}") for hours in range(1, 11)]
    acts += [stage.act("clientUpdate", client, f'name: "Jane {number}"') for number in range(10)]
    acts += [stage.act("packageAdd", None, f'name: "Package {number}", billing: FREE') for number in range(10)]
    done = await asyncio.gather(*acts)
    assert {problem["code"] for one in done for problem in one["problems"]} <= {"TRY_LATER"}
    taken = [one for one in done[:10] if not one["problems"]]
    assert (await now(stage))["version"] == 1 + len(taken) > 1
    assert len(await events(stage)) == len(taken)


# -- what comes of it ----------------------------------------------------------------------------------------------------


async def test_the_time_of_grace_counts_for_what_is_scheduled_from_then_on(site: Site) -> None:
    stage = await scene(site)

    async def scheduled(whom: Any) -> datetime:
        key = gid("client", whom)
        token = (await stage.look("erasureRequest", key))["token"]
        made = await stage.act("erasureRequest", key, more=f'token: "{token}"', also="erasure { id scheduledFor }")
        ids.append(made["erasure"]["id"])
        return datetime.fromisoformat(made["erasure"]["scheduledFor"])

    ids: list[str] = []
    first = await scheduled(stage.rows["client"])
    await put(stage, "erasureGraceHours: 1")
    second = await scheduled(await stage.client())
    assert soon(2.9) < first < soon(3)
    assert soon(0) < second < soon(0) + timedelta(hours=1)
    asked = f'{{ erasureRequest(id: "{ids[0]}") {{ scheduledFor }} }}'
    stays = (await site.data(stage.tokens["OWNER"], asked))["erasureRequest"]["scheduledFor"]
    assert datetime.fromisoformat(stays) == first


async def test_the_undo_window_counts_for_what_is_done_from_then_on(site: Site) -> None:
    stage = await scene(site)
    first = await stage.act("packageArchive", stage.gid("package"), also="batchId")
    await put(stage, "undoWindowHours: 0")
    second = await stage.act("packageArchive", stage.gid("joined"), also="batchId")
    assert (await stage.undo(first["batchId"]))["problems"] == []
    assert [problem["code"] for problem in (await stage.undo(second["batchId"]))["problems"]] == ["UNDO_CLOSED"]


async def test_who_becomes_inactive_gets_the_default_access_mode(site: Site) -> None:
    stage = await scene(site)
    await put(stage, "defaultAccessMode: READ_ONLY")
    done = await stage.act("clientMakeInactive", stage.gid("client"), also="client { status accessMode }")
    assert done["client"] == {"status": ClientStatus.INACTIVE.value, "accessMode": "READ_ONLY"}


async def test_numbers_are_dialled_in_the_country(site: Site) -> None:
    stage = await scene(site)
    await put(stage, 'country: "DE"')
    done = await stage.act("clientUpdate", stage.gid("client"), 'phone: "030 1234567"', also="client { phone }")
    assert (done["problems"], done["client"]["phone"]) == ([], "+49301234567")
