"""The steps of the portal, of authoring and of what waits, from every state by every caller: who is refused changes not one row."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

import pytest
import pytest_asyncio
from sqlmodel import col, delete

from lifecycle.schedules import ScheduleCondition
from lifecycle.vocabulary import ClientStatus, ScheduleState, SuggestionReason
from storage.tables.clients import ClientTag
from storage.tables.content import Audience, Document, Form, Page
from storage.tables.operations import ScheduledTransition, Suggestion
from storage.tables.packages import ModuleVersion, PackageItem, Product, Release
from tests.access.site import Site, gid
from tests.certification.sealed import unaltered
from tests.lifecycle.stage import Stage, build, columns, field_of, preview, set_row, soon, was
from tests.lifecycle.verdicts_beside import CALLERS, STATES, STEPS, verdict
from tests.rows import RECORDS, changed

TAGS: Final = {
    "ahead": "appointment",
    "sheet": "document",
    "packageItem": "item",
    "moduleVersion": "moduleversion",
}
STRANGERS: Final = ("FOREIGN OWNER", "FOREIGN CLIENT", "OTHER CLIENT")


@pytest_asyncio.fixture(scope="module")
async def stage(site: Site) -> AsyncIterator[Stage]:
    """One workspace for all cases, with another beside it whose people call too."""
    stage = await build(site, name="every-other")
    elsewhere = await build(site, name="elsewhere-other")
    stage.tokens["FOREIGN OWNER"] = elsewhere.tokens["OWNER"]
    stage.tokens["FOREIGN CLIENT"] = await site.token(elsewhere.rows["client"])
    stage.tokens["CLIENT"], stage.rows["session"] = await site.login(stage.rows["client"])
    stage.tokens["OTHER CLIENT"] = await site.token(await stage.client(ClientStatus.HOT_LEAD))
    client = stage.rows["client"]
    w: dict[str, Any] = {"workspace_id": stage.workspace.id}
    stage.rows["ahead"] = await stage.service(client, 400)
    stage.rows["template"] = await stage.template(client)
    page, form = Page(title="Page", published_at=soon(-9), **w), Form(title="Form", questions='["Why?"]', published_at=soon(-9), **w)
    sheet, product = Document(title="Sheet", added_at=soon(-9), **w), Product(name="Kit", **w)
    item = PackageItem(package_id=stage.rows["package"].id, position=9, appointment_type_id=stage.rows["type"].id, **w)
    stage.rows |= {"page": page, "form": form, "sheet": sheet, "product": product, "packageItem": item}
    stage.rows["schedule"] = ScheduledTransition(
        transition="clientMakeInactive", subject_id=client.id, client_id=client.id, actor="a", due_at=soon(9),
        condition=ScheduleCondition.AT_DATE, **w,
    )  # fmt: skip
    stage.rows["suggestion"] = Suggestion(
        transition="clientMakeInactive", subject_id=client.id, client_id=client.id, reason=SuggestionReason.REQUESTED, **w
    )
    await site.put(page, form, sheet, product, item, stage.rows["suggestion"])
    async with unaltered(site, stage.workspace, stage.tokens["COACH"]):
        yield stage


def test_every_state_has_its_letter() -> None:
    for name, row in STEPS.items():
        assert len(row.letters) == len(STATES[row.axis].split()), name


@pytest.mark.parametrize("axis", STATES)
async def test_every_caller(stage: Stage, axis: str) -> None:
    steps = [name for name, row in STEPS.items() if row.axis == axis]
    wrong: list[str] = []
    for state in STATES[axis].split():
        await _put(stage, axis, state)
        before = await stage.everything()
        for who in CALLERS:
            said = {name: verdict(name, state, who) for name in steps}
            wrong += [f"{state}: {one}" for one in await _refused(stage, who, {name: code for name, code in said.items() if code})]
        named = {name: "NOT_FOUND" for name in steps if STEPS[name].object or "{" in STEPS[name].given.replace("{n}", "")}
        for who in STRANGERS:
            if axis != "product" or who != "OTHER CLIENT":  # what is on sale is for all clients here
                wrong += [f"{state}: {one}" for one in await _refused(stage, who, named)]
        if moved := changed(before, await stage.everything()):
            wrong.append(f"{state}: refusals left {moved}")
        for name in steps:
            wrong += [f"{state}: {one}" for one in await _taken(stage, name, state)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("token", [None, "garbage"])
async def test_who_is_not_signed_in_takes_none_of_them(stage: Stage, token: str | None) -> None:
    before = await stage.everything()
    names = list(STEPS)
    for asked in (document for start in range(0, len(names), 10) for document in _asked(stage, names[start : start + 10])):
        answer = await stage.site.ask(token, asked)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"UNAUTHENTICATED"}
        assert not answer.get("data")
    assert changed(before, await stage.everything()) == {}


def _said(stage: Stage, name: str) -> tuple[str | None, str]:
    """Id of the object of a step, and its input."""
    row = STEPS[name]
    stage.site.number += 1
    given = row.given.replace("{n}", str(stage.site.number)).replace("{day}", soon(2).date().isoformat())
    given = given.replace("{far}", soon(30 + stage.site.number / 8).isoformat())
    for word in ("client", "type", "conversation", "package", "module", "moduleVersion", "form", "product"):
        given = given.replace(f"{{{word}}}", gid(TAGS.get(word, word), stage.rows[word]))
    return gid(TAGS.get(row.object, row.object), stage.rows[row.object]) if row.object else None, given


def _asked(stage: Stage, steps: Iterable[str]) -> tuple[str, str]:
    """Document with the mutations of these steps, and one with the previews."""
    said = {name: _said(stage, name) for name in steps}
    acts = " ".join(field_of(name, *what, alias=name) for name, what in said.items())
    looks = " ".join(preview(name, *what, alias=name) for name, what in said.items())
    return f"mutation {{ {acts} }}", f"{{ {looks} }}"


async def _refused(stage: Stage, who: str, steps: dict[str, str]) -> list[str]:
    """What is wrong with the answers to steps that must be refused with these codes."""
    if not steps:
        return []
    acted, looked = [await stage.site.ask(stage.tokens[who], asked) for asked in _asked(stage, steps)]
    if "UNAUTHENTICATED" in steps.values():
        codes = {error["extensions"]["code"] for answer in (acted, looked) for error in answer.get("errors", ())}
        return [] if codes == {"UNAUTHENTICATED"} else [f"{who}: {acted} {looked}"]
    if "errors" in acted or "errors" in looked:
        return [f"{who}: {acted.get('errors')} {looked.get('errors')}"]
    wrong = []
    for name, code in steps.items():
        said = [problem["code"] for problem in acted["data"][name]["problems"]]
        foreseen = [problem["code"] for problem in looked["data"][name]["blockers"]]
        if said != [code] or foreseen != [code]:
            wrong.append(f"{who} {name}: {said}, foreseen {foreseen}, expected {code}")
    return wrong


async def _taken(stage: Stage, name: str, state: str) -> list[str]:
    """What is wrong with a step that whoever may take it can take: all foresee it, and then the first does it."""
    admitted = [who for who in CALLERS if not verdict(name, state, who)]
    wrong = []
    id_, given = _said(stage, name)
    for who in reversed(admitted):
        looked = (await stage.site.data(stage.tokens[who], f"{{ {preview(name, id_, given)} }}"))[f"{name}Preview"]
        if looked["blockers"]:
            wrong.append(f"{who} {name}: foreseen {looked}")
        if who is admitted[0]:
            more = f'token: "{looked["token"]}"' if id_ else ""
            acted = await stage.act(name, id_, given, by=who, more=more, also="event { id }")
            if acted["problems"] or (who != "CLIENT" and not acted["event"]):
                wrong.append(f"{who} {name}: {acted}")
            await _put(stage, STEPS[name].axis, state)
    return wrong


def _columns(axis: str, state: str) -> dict[str, Any]:
    match axis:
        case "packageItem" | "serviceTemplate":
            return {"removed_at": None if state == "PRESENT" else soon(-1)}
        case "page" | "form" | "document":
            return {"withdrawn_at": None if state == "PRESENT" else soon(-1)}
        case "suggestion":
            return {"dismissed_at": None if state == "OPEN" else soon(-1)}
        case "product":
            return {"on_sale": True}
    return columns(axis, state, soon(-2))


async def _put(stage: Stage, axis: str, state: str) -> None:
    """Object in the state, the client active unless it is they who are in it, nothing left of earlier steps."""
    objects = {"appointment": "ahead", "document": "sheet", "serviceTemplate": "template"}
    client, w = stage.rows["client"], stage.workspace.id
    async with stage.site.database.write() as database:
        for name in RECORDS:
            await (await database.connection()).exec_driver_sql(f"DELETE FROM {name} WHERE workspace_id = '{w.hex}'")
        for table in (Release, Audience, ClientTag):
            await database.exec(delete(table).where(col(table.workspace_id) == w))
        await database.exec(delete(ModuleVersion).where(col(ModuleVersion.workspace_id) == w, col(ModuleVersion.version) > 1))
        database.add(was(client, ClientStatus.ACTIVE))
        database.add(ClientTag(workspace_id=w, client_id=client.id, tag="kept"))
        for place in ("page", "form", "sheet"):
            column = {"page": "page_id", "form": "form_id", "sheet": "document_id"}[place]
            database.add(Audience(workspace_id=w, status=ClientStatus.ACTIVE, **{column: stage.rows[place].id}))
        kept = stage.rows["schedule"].model_dump()
        database.add(ScheduledTransition(**kept | {"state": ScheduleState[state] if axis == "scheduledTransition" else "PENDING"}))
        await set_row(database, stage.rows["session"], revoked_at=None)
        await set_row(database, client, status_since=soon(-30), account_id=client.account_id, **columns("client", "ACTIVE", soon(-2)))
        await set_row(database, stage.rows["enrollment"], **columns("enrollment", "ACTIVE", soon(-2)))
        await set_row(database, stage.rows["moduleVersion"], published_at=soon(-50))
        if axis != "scheduledTransition":
            await set_row(database, stage.rows[objects.get(axis, axis)], **_columns(axis, state))
