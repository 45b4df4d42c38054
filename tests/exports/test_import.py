"""`portico import` of an export: a fresh workspace gets what a file can honestly restore, and says what it cannot."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lifecycle.vocabulary import AppointmentState, ClientStatus, Role
from server.imports.export_rows import NOT_RESTORED
from storage.suppression import Suppression
from storage.tables.appointments import Appointment, AppointmentType
from storage.tables.clients import Client
from storage.tables.content import Form
from storage.tables.workspace import Workspace
from tests.access.site import day, gid
from tests.exports.person import Person
from tests.portal.studio import Studio, open_studio
from tests.server.command import Done, portico_async

#: Sections that come back, and what of their items does not: keys, numbers, who wrote for the business, what counts, who else took part.
RESTORED = {
    "customFields": (),
    "consents": (),
    "appointments": (
        "bookedStatus", "countingStatus", "countsOverride", "overrideReason", "compensation", "coachingKind", "directReport", "coach",
        "enrollment",
    ),
    "conversations": ("participants",),
    "documents": ("member",),
    "formResponses": (),
    "estimates": ("number",),
    "invoices": ("number", "enrollment"),
    "payments": (),
}  # fmt: skip
CONTACT = ("name", "email", "phone", "address", "notes", "tags", "contactKind")
DIM = f"Not restored: {NOT_RESTORED}. See docs/export.md.\n"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PORTICO_") and not name.startswith(("PORTICO_TEST_", "PORTICO_REQUIRE_"))]:
        monkeypatch.delenv(name)


async def fresh(studio: Studio) -> tuple[Workspace, str]:
    """Workspace with nothing but its owner, and the owner's token."""
    workspace = await studio.site.workspace("fresh")
    return workspace, await studio.site.token(await studio.site.member(workspace, Role.OWNER))


async def imported(studio: Studio, workspace: Workspace, file: Path, *options: object) -> Done:
    return await portico_async("import", file, "--workspace", workspace.slug, "--database", studio.site.database.url, *options)


def comparable(file: Any) -> Any:
    """What the second export has in common with the first."""

    def without(value: Any, lost: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            gone = ("id", "author", "number", *lost)
            return {name: without(one, ()) for name, one in value.items() if name not in gone}
        return [without(one, ()) for one in value] if isinstance(value, list) else value

    # what is of one instant stands in the order of its keys, which are new
    sections = {name: sorted((without(one, lost) for one in file[name]), key=json.dumps) for name, lost in RESTORED.items()}
    return {"client": {name: file["client"].get(name) for name in CONTACT}, **sections}


async def client_of(studio: Studio, workspace: Workspace) -> Client:
    async with studio.site.database.write() as session:
        from sqlmodel import col, select

        return (await session.exec(select(Client).where(col(Client.workspace_id) == workspace.id))).one()


async def exported(studio: Studio, token: str, client: Client) -> Any:
    payload = await studio.act(token, "clientExport", {}, key=gid("client", client), more="path problems { code }")
    return (await studio.site.get(payload["path"])).json()


@pytest.mark.req("C-Q10")
@pytest.mark.parametrize("options", [(), ("--format", "export")])
async def test_a_round_trip(person: Person, tmp_path: Path, options: tuple[str, ...]) -> None:
    """Given the export of a client, when it is imported into a fresh workspace and exported there, then the two say the same."""
    studio = person.studio
    first = await person.file()
    file = tmp_path / "client.json"
    file.write_text(json.dumps(first))
    workspace, owner = await fresh(studio)
    done = await imported(studio, workspace, file, *options)
    assert done == Done(0, f"client.json: 1 imported.\n{DIM}", "")
    client = await client_of(studio, workspace)
    assert (client.status, client.account_id) == (ClientStatus.PROSPECT, None)
    second = await exported(studio, owner, client)
    assert comparable(second) == comparable(first)
    assert comparable(first)["conversations"][0]["messages"]
    assert second["payments"][0]["invoice"]["id"] == second["invoices"][0]["id"]
    assert [second[name] for name in ("enrollments", "purchases", "attendances", "serviceTemplates", "scheduledTransitions")] == [[]] * 5
    assert [message["author"] for message in second["conversations"][0]["messages"] if message["direction"] == "FROM_STAFF"] == ["Staff"]
    again = await imported(studio, workspace, file)
    assert again == Done(0, f"client.json: 0 new, 1 existing already.\n{DIM}", "")


async def test_the_clients_own_export_comes_back_too(person: Person, tmp_path: Path) -> None:
    """What was withheld from the client is not made up: no notes, no tags; the rest is the same."""
    studio = person.studio
    first = await person.file(person.token)
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(first))
    workspace, owner = await fresh(studio)
    assert (await imported(studio, workspace, file)).code == 0
    second = comparable(await exported(studio, owner, await client_of(studio, workspace)))
    wanted = comparable(first)
    assert second["client"] == wanted["client"] | {"tags": [], "contactKind": "POTENTIAL_CLIENT"}
    for name in set(RESTORED) - {"consents"}:
        assert second[name] == wanted[name], name


async def test_sessions_count_for_nobody_and_open_nothing(person: Person, tmp_path: Path) -> None:
    """Hours are of who held them; sessions ahead are not booked with somebody new; kinds and forms that were missing are closed."""
    studio = person.studio
    held: dict[str, Any] = {"coach_id": studio.members["COACH"].id, "type_id": studio.rows["coaching"].id, "planned_minutes": 60}
    stamps: dict[str, Any] = {"booked_status": ClientStatus.ACTIVE, "counting_status": ClientStatus.ACTIVE}
    mine: dict[str, Any] = {"workspace_id": studio.workspace.id, "client_id": person.client.id}
    await studio.site.put(Appointment(starts_at=day(9_000), booked_at=day(-5), **held, **stamps, **mine))
    file = tmp_path / "client.json"
    file.write_text(json.dumps(await person.file()))
    workspace, _ = await fresh(studio)
    assert (await imported(studio, workspace, file)).code == 0
    there = Studio(studio.site, workspace)
    [session] = await there.all(Appointment)
    assert (session.state, session.counting_status) == (AppointmentState.COMPLETED, ClientStatus.PROSPECT)
    [kind], [form] = await there.all(AppointmentType), await there.all(Form)
    assert kind.archived_at is not None
    assert form.withdrawn_at is not None


async def test_another_workspace_with_the_same_names_uses_its_own(person: Person, tmp_path: Path) -> None:
    studio = person.studio
    file = tmp_path / "client.json"
    file.write_text(json.dumps(await person.file()))
    elsewhere = await open_studio(studio.site)
    assert (await imported(studio, elsewhere.workspace, file)).code == 0
    [session] = await elsewhere.all(Appointment)
    assert session.type_id == elsewhere.rows["coaching"].id
    assert len(await elsewhere.all(Form)) == 1


async def test_a_suppressed_address_is_refused_until_acknowledged(person: Person, tmp_path: Path) -> None:
    studio = person.studio
    file = tmp_path / "client.json"
    file.write_text(json.dumps(await person.file()))
    workspace, _ = await fresh(studio)
    assert person.client.email is not None
    async with studio.site.database.write() as session:
        await Suppression(workspace.id, [studio.site.secret]).add(session, person.client.email, datetime.now(UTC))
    before = await studio.everything()
    done = await imported(studio, workspace, file)
    assert (done.code, done.out) == (0, f"client.json: 0 new, 1 suppressed.\n{DIM}")
    assert "SUPPRESSED: asked not to be contacted again" in done.err
    assert await studio.everything() == before
    assert (await imported(studio, workspace, file, "--acknowledge-suppression")).out.startswith("client.json: 1 imported.\n")


async def test_a_dry_run_changes_nothing(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "client.json"
    file.write_text(json.dumps(await person.file()))
    workspace, _ = await fresh(person.studio)
    before = await person.studio.everything()
    done = await imported(person.studio, workspace, file, "--dry-run")
    assert done.code == 0
    assert "client.json: 1 would be new.\n" in done.out
    assert await person.studio.everything() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[:-40], "client.json is not whole: it is no JSON.\nFetch the export again with a new link.\n"),
        (
            lambda _: '{"a": 1}',
            "client.json is not an export of a client.\nAn export has the format portico-client-export: see docs/export.md.\n",
        ),
        (
            lambda text: text.replace('"version": 1', '"version": 2'),
            "client.json is an export of version 2.\nThis Portico reads version 1.\n",
        ),
        (lambda text: text.replace("2024-12-26T12:00:00Z", "soon"), "client.json cannot be read at conversations[1].\n"),
        (lambda text: text.replace('"SUCCEEDED"', '"TOLD"'), "client.json cannot be read at payments[0].\n"),
        (lambda text: text.replace("Very good.", "Very\\u0000good."), "client.json cannot be read at client.\n"),
    ],
)
async def test_what_is_no_export_is_refused_whole(person: Person, tmp_path: Path, change: Any, said: str) -> None:
    file = tmp_path / "client.json"
    file.write_text(change(json.dumps(await person.file())))
    workspace, _ = await fresh(person.studio)
    before = await person.studio.everything()
    done = await imported(person.studio, workspace, file)
    assert (done.code, done.out) == (1, "")
    assert said in done.err
    assert await person.studio.everything() == before
