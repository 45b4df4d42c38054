"""Statuses of clients, and the end of a relationship, as the requirements say."""

from typing import Any, Final

import pytest
import pytest_asyncio
from sqlmodel import col, select

from lifecycle.vocabulary import AppointmentState, ClientStatus, InvoiceState
from storage.tables.operations import Batch, OutboundMessage
from tests.access.site import Site, gid
from tests.lifecycle.stage import Stage, build, soon
from tests.rows import changed

STATUS: Final = "batchId client { status accessMode hasLogin }"


@pytest_asyncio.fixture(scope="module")
async def stage(site: Site) -> Stage:
    return await build(site, name="clients")


def codes(payload: Any) -> list[str]:
    return [problem["code"] for problem in payload["problems"]]


@pytest.mark.req("C1")
async def test_exactly_five_statuses(stage: Stage) -> None:
    found = await stage.site.data(stage.tokens["OWNER"], '{ __type(name: "ClientStatus") { enumValues { name } } }')
    assert {value["name"] for value in found["__type"]["enumValues"]} == {"ACTIVE", "INACTIVE", "HOT_LEAD", "PROSPECT", "BUYER"}


@pytest.mark.req("C10", "C14")
async def test_a_curious_prospect_becomes_a_hot_lead_and_is_found(stage: Stage) -> None:
    """Given prospects, when one is marked, then the filter HOT_LEAD returns that one and no other."""
    here = await build(stage.site, name="hot")
    curious, _ = await here.client(ClientStatus.PROSPECT), await here.client(ClientStatus.PROSPECT)
    done = await here.act("clientMarkHotLead", gid("client", curious), by="COACH", also="client { status }")
    assert (codes(done), done["client"]) == ([], {"status": "HOT_LEAD"})
    found = await here.site.data(here.tokens["COACH"], "{ clients(filter: {status: HOT_LEAD}) { totalCount nodes { id } } }")
    assert found["clients"] == {"totalCount": 1, "nodes": [{"id": gid("client", curious)}]}


@pytest.mark.req("C19")
async def test_no_step_of_staff_makes_a_buyer(stage: Stage) -> None:
    """Given any client, then only the enrollment of a prospect in a package to read, or the owner's repair, leads to BUYER."""
    client = await stage.client(ClientStatus.PROSPECT)
    package = await stage.package(coaching=False)
    given = f'client: "{gid("client", client)}", package: "{gid("package", package)}"'
    done = await stage.act("enrollmentCreate", None, given, also="enrollment { client { status origin } }")
    assert done["enrollment"]["client"] == {"status": "BUYER", "origin": "STAFF"}
    assert [warning["code"] for warning in done["warnings"]] == ["CLIENT_PROMOTED"]
    steps = await stage.site.data(stage.tokens["COACH"], "{ __schema { mutationType { fields { name } } } }")
    assert not [field for field in steps["__schema"]["mutationType"]["fields"] if "buyer" in field["name"].lower()]


@pytest.mark.req("C6", "C7", "C8", "C9", "P1", "P2", "P3", "P4", "P7", "P8", "P14", "P-Q1", "P-Q9", "X7")
@pytest.mark.parametrize("before", ["ACTIVE", "HOT_LEAD", "BUYER"])
async def test_made_inactive(stage: Stage, before: str) -> None:
    """Given a client with all there is, then what lies ahead goes, all else stays to the last row, and they are told nothing."""
    client = await stage.client(ClientStatus[before])
    ahead = [await stage.service(client, days) for days in (3, 12)]
    running = await stage.service(client, -1 / 1440)
    kept = [running, await stage.service(client, -5, state=AppointmentState.COMPLETED)]
    kept += [await stage.service(client, 6, state=AppointmentState.CANCELLED)]
    place, template = await stage.place(client, 4), await stage.template(client)
    invoice = await stage.invoice(client, InvoiceState.OPEN)
    enrollment = await stage.enrollment(client)
    token = await stage.site.token(client)
    rows = await stage.everything()
    done = await stage.act("clientMakeInactive", gid("client", client), 'reason: "Agreement expired"', by="COACH", also=STATUS)
    assert (codes(done), done["client"]) == (
        [],
        {"status": "INACTIVE", "accessMode": "NONE", "hasLogin": True},
    )  # the login is kept, unusable
    assert "OPEN_BALANCE" in [warning["code"] for warning in done["warnings"]]
    for row in ahead:
        assert (await stage.find(row)).state is AppointmentState.REMOVED
    assert (await stage.find(place)).state is AppointmentState.REMOVED
    assert (await stage.find(template)).removed_at is not None
    for same in kept:
        now = await stage.find(same)
        assert (now.state, now.counting_status) == (same.state, same.counting_status)
    assert (await stage.find(invoice)).state is InvoiceState.OPEN
    assert (await stage.find(enrollment)).state.value == "ACTIVE"
    moved = changed(rows, await stage.everything())
    assert {name: len(went) for name, (went, _) in moved.items() if went} == {
        "client": 1, "appointment": 2, "attendance": 1, "service_template": 1, "login_session": 1,
    }  # fmt: skip
    assert {name: len(came) for name, (went, came) in moved.items() if not went} == {
        "audit_event": 1, "batch": 1, "client_status_change": 1, "outbox_event": 1,
    }  # fmt: skip
    async with stage.site.database.write() as session:
        assert (await session.exec(select(OutboundMessage))).all() == []
    for query in ("{ viewer { client { id } } }", "{ appointments { totalCount } }", "{ invoices { totalCount } }"):
        assert await stage.site.code(token, query) == "UNAUTHENTICATED"
    again = await stage.act("clientMakeInactive", gid("client", client), by="COACH", also=STATUS)
    assert (codes(again), again["batchId"], again["client"]["status"]) == (["ALREADY_IN_STATE"], None, "INACTIVE")


@pytest.mark.req("P9", "P-Q5")
async def test_services_that_are_kept(stage: Stage) -> None:
    client = await stage.client()
    service = await stage.service(client, 61)
    done = await stage.act("clientMakeInactive", gid("client", client), "deleteFutureServices: false")
    assert "SERVICES_KEPT" in [warning["code"] for warning in done["warnings"]]
    now = await stage.find(service)
    assert (now.state, now.counting_status) == (AppointmentState.BOOKED, ClientStatus.INACTIVE)


@pytest.mark.req("P5", "P6", "P10", "P11")
async def test_options_of_the_confirmation(stage: Stage) -> None:
    """Given a client without and then with a template, then the option is absent, and harmless, and then there with its default."""
    client = await stage.client()
    looked = await stage.look("clientMakeInactive", gid("client", client), "deleteTemplates: true")
    assert (looked["options"], [warning["code"] for warning in looked["warnings"]]) == ([], ["OPTION_IGNORED"])
    assert (looked["before"], looked["after"], looked["reversible"]) == ("ACTIVE", "INACTIVE", True)
    template = await stage.template(client)
    looked = await stage.look("clientMakeInactive", gid("client", client))
    assert looked["options"] == [{"name": "deleteTemplates", "default": "true"}]
    assert [(effect["kind"], effect["action"], effect["count"]) for effect in looked["effects"]] == [("SERVICE_TEMPLATES", "REMOVE", 1)]
    assert looked["effects"][0]["resources"]["nodes"] == [{"id": gid("template", template)}]
    await stage.act("clientMakeInactive", gid("client", client), "deleteTemplates: false")
    assert (await stage.find(template)).removed_at is None


@pytest.mark.req("P12", "P-Q3", "P-Q11", "P-Q10", "C-Q8")
@pytest.mark.parametrize("before", ["ACTIVE", "HOT_LEAD", "BUYER"])
async def test_reactivated(stage: Stage, before: str) -> None:
    """Given a former client, then the grant takes them back to what they were; what was removed stays removed; old logins stay closed."""
    client = await stage.client(ClientStatus[before])
    service, token = await stage.service(client, 8), await stage.site.token(client)
    await stage.act("clientMakeInactive", gid("client", client))
    assert codes(await stage.act("clientReactivate", gid("client", client), by="COACH")) == ["FORBIDDEN"]
    await stage.grant("COACH")
    done = await stage.act("clientReactivate", gid("client", client), by="COACH", also=STATUS)
    await stage.ungrant()
    assert (codes(done), done["client"]["status"], done["client"]["hasLogin"]) == ([], before, True)
    assert (await stage.find(service)).state is AppointmentState.REMOVED
    assert await stage.site.code(token, "{ viewer { client { id } } }") == "UNAUTHENTICATED"
    fresh = await stage.site.token(client)
    assert (await stage.site.data(fresh, "{ viewer { client { id } } }"))["viewer"]["client"] == {"id": gid("client", client)}


@pytest.mark.req("P-Q6", "C-Q6", "X1")
@pytest.mark.parametrize("mode", ["NONE", "PURCHASED_CONTENT", "READ_ONLY", "PAY_ONLY"])
async def test_what_the_inactive_may_still_see(stage: Stage, mode: str) -> None:
    client = await stage.client()
    await stage.act("clientMakeInactive", gid("client", client))
    done = await stage.act("clientSetAccessMode", gid("client", client), f"accessMode: {mode}", by="COACH", also=STATUS)
    assert (codes(done), done["client"]["accessMode"]) == ([], mode)
    answer = await stage.site.ask(await stage.site.token(client), "{ viewer { client { id } } }")
    assert ("errors" not in answer) is (mode in ("PURCHASED_CONTENT", "READ_ONLY"))


@pytest.mark.req("P-Q8")
async def test_a_prospect_is_no_former_client(stage: Stage) -> None:
    client = await stage.client(ClientStatus.PROSPECT)
    assert codes(await stage.act("clientMakeInactive", gid("client", client))) == ["INVALID_TRANSITION"]
    async with stage.site.database.write() as session:
        assert (await session.exec(select(Batch).where(col(Batch.subject_id) == client.id))).all() == []


@pytest.mark.req("C12a", "C12b")
async def test_a_hot_lead_is_given_a_login(stage: Stage) -> None:
    """Given a hot lead without a login, when given a username, then the secret is shown once, and never kept as it is."""
    client = await stage.client(ClientStatus.HOT_LEAD)
    await stage.site.change(type(client), client, account_id=None)
    key = 'idempotencyKey: "credentials"'
    given = f'username: "  Hot.{client.id.hex}  "'
    done = await stage.act("clientAssignCredentials", gid("client", client), given, more=key, also="passwordToken client { hasLogin }")
    assert (codes(done), done["client"]["hasLogin"], len(done["passwordToken"]) > 20) == ([], True, True)
    rows = await stage.everything()
    assert done["passwordToken"] not in str(rows)
    again = await stage.act("clientAssignCredentials", gid("client", client), given, more=key, also="passwordToken client { hasLogin }")
    assert (codes(again), again["passwordToken"]) == ([], None)
    assert changed(rows, await stage.everything()) == {}


@pytest.mark.req("X8", "J2", "X2")
async def test_names_that_are_near_refer_to_each_other(stage: Stage) -> None:
    """Given the schema, then deactivating, deleting and making inactive are three mutations that name each other, none by a flag."""
    fields = '__type(name: "EnrollmentDeactivateInput") { inputFields { name } }'
    asked = f"{{ __schema {{ mutationType {{ fields {{ name description }} }} }} {fields} }}"
    found = await stage.site.data(stage.tokens["OWNER"], asked)
    about = {field["name"]: field["description"] for field in found["__schema"]["mutationType"]["fields"]}
    assert "`enrollmentDelete`" in about["enrollmentDeactivate"]
    assert "`clientMakeInactive`" in about["enrollmentDeactivate"]
    assert "`enrollmentDeactivate`" in about["clientMakeInactive"]
    assert "`enrollmentDeactivate`" in about["enrollmentDelete"]
    assert "NOBODY CAN UNDO IT" in about["enrollmentDelete"]
    assert {field["name"] for field in found["__type"]["inputFields"]} == {"reason", "effective", "cancelSubscription", "note"}


@pytest.mark.req("P-Q2")
async def test_what_was_removed_is_invisible_everywhere(stage: Stage) -> None:
    client = await stage.client()
    service, template = await stage.service(client, 91), await stage.template(client)
    await stage.act("clientMakeInactive", gid("client", client))
    for who in ("OWNER", "COACH", "ASSISTANT", "ANALYST"):
        ids = f'["{gid("appointment", service)}", "{gid("template", template)}"]'
        asked = f"{{ nodes(ids: {ids}) {{ id ... on ServiceTemplate {{ removedAt }} }} appointments(first: 100) {{ nodes {{ id }} }} }}"
        found = await stage.site.data(stage.tokens[who], asked)
        assert found["nodes"][0] is None
        assert found["nodes"][1]["removedAt"] is not None  # by its id alone, so that the step can be taken back
        listed = f'{{ client(id: "{gid("client", client)}") {{ serviceTemplates {{ nodes {{ id }} }} }} }}'
        assert (await stage.site.data(stage.tokens[who], listed))["client"]["serviceTemplates"]["nodes"] == []
        assert gid("appointment", service) not in str(found["appointments"])


async def test_an_access_that_ends(stage: Stage) -> None:
    client = await stage.client()
    until = soon(-0.01).isoformat()
    await stage.act("clientMakeInactive", gid("client", client), f'accessMode: READ_ONLY, accessUntil: "{until}"')
    assert await stage.site.code(await stage.site.token(client), "{ viewer { client { id } } }") == "UNAUTHENTICATED"
