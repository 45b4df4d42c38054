"""Every step of deletion from every state by every kind of caller: who is refused changes not one row."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from sqlmodel import col, delete

from lifecycle.vocabulary import DataState, ErasureState, Grant
from storage.tables.clients import Client
from storage.tables.erasure import ErasureRequest, LegalHold
from storage.tables.workspace import MemberGrant
from tests.access.site import Site, gid
from tests.erasure.person import Person, full
from tests.lifecycle.stage import Stage, build, field_of, set_row, soon
from tests.rows import changed

STATES: Final = ("PRESENT", "HISTORY_DELETED", "CONTACT_DELETED", "ERASED")
OK, AGAIN, NO, HIDDEN, NEVER, OUT = (
    "CONFIRMATION_REQUIRED", "ALREADY_IN_STATE", "FORBIDDEN", "NOT_FOUND", "INVALID_TRANSITION", "UNAUTHENTICATED",
)  # fmt: skip
#: What becomes of a step from each state, for whoever may take it; a step that may be taken asks for its token.
STEPS: Final = {
    "clientDeleteHistory": (OK, OK, OK, AGAIN),
    "clientDeleteContact": (OK, OK, AGAIN, AGAIN),
    "clientErase": (OK, OK, OK, AGAIN),
    "erasureRequest": (OK, OK, OK, NEVER),
}
#: What a caller hears of the client in each state; None for what the step itself says.
CALLERS: Final[dict[str, tuple[str | None, ...]]] = {
    "OWNER": (None, None, None, None),
    "COACH": (NO, NO, NO, NO),
    "COACH with the grant": (None, None, None, None),
    "OTHER_COACH with the grant": (HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    "ASSISTANT with the grant": (NO, NO, NO, HIDDEN),
    "ACCOUNTANT with the grant": (NO, HIDDEN, NO, HIDDEN),
    "ANALYST with the grant": (NO, HIDDEN, HIDDEN, HIDDEN),
    "CLIENT": (NO, NO, OUT, OUT),
    "OTHER CLIENT": (HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    "FOREIGN OWNER": (HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    "NOBODY": (OUT, OUT, OUT, OUT),
}


@pytest_asyncio.fixture(scope="module")
async def scene(site: Site) -> AsyncIterator[tuple[Stage, Person]]:
    stage = await build(site, name="refusals")
    person = await full(stage)
    stage.tokens |= {
        "CLIENT": await site.token(person.client),
        "OTHER CLIENT": await site.token(stage.rows["client"]),
        "FOREIGN OWNER": (await build(site)).tokens["OWNER"],
    }
    yield stage, person


async def put(stage: Stage, row: Any, **values: Any) -> None:
    async with stage.site.database.write() as session:
        await set_row(session, row, **values)


async def granted(stage: Stage, grant: Grant, who: str) -> str | None:
    """Token of a caller, whose member has the grant or has not."""
    async with stage.site.database.write() as session:
        await session.exec(delete(MemberGrant).where(col(MemberGrant.workspace_id) == stage.workspace.id))
    name, _, rest = who.partition(" with the grant")
    if rest or who.endswith("grant"):
        await stage.grant(name, grants=(grant,))
    return stage.tokens.get(name)


async def codes(stage: Stage, token: str | None, acts: dict[str, str]) -> dict[str, str]:
    """Code of the answer to each of these mutations, sent at once."""
    answer = await stage.site.ask(token, f"mutation {{ {' '.join(acts.values())} }}")
    if "errors" in answer:
        return dict.fromkeys(acts, answer["errors"][0]["extensions"]["code"])
    return {name: (answer["data"][name]["problems"] or [{"code": "TAKEN"}])[0]["code"] for name in acts}


@pytest.mark.req("T10", "T-Q13", "T13")
@pytest.mark.parametrize("state", STATES)
async def test_deletions(scene: tuple[Stage, Person], state: str) -> None:
    stage, person = scene
    await put(stage, person.client, data_state=DataState[state])
    acts = {name: field_of(name, gid("client", person.client), alias=name) for name in STEPS}
    wrong: list[object] = []
    for who, heard in CALLERS.items():
        token = await granted(stage, Grant.ERASE, who)
        before = await stage.everything()
        found = await codes(stage, token, acts)
        expected = {name: heard[STATES.index(state)] or verdicts[STATES.index(state)] for name, verdicts in STEPS.items()}
        if who == "CLIENT" and state in ("PRESENT", "HISTORY_DELETED"):
            expected["erasureRequest"] = OK  # theirs to ask for
        if found != expected:
            wrong.append((who, {name: (found[name], expected[name]) for name in STEPS if found[name] != expected[name]}))
        if moved := changed(before, await stage.everything()):
            wrong.append((who, moved))
    await put(stage, person.client, data_state=DataState.PRESENT)
    assert wrong == []


#: Steps with a request: the states that they start from.
OF_REQUEST: Final = {
    "erasureVerify": {"REQUESTED"},
    "erasureSchedule": {"VERIFIED"},
    "erasureCancel": {"REQUESTED", "VERIFIED", "SCHEDULED", "BLOCKED"},
}
#: What each caller hears who may not take them.
STRANGERS: Final = {
    "COACH": NO,
    "OTHER_COACH with the grant": HIDDEN,
    "ASSISTANT with the grant": HIDDEN,
    "ACCOUNTANT with the grant": HIDDEN,
    "ANALYST with the grant": HIDDEN,
    "OTHER CLIENT": HIDDEN,
    "FOREIGN OWNER": HIDDEN,
    "NOBODY": OUT,
}


@pytest.mark.req("T-Q11", "T-Q13")
@pytest.mark.parametrize("state", list(ErasureState.__members__))
async def test_requests(scene: tuple[Stage, Person], state: str) -> None:
    stage, person = scene
    row = ErasureRequest(
        workspace_id=stage.workspace.id, client_id=person.client.id, client_number=person.client.number, actor="member:x",
        state=ErasureState[state], due_at=soon(30),
    )  # fmt: skip
    await stage.site.put(row)
    acts = {name: field_of(name, gid("erasure", row), alias=name) for name in OF_REQUEST}
    wrong: list[object] = []
    for who, code in STRANGERS.items():
        token = await granted(stage, Grant.ERASE, who)
        before = await stage.everything()
        if (found := await codes(stage, token, acts)) != dict.fromkeys(acts, code):
            wrong.append((who, found))
        if moved := changed(before, await stage.everything()):
            wrong.append((who, moved))
    # whoever may is refused from the other states, and changes nothing either
    closed = {name: act for name, act in acts.items() if state not in OF_REQUEST[name]}
    before = await stage.everything()
    found = await codes(stage, stage.tokens["OWNER"], closed) if closed else {}
    leads = {"erasureVerify": "VERIFIED", "erasureSchedule": "SCHEDULED", "erasureCancel": "CANCELLED"}
    assert found == {name: AGAIN if leads[name] == state else NEVER for name in closed}
    assert changed(before, await stage.everything()) == {}
    async with stage.site.database.write() as session:
        await session.exec(delete(ErasureRequest).where(col(ErasureRequest.workspace_id) == stage.workspace.id))
    assert wrong == []


@pytest.mark.req("T-Q10", "T-Q13")
async def test_holds(scene: tuple[Stage, Person]) -> None:
    stage, person = scene
    hold = LegalHold(workspace_id=stage.workspace.id, client_id=person.client.id, reason="Case", placed_by=stage.members["OWNER"].id)
    await stage.site.put(hold)
    acts = {
        "holdPlace": field_of("holdPlace", None, f'client: "{gid("client", person.client)}", reason: "Case"', alias="holdPlace"),
        "holdRelease": field_of("holdRelease", gid("hold", hold), alias="holdRelease"),
    }
    expected: dict[str, tuple[str, str]] = {
        "COACH": (NO, NO),
        "OTHER_COACH with the grant": (HIDDEN, HIDDEN),
        "ASSISTANT with the grant": (NO, HIDDEN),
        "ACCOUNTANT with the grant": (NO, HIDDEN),
        "ANALYST with the grant": (NO, HIDDEN),
        "CLIENT": (NO, HIDDEN),
        "OTHER CLIENT": (HIDDEN, HIDDEN),
        "FOREIGN OWNER": (HIDDEN, HIDDEN),
        "NOBODY": (OUT, OUT),
    }
    wrong: list[object] = []
    for who, verdicts in expected.items():
        token = await granted(stage, Grant.HOLD, who)
        before = await stage.everything()
        found = await codes(stage, token, acts)
        if tuple(found.values()) != verdicts:
            wrong.append((who, found))
        if moved := changed(before, await stage.everything()):
            wrong.append((who, moved))
    assert wrong == []
    token = await granted(stage, Grant.HOLD, "COACH with the grant")
    assert await codes(stage, token, acts) == {"holdPlace": "TAKEN", "holdRelease": "TAKEN"}
    again = await codes(stage, stage.tokens["OWNER"], {"holdRelease": acts["holdRelease"]})
    assert again == {"holdRelease": AGAIN}
    async with stage.site.database.write() as session:
        await session.exec(delete(LegalHold).where(col(LegalHold.workspace_id) == stage.workspace.id))


@pytest.mark.req("T6", "T-Q13")
async def test_conversations(scene: tuple[Stage, Person]) -> None:
    stage, person = scene
    talk = next(row for row in person.rows["conversation"] if person.canary in row.subject)
    acts = {"conversationDelete": field_of("conversationDelete", gid("conversation", talk), alias="conversationDelete")}
    expected = {
        "OWNER": OK,
        "COACH": NO,
        "COACH with the grant": OK,
        "OTHER_COACH with the grant": HIDDEN,
        "ASSISTANT with the grant": NO,
        "ACCOUNTANT with the grant": HIDDEN,
        "ANALYST with the grant": HIDDEN,
        "CLIENT": NO,
        "OTHER CLIENT": HIDDEN,
        "FOREIGN OWNER": HIDDEN,
        "NOBODY": OUT,
    }
    for who, code in expected.items():
        token = await granted(stage, Grant.ERASE, who)
        before = await stage.everything()
        assert await codes(stage, token, acts) == {"conversationDelete": code}, who
        assert changed(before, await stage.everything()) == {}


def test_every_state_is_tried() -> None:
    assert tuple(DataState.__members__) == STATES
    assert Client.model_fields["data_state"].default is DataState.PRESENT
