"""Every transition from every state by every kind of caller: who is refused changes not one row."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from sqlmodel import col, update

from lifecycle.transition import STATES
from lifecycle.transitions import TRANSITIONS
from lifecycle.vocabulary import ClientStatus, EnrollmentState
from storage.tables.packages import Enrollment
from tests.access.site import Site
from tests.certification.sealed import unaltered
from tests.lifecycle import verdicts
from tests.lifecycle.stage import Stage, build, columns, field_of, preview, set_row, soon, was
from tests.rows import RECORDS, changed

GRANTS: Final = pytest.mark.parametrize("granted", [False, True], ids=["plain", "granted"])
AXES: Final = pytest.mark.parametrize("axis", verdicts.STATES)


@pytest_asyncio.fixture(scope="module")
async def stage(site: Site) -> AsyncIterator[Stage]:
    """One workspace for all cases, with another beside it whose people call too."""
    stage = await build(site, name="every-step")
    elsewhere = await build(site, name="elsewhere")
    stage.tokens["FOREIGN OWNER"] = elsewhere.tokens["OWNER"]
    stage.tokens["FOREIGN CLIENT"] = await site.token(elsewhere.rows["client"])
    stage.tokens["CLIENT"], stage.rows["session"] = await site.login(stage.rows["client"])
    stage.tokens["OTHER CLIENT"] = await site.token(await stage.client(ClientStatus.ACTIVE))
    for who in ("OWNER", "COACH", "ANALYST"):
        made = await site.data(stage.tokens[who], 'mutation { apiKeyCreate(input: {name: "server", scope: FULL}) { key } }')
        stage.tokens[f"KEY OF {who}"] = made["apiKeyCreate"]["key"]
    await site.put(was(stage.rows["client"], ClientStatus.ACTIVE))
    async with unaltered(site, stage.workspace, stage.tokens["COACH"]):
        yield stage


def test_the_tables_agree_on_what_there_is() -> None:
    """Given the two tables, then they name the same steps, axes and states."""
    assert {transition.name for transition in TRANSITIONS} == verdicts.STEPS.keys() | verdicts.MAKERS.keys() | verdicts.ELSEWHERE
    known = {axis.value: " ".join(kind.__members__) for axis, kind in STATES.items() if axis in verdicts.STATES.keys() - {"document"}}
    assert known == {axis: states for axis, states in verdicts.STATES.items() if axis != "document"}
    here = [transition for transition in TRANSITIONS if transition.name not in verdicts.ELSEWHERE]
    assert {t.name for t in here if t.permanent} == verdicts.PERMANENT
    assert {t.name for t in here if t.undoable} == verdicts.UNDOABLE


def given_of(stage: Stage, step: str, state: str) -> str:
    text = verdicts.STEPS[step][3] if step in verdicts.STEPS else verdicts.MAKERS[step][2]
    stage.site.number += 1
    other = "ACTIVE" if state != "ACTIVE" else "HOT_LEAD"
    words = {"{n}": str(stage.site.number), "{other}": other, "{client}": stage.gid("client"), "{joined}": stage.gid("joined")}
    for word, value in words.items():
        text = text.replace(word, value)
    return text


async def _answers(stage: Stage, token: str | None, steps: dict[str, str], id_: str | None) -> tuple[Any, Any]:
    """Answers to the mutations and to the previews of the steps with these inputs."""
    acts = " ".join(field_of(name, id_, given, alias=name) for name, given in steps.items())
    looks = " ".join(preview(name, id_, given, alias=name) for name, given in steps.items())
    return await stage.site.ask(token, f"mutation {{ {acts} }}"), await stage.site.ask(token, f"{{ {looks} }}")


async def refused(stage: Stage, who: str, token: str | None, steps: dict[str, tuple[str, str]], id_: str | None) -> list[str]:
    """What is wrong with the answers to steps that must be refused with these codes; not one row may change."""
    if not steps:
        return []
    before = await stage.everything()
    acted, looked = await _answers(stage, token, {name: given for name, (_, given) in steps.items()}, id_)
    wrong = []
    if moved := changed(before, await stage.everything()):
        wrong.append(f"{who}: {sorted(steps)} left {moved}")
    for name, (code, _) in steps.items():
        if code == "UNAUTHENTICATED":
            codes = {error["extensions"]["code"] for answer in (acted, looked) for error in answer.get("errors", ())}
            if codes != {code} or acted.get("data") or looked.get("data"):
                wrong.append(f"{who} {name}: {acted} {looked}")
            continue
        if "errors" in acted or "errors" in looked:
            wrong.append(f"{who} {name}: {acted.get('errors')} {looked.get('errors')}")
            continue
        said = [problem["code"] for problem in acted["data"][name]["problems"]]
        foreseen = [problem["code"] for problem in looked["data"][name]["blockers"]]
        if said != [code] or foreseen != [code] or looked["data"][name]["token"] or looked["data"][name]["effects"]:
            wrong.append(f"{who} {name}: {said}, foreseen {foreseen}, expected {code}")
    return wrong


async def taken(stage: Stage, who: str, name: str, given: str, id_: str | None) -> list[str]:
    """What is wrong with a step that must be taken."""
    token = stage.tokens[who]
    if id_ is None:
        looked = await stage.site.data(token, f"{{ {preview(name, id_, given)} }}")
        more = ""
    else:
        looked = await stage.site.data(token, f"{{ {preview(name, id_, given)} }}")
        more = f'token: "{looked[f"{name}Preview"]["token"]}"'
    wrong = []
    if looked[f"{name}Preview"]["blockers"]:
        wrong.append(f"{who} {name}: foreseen {looked}")
    if name in verdicts.PERMANENT:
        wrong += await refused_without_token(stage, who, name, given, id_)
    acted = await stage.act(name, id_, given, by=who, more=more, also="event { id name before after } ")
    if acted["problems"] or not acted["event"]:
        wrong.append(f"{who} {name}: {acted}")
    return wrong


async def refused_without_token(stage: Stage, who: str, name: str, given: str, id_: str | None) -> list[str]:
    before = await stage.everything()
    acted = await stage.act(name, id_, given, by=who)
    codes = [problem["code"] for problem in acted["problems"]]
    moved = changed(before, await stage.everything())
    return [] if codes == ["CONFIRMATION_REQUIRED"] and not moved else [f"{who} {name} without token: {codes} {moved}"]


@pytest.mark.req("J-Q15", "J16", "P-Q8", "P-Q10", "J-Q16", "C6", "C10")
@AXES
@GRANTS
async def test_members(stage: Stage, axis: str, *, granted: bool) -> None:
    steps = [name for name, (of, *_) in verdicts.STEPS.items() if of == axis]
    await _grant(stage, granted)
    wrong: list[str] = []
    for state in verdicts.STATES[axis].split():
        await _put(stage, axis, state)
        for member in verdicts.MEMBERS:
            said = {name: verdicts.staff_verdict(name, state, member, granted=granted) for name in steps}
            callers = [member] + ([f"KEY OF {member}"] if f"KEY OF {member}" in stage.tokens else [])
            for who in callers:
                no = {name: (code, given_of(stage, name, state)) for name, code in said.items() if code}
                wrong += [f"{state}: {one}" for one in await refused(stage, who, stage.tokens[who], no, stage.gid(axis))]
                for name in (name for name, code in said.items() if not code):
                    wrong += [f"{state}: {one}" for one in await taken(stage, who, name, given_of(stage, name, state), stage.gid(axis))]
                    await _put(stage, axis, state)
    assert not wrong, "\n".join(wrong)


@AXES
async def test_all_others(stage: Stage, axis: str) -> None:
    """Given anybody who is no member here, then no step is theirs: what they see is forbidden, all else is not there."""
    steps = [name for name, (of, *_) in verdicts.STEPS.items() if of == axis]
    wrong: list[str] = []
    for state in verdicts.STATES[axis].split():
        await _put(stage, axis, state)
        status = state if axis == "client" else "ACTIVE"
        for who in ("FOREIGN OWNER", "FOREIGN CLIENT", "OTHER CLIENT", "CLIENT", "ANONYMOUS", "GARBAGE"):
            code = "NOT_FOUND"
            if who in ("ANONYMOUS", "GARBAGE") or (who == "CLIENT" and verdicts.PORTAL[status] is None):
                code = "UNAUTHENTICATED"
            elif who == "CLIENT" and _theirs(axis, state, status):
                code = "FORBIDDEN"
            token = {"ANONYMOUS": None, "GARBAGE": "garbage"}.get(who) if who not in stage.tokens else stage.tokens[who]
            no = {name: (code, given_of(stage, name, state)) for name in steps}
            wrong += [f"{state}: {one}" for one in await refused(stage, who, token, no, stage.gid(axis))]
    assert not wrong, "\n".join(wrong)


def _theirs(axis: str, state: str, status: str) -> bool:
    """Whether the client sees their own object in that state."""
    return axis in (verdicts.PORTAL[status] or "").split() and state not in ("REMOVED", "DELETED")


@pytest.mark.req("C1", "C12a", "C16")
@GRANTS
async def test_what_makes_its_object(stage: Stage, *, granted: bool) -> None:
    await _grant(stage, granted)
    wrong: list[str] = []
    for status in verdicts.STATES["client"].split():
        await _put(stage, "client", status)
        for who, token in {**stage.tokens, "ANONYMOUS": None}.items():
            for name in ("enrollmentCreate",) if who == "FOREIGN OWNER" else verdicts.MAKERS:  # they add to their own
                code = _maker(name, status, who, granted=granted)
                given = given_of(stage, name, status)
                if code:
                    wrong += [f"{status}: {one}" for one in await refused(stage, who, token, {name: (code, given)}, None)]
                else:
                    wrong += [f"{status}: {one}" for one in await taken(stage, who, name, given, None)]
                    await _put(stage, "client", status)
                    await _leave(stage)
    assert not wrong, "\n".join(wrong)


def _maker(name: str, status: str, who: str, *, granted: bool) -> str:
    member = who.removeprefix("KEY OF ")
    if member in verdicts.MEMBERS:
        return verdicts.maker_verdict(name, status, member, granted=granted)
    if who == "ANONYMOUS" or (who == "CLIENT" and verdicts.PORTAL[status] is None):
        return "UNAUTHENTICATED"
    return "FORBIDDEN" if name == "clientAdd" else "NOT_FOUND"


async def _leave(stage: Stage) -> None:
    """Take the client out of the package that they were put into."""
    async with stage.site.database.write() as session:
        connection = await session.connection()
        joined = stage.rows["joined"].id.hex
        await connection.exec_driver_sql(f"DELETE FROM enrollment WHERE package_id = '{joined}'")


async def _grant(stage: Stage, granted: bool) -> None:
    await stage.ungrant()
    if granted:
        await stage.grant(*verdicts.MEMBERS)


async def _put(stage: Stage, axis: str, state: str) -> None:
    """Object in the state, the client active unless it is they who are in it, nothing left of earlier steps."""
    states = {"client": "ACTIVE", "package": "OFFERED", "module": "PRESENT", "document": "PRESENT", "moduleVersion": "PUBLISHED"}
    client, session = stage.rows["client"], stage.rows["session"]
    async with stage.site.database.write() as database:
        for name in RECORDS:
            await (await database.connection()).exec_driver_sql(f"DELETE FROM {name} WHERE workspace_id = '{stage.workspace.id.hex}'")
        database.add(was(client, ClientStatus.ACTIVE))
        await set_row(database, session, revoked_at=None)
        mine = (col(Enrollment.client_id) == client.id, col(Enrollment.id) != stage.rows["enrollment"].id)
        await database.exec(update(Enrollment).where(*mine).values(state=EnrollmentState.DELETED, deleted_at=soon(-2)))
        await set_row(database, client, status_since=soon(-30), account_id=client.account_id)
        for name, here in (states | {axis: state}).items():
            await set_row(database, stage.rows[name], **columns(name, here, soon(-2)))
