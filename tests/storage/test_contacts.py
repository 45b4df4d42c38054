"""Contacts into clients, and addresses that must not come back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlmodel import SQLModel, col, select

from lifecycle.vocabulary import AccessMode, ClientStatus, ContactKind, DataState, Origin, Role
from storage.contacts import ContactWriter, Judgement, NoPlace, Place, Verdict, find_place, judge
from storage.database import Database
from storage.errors import Conflict
from storage.suppression import Suppression, identifier_hash
from storage.tables.clients import Client, ClientSearchTerm, ClientStatusChange, ClientTag
from storage.tables.erasure import SuppressionEntry
from storage.tables.operations import AuditEvent, ImportRun, OutboxEvent
from tests.people import People, people

__all__ = ["people"]
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECRET = b"secret-of-this-installation-0123456789"


@dataclass(frozen=True)
class Someone:
    external_id: str
    name: str
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    notes: str | None = None
    tags: tuple[str, ...] = ()
    kind: ContactKind = ContactKind.POTENTIAL_CLIENT


ANN = Someone("C-1", "Ann O'Lée", "ann@example.org", "+14155552671", "1 Road", "Likes tea.", ("VIP", "new"), ContactKind.FRIEND)
BOB = Someone("C-2", "Bob")


async def place_in(people: People, slug: str = "hart") -> Place:
    workspace = await people.workspace(slug)
    await people.member(workspace, Role.OWNER, await people.account(f"owner of {slug}"))
    async with people.database.write() as session:
        return await find_place(session, slug, None)


async def judged(database: Database, place: Place, *contacts: Someone, acknowledged: bool = False) -> list[Judgement]:
    async with database.write() as session:
        return await judge(session, place, Suppression(place.workspace, [SECRET]), contacts, acknowledged=acknowledged)


async def written(database: Database, place: Place, *contacts: Someone) -> None:
    async with database.write() as session:
        writer = ContactWriter(session, place, at=AT)
        await writer.begin()
        await writer.write(contacts)
        await writer.finish("hash", rows=len(contacts) + 1, created=len(contacts), finished_at=AT)


async def rows(database: Database, kind: type[SQLModel]) -> list[dict[str, object]]:
    async with database.write() as session:
        return [row.model_dump(exclude={"id"}) for row in (await session.exec(select(kind))).all()]


class TestPlace:
    async def test_is_the_owner_or_the_coach_that_is_named(self, people: People) -> None:
        workspace = await people.workspace("hart")
        owner = await people.member(workspace, Role.OWNER, await people.account("olivia"))
        coach = await people.member(workspace, Role.COACH, await people.account("marcus"))
        await people.member(workspace, Role.ANALYST, await people.account("amara"))
        async with people.database.write() as session:
            assert await find_place(session, "hart", None) == Place(workspace.id, "Workspace hart", "US", owner.id, "Owner")
            assert await find_place(session, "hart", "marcus") == Place(workspace.id, "Workspace hart", "US", coach.id, "Coach")
            with pytest.raises(NoPlace, match="Workspace hart has no owner or coach with the username 'amara'") as no_coach:
                await find_place(session, "hart", "amara")
            with pytest.raises(NoPlace, match="There is no workspace 'heart'") as no_workspace:
                await find_place(session, "heart", None)
        assert no_coach.value.choices == ["olivia", "marcus"]
        assert no_workspace.value.choices == ["hart"]


class TestWriting:
    async def test_makes_a_prospect_with_everything_that_belongs_to_one(self, people: People) -> None:
        # given a workspace with a client
        place = await place_in(people)
        async with people.database.write() as session:
            session.add(Client(workspace_id=place.workspace, number=41, coach_id=place.coach, status=ClientStatus.ACTIVE))
        # when two contacts are written
        await written(people.database, place, ANN, BOB)
        # then the clients go on counting
        _, ann, bob = sorted(await rows(people.database, Client), key=lambda row: int(str(row["number"])))
        assert ann == {
            "workspace_id": place.workspace,
            "number": 42,
            "account_id": None,
            "coach_id": place.coach,
            "status": ClientStatus.PROSPECT,
            "status_since": AT,
            "data_state": DataState.PRESENT,
            "access_mode": AccessMode.NONE,
            "access_until": None,
            "contact_kind": ContactKind.FRIEND,
            "origin": Origin.IMPORT,
            "external_id": "C-1",
            "reentry": False,
            "name": "Ann O'Lée",
            "sort_name": "ann o'lee",
            "email": "ann@example.org",
            "phone": "+14155552671",
            "address": "1 Road",
            "notes": "Likes tea.",
            "version": 1,
            "created_at": AT,
        }
        assert (bob["number"], bob["email"], bob["contact_kind"]) == (43, None, ContactKind.POTENTIAL_CLIENT)
        # and have terms, tags, and a first status
        terms = {str(row["term"]) for row in await rows(people.database, ClientSearchTerm)}
        assert terms == {"ann", "olee", "ann@example.org", "example.org", "14155552671", "4155552671", "bob"}
        assert sorted(str(row["tag"]) for row in await rows(people.database, ClientTag)) == ["VIP", "new"]
        changes = await rows(people.database, ClientStatusChange)
        assert [(row["before"], row["after"], row["transition"], row["actor"], row["at"]) for row in changes] == [
            (None, ClientStatus.PROSPECT, "clientAdd", "command-line", AT)
        ] * 2

    async def test_leaves_a_run_an_audit_event_and_an_announcement_without_a_name(self, people: People) -> None:
        place = await place_in(people)
        await written(people.database, place, ANN, BOB)
        (run,) = await rows(people.database, ImportRun)
        assert (run["file_hash"], run["rows"], run["created"], run["skipped"]) == ("hash", 3, 2, 1)
        (event,) = await rows(people.database, AuditEvent)
        assert (event["action"], event["actor"], event["subject_kind"]) == ("import_contacts", "command-line", "import_run")
        assert event["detail"] == '{"rows": 3, "created": 2, "skipped": 1}'
        (outbox,) = await rows(people.database, OutboxEvent)
        assert (outbox["position"], outbox["name"], outbox["subject_id"]) == (1, "contacts.imported", event["subject_id"])

    async def test_somebody_added_in_between_undoes_all_of_it(self, people: People) -> None:
        place = await place_in(people)
        await written(people.database, place, ANN)
        with pytest.raises(Conflict) as conflict:
            await written(people.database, place, BOB, Someone("C-9", "Another Ann", ANN.email))
        assert conflict.value.constraint == "client_workspace_id_email"
        assert [row["name"] for row in await rows(people.database, Client)] == ["Ann O'Lée"]
        assert len(await rows(people.database, ImportRun)) == 1


class TestJudging:
    async def test_knows_who_is_there(self, people: People) -> None:
        place = await place_in(people)
        await written(people.database, place, ANN, BOB)
        same_email, same_id, new = Someone("other", "A", ANN.email), Someone("C-2", "B", "b@example.org"), Someone("C-3", "C")
        assert await judged(people.database, place, same_email, same_id, new) == [
            Judgement(Verdict.EXISTS, 1, True),
            Judgement(Verdict.EXISTS, 2),
            Judgement(Verdict.NEW),
        ]

    async def test_tells_of_inactive_clients(self, people: People) -> None:
        place = await place_in(people)
        async with people.database.write() as session:
            session.add(
                Client(workspace_id=place.workspace, number=1, coach_id=place.coach, status=ClientStatus.INACTIVE, email="ann@example.org")
            )
        assert await judged(people.database, place, ANN) == [Judgement(Verdict.EXISTS, 1, True, True)]

    @pytest.mark.parametrize("state", [DataState.CONTACT_DELETED, DataState.ERASED])
    async def test_takes_no_deleted_client_for_somebody_who_is_there(self, people: People, state: DataState) -> None:
        place = await place_in(people)
        gone = Client(workspace_id=place.workspace, number=1, coach_id=place.coach, status=ClientStatus.INACTIVE, email=ANN.email)
        gone.data_state = state
        async with people.database.write() as session:
            session.add(gone)
        assert await judged(people.database, place, ANN) == [Judgement(Verdict.NEW)]

    async def test_looks_at_one_workspace_only(self, people: People) -> None:
        here, there = await place_in(people), await place_in(people, "there")
        await written(people.database, there, ANN)
        async with people.database.write() as session:
            await Suppression(there.workspace, [SECRET]).add(session, "bea@example.org", AT)
        assert await judged(people.database, here, ANN, Someone("C-4", "Bea", "bea@example.org")) == [Judgement(Verdict.NEW)] * 2

    async def test_refuses_the_suppressed_until_it_is_acknowledged(self, people: People) -> None:
        place = await place_in(people)
        async with people.database.write() as session:
            await Suppression(place.workspace, [SECRET]).add(session, "Ann@Example.org", AT)
        assert await judged(people.database, place, ANN, BOB) == [Judgement(Verdict.SUPPRESSED), Judgement(Verdict.NEW)]
        assert await judged(people.database, place, ANN, acknowledged=True) == [Judgement(Verdict.NEW)]


class TestSuppression:
    def test_hash_is_the_same_for_every_spelling_and_differs_by_secret_and_workspace(self) -> None:
        here, there = UUID(int=1), UUID(int=2)
        mark = identifier_hash(here, "ann@example.org", SECRET)
        assert len(mark) == 64
        assert {identifier_hash(here, spelling, SECRET) for spelling in (" Ann@Example.ORG ", "ANN@example.org", "ann @example.org")} == {
            mark
        }
        others = {identifier_hash(there, "ann@example.org", SECRET), identifier_hash(here, "ann@example.org", b"x" * 500)}
        assert mark not in others | {identifier_hash(here, "ann@example.com", SECRET)}
        assert len(others) == 2

    async def test_holds_no_address_and_ends_when_it_is_released(self, people: People) -> None:
        place = await place_in(people)
        ledger = Suppression(place.workspace, [SECRET])
        async with people.database.write() as session:
            await ledger.add(session, "ann@example.org", AT)
            assert await ledger.among(session, ["ann@example.org", "bob@example.org"]) == {"ann@example.org"}
            (entry,) = (await session.exec(select(SuppressionEntry))).all()
            assert "ann" not in entry.identifier_hash
            assert await ledger.release(session, ["ann@example.org"], AT) == 1
            assert await ledger.among(session, ["ann@example.org"]) == set()
            # and again
            await ledger.add(session, "ann@example.org", AT)
            assert await ledger.among(session, ["ann@example.org"]) == {"ann@example.org"}
            assert len((await session.exec(select(col(SuppressionEntry.id)))).all()) == 1

    async def test_is_found_after_the_secret_has_changed_while_the_old_one_is_still_given(self, people: People) -> None:
        place = await place_in(people)
        async with people.database.write() as session:
            await Suppression(place.workspace, [SECRET]).add(session, "ann@example.org", AT)
            assert await Suppression(place.workspace, [b"newer", SECRET]).among(session, ["ann@example.org"]) == {"ann@example.org"}
