"""What stands in the logs: who is named, and that the hours are all there whoever is."""

import random
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from lifecycle.vocabulary import AppointmentState, ClientStatus, CoachingKind, Compensation, DataState
from storage.tables.clients import Client, Consent
from tests.certification.practice import LINE, TOTALS, Practice, ago
from tests.reports.files import Table, export, fetched, lines

SUMS = ("UNLISTED", "NOT_FOR_CREDENTIAL", "NOT_COUNTED", "TOTAL")
FREE: dict[str, Any] = {"compensation": Compensation.PRO_BONO}


def by_row(table: Table) -> dict[str, Any]:
    """Sums of a log: paid and pro bono hours by the kind of their row."""
    return {line["Row"]: (line["Paid hours"], line["Pro bono hours"]) for line in table if line["Row"] in SUMS}


def named(table: Table) -> list[tuple[str, ...]]:
    """Lines of the log by client, without the days."""
    shown = ("Number", "Client name", "Contact information", "Number in group", "Paid hours", "Pro bono hours")
    return [tuple(line[title] for title in shown) for line in table if line["Row"] not in SUMS]


@pytest.mark.req("C9")
async def test_a_line_for_each_client(practice: Practice) -> None:
    """Given two clients who agreed, when the log is exported, then each has a line from the first day to the last, former ones too."""
    ada = await practice.client(name="Ada", email="ada@example.org", phone="+12025550101")
    bob = await practice.client(ClientStatus.INACTIVE, name="Bob", phone="+12025550102")
    await practice.session(ada, ago(100), 90)
    await practice.session(ada, ago(10), 45)
    await practice.session(ada, ago(50), 20, **FREE)
    await practice.session(bob, ago(30), 60)
    first, last, *_ = [str(line["day"]) for line in sorted((await practice.lines()).values(), key=lambda line: str(line["day"]))]
    table = await lines(practice)
    assert table[0] == {
        "Number": str(ada.number),
        "Client name": "Ada",
        "Contact information": "ada@example.org",
        "Individual or group": "Individual",
        "Number in group": "",
        "Start date": first,
        "End date": max(str(line["day"]) for line in (await practice.lines()).values()),
        "Paid hours": "2.25",
        "Pro bono hours": "0.33",
        "Row": "CLIENT",
    }
    assert named(table)[1] == (str(bob.number), "Bob", "'+12025550102", "", "1.00", "0.00")
    assert last > first
    assert by_row(table) == {"UNLISTED": ("0.00", "0.00"), "TOTAL": ("3.25", "0.33")}


@pytest.mark.req("T-Q1")
async def test_who_did_not_agree_is_in_a_sum(practice: Practice) -> None:
    """Given clients without consent, without it any more, deleted and erased, then none is named, and every hour is there."""
    ada = await practice.client(name="Ada", email="ada@example.org")
    never = await practice.client(name="Never", email="never@example.org", listed=False)
    later = await practice.client(name="Later", email="later@example.org", listed=False)
    await practice.consent(later, withdrawn_at=ago(1))
    gone = await practice.client(name="Gone", email="gone@example.org", data_state=DataState.CONTACT_DELETED)
    for client in (ada, never, later, gone):
        await practice.session(client, ago(20))
    await practice.entry(900, ago(30).date(), 30)
    await practice.entry(900, ago(31).date(), 30, **FREE)
    table = await lines(practice)
    assert named(table) == [
        (str(ada.number), "Ada", "ada@example.org", "", "1.00", "0.00"),
        (str(gone.number), "", "", "", "1.00", "0.00"),
        ("900", "", "", "", "0.50", "0.50"),
    ]
    assert [line["Row"] for line in table] == ["CLIENT", "ERASED", "ERASED", "UNLISTED", "TOTAL"]
    assert by_row(table) == {"UNLISTED": ("2.00", "0.00"), "TOTAL": ("4.50", "0.50")}
    for log in ("CLIENTS", "SESSIONS"):
        for form in ("CSV", "JSON"):
            content = (await fetched(practice, export(practice, log, form))).decode()
            assert [word for word in ("Never", "never@", "Later", "later@", "Gone", "gone@") if word in content] == []
            assert "Ada" in content


async def test_withdrawing_consent_removes_the_name_and_keeps_the_arithmetic(practice: Practice) -> None:
    """Given an export that names a client, when they withdraw their consent, then the next one does not, and adds up to the same.

    A report as of an instant at which they still agreed does not name them either.
    """
    ada, bob = await practice.client(name="Ada", email="ada@example.org"), await practice.client(name="Bob")
    consent = await practice.consent(ada)
    for client, days in ((ada, 40), (ada, 41), (bob, 42)):
        await practice.session(client, ago(days))
    group = await practice.group([ada, bob], ago(43), 60)
    logs = {log: await lines(practice, log) for log in ("CLIENTS", "SESSIONS")}
    assert by_row(logs["CLIENTS"])["TOTAL"] == by_row(logs["SESSIONS"])["TOTAL"] == ("4.00", "0.00")
    assert (str(ada.number), "Ada", "ada@example.org", "2", "1.00", "0.00") in named(logs["CLIENTS"])
    async with practice.site.database.write() as session:
        for row in (await session.get(Consent, (consent.workspace_id, consent.id)), *await _consents(session, ada)):
            row.withdrawn_at = ago(1)
            session.add(row)
    then = f'"{ago(20).isoformat()}"'
    for arguments in ({}, {"at": then}):
        for log, before in logs.items():
            table = await lines(practice, log, **arguments)
            assert "Ada" not in str(table)
            assert "ada@" not in str(table)
            assert by_row(table)["TOTAL"] == by_row(before)["TOTAL"]
    clients = await lines(practice)
    assert by_row(clients)["UNLISTED"] == ("2.00", "0.00")
    assert (str(bob.number), "Bob", "", str(group.size), "1.00", "0.00") in named(clients)


async def _consents(session: Any, client: Client) -> list[Any]:
    from sqlmodel import select

    return list((await session.exec(select(Consent).where(Consent.client_id == client.id))).all())


async def test_a_group_is_listed_under_one_of_its_people(practice: Practice) -> None:
    """Given groups, then each size is a line under somebody who agreed and counts; where nobody did, it is in the sum."""
    shy, ada = await practice.client(name="Shy", listed=False), await practice.client(name="Ada", email="ada@example.org")
    prospect = await practice.client(ClientStatus.PROSPECT, name="Prospect")
    await practice.group([shy, prospect, ada], ago(20), 60, size=8)
    await practice.group([shy, ada], ago(30), 90, size=8)
    await practice.group([shy, ada], ago(40), 30, size=3)
    await practice.group([shy], ago(50), 60, size=5)
    table = await lines(practice)
    about = (str(ada.number), "Ada", "ada@example.org")
    assert named(table) == [(*about, "3", "0.50", "0.00"), (*about, "8", "2.50", "0.00")]
    assert [line["Individual or group"] for line in table[:2]] == ["Group", "Group"]
    assert by_row(table) == {"UNLISTED": ("1.00", "0.00"), "TOTAL": ("4.00", "0.00")}


async def test_what_does_not_count_for_the_credential_is_a_sum_of_its_own(practice: Practice) -> None:
    """Given a group over the cap and a session before `countFrom`, then no client has these hours, and the total has them."""
    ada = await practice.client(name="Ada")
    await practice.session(ada, ago(20))
    await practice.session(ada, ago(200))
    await practice.group([ada], ago(30), 60, size=40)
    arguments = {"ruleSet": "ICF_PCC", "countFrom": f'"{ago(100).date()}"'}
    table = await lines(practice, **arguments)
    assert named(table) == [(str(ada.number), "Ada", "", "", "1.00", "0.00")]
    assert by_row(table) == {"UNLISTED": ("0.00", "0.00"), "NOT_FOR_CREDENTIAL": ("2.00", "0.00"), "TOTAL": ("3.00", "0.00")}
    sessions = await lines(practice, "SESSIONS", **arguments)
    assert [(line["Counts"], line["Reason"]) for line in sessions if line["Row"] not in SUMS] == [
        ("NOT_FOR_CREDENTIAL", "BEFORE_COUNT_FROM"),
        ("NOT_FOR_CREDENTIAL", "GROUP_OVER_CAP"),
        ("YES", ""),
    ]


async def test_contacts_are_those_of_own_clients(practice: Practice) -> None:
    """Given a client who has another coach now, then their coach of then sees the name, as in the report, and the owner the contact."""
    ada = await practice.client(name="Ada", email="ada@example.org")
    await practice.session(ada, ago(20))
    await practice.site.change(Client, ada, coach_id=practice.members["OTHER"].id)
    shown = {
        by: [(line["Client name"], line["Contact information"]) for line in (await lines(practice, by=by))[:1]] for by in ("COACH", "OWNER")
    }
    assert shown == {"COACH": [("Ada", "")], "OWNER": [("Ada", "ada@example.org")]}


async def test_a_line_for_each_session(practice: Practice) -> None:
    """Given sessions of every sort, then each has a line, counted or not, and no word that was written about a person."""
    ada = await practice.client(name="Ada")
    reason = {"counts_override": False, "override_reason": "Ada was ill"}
    for row in ({"state": AppointmentState.CANCELLED}, reason, {"state": AppointmentState.BOOKED}, {}):
        await practice.session(ada, ago(20 + len(row)), 50, **row)
    await practice.entry(77, ago(90).date(), 40)
    table = await lines(practice, "SESSIONS")
    found = [
        (line["Number"], line["Client name"], line["Minutes"], line["Counts"], line["Reason"], line["Decided by hand"]) for line in table
    ]
    number = str(ada.number)
    assert found[0] == ("77", "", "40", "YES", "", "no")
    assert sorted(found[1:5]) == [
        (number, "Ada", "50", "NO", "CANCELLED", "no"),
        (number, "Ada", "50", "NO", "NOT_HELD_YET", "no"),
        (number, "Ada", "50", "NO", "OVERRIDDEN", "yes"),
        (number, "Ada", "50", "YES", "", "no"),
    ]
    assert {line["Row"]: (line["Minutes"], line["Paid hours"]) for line in table[5:]} == {
        "UNLISTED": ("40", "0.67"),
        "NOT_COUNTED": ("150", ""),
        "TOTAL": ("90", "1.50"),
    }
    assert "ill" not in str(table)


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", '=HYPERLINK("http://x")')


@pytest.mark.parametrize("log", ["CLIENTS", "SESSIONS"])
async def test_no_cell_is_a_formula(practice: Practice, log: str) -> None:
    """Given names that a spreadsheet would compute, then CSV marks them as text, and XLSX and JSON hold them as they are."""
    for name in FORMULAS:
        await practice.session(await practice.client(name=name, email=f"=cmd{len(name)}{ord(name[0])}{len(log)}@example.org"), ago(20))
    table = await lines(practice, log)
    assert sorted(line["Client name"] for line in table[: len(FORMULAS)]) == sorted(f"'{name}" for name in FORMULAS)
    if log == "CLIENTS":
        assert all(line["Contact information"].startswith("'=cmd") for line in table[: len(FORMULAS)])
    kept = [line["Client name"].replace("_x000D_", "\r") for line in (await lines(practice, log, "XLSX"))[: len(FORMULAS)]]
    assert sorted(name.strip() for name in kept) == sorted(name.strip() for name in FORMULAS)
    rows = orjson.loads(await fetched(practice, export(practice, log, "JSON")))["rows"]
    assert sorted(str(row["name"]) for row in rows[: len(FORMULAS)]) == sorted(FORMULAS)


@pytest.mark.req("I3")
@pytest.mark.parametrize("seed", [1, 2])
async def test_it_adds_up(practice: Practice, seed: int) -> None:
    """Given sessions at random, then both logs in all forms are the lines of the report, summed up in plain Python."""
    await _random(practice, random.Random(seed))
    report = await practice.report(
        f"totals {{ {TOTALS} }} counted(first: 100) {{ nodes {{ {LINE} }} }} excluded(first: 100) {{ totalCount }}"
    )
    counted, totals = report["counted"]["nodes"], report["totals"]
    mine: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for line in counted:
        if line["groupSize"] is None and not line["unlisted"]:
            mine[line["clientNumber"]][0 if line["paid"] else 1] += line["minutes"]
    table = await lines(practice)
    alone = {int(line["Number"]): line for line in table if line["Row"] == "CLIENT" and not line["Number in group"]}
    assert {number: (f"{paid / 60:.2f}", f"{free / 60:.2f}") for number, (paid, free) in mine.items()} == {
        number: (line["Paid hours"], line["Pro bono hours"]) for number, line in alone.items()
    }
    hours = (f"{totals['paidHours']:.2f}", f"{totals['proBonoHours']:.2f}")
    sessions = await lines(practice, "SESSIONS")
    assert by_row(table)["TOTAL"] == by_row(sessions)["TOTAL"] == hours
    assert float(by_row(sessions)["UNLISTED"][0]) + float(by_row(sessions)["UNLISTED"][1]) == pytest.approx(
        totals["unlistedHours"], abs=0.02
    )
    assert len([line for line in sessions if line["Row"] not in SUMS]) == totals["allSessions"]
    for log, csv_lines in (("CLIENTS", table), ("SESSIONS", sessions)):
        rows = orjson.loads(await fetched(practice, export(practice, log, "JSON")))["rows"]
        books = await lines(practice, log, "XLSX")
        for line, row, book in zip(csv_lines, rows, books, strict=True):
            assert line["Client name"] == (row["name"] or "") == book["Client name"]
            assert line["Paid hours"] == ("" if row["paidHours"] is None else f"{row['paidHours']:.2f}")
            assert float(line["Paid hours"] or 0) == float(book["Paid hours"] or 0)
            assert line["Row"] == row["row"] == book["Row"]


async def _random(practice: Practice, draw: random.Random) -> None:
    """Clients of all sorts, with sessions, groups and entries of all sorts."""
    sorts = [(draw.choice(list(ClientStatus)), draw.random() < 0.6) for _ in range(8)]
    people = [await practice.client(status, listed=listed, name=f"Person {n}") for n, (status, listed) in enumerate(sorts)]
    states = [AppointmentState.COMPLETED] * 4 + [AppointmentState.CANCELLED, AppointmentState.NO_SHOW]
    for _ in range(25):
        more = {
            "state": draw.choice(states),
            "compensation": draw.choice(list(Compensation)),
            "coaching_kind": draw.choice(list(CoachingKind)),
        }
        await practice.session(draw.choice(people), ago(draw.randrange(5, 900)), draw.choice([20, 45, 50, 60]), **more)
    for _ in range(4):
        await practice.group(draw.sample(people, 3), ago(draw.randrange(5, 900)), draw.choice([30, 50]), size=draw.choice([3, 4]))
    for _ in range(3):
        day: date = ago(draw.randrange(5, 900)).date() - timedelta(days=1)
        await practice.entry(draw.choice([501, 502]), day, draw.choice([30, 50]))
