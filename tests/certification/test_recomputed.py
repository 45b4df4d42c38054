"""Random workspaces: the report through the API is what plain Python makes of the exported rows, and always adds up.

`PORTICO_REPORT_WORKSPACES=1000 .venv/bin/python -m pytest -n 0 tests/certification/test_recomputed.py` tries a thousand.
"""

import os
import random
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from sqlmodel import col, select

from lifecycle.vocabulary import (
    AppointmentState,
    Billing,
    ClientStatus,
    CoachingKind,
    Compensation,
    ConsentPurpose,
    CountingBasis,
    DataState,
)
from storage.tables.appointments import Appointment, AppointmentType, Attendance, GroupEvent
from storage.tables.certification import HourLedgerEntry
from storage.tables.clients import Client, Consent
from storage.tables.packages import Enrollment, Package
from tests.access.site import Site
from tests.certification.oracle import Books, Found, Question, Rules, hours, progress, totals
from tests.certification.practice import READINESS, REPORT, Practice, ago, open_practice

WORKSPACES: Final = int(os.environ.get("PORTICO_REPORT_WORKSPACES", "12"))
ZONES: Final = ("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe")
RULES: Final = {
    "ICF_ACC": Rules(cap=15, direct_reports=False),
    "ICF_PCC": Rules(cap=15, direct_reports=False),
    "EMCC_FOUNDATION": Rules(),
    "NBHWC": Rules(shortest=20, sessions=True),
}
PURPOSES: Final = [ConsentPurpose.CERT_LOG] * 3 + [ConsentPurpose.MARKETING]
TABLES: Final = (Client, Consent, AppointmentType, Appointment, GroupEvent, Attendance, HourLedgerEntry, Enrollment)


class Draw(random.Random):
    """Random rows of one practice."""

    def session(self) -> datetime:
        """Instant within three years, rather often around midnight somewhere, at the edge of 18 months, or at a change of clocks."""
        near = self.choice([ago(self.uniform(-20, 1100)), ago(548 + self.uniform(-3, 3)), datetime(2026, 3, 29, tzinfo=UTC)])
        return near.replace(minute=self.choice([0, 15, 30, 45]), hour=self.randrange(24), second=0, microsecond=0)

    def override(self) -> bool | None:
        return self.choice([None, None, None, None, None, True, False])


async def fill(practice: Practice, draw: Draw) -> None:
    w: Any = {"workspace_id": practice.workspace.id}
    people = []
    for _ in range(draw.randint(1, 6)):
        state = draw.choice([DataState.PRESENT] * 4 + [DataState.HISTORY_DELETED, DataState.CONTACT_DELETED])
        people.append(await practice.client(draw.choice(list(ClientStatus)), listed=False, data_state=state))
    rows: list[Any] = []
    for client in people:
        if draw.random() < 0.6:
            ended = draw.choice([None, None, ago(draw.uniform(1, 900))])
            rows.append(Consent(client_id=client.id, purpose=draw.choice(PURPOSES), given_at=ago(1000), withdrawn_at=ended, **w))
    package = Package(name="Package", billing=Billing.FREE, **w)
    enrollment = Enrollment(client_id=people[0].id, package_id=package.id, **w)
    rows += [package, enrollment]
    for _ in range(draw.randint(0, 30)):
        client = draw.choice(people)
        rows.append(
            practice.planned(
                client, draw.session(), draw.choice([15, 19, 20, 45, 50, 60, 90]),
                coach_id=draw.choice([practice.coach.id] * 6 + [practice.members["OTHER"].id]),
                type_id=draw.choice([practice.types["coaching"].id] * 5 + [practice.types["training"].id]),
                state=draw.choice([AppointmentState.COMPLETED] * 6 + list(AppointmentState)),
                actual_minutes=draw.choice([None, None, 10, 55]), counting_status=draw.choice(list(ClientStatus)),
                booked_status=draw.choice(list(ClientStatus)), counts_override=draw.override(),
                compensation=draw.choice(list(Compensation)), coaching_kind=draw.choice(list(CoachingKind)),
                direct_report=draw.random() < 0.1,
                enrollment_id=draw.choice([None, enrollment.id]),
            )
        )  # fmt: skip
    await practice.site.put(*rows)
    for _ in range(draw.randint(0, 4)):
        await _group(practice, draw, draw.sample(people, draw.randint(0, len(people))))
    for _ in range(draw.randint(0, 6)):
        erased, client = draw.random() < 0.5, draw.choice(people)
        await practice.entry(
            draw.choice([client.number, 100_000 + draw.randrange(3)]) if erased else client.number, draw.session().date(),
            draw.choice([10, 60, 90]), erased=erased, manual=not erased, counting_status=draw.choice(list(ClientStatus)),
            compensation=draw.choice(list(Compensation)), coaching_kind=draw.choice(list(CoachingKind)),
            group_size=draw.choice([None, None, 5, 20]) if erased else None, entered_at=ago(1),
        )  # fmt: skip


async def _group(practice: Practice, draw: Draw, attending: list[Client]) -> None:
    states = [AppointmentState.COMPLETED, AppointmentState.COMPLETED, *AppointmentState]
    places = [
        {"state": draw.choice(states), "counting_status": draw.choice(list(ClientStatus)), "booked_status": draw.choice(list(ClientStatus)),
         "counts_override": draw.override(), "compensation": draw.choice(list(Compensation))}
        for _ in attending
    ]  # fmt: skip
    event = await practice.group(
        attending, draw.session(), draw.choice([60, 90]), places, state=draw.choice(states), size=draw.choice([len(attending), 8, 16]),
        coaching_kind=draw.choice([CoachingKind.GROUP, CoachingKind.TEAM, CoachingKind.SUPERVISION]),
    )  # fmt: skip
    for _ in range(draw.choice([0, 0, 1, 2])):  # somebody in it was erased
        starts = draw.choice([None, event.starts_at])
        more: Any = {
            "event_id": draw.choice([None, event.id]),
            "group_size": event.size,
            "coaching_kind": event.coaching_kind,
            "counting_status": draw.choice(list(ClientStatus)),
        }
        await practice.entry(200_000 + draw.randrange(9), event.starts_at.date(), event.planned_minutes, starts_at=starts, **more)


async def exported(practice: Practice) -> Books:
    async with practice.site.database.write() as session:
        found: dict[str, Any] = {}
        for table in TABLES:
            mine = select(table).where(col(table.workspace_id) == practice.workspace.id)
            found[str(table.__tablename__)] = list((await session.exec(mine)).all())
            session.expunge_all()
    return Books(found)


def asked(draw: Draw, practice: Practice, zone: str) -> tuple[Question, dict[str, str]]:
    """The same question for the oracle, and as arguments of the API."""
    question = Question(practice.coach.id, zone, datetime.now(UTC), basis=draw.choice(list(CountingBasis)))
    said = {"basis": str(question.basis)}
    if draw.random() < 0.7:
        said["ruleSet"] = draw.choice(list(RULES))
        question.rules = RULES[said["ruleSet"]]
    for name, argument in (("first", "from_"), ("last", "to"), ("count_from", "countFrom")):
        if draw.random() < 0.4:
            day = (ago(draw.uniform(0, 300)) if name == "last" else ago(draw.uniform(400, 1000))).date()
            setattr(question, name, day)
            said[argument] = f'"{day}"'
    return question, said


def buckets(found: list[Found], key: Any) -> dict[Any, tuple[int, float]]:
    made: dict[Any, list[Found]] = {}
    for line in found:
        made.setdefault(key(line), []).append(line)
    return {name: (len(group), hours(group)) for name, group in made.items()}


@pytest.mark.req("I3")
@pytest.mark.parametrize("seed", range(WORKSPACES))
async def test_the_report_is_what_the_rows_say(site: Site, seed: int) -> None:
    """Given any workspace and question, then every line, total and group of the report is what plain Python makes of the rows."""
    draw = Draw(seed)
    zone = draw.choice(ZONES)
    practice = await open_practice(site, timezone=zone)
    await fill(practice, draw)
    question, said = asked(draw, practice, zone)
    found = await practice.report(f"{REPORT} readiness {{ {READINESS} }}", **said)
    question.at = datetime.now(UTC)
    books = await exported(practice)
    lines = books.lines(question)
    counted = [line for line in lines if line.reason is None]
    told = {line["id"].partition("_")[2]: line for part in ("counted", "excluded") for line in found[part]["nodes"]}
    assert {key: (date.fromisoformat(line["day"]), line["minutes"], line["reason"], line["unlisted"]) for key, line in told.items()} == {
        line.key: (line.day, line.minutes, line.reason, line.unlisted) for line in lines
    }
    assert {key: line["credentialReason"] for key, line in told.items() if line["reason"] is None} == {
        line.key: line.credential(question.rules) for line in counted
    }
    assert found["totals"] == totals(books, question)
    for name, key in (("byMonth", lambda line: f"{line.day:%Y-%m}"), ("byKind", lambda line: line.kind)):
        what = "month" if name == "byMonth" else "kind"
        assert {row[what]: (row["sessions"], row["hours"]) for row in found[name]} == buckets(counted, key)
    adds_up(found)
    if found["readiness"] is not None:
        have, metrics = progress(books, question, counted), found["readiness"]["metrics"]
        assert all(row["have"] == have[row["metric"]] for row in metrics if row["metric"] != "YEARS"), (have, metrics)
        unfit = [line for line in counted if line.credential(question.rules) is not None]
        assert {row["reason"]: (row["count"], row["hours"]) for row in found["readiness"]["notForCredential"]} == buckets(
            unfit, lambda line: line.credential(question.rules)
        )


def adds_up(found: Any) -> None:
    """Counted and excluded are all, and every total is the sum of its rows."""
    all_, counted = found["totals"], found["counted"]["nodes"]
    assert (
        found["counted"]["totalCount"] + found["excluded"]["totalCount"]
        == all_["allSessions"]
        == all_["sessions"] + all_["excludedSessions"]
    )
    assert all_["hours"] == round(sum(line["minutes"] for line in counted) / 60, 2)
    assert sum(row["count"] for row in found["excludedByReason"]) == all_["excludedSessions"]
    for name in ("byMonth", "byKind", "byPackage", "byClient"):
        rows = found[name]
        assert sum(row["sessions"] for row in rows) == all_["sessions"], name
        assert abs(sum(row["hours"] for row in rows) - all_["hours"]) < 0.011 * max(len(rows), 1), name
