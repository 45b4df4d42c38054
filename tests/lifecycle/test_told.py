"""What answers give away: steps that are open, histories, problems and their remedies, by who asks."""

from typing import Any, Final

import pytest
import pytest_asyncio

from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, InvoiceState
from storage.tables.clients import Client
from storage.tables.workspace import Account, ExternalIdentity
from tests.access.site import Site, gid
from tests.lifecycle import verdicts
from tests.lifecycle.stage import Stage, build, columns, set_row, soon
from tests.lifecycle.test_every_step import given_of
from tests.rows import changed

MEMBERS: Final = pytest.mark.parametrize("who", verdicts.MEMBERS)
OPEN: Final = "availableTransitions { name allowed code because permanent undoable }"
TYPES: Final = {
    "client": "Client",
    "enrollment": "Enrollment",
    "appointment": "Appointment",
    "conversation": "Conversation",
    "package": "Package",
    "module": "Module",
    "moduleVersion": "ModuleVersion",
    "document": "Document",
    "invoice": "Invoice",
}


@pytest_asyncio.fixture(scope="module")
async def stage(site: Site) -> Stage:
    return await build(site, name="told")


async def _open_steps(stage: Stage, axis: str, who: str) -> list[Any] | None:
    query = f'{{ node(id: "{stage.gid(axis)}") {{ ... on {TYPES[axis]} {{ {OPEN} }} }} }}'
    node = (await stage.site.data(stage.tokens[who], query))["node"]
    return None if node is None else node["availableTransitions"]


@pytest.mark.parametrize("axis", TYPES)
async def test_steps_that_are_open_are_those_that_are_taken(stage: Stage, axis: str) -> None:
    """Given every state and member, then each step said to be open is taken, and each other is refused with the code that was said."""
    wrong = []
    start = {"package": "OFFERED", "module": "PRESENT", "document": "PRESENT", "moduleVersion": "PUBLISHED", "client": "ACTIVE"}
    for state in verdicts.STATES[axis].split():
        for who in verdicts.MEMBERS:
            await _put(stage, start | {axis: state})
            steps = await _open_steps(stage, axis, who)
            if steps is None:
                others = who == "OTHER_COACH" and axis not in verdicts.SHARED
                assert state == "REMOVED" or not verdicts.sees(axis, who) or others, (state, who)
                continue
            steps = [step for step in steps if step["name"] not in verdicts.ELSEWHERE]
            assert [step["name"] for step in steps] == [name for name, (of, *_) in verdicts.STEPS.items() if of == axis]
            for step in steps:
                assert (step["code"] is None, step["because"] is None) == (step["allowed"], step["allowed"])
                name = step["name"]
                assert (step["permanent"], step["undoable"]) == (name in verdicts.PERMANENT, name in verdicts.UNDOABLE)
                given = given_of(stage, name, state)
                token = (await stage.look(name, stage.gid(axis), given, by=who))["token"] if name in verdicts.PERMANENT else None
                taken = await stage.act(name, stage.gid(axis), given, by=who, more=f'token: "{token}"' if token else "")
                said = [problem["code"] for problem in taken["problems"]]
                if said != ([step["code"]] if step["code"] else []):
                    wrong.append(f"{state} {who} {name}: {step['code']} was said, {said} came")
                if step["allowed"]:
                    await _put(stage, start | {axis: state})
    assert not wrong, "\n".join(wrong)


async def _put(stage: Stage, states: dict[str, str]) -> None:
    async with stage.site.database.write() as session:
        for name, state in states.items():
            await set_row(session, stage.rows[name], **columns(name, state, soon(-2)))
        await set_row(session, stage.rows["client"], account_id=stage.rows["client"].account_id)


@pytest.mark.parametrize("status", ["HOT_LEAD", "ACTIVE"])
@pytest.mark.parametrize("use", ["password", "identity", "member", "client", "none"])
async def test_a_login_that_somebody_uses_is_theirs(stage: Stage, status: str, use: str) -> None:
    """Given an account that is used here or elsewhere, then no workspace renames it, preview and list of steps say so; else it may."""
    account = await stage.site.account()
    client = await stage.client(ClientStatus[status], account=account)
    if use == "password":
        await stage.site.change(Account, account, password_hash="hash")
    elif use == "identity":
        await stage.site.put(ExternalIdentity(issuer="https://id.example", subject=account.id.hex, account_id=account.id))
    elif use in ("member", "client"):
        elsewhere = await build(stage.site, name="told-elsewhere")
        await (stage.site.member(elsewhere.workspace, elsewhere.members["COACH"].role, account) if use == "member" else
               elsewhere.client(ClientStatus.ACTIVE, account=account))  # fmt: skip
    id_, given = gid("client", client), f'username: "mine.{client.id.hex}"'
    steps = (await stage.site.data(stage.tokens["COACH"], f'{{ client(id: "{id_}") {{ {OPEN} }} }}'))["client"]["availableTransitions"]
    [step] = [step for step in steps if step["name"] == "clientAssignCredentials"]
    looked = await stage.look("clientAssignCredentials", id_, given, by="COACH")
    before = await stage.everything()
    done = await stage.act("clientAssignCredentials", id_, given, by="COACH", also="passwordToken")
    codes = [] if use == "none" else ["ALREADY_IN_STATE"]
    assert [problem["code"] for problem in done["problems"]] == codes
    assert [blocker["code"] for blocker in looked["blockers"]] == codes
    assert step["allowed"] is (use == "none")
    assert (done["passwordToken"] is not None) is (use == "none")
    if codes:
        assert changed(before, await stage.everything()) == {}


# -- absent and hidden ---------------------------------------------------------------------------------------------------


async def test_of_others_clients_a_coach_hears_what_they_hear_of_nobody(stage: Stage) -> None:
    """Given another coach's client, then every mutation, preview and read of a coach answers as for an id of nobody."""
    other = await stage.client(ClientStatus.ACTIVE, coach="OTHER_COACH")
    hidden = {"client": gid("client", other), "enrollment": gid("enrollment", await stage.enrollment(other))}
    hidden |= {"appointment": gid("appointment", await stage.service(other, 71)), "invoice": gid("invoice", await stage.invoice(other))}
    for name, (axis, _, _, _) in verdicts.STEPS.items():
        if axis in hidden:
            nobody = hidden[axis][:-6] + "000000"
            given = given_of(stage, name, "PROSPECT")
            answers = []
            for id_ in (hidden[axis], nobody):
                acted = await stage.act(name, id_, given, by="COACH", also=f"{axis} {{ id }}")
                answers.append((acted, await stage.look(name, id_, given, by="COACH")))
            assert answers[0] == answers[1]
            assert [problem["code"] for problem in answers[0][0]["problems"]] == ["NOT_FOUND"]


async def test_a_username_of_anothers_client_is_like_one_of_nobody(stage: Stage) -> None:
    account = await stage.site.account()
    await stage.client(ClientStatus.ACTIVE, coach="OTHER_COACH", account=account)
    package = gid("package", await stage.package())
    answers = [
        await stage.act("enrollmentCreate", None, f'package: "{package}", username: "{name}"', by="COACH", also="enrollment { id }")
        for name in (account.username, "nobody at all")
    ]
    assert answers[0] == answers[1]
    assert [problem["code"] for problem in answers[0]["problems"]] == ["NOT_FOUND"]


EXISTS: Final = "problems { code message path ... on ClientExistsProblem { suggestedMutation client { id status } } }"


@pytest.mark.req("P-Q7", "X5")
@pytest.mark.parametrize("status", list(ClientStatus))
async def test_an_address_that_is_known(stage: Stage, status: ClientStatus) -> None:
    """Given a client with an address, then whoever sees them hears who it is; another coach hears that it is taken, and no more."""
    mail = f"known.{status.value.lower()}@example.org"
    client = await stage.client(status, coach="OTHER_COACH", email=mail)
    said = {}
    for who in ("OWNER", "OTHER_COACH", "ASSISTANT", "COACH"):
        query = f'mutation {{ clientAdd(input: {{name: "Again", email: "{mail.upper()}"}}) {{ client {{ id }} {EXISTS} }} }}'
        before = await stage.everything()
        answer = (await stage.site.data(stage.tokens[who], query))["clientAdd"]
        assert changed(before, await stage.everything()) == {}
        assert mail not in str(answer)
        [said[who]] = answer["problems"]
    inactive = status is ClientStatus.INACTIVE
    for who in ("OWNER", "OTHER_COACH", "ASSISTANT"):
        assert said[who]["code"] == ("CLIENT_EXISTS_INACTIVE" if inactive else "CLIENT_EXISTS")
        assert said[who]["suggestedMutation"] == ("clientReactivate" if inactive else None)
        assert said[who]["client"] == {"id": gid("client", client), "status": status.value}
    told = {name: said["COACH"][name] for name in ("code", "suggestedMutation", "client", "message")}
    words = "A client with this e-mail address exists."
    assert told == {"code": "CLIENT_EXISTS", "suggestedMutation": None, "client": None, "message": words}


async def test_a_preview_foresees_a_coach_who_coaches_nobody(stage: Stage) -> None:
    for who, coach, code in (("OWNER", "ANALYST", "INVALID_INPUT"), ("COACH", "OTHER_COACH", "INVALID_INPUT"), ("OWNER", "COACH", None)):
        given = f'name: "New", coach: "{gid("member", stage.members[coach])}"'
        looked, done = await stage.look("clientAdd", None, given, by=who), await stage.act("clientAdd", None, given, by=who)
        assert (
            [blocker["code"] for blocker in looked["blockers"]]
            == [problem["code"] for problem in done["problems"]]
            == ([code] if code else [])
        )
    stage.site.number += 100


async def test_no_problem_repeats_what_a_person_wrote(stage: Stage) -> None:
    secret = "zanzibar@example.org"
    client = await stage.client(ClientStatus.PROSPECT, name="Zanzibar", sort_name="zanzibar", email=secret)
    long = "zanzibar" * 200
    answers = [
        await stage.act("clientAdd", None, f'name: "Zanzibar", email: "{secret}"'),
        await stage.act("clientAdd", None, 'name: "Zanzibar", email: "zanzibar at home"'),
        await stage.act("clientAdd", None, 'name: "Zanzibar", phone: "zanzibar"'),
        await stage.act("clientAdd", None, f'name: "{long}"'),
        await stage.act("clientMakeInactive", gid("client", client), 'reason: "zanzibar"'),
        await stage.act("clientMarkHotLead", gid("client", client), f'reason: "{long}"'),
        await stage.act("clientAssignCredentials", gid("client", client), 'username: "zanzibar"'),
        await stage.act("enrollmentCreate", None, f'package: "{stage.gid("package")}", username: "zanzibar"'),
    ]
    assert [len(answer["problems"]) for answer in answers] == [1] * len(answers)
    assert "zanzibar" not in str(answers).lower()


# -- history -------------------------------------------------------------------------------------------------------------


HISTORY: Final = '{ client(id: "%s") { history(first: 100) { totalCount nodes { id name reason before after } } } }'


async def test_the_history_shows_each_member_what_they_may_see(stage: Stage) -> None:
    """Given steps with all that is a client's, then each member finds those with objects they see at all, and the words only of notes."""
    client = await stage.client()
    enrollment, service = await stage.enrollment(client), await stage.service(client, 81)
    invoice = await stage.invoice(client, InvoiceState.DRAFT)
    await stage.act("clientCorrectStatus", gid("client", client), 'to: HOT_LEAD, reason: "Anna called"')
    await stage.act("enrollmentDeactivate", gid("enrollment", enrollment), 'reason: COACH_DECISION, note: "Anna asked"')
    await stage.act("appointmentCancel", gid("appointment", service))
    await stage.act("invoiceIssue", gid("invoice", invoice))
    seen: dict[str, str] = {}
    of: dict[str, str] = {}
    for who in verdicts.MEMBERS:
        found = (await stage.site.data(stage.tokens[who], HISTORY % gid("client", client)))["client"]
        nodes = found["history"]["nodes"] if found else []
        assert found is None or found["history"]["totalCount"] == len(nodes)
        seen[who] = " ".join(sorted(node["name"].partition(".")[0] for node in nodes))
        reasons = {node["reason"] for node in nodes if node["reason"] is not None}
        assert reasons == ({"Anna called", "Anna asked"} if who in ("OWNER", "COACH") else set())
        of |= {node["name"]: node["id"] for node in nodes}
    everything = "appointment client enrollment invoice"
    assert seen == {
        "OWNER": everything,
        "COACH": everything,
        "OTHER_COACH": "",
        "ASSISTANT": "appointment client enrollment",
        "ACCOUNTANT": "client enrollment invoice",
        "ANALYST": "appointment client enrollment",
    }
    for who in verdicts.MEMBERS:
        for name, id_ in of.items():
            node = (await stage.site.data(stage.tokens[who], f'{{ node(id: "{id_}") {{ id }} }}'))["node"]
            assert (node is not None) is (name.partition(".")[0] in seen[who].split()), (who, name)
    mine = await stage.site.token(await stage.find(client))
    answer = await stage.site.data(mine, HISTORY % gid("client", client))
    assert answer["client"]["history"] is None
    assert [(await stage.site.data(mine, f'{{ node(id: "{id_}") {{ id }} }}'))["node"] for id_ in of.values()] == [None] * 4


async def test_steps_with_conversations_are_seen_by_who_sees_the_conversation(stage: Stage) -> None:
    await _put(stage, {"conversation": "OPEN"})
    done = await stage.act("conversationClose", stage.gid("conversation"), by="COACH", also="event { id name }")
    await stage.act("conversationReopen", stage.gid("conversation"))
    node = f'{{ node(id: "{done["event"]["id"]}") {{ id }} }}'
    seen = {who: (await stage.site.data(stage.tokens[who], node))["node"] is not None for who in verdicts.MEMBERS}
    assert seen == {"OWNER": True, "COACH": True, "OTHER_COACH": False, "ASSISTANT": True, "ACCOUNTANT": False, "ANALYST": False}


async def test_of_whom_the_contact_is_deleted_no_step_is_open(stage: Stage) -> None:
    client = await stage.client(ClientStatus.ACTIVE)
    for state in (DataState.CONTACT_DELETED, DataState.ERASED):
        await stage.site.change(Client, client, data_state=state, access_mode=AccessMode.NONE)
        found = (await stage.site.data(stage.tokens["OWNER"], f'{{ client(id: "{gid("client", client)}") {{ {OPEN} }} }}'))["client"]
        for step in found["availableTransitions"] or ():
            if BY_NAME[step["name"]].reaches_client:
                assert (step["allowed"], step["code"]) == (False, "CONTACT_ERASED")
        before = await stage.everything()
        for name in (name for name, (axis, *_) in verdicts.STEPS.items() if axis == "client"):
            done = await stage.act(name, gid("client", client), given_of(stage, name, "ACTIVE"))
            assert [problem["code"] for problem in done["problems"]] == ["CONTACT_ERASED"]
        assert changed(before, await stage.everything()) == {}


async def test_a_correction_to_what_is_already_so(stage: Stage) -> None:
    """Given an inactive client who may read, when corrected to INACTIVE, then nothing changes, their access least of all."""
    client = await stage.client(ClientStatus.INACTIVE, access_mode=AccessMode.READ_ONLY)
    before = await stage.everything()
    looked = await stage.look("clientCorrectStatus", gid("client", client), 'to: INACTIVE, reason: "x"')
    done = await stage.act("clientCorrectStatus", gid("client", client), 'to: INACTIVE, reason: "x"', also="client { status accessMode }")
    assert [blocker["code"] for blocker in looked["blockers"]] == ["ALREADY_IN_STATE"]
    assert [problem["code"] for problem in done["problems"]] == ["ALREADY_IN_STATE"]
    assert done["client"] == {"status": "INACTIVE", "accessMode": "READ_ONLY"}
    assert changed(before, await stage.everything()) == {}


@pytest.mark.parametrize(
    "until", ["9999-12-31T23:59:59.999999-14:00", "0001-01-01T00:00:00+14:00", "2026-13-01T00:00:00Z", "2026-11-28T00:00:00"]
)
async def test_instants_that_are_none(stage: Stage, until: str) -> None:
    """Given an instant that no calendar here reaches, then it is a mistake of the caller, and not ours."""
    client = gid("client", await stage.client())
    before = await stage.everything()
    query = f'mutation {{ clientMakeInactive(id: "{client}", input: {{accessUntil: "{until}"}}) {{ problems {{ code }} }} }}'
    answer = await stage.site.ask(stage.tokens["OWNER"], query)
    assert answer["errors"][0]["extensions"]["code"] in ("BAD_USER_INPUT", "INVALID_DOCUMENT")
    assert changed(before, await stage.everything()) == {}


async def test_notes_are_said_by_who_may_write_them(stage: Stage) -> None:
    """Given an assistant, who reads no notes, when a contact is added with some, then nobody is added; without, somebody is."""
    before = await stage.everything()
    refused = await stage.act("clientAdd", None, 'name: "Noted", notes: "a note"', by="ASSISTANT")
    assert [problem["code"] for problem in refused["problems"]] == ["FORBIDDEN"]
    assert changed(before, await stage.everything()) == {}
    assert (await stage.act("clientAdd", None, 'name: "Not noted"', by="ASSISTANT"))["problems"] == []
    assert (await stage.act("clientAdd", None, 'name: "Noted", notes: "a note"', by="COACH"))["problems"] == []
