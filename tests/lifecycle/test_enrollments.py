"""Clients in packages: frozen, thawed, removed, enrolled again, as the requirements say."""

from datetime import datetime
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio
from sqlmodel import col, select

from lifecycle.vocabulary import Billing, ClientStatus, FreezeReason, PaymentStatus, SubscriptionState
from storage.tables.operations import AuditEvent, OutboundMessage, OutboxEvent, ScheduledTransition
from storage.tables.packages import ModuleVersion
from tests.access.site import Site, gid
from tests.lifecycle.stage import Stage, build, soon
from tests.rows import changed, every_row

STATE: Final = "enrollment { id state frozenAt frozenReason version }"
BATCH: Final = f"batchId {STATE}"


@pytest_asyncio.fixture(scope="module")
async def stage(site: Site) -> Stage:
    return await build(site, name="enrollments")


def codes(payload: Any) -> list[str]:
    return [problem["code"] for problem in payload["problems"]]


async def delete(stage: Stage, id_: str, reason: str = "COACH_DECISION", by: str = "COACH", more: str = "") -> Any:
    given = f"reason: {reason}{more}"
    token = (await stage.look("enrollmentDelete", id_, given, by=by))["token"]
    return await stage.act("enrollmentDelete", id_, given, by=by, more=f'token: "{token}"', also=STATE)


@pytest.mark.req("J4", "J5", "J6", "J7", "X7")
@pytest.mark.parametrize("reason", list(FreezeReason))
async def test_frozen_in_one_package_alone(stage: Stage, reason: str) -> None:
    """Given a client in two packages, and another in the same, then only this one in this package changes, whatever the reason."""
    package, client = await stage.package(), await stage.client()
    one, _ = await stage.enrollment(client, package), await stage.enrollment(client)
    await stage.enrollment(await stage.client(), package)
    before = await stage.everything()
    done = await stage.act("enrollmentDeactivate", gid("enrollment", one), f"reason: {reason}", by="COACH", also=BATCH)
    assert codes(done) == []
    assert (done["enrollment"]["state"], done["enrollment"]["frozenReason"], done["enrollment"]["version"]) == ("DEACTIVATED", reason, 2)
    moved = changed(before, await stage.everything())
    assert {name: (len(went), len(came)) for name, (went, came) in moved.items()} == {
        "enrollment": (1, 1), "enrollment_change": (0, 1), "audit_event": (0, 1), "batch": (0, 1), "outbox_event": (0, 1),
    }  # fmt: skip
    assert gid("enrollment", one)[-32:] in moved["enrollment"][1][0].replace("-", "")


@pytest.mark.req("J12", "J13", "J14", "J19", "J-Q16")
@pytest.mark.parametrize("reason", ["CLIENT_REQUESTED", "COACH_DECISION"])
async def test_removed_from_a_package(stage: Stage, reason: str) -> None:
    """Given an active enrollment, when deleted from the list of its package, then it is in no list, count or view of the client."""
    package, client = await stage.package(), await stage.client()
    row = await stage.enrollment(client, package)
    token = await stage.site.token(client)
    listed = f'{{ package(id: "{gid("package", package)}") {{ enrollments {{ totalCount nodes {{ id }} }} }} }}'
    mine = "{ viewer { client { enrollments { totalCount nodes { id } } } } }"
    found = await stage.site.data(stage.tokens["COACH"], listed)
    [node] = found["package"]["enrollments"]["nodes"]
    done = await delete(stage, node["id"], reason)
    assert (codes(done), done["enrollment"]["state"]) == ([], "DELETED")
    for who in ("OWNER", "COACH", "ASSISTANT", "ACCOUNTANT", "ANALYST"):
        assert (await stage.site.data(stage.tokens[who], listed))["package"]["enrollments"] == {"totalCount": 0, "nodes": []}
    assert (await stage.site.data(token, mine))["viewer"]["client"]["enrollments"] == {"totalCount": 0, "nodes": []}
    assert (await stage.site.data(token, f'{{ node(id: "{gid("enrollment", row)}") {{ id }} }}'))["node"] is None


@pytest.mark.req("J16", "J-Q15")
async def test_a_deletion_is_for_good(stage: Stage) -> None:
    """Given a deletion, then it left no batch, no step leads out of it, and without the token of its preview it was refused."""
    row = await stage.enrollment(await stage.client())
    id_ = gid("enrollment", row)
    looked = await stage.look("enrollmentDelete", id_, "reason: COACH_DECISION")
    assert (looked["reversible"], looked["undoUntil"]) == (False, None)
    assert codes(await stage.act("enrollmentDelete", id_, "reason: COACH_DECISION")) == ["CONFIRMATION_REQUIRED"]
    assert codes(await delete(stage, id_)) == []
    before = await stage.everything()
    assert codes(await stage.act("enrollmentReactivate", id_)) == ["IRREVERSIBLE"]
    assert codes(await stage.act("enrollmentDeactivate", id_, "reason: COACH_DECISION")) == ["INVALID_TRANSITION"]
    again = await stage.act("enrollmentDelete", id_, "reason: COACH_DECISION", also=STATE)
    assert (codes(again), again["enrollment"]["state"]) == (["ALREADY_IN_STATE"], "DELETED")
    assert changed(before, await stage.everything()) == {}
    history = f'{{ client(id: "client_{row.client_id.hex}") {{ history(first: 1) {{ nodes {{ name batchId }} }} }} }}'
    found = (await stage.site.data(stage.tokens["OWNER"], history))["client"]["history"]["nodes"]
    assert found == [{"name": "enrollment.delete", "batchId": None}]


@pytest.mark.req("J17b", "J11", "J-Q1")
async def test_added_again_by_username(stage: Stage) -> None:
    """Given a deleted client with an account, when added by username, then it is a new enrollment at the current versions."""
    account = await stage.site.account()
    client = await stage.client(ClientStatus.ACTIVE, account=account)
    old = await stage.enrollment(client, stage.rows["package"], enrolled_at=soon(-30))
    await stage.act("enrollmentDeactivate", gid("enrollment", old), "reason: PAYMENT_DECLINED")
    await stage.site.put(
        ModuleVersion(workspace_id=stage.workspace.id, module_id=stage.rows["module"].id, version=2, title="Two", published_at=soon(0))
    )
    token = await stage.site.token(client)
    mine = "{ viewer { client { enrollments { nodes { id state modules { nodes { version } } } } } } }"
    [frozen] = (await stage.site.data(token, mine))["viewer"]["client"]["enrollments"]["nodes"]
    assert (frozen["state"], frozen["modules"]["nodes"]) == ("DEACTIVATED", [{"version": 1}])
    assert codes(await delete(stage, gid("enrollment", old))) == []
    given = f'package: "{stage.gid("package")}", username: " {account.username.upper()} "'
    done = await stage.act("enrollmentCreate", None, given, by="COACH", also=STATE)
    assert codes(done) == []
    assert done["enrollment"]["id"] != gid("enrollment", old)
    [seen] = (await stage.site.data(token, mine))["viewer"]["client"]["enrollments"]["nodes"]
    assert (seen["id"], seen["state"], seen["modules"]["nodes"]) == (done["enrollment"]["id"], "ACTIVE", [{"version": 2}])
    assert (await stage.find(old)).state.value == "DELETED"


@pytest.mark.req("J17a")
async def test_a_username_of_nobody_enrolls_nobody(stage: Stage) -> None:
    before = await stage.everything()
    given = f'package: "{stage.gid("package")}", username: "whose account is gone"'
    assert codes(await stage.act("enrollmentCreate", None, given)) == ["NOT_FOUND"]
    assert codes(await stage.act("enrollmentCreate", None, f'package: "{stage.gid("package")}"')) == ["INVALID_INPUT"]
    assert changed(before, await stage.everything()) == {}


@pytest.mark.req("J18", "J-Q9", "X2")
async def test_the_same_person_elsewhere_is_unaffected(stage: Stage) -> None:
    """Given one account with two coaches, when the first deletes, then the second's rows are the same to the byte."""
    account = await stage.site.account()
    elsewhere = await build(stage.site, name="second-coach")
    theirs = await elsewhere.client(ClientStatus.ACTIVE, account=account)
    await elsewhere.enrollment(theirs, elsewhere.rows["package"])
    here = await stage.client(ClientStatus.BUYER, account=account)
    row = await stage.enrollment(here, stage.rows["joined"])
    first, second = await stage.site.token(here), await stage.site.token(theirs)
    mine = "{ viewer { client { id enrollments { nodes { id modules { nodes { id version } } } } } } }"
    seen = await stage.site.data(second, mine)
    accounts = await every_row(stage.site.database, None, ["account"])
    before = await every_row(stage.site.database, elsewhere.workspace.id)
    assert codes(await delete(stage, gid("enrollment", row))) == []
    assert await every_row(stage.site.database, elsewhere.workspace.id) == before
    assert await every_row(stage.site.database, None, ["account"]) == accounts
    assert await stage.site.code(first, mine) == "UNAUTHENTICATED"
    assert await stage.site.data(second, mine) == seen


@pytest.mark.req("J-Q10")
async def test_deleted_from_one_of_two_packages(stage: Stage) -> None:
    """Given a buyer in two packages of one coach, when deleted from one, then the login stays for the other, and ends with the last."""
    client = await stage.client(ClientStatus.BUYER)
    one, two = await stage.enrollment(client), await stage.enrollment(client)
    token = await stage.site.token(client)
    mine = "{ viewer { client { enrollments { nodes { id } } } } }"
    done = await delete(stage, gid("enrollment", one))
    assert "LOGIN_REMAINS" in [warning["code"] for warning in done["warnings"]]
    assert (await stage.site.data(token, mine))["viewer"]["client"]["enrollments"]["nodes"] == [{"id": gid("enrollment", two)}]
    last = await delete(stage, gid("enrollment", two))
    assert "LOGIN_REMAINS" not in [warning["code"] for warning in last["warnings"]]
    assert await stage.site.code(token, mine) == "UNAUTHENTICATED"


@pytest.mark.req("J-Q11")
@pytest.mark.parametrize(
    ("option", "state", "warned"),
    [("", "LIVE", True), ("NONE", "LIVE", True), ("AT_PERIOD_END", "ENDING", False), ("NOW", "CANCELLED", False)],
)
async def test_billing_goes_on_unless_it_is_said(stage: Stage, option: str, state: str, *, warned: bool) -> None:
    row = await stage.enrollment(await stage.client())
    paid = await stage.subscription(row)
    said = f"reason: COACH_DECISION{f', cancelSubscription: {option}' if option else ''}"
    done = await stage.act("enrollmentDeactivate", gid("enrollment", row), said)
    assert ("LIVE_SUBSCRIPTION" in [warning["code"] for warning in done["warnings"]]) is warned
    now = await stage.find(paid)
    assert now.state is SubscriptionState[state]
    assert (now.ended_at is not None) is (state == "CANCELLED")


@pytest.mark.req("J-Q13")
@pytest.mark.parametrize(
    ("reason", "effective", "waits"),
    [
        ("PAYMENT_DECLINED", "", False),
        ("SUBSCRIPTION_CANCELLED", "", True),
        ("PAYMENT_DECLINED", "AT_PAID_THROUGH", True),
        ("SUBSCRIPTION_CANCELLED", "NOW", False),
    ],
)
async def test_paid_until_later(stage: Stage, reason: str, effective: str, *, waits: bool) -> None:
    """Given time that is paid ahead, then a cancelled subscription runs out, a declined payment freezes at once, unless it is said."""
    row = await stage.enrollment(await stage.client(), payment_status=PaymentStatus.DECLINED, paid_through=soon(3))
    said = f"reason: {reason}{f', effective: {effective}' if effective else ''}"
    looked = await stage.look("enrollmentDeactivate", gid("enrollment", row), said)
    done = await stage.act("enrollmentDeactivate", gid("enrollment", row), said, also=f"scheduledId event {{ id }} {BATCH}")
    assert codes(done) == []
    assert ("SCHEDULED" in [warning["code"] for warning in done["warnings"]]) is waits
    assert (looked["after"], looked["reversible"]) == (("ACTIVE", False) if waits else ("DEACTIVATED", True))
    assert (done["enrollment"]["state"], done["batchId"] is None) == (("ACTIVE", True) if waits else ("DEACTIVATED", False))
    if waits:
        again = await stage.act("enrollmentDeactivate", gid("enrollment", row), said, also="scheduledId event { id }")
        assert (codes(again), again["scheduledId"], again["event"]) == ([], done["scheduledId"], None)
    async with stage.site.database.write() as session:
        waiting = (await session.exec(select(ScheduledTransition).where(col(ScheduledTransition.subject_id) == row.id))).all()
    assert [(one.state.value, one.due_at) for one in waiting] == ([("PENDING", row.paid_through)] if waits else [])


async def test_a_freeze_that_waits_stands_in_the_history(stage: Stage) -> None:
    """Given time that is paid ahead, when a freeze waits for its end, then the history says who asked for it, why, and for when."""
    client = await stage.client()
    row = await stage.enrollment(client, paid_through=soon(3))
    said = 'reason: SUBSCRIPTION_CANCELLED, note: "Asked by mail"'
    done = await stage.act("enrollmentDeactivate", gid("enrollment", row), said, by="COACH", also="scheduledId event { id }")
    history = "history { nodes { id name actor member { id } subject after reason batchId } }"
    data = await stage.site.data(stage.tokens["COACH"], f'{{ client(id: "{gid("client", client)}") {{ {history} }} }}')
    event = {"id": done["event"]["id"], "name": "scheduledTransition.add", "actor": "STAFF", "subject": done["scheduledId"]}
    event |= {"member": {"id": gid("member", stage.members["COACH"])}, "after": "PENDING", "reason": "Asked by mail", "batchId": None}
    assert data["client"]["history"]["nodes"] == [event]
    async with stage.site.database.write() as session:
        kept = (await session.exec(select(AuditEvent).where(col(AuditEvent.client_id) == client.id))).one()
        told = (await session.exec(select(OutboxEvent).where(col(OutboxEvent.subject_id) == kept.subject_id))).one()
    assert orjson.loads(kept.detail)["transition"] == "enrollmentDeactivate"
    assert datetime.fromisoformat(orjson.loads(kept.detail)["due"]) == row.paid_through
    assert told.name == "scheduledTransition.add"


@pytest.mark.req("J-Q14")
async def test_a_deletion_leaves_hours_and_invoices(stage: Stage) -> None:
    client = await stage.client()
    row = await stage.enrollment(client)
    await stage.service(client, 5, enrollment_id=row.id)
    await stage.invoice(client)
    tables = ["hour_ledger_entry", "invoice", "payment", "appointment"]
    before = await every_row(stage.site.database, stage.workspace.id, tables)
    assert codes(await delete(stage, gid("enrollment", row))) == []
    assert await every_row(stage.site.database, stage.workspace.id, tables) == before


@pytest.mark.req("J2")
async def test_a_freeze_is_reversible_and_sends_nothing(stage: Stage) -> None:
    row = await stage.enrollment(await stage.client())
    done = await stage.act("enrollmentDeactivate", gid("enrollment", row), "reason: COACH_DECISION", also=BATCH)
    assert done["batchId"] is not None
    thawed = await stage.act("enrollmentReactivate", gid("enrollment", row), also=BATCH)
    assert (thawed["enrollment"]["state"], thawed["enrollment"]["frozenAt"]) == ("ACTIVE", None)
    async with stage.site.database.write() as session:
        assert (await session.exec(select(OutboundMessage))).all() == []


async def test_what_may_not_be_entered(stage: Stage) -> None:
    """Given a package that is archived, or that one is in already, or of another workspace, then nobody is enrolled."""
    client = await stage.client()
    archived = await stage.package(archived_at=soon(-1))
    inside = await stage.package(billing=Billing.ONE_TIME)
    await stage.enrollment(client, inside)
    elsewhere = await build(stage.site, name="packages-elsewhere")
    before = await stage.everything()
    packages = {gid("package", archived): "NOT_OFFERED", gid("package", inside): "ALREADY_ENROLLED", elsewhere.gid("package"): "NOT_FOUND"}
    for package, code in packages.items():
        assert codes(await stage.act("enrollmentCreate", None, f'client: "{gid("client", client)}", package: "{package}"')) == [code]
    assert changed(before, await stage.everything()) == {}
