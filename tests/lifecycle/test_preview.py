"""Preview equals result: what a preview shows is what the database then has, or the step is stale and names what moved."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.vocabulary import AppointmentState, ClientStatus, InvoiceState
from storage.tables.appointments import Appointment, ServiceTemplate
from storage.tables.clients import Client
from tests.access.site import Site, gid
from tests.lifecycle.stage import Stage, build
from tests.rows import changed, every_row

EXAMPLES: Final = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
#: Table of each kind of effect.
TABLES: Final = {
    "APPOINTMENTS": ("appointment", "appointment"),
    "ATTENDANCES": ("attendance", "attendance"),
    "SERVICE_TEMPLATES": ("service_template", "template"),
    "SUBSCRIPTIONS": ("subscription", "subscription"),
    "SCHEDULES": ("scheduled_transition", "schedules"),
    "CLIENTS": ("client", "client"),
    "SESSIONS": ("login_session", "sessions"),
}
BATCH: Final = "batchId event { id }"


@dataclass
class Plot:
    """A client with what hypothesis made up for them, and the step to look at."""

    status: str
    services: list[tuple[int, str]]  # day, state
    places: list[tuple[int, str]]
    templates: int
    subscriptions: int
    invoices: int
    sessions: int
    step: str
    options: dict[str, str] = field(default_factory=dict)


STATES: Final = st.sampled_from(["BOOKED", "BOOKED", "COMPLETED", "CANCELLED", "NO_SHOW"])
DAYS: Final = st.integers(-5, 30).filter(bool)
STEPS: Final = {
    "PROSPECT": ["clientMarkHotLead", "clientActivate", "enrollmentCreate", "clientCorrectStatus"],
    "HOT_LEAD": ["clientActivate", "clientMakeInactive", "clientReturnToProspect", "enrollmentDeactivate"],
    "ACTIVE": ["clientMakeInactive", "clientMakeInactive", "enrollmentDeactivate", "enrollmentDelete", "enrollmentCreate"],
    "BUYER": ["clientMakeInactive", "clientMarkHotLead", "enrollmentDelete"],
    "INACTIVE": ["clientReactivate", "clientSetAccessMode", "enrollmentDelete"],
}


@st.composite
def plots(draw: st.DrawFn) -> Plot:
    status = draw(st.sampled_from(list(STEPS)))
    step = draw(st.sampled_from(STEPS[status]))
    options: dict[str, str] = {}
    for name, values in OPTIONS.get(step, {}).items():
        if (value := draw(st.sampled_from(values))) is not None:
            options[name] = value
    events = st.lists(st.tuples(DAYS, STATES), max_size=5, unique_by=lambda event: event[0])
    small = st.integers(0, 2)
    return Plot(status, draw(events), draw(events), draw(small), draw(small), draw(small), draw(small), step, options)


OPTIONS: Final[dict[str, dict[str, list[str | None]]]] = {
    "clientMakeInactive": {
        "deleteFutureServices": [None, "true", "false"],
        "deleteTemplates": [None, "true", "false"],
        "accessMode": [None, "READ_ONLY", "PAY_ONLY"],
    },
    "clientSetAccessMode": {"accessMode": ["READ_ONLY", "NONE"]},
    "clientCorrectStatus": {"to": ["ACTIVE", "INACTIVE", "BUYER"], "reason": ['"x"']},
    "enrollmentDeactivate": {"reason": ["COACH_DECISION"], "cancelSubscription": [None, "NONE", "NOW", "AT_PERIOD_END"]},
    "enrollmentDelete": {"reason": ["CLIENT_REQUESTED"], "cancelSubscription": [None, "NONE", "NOW", "AT_PERIOD_END"]},
}


@pytest_asyncio.fixture(scope="module")
async def stage(site: Site) -> AsyncIterator[Stage]:
    yield await build(site, name="preview")


async def _made(stage: Stage, plot: Plot) -> tuple[Client, str | None, str]:
    """Client of the plot, the id of the step's object, and its input."""
    client = await stage.client(ClientStatus[plot.status])
    for day, state in plot.services:
        await stage.service(client, day, state=AppointmentState[state], counting_status=ClientStatus.PROSPECT)
    for day, state in plot.places:
        await stage.place(client, day, AppointmentState[state])
    for _ in range(plot.templates):
        await stage.template(client)
    for _ in range(plot.invoices):
        await stage.invoice(client, InvoiceState.OPEN)
    for _ in range(plot.sessions):
        await stage.site.login(client)
    enrollment = await stage.enrollment(client)
    for _ in range(plot.subscriptions):
        await stage.subscription(enrollment)
    said = ", ".join(f"{name}: {value}" for name, value in plot.options.items())
    if plot.step == "enrollmentCreate":
        return client, None, f'client: "{gid("client", client)}", package: "{gid("package", await stage.package())}"'
    return client, gid("client", client) if plot.step.startswith("client") else gid("enrollment", enrollment), said


def _ids(rows: list[str], dialect: str) -> set[str]:
    """Keys of rows; the first column is the workspace, the second the row."""
    import re

    return {"".join(re.findall(r"[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27}", row)[1].split("-")) for row in rows}


def _shown(preview: Any) -> dict[str, tuple[int, set[str] | None]]:
    """Count and keys of what the preview shows, by table."""
    shown: dict[str, tuple[int, set[str] | None]] = {}
    for effect in preview["effects"]:
        table, _ = TABLES[effect["kind"]]
        resources = effect["resources"]
        keys = None if resources is None else {node["id"].partition("_")[2] for node in resources["nodes"]}
        count, known = shown.get(table, (0, set()))
        shown[table] = (count + effect["count"], None if keys is None or known is None else known | keys)
    return shown


@pytest.mark.req("P6", "P7", "P8", "P9", "P10", "P11", "I8")
@given(plot=plots())
@EXAMPLES
async def test_what_a_preview_shows_is_what_is_done(stage: Stage, plot: Plot) -> None:
    """Given any client, when a step is taken with the token of its preview, then other rows change exactly where the preview said."""
    client, id_, said = await _made(stage, plot)
    looked = await stage.look(plot.step, id_, said)
    if looked["blockers"]:
        assert (looked["token"], looked["effects"]) == (None, [])
        assert [problem["code"] for problem in (await stage.act(plot.step, id_, said))["problems"]] == [looked["blockers"][0]["code"]]
        return
    database, tables = stage.site.database, [table for table, _ in TABLES.values()]
    before = await every_row(database, stage.workspace.id, tables)
    more = f'token: "{looked["token"]}"' if id_ else ""
    done = await stage.act(plot.step, id_, said, more=more)
    assert done["problems"] == []
    assert done["warnings"] == looked["warnings"]
    moved = changed(before, await every_row(database, stage.workspace.id, tables))
    found = {table: _ids(came, database.dialect) for table, (_, came) in moved.items()}
    if plot.step.startswith("client"):
        found["client"] = found.get("client", set()) - {client.id.hex}
    shown = _shown(looked)
    assert {table: len(keys) for table, keys in found.items() if keys} == {table: count for table, (count, _) in shown.items()}
    for table, (_, keys) in shown.items():
        assert keys is None or keys == found[table]
    _options_are_those_that_apply(plot, looked)


def _options_are_those_that_apply(plot: Plot, looked: Any) -> None:
    ahead = sum(day > 0 and state == "BOOKED" for day, state in plot.services + plot.places)
    expected = []
    if plot.step == "clientMakeInactive":
        expected = [("deleteFutureServices", ahead), ("deleteTemplates", plot.templates)]
    elif plot.step in ("enrollmentDeactivate", "enrollmentDelete"):
        expected = [("cancelSubscription", plot.subscriptions)]
    default = {"deleteFutureServices": "true", "deleteTemplates": "true", "cancelSubscription": "NONE"}
    assert looked["options"] == [{"name": name, "default": default[name]} for name, there in expected if there]
    ignored = sum(name in plot.options for name, there in expected if not there)
    codes = [warning["code"] for warning in looked["warnings"]]
    assert codes.count("OPTION_IGNORED") == ignored
    if plot.step == "clientMakeInactive":
        assert ("SERVICES_KEPT" in codes) is (ahead > 0 and plot.options.get("deleteFutureServices") == "false")
        assert ("OPEN_BALANCE" in codes) is (plot.invoices > 0 and plot.options.get("accessMode") != "READ_ONLY")
    if expected:
        kept = plot.options.get("cancelSubscription", "NONE") == "NONE"
        assert ("LIVE_SUBSCRIPTION" in codes) is (plot.subscriptions > 0 and kept)


MOVES: Final = st.sampled_from(["service added", "service moved away", "service cancelled", "template added", "template removed", "none"])
STALE: Final = "... on PlanStaleProblem { difference { kind action added removed } }"


@given(plot=plots().filter(lambda plot: plot.step == "clientMakeInactive"), move=MOVES)
@EXAMPLES
async def test_what_moved_in_between_is_named(stage: Stage, plot: Plot, move: str) -> None:
    """Given a preview, when something moves before the step, then it is stale and names exactly what moved, or that was no part of it."""
    client, id_, said = await _made(stage, plot)
    known = await stage.service(client, 40), await stage.template(client)
    looked = await stage.look(plot.step, id_, said)
    removes = plot.options.get("deleteFutureServices") != "false"
    templates = plot.options.get("deleteTemplates") != "false"
    kind, change, key = await _move(stage, client, known, move)
    touched = {"APPOINTMENTS": True, "SERVICE_TEMPLATES": templates}.get(kind, False)
    before = await stage.everything()
    asked = (
        f'mutation {{ clientMakeInactive(id: "{id_}", input: {{{said}}}, token: "{looked["token"]}") {{ problems {{ code {STALE} }} }} }}'
    )
    done = (await stage.site.data(stage.tokens["OWNER"], asked))["clientMakeInactive"]
    if not touched:
        assert done["problems"] == []
        return
    assert changed(before, await stage.everything()) == {}
    action = "REMOVE" if kind == "SERVICE_TEMPLATES" or removes else "RESTAMP"
    one = {"kind": kind, "action": action, "added": [key] if change == "added" else [], "removed": [key] if change == "removed" else []}
    assert done["problems"] == [{"code": "PLAN_STALE", "difference": [one]}]
    fresh = await stage.look(plot.step, id_, said)
    assert (await stage.act(plot.step, id_, said, more=f'token: "{fresh["token"]}"'))["problems"] == []


async def _move(stage: Stage, client: Client, known: tuple[Appointment, ServiceTemplate], move: str) -> tuple[str, str, str]:
    """Kind, direction and id of what was moved."""
    service, template = known
    match move:
        case "service added":
            return "APPOINTMENTS", "added", gid("appointment", await stage.service(client, 41))
        case "service moved away":
            await stage.site.change(Appointment, service, starts_at=service.starts_at - timedelta(days=50))
            return "APPOINTMENTS", "removed", gid("appointment", service)
        case "service cancelled":
            await stage.act("appointmentCancel", gid("appointment", service))
            return "APPOINTMENTS", "removed", gid("appointment", service)
        case "template added":
            return "SERVICE_TEMPLATES", "added", gid("template", await stage.template(client))
        case "template removed":
            await stage.site.change(ServiceTemplate, template, removed_at=template.created_at)
            return "SERVICE_TEMPLATES", "removed", gid("template", template)
    return "", "", ""
