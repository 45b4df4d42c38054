"""What stands in the file, and what never does."""

import json
import subprocess
import sys
from typing import Any

import pytest

from gql.exports import FORMAT, SECTIONS, VERSION
from lifecycle.vocabulary import EnrollmentState, MessageDirection
from storage.tables.conversations import Message
from storage.tables.packages import Enrollment
from storage.tables.workspace import Account
from tests.access.site import day, gid
from tests.docs.conftest import TREE
from tests.exports.json_schema import faults
from tests.exports.person import INTERNAL, OTHERS, Person, open_person
from tests.portal.studio import Studio

SCHEMA = json.loads((TREE / "docs/export.schema.json").read_text())


def without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_ids(one) for name, one in value.items() if name != "id"}
    return [without_ids(one) for one in value] if isinstance(value, list) else value


@pytest.mark.req("C-Q10")
async def test_staff_get_everything(person: Person) -> None:
    """Given something of every kind, when the coach exports it, then each section holds it."""
    file = await person.file()
    head = {name: file[name] for name in ("format", "version", "by", "withheld")}
    assert head == {"format": FORMAT, "version": VERSION, "by": "STAFF", "withheld": []}
    assert file["workspace"] == {"name": "studio", "country": "US", "timezone": "UTC", "currency": "USD"}
    client = file["client"]
    assert (client["id"], client["number"], client["name"]) == (person.id, person.client.number, "Zoë Quist")
    assert (client["email"], client["phone"], client["address"]) == (person.client.email, "+12025550199", "12 Harbour Road")
    assert (client["notes"], client["tags"], client["status"]) == (INTERNAL, ["vip"], "ACTIVE")
    assert {section.name: len(file[section.name]) for section in SECTIONS} == dict.fromkeys((s.name for s in SECTIONS), 1) | {
        "statusHistory": 2,
        "conversations": 2,
    }
    assert [(change["before"], change["after"]) for change in file["statusHistory"]] == [(None, "PROSPECT"), ("PROSPECT", "ACTIVE")]
    [enrollment] = file["enrollments"]
    assert (enrollment["package"]["name"], enrollment["subscription"]["amount"]) == ("Package", {"amountMinor": 9_900, "currency": "USD"})
    assert [change["transition"] for change in enrollment["changes"]] == ["enrollmentCreate"]
    [attendance] = file["attendances"]
    assert attendance["event"]["title"] == "Evening circle"
    [response] = file["formResponses"]
    assert (response["form"]["questions"], response["answers"]) == (["Why?", "Why now?"], ["To change", "It is time"])
    [payment], [invoice] = file["payments"], file["invoices"]
    assert payment["invoice"] == {"id": invoice["id"], "number": invoice["number"]}
    assert invoice["enrollment"]["id"] == enrollment["id"]
    assert without_ids(file["documents"]) == [
        {
            "sharedAt": "2024-11-11T12:00:00Z",
            "title": "Agreement",
            "mediaType": "application/pdf",
            "byteSize": 4_096,
            "member": {"name": "Member 3"},
        }
        | {"member": {"name": person.studio.members["COACH"].name}}
    ]


async def test_others_have_no_name_and_no_words(person: Person) -> None:
    """Given a group, when any of its people is exported, then the others are another client, and only what was said to all is there."""
    studio = person.studio
    for token, given in ((studio.tokens["COACH"], {}), (studio.tokens["OWNER"], {"reason": "Asked"}), (person.token, {})):
        text = (await studio.site.get(await person.link(token, given))).text
        assert OTHERS not in text
        assert person.other.id.hex not in text
    file = await person.file()
    talks = {tuple(message["body"] for message in talk["messages"]): talk["participants"] for talk in file["conversations"]}
    assert talks == {
        ("How was it?", "Very good."): ["Zoë Quist"],
        ("Welcome, all.", "Hello, circle."): ["Zoë Quist", "another client"],
    }


async def test_the_clients_own_file_holds_what_the_portal_shows(person: Person) -> None:
    """Notes, tags and the rest that the matrix hides are not there; each is named, with the reason."""
    studio = person.studio
    answer = await studio.site.get(await person.link(person.token))
    file = answer.json()
    assert INTERNAL not in answer.text
    assert '"vip"' not in answer.text
    assert "On paper" not in answer.text
    assert file["by"] == "CLIENT"
    assert {"notes", "tags", "origin"}.isdisjoint(file["client"])
    assert (file["statusHistory"], file["scheduledTransitions"], file["enrollments"][0]["changes"]) == ([], [], [])
    withheld = {note["field"]: note["because"] for note in file["withheld"]}
    assert withheld["client.notes"] == "Your access to the portal does not include notes."
    assert {"client.tags", "statusHistory", "enrollments.changes", "consents.evidence", "appointments.countingStatus"} <= withheld.keys()
    own = {name: len(file[name]) for name in ("customFields", "appointments", "attendances", "conversations", "documents", "invoices")}
    assert own == {"customFields": 1, "appointments": 1, "attendances": 1, "conversations": 2, "documents": 1, "invoices": 1}


@pytest.mark.parametrize("standing", ["HOT_LEAD", "BUYER", "INACTIVE READ_ONLY"])
async def test_by_standing(studio: Studio, standing: str) -> None:
    """A hot lead does not read exchanged documents, a buyer no answers; who left with READ_ONLY still reads both."""
    person = await open_person(studio, standing)
    file = await person.file(person.token)
    assert faults(SCHEMA, file) == []
    there = (len(file["documents"]), len(file["formResponses"]))
    assert there == {"HOT_LEAD": (0, 1), "BUYER": (0, 0), "INACTIVE READ_ONLY": (1, 1)}[standing]


async def test_a_deleted_enrollment_is_told_to_staff(person: Person) -> None:
    """The record of a deletion is data about the person; to the client the package is gone."""
    [row] = await person.studio.all(Enrollment, client_id=person.client.id)
    await person.studio.site.change(Enrollment, row, state=EnrollmentState.DELETED, deleted_at=day(-5))
    assert [one["state"] for one in (await person.file())["enrollments"]] == ["DELETED"]
    assert (await person.file(person.token))["enrollments"] == []


async def test_no_secret_is_in_the_file(person: Person) -> None:
    """Neither the account's name nor its password, nor a storage key, nor an id of the database other than global ids."""
    studio = person.studio
    async with studio.site.database.write() as session:
        account = await session.get_one(Account, person.client.account_id)
        account.password_hash = "$argon2id$v=19$secret"
        session.add(account)
    for token in (studio.tokens["COACH"], person.token):
        text = (await studio.site.get(await person.link(token))).text
        for secret in ("argon2", account.username, account.id.hex, "storage", studio.workspace.id.hex, str(person.client.id)):
            assert secret not in text, secret


async def test_files_are_as_the_schema_says(person: Person) -> None:
    studio = person.studio
    for token, given in ((studio.tokens["COACH"], {}), (studio.tokens["OWNER"], {"reason": "Asked"}), (person.token, {})):
        assert faults(SCHEMA, await person.file(token, given)) == []
    bare, _ = await studio.person("PROSPECT")
    payload = await studio.act(studio.tokens["COACH"], "clientExport", {}, key=gid("client", bare), more="path")
    assert faults(SCHEMA, (await studio.site.get(payload["path"])).json()) == []


def test_the_schema_is_current() -> None:
    command = [sys.executable, "-P", "-m", "scripts.export_schema", "--check"]
    done = subprocess.run(command, cwd=TREE, env={"PYTHONPATH": str(TREE)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def test_lists_longer_than_a_page_are_whole(person: Person) -> None:
    """Given 250 messages beside the two, when they are exported, then each is there once, in order."""
    studio = person.studio
    talk = await studio.talk(person.client)
    mine: dict[str, Any] = {"workspace_id": studio.workspace.id, "client_id": person.client.id, "conversation_id": talk.id}
    said = [f"Message {number}" for number in range(250)]
    await studio.site.put(
        *(Message(direction=MessageDirection.FROM_CLIENT, body=body, sent_at=day(-40 + at / 1_000), **mine) for at, body in enumerate(said))
    )
    for token in (studio.tokens["COACH"], person.token):
        file = await person.file(token)
        [found] = [one for one in file["conversations"] if one["id"] == gid("conversation", talk)]
        assert [message["body"] for message in found["messages"]] == said
