"""Sealed reports as files: the same bytes for ever, whatever becomes of what they were made from."""

import hashlib
from typing import Any

import orjson
import pytest

from resolvers.erasure import run as erasing
from storage.tables.workspace import Member, Workspace
from tests.access.site import gid
from tests.certification.practice import Practice, ago
from tests.certification.test_seal import seal
from tests.reports.files import fetched, from_csv, sealed, sheets, text_of

FORMS = ("CSV", "XLSX", "PDF", "JSON")


async def taken(practice: Practice, run: str) -> dict[str, bytes]:
    return {form: await fetched(practice, sealed(run, form)) for form in FORMS}


@pytest.mark.req("I3")
async def test_it_reproduces_to_the_byte_after_erasure(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a sealed report, when a client is erased, sessions change and names change, then every form of it is the same bytes."""

    async def scrub(*_: object) -> str:
        return "not in this test"

    monkeypatch.setattr(erasing, "scrub", scrub)
    ada = await practice.client(name="Augusta Byron", email="augusta@example.org")
    shy = await practice.client(name="Shy Person", listed=False)
    for client, days in ((ada, 20), (ada, 400), (shy, 30)):
        await practice.session(client, ago(days), 50)
    await practice.group([ada, shy], ago(40))
    run = (await seal(practice, ruleSet="ICF_PCC"))["report"]
    before = await taken(practice, run["id"])
    owner, id_ = practice.tokens["OWNER"], gid("client", ada)
    seen = (await practice.site.data(owner, f'{{ it: clientErasePreview(id: "{id_}") {{ token }} }}'))["it"]
    erase = f'mutation {{ it: clientErase(id: "{id_}", token: "{seen["token"]}") {{ erasure {{ state }} problems {{ code }} }} }}'
    assert (await practice.site.data(owner, erase))["it"]["problems"] == []
    await practice.site.change(Member, practice.coach, name="Another Name", timezone="Asia/Tokyo")
    await practice.site.change(Workspace, practice.workspace, name="Another Practice")
    assert "Augusta" not in "".join((await practice.everything()).values())
    assert await taken(practice, run["id"]) == before


async def test_it_says_what_was_pinned(practice: Practice) -> None:
    """Given a sealed report, then JSON is its content, and the others show its numbers, its hash, and nobody's name."""
    ada = await practice.client(name="Ada Lovelace", email="ada@example.org")
    await practice.session(ada, ago(20), 50)
    await practice.session(await practice.client(listed=False), ago(30), 30)
    await practice.entry(900, ago(60).date(), 20)
    run = (await seal(practice, ruleSet="ICF_PCC"))["report"]
    made = await taken(practice, run["id"])
    assert made["JSON"].decode() == run["content"]
    assert hashlib.sha256(made["JSON"]).hexdigest() == run["contentHash"]
    shown = ("Number", "Client name", "Contact information", "Paid hours", "Row")
    assert [tuple(line[title] for title in shown) for line in from_csv(made["CSV"])] == [
        (str(ada.number), "", "", "0.83", "CLIENT"),
        ("900", "", "", "0.33", "ERASED"),
        ("", "", "", "0.50", "UNLISTED"),
        ("", "", "", "1.67", "TOTAL"),
    ]
    summary = {row[0]: row[1] for row in sheets(made["XLSX"])["Summary"]}
    assert (summary["SHA-256"], float(summary["Hours that count"])) == (run["contentHash"], 1.67)
    text = text_of(made["PDF"])
    assert run["contentHash"] in text.replace(" ", "")
    assert "Sealed certification report" in text
    assert "1.67 of 500" in text
    for content in (*made.values(), text.encode()):
        assert b"Ada" not in content
        assert b"example.org" not in content


async def test_its_log_adds_up_to_its_totals(practice: Practice) -> None:
    await practice.session(await practice.client(), ago(20), 50)
    await practice.group([await practice.client(), await practice.client(listed=False)], ago(40), size=40)
    said: dict[str, Any] = orjson.loads((await seal(practice, ruleSet="ICF_PCC"))["report"]["content"])
    *rows, total = said["log"]
    assert [row["row"] for row in said["log"]] == ["CLIENT", "UNLISTED", "NOT_FOR_CREDENTIAL", "TOTAL"]
    assert sum(row["paid"] + row["free"] for row in rows) == total["paid"] + total["free"] == said["sums"]["all"]["minutes"]
