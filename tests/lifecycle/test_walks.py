"""Long walks over all transitions of clients and enrollments, compared after every step with a model that knows no code of the gateway.

Steps are taken by the function that every mutation calls; every few steps the client's own view, and in a smaller number of walks
every step, goes over HTTP.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import col, func, select

from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import (
    AccessMode,
    Billing,
    CancelSubscription,
    ClientStatus,
    DeleteReason,
    FreezeReason,
    Role,
)
from resolvers.callers import Caller, CallerKind, Proof
from resolvers.desk import Desk
from resolvers.lifecycle import perform, preview
from resolvers.steps import Outcome, Step
from resolvers.undo import undo
from storage.tables.appointments import Appointment, AppointmentType, ServiceTemplate
from storage.tables.clients import Client
from storage.tables.operations import AuditEvent, OutboundMessage, OutboxEvent
from storage.tables.packages import Module, ModuleVersion, Package, PackageItem, Subscription
from storage.tables.workspace import Account, LoginSession, Member, Workspace
from tests.access.site import Site, gid
from tests.lifecycle.model import Person, World
from tests.lifecycle.stage import Stage, build
from tests.rows import changed, every_row

#: Walks of 50 steps: on SQLite, and a fifth of them on PostgreSQL.
WALKS: Final = int(os.environ.get("PORTICO_TEST_WALKS", "200"))
LENGTH: Final = 50
STATUSES: Final = ["PROSPECT", "HOT_LEAD", "ACTIVE", "INACTIVE", "BUYER"]
SECRETS: Final = (b"secret of the walks",)
PORTAL: Final = "{ viewer { client { id status enrollments(first: 50) { nodes { id state modules(first: 5) { nodes { version } } } } } } }"


def _step(name: str, **options: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.tuples(st.just(name), st.fixed_dictionaries({}, optional=options))


FLAG: Final = st.booleans()
ENDS: Final = st.sampled_from(list(CancelSubscription))
OPERATIONS: Final = st.one_of(
    st.just(("look", {})),
    st.just(("publish", {})),
    st.just(("sign in", {})),
    st.just(("book", {})),
    st.just(("subscribe", {})),
    st.just(("again", {})),
    st.tuples(st.just("undo"), st.fixed_dictionaries({"back": st.sampled_from([0, 0, 0, 1, 2])})),
    st.tuples(st.just("undo"), st.fixed_dictionaries({"back": st.just(0)})),
    _step("clientMarkHotLead"),
    _step("clientReturnToProspect"),
    _step("clientActivate"),
    _step("clientMakeInactive", delete_future_services=FLAG, delete_templates=FLAG, access_mode=st.sampled_from(list(AccessMode))),
    _step("clientMakeInactive"),
    _step("clientReactivate"),
    st.tuples(st.just("clientSetAccessMode"), st.fixed_dictionaries({"access_mode": st.sampled_from(list(AccessMode))})),
    st.tuples(st.just("clientCorrectStatus"), st.fixed_dictionaries({"to": st.sampled_from(list(ClientStatus)), "reason": st.just("x")})),
    st.tuples(st.just("enrollmentCreate"), st.fixed_dictionaries({"package": st.integers(0, 1)})),
    _step("enrollmentDeactivate", cancel_subscription=ENDS),
    _step("enrollmentReactivate", grant_missed_content=FLAG),
    _step("enrollmentDelete", cancel_subscription=ENDS),
)
REASONS: Final[dict[str, dict[str, Any]]] = {
    "enrollmentDeactivate": {"reason": FreezeReason.COACH_DECISION},
    "enrollmentDelete": {"reason": DeleteReason.COACH_DECISION},
}
#: A step, whether it is bound to its preview, which enrollment it takes, and whether the version it expects is right.
MOVES: Final = st.tuples(OPERATIONS, st.booleans(), st.integers(0, 3), st.sampled_from([None, True, False]))


@dataclass
class Walk:
    """One workspace with one client, walked through."""

    site: Site
    caller: Caller
    client: Client
    packages: list[Package]
    kind: AppointmentType
    module: Module
    world: World
    token: str = ""
    days: int = 1
    keys: dict[str, UUID] = field(default_factory=dict)
    last: tuple[Step, Outcome] | None = None

    @property
    def desk(self) -> Desk:
        return Desk(database=self.site.database, now=datetime.now(UTC), request_id=None, secrets=SECRETS)

    async def take(self, move: Any) -> None:
        (name, said), bound, which, version = move
        match name:
            case "look":
                await self.look()
            case "publish":
                self.world.published += 1
                n, now = self.world.published, datetime.now(UTC)
                w: dict[str, Any] = {"workspace_id": self.client.workspace_id, "module_id": self.module.id}
                await self.site.put(ModuleVersion(version=n, title="Version", body="Text", published_at=now, **w))
            case "sign in":
                self.token, _ = await self.site.login(self.client)
                self.world.person.signed_in = True
            case "book":
                await self.book()
            case "subscribe":
                await self.subscribe(which)
            case "again":
                await self.again()
            case "undo":
                await self.undo(said["back"])
            case _:
                await self.step(name, dict(said), bound=bound, which=which, version=version)

    # -- moves ---------------------------------------------------------------------------------------------------------

    async def step(self, name: str, said: dict[str, Any], *, bound: bool, which: int, version: bool | None) -> None:
        person, transition = self.world.person, BY_NAME[name]
        subject, enrollment = self.client.id.hex, None
        expected = {key: value.value if hasattr(value, "value") else value for key, value in said.items()}
        before = deepcopy(person)
        if name == "enrollmentCreate":
            number = said["package"]
            said = {"package": self.packages[number].id.hex, "client": self.client.id.hex}
            code, subject = self.world.enroll("new", number, coaching=number == 0), ""
        elif name.startswith("enrollment"):
            if not person.joined:
                return
            enrollment = sorted(person.joined)[which % len(person.joined)]
            subject = self.keys[enrollment].hex
            said |= REASONS.get(name, {})
            code = self.world.enrollment(name, enrollment, expected)
        else:
            code = self.world.client(name, expected)
        given = transition.input(**said, said=frozenset(said))
        now = (before.joined[enrollment].version if enrollment else before.version) + (0 if version else 7)
        asked = Step(
            transition=transition, subject=subject or None, given=given, idempotency_key=uuid4().hex,
            expected_version=None if version is None or not subject else now,
        )  # fmt: skip
        if bound or transition.permanent:
            looked = await preview(self.desk, self.caller, asked)
            assert [blocker.code.value for blocker in looked.blockers] == ([code] if code else []), name
            asked = replace(asked, token=looked.token)
        if not code and asked.expected_version is not None and not version:
            code, self.world.person = "CONFLICT", before
        outcome = await perform(self.desk, self.caller, asked)
        assert [problem.code.value for problem in outcome.problems] == ([code] if code else []), name
        if code:
            return
        self.last = asked, outcome
        if name == "enrollmentCreate":
            made = f"enrollment {len(self.keys):02}"
            self.world.person.joined[made] = self.world.person.joined.pop("new")
            self.keys[made] = UUID(outcome.subject)
        elif outcome.batch is not None:
            self.world.remember(outcome.batch, enrollment, before)

    async def undo(self, back: int) -> None:
        if len(self.world.memories) <= back:
            return
        memory = self.world.memories[-1 - back]
        code = self.world.undo(memory)
        undone = await undo(self.desk, self.caller, memory.batch)
        assert [problem.code.value for problem in undone.outcome.problems] == ([code] if code else [])
        assert undone.skipped == ()

    async def book(self) -> None:
        """Book a session and a template, as the API would: only the rows."""
        name, status = f"service {self.days:02}", ClientStatus[self.world.person.status]
        common: dict[str, Any] = {
            "workspace_id": self.client.workspace_id,
            "client_id": self.client.id,
            "coach_id": self.client.coach_id,
            "type_id": self.kind.id,
        }
        starts = datetime.now(UTC) + timedelta(days=self.days)
        row = Appointment(starts_at=starts, planned_minutes=60, booked_status=status, counting_status=status, **common)
        template = ServiceTemplate(recurrence="FREQ=WEEKLY", starts_on=starts.date(), **common)
        await self.site.put(row, template)
        self.keys |= {name: row.id, f"template {self.days:02}": template.id}
        self.world.person.services[name] = ("BOOKED", status.value)
        self.world.person.templates[f"template {self.days:02}"] = True
        self.days += 1

    async def subscribe(self, which: int) -> None:
        joined = self.world.person.joined
        if not joined:
            return
        name = sorted(joined)[which % len(joined)]
        if joined[name].subscription is None and joined[name].state == "ACTIVE" and f"of {name}" not in self.keys:
            row = Subscription(
                workspace_id=self.client.workspace_id, enrollment_id=self.keys[name], amount_minor=1, period_end=datetime.now(UTC)
            )
            await self.site.put(row)
            self.keys[f"of {name}"] = row.id
            joined[name].subscription = "LIVE"
            for memory in self.world.memories:
                if name in memory.before.joined:
                    memory.before.joined[name].subscription = "LIVE"

    async def again(self) -> None:
        """Invariant 10: the same key changes nothing the second time."""
        if self.last is None:
            return
        asked, outcome = self.last
        before = await every_row(self.site.database, self.client.workspace_id)
        repeated = await perform(self.desk, self.caller, asked)
        kept = ("subject", "problems", "event", "batch", "undo_until")
        assert [getattr(repeated, name) for name in kept] == [getattr(outcome, name) for name in kept]
        assert changed(before, await every_row(self.site.database, self.client.workspace_id)) == {}

    # -- what is looked at ---------------------------------------------------------------------------------------------

    async def look(self) -> None:
        """Invariants 1 and 4: the client's own view, over HTTP."""
        if not self.token:
            return
        person = self.world.person
        answer = await self.site.ask(self.token, PORTAL)
        if not person.enters:
            changing = f'mutation {{ clientMarkHotLead(id: "{gid("client", self.client)}") {{ problems {{ code }} }} }}'
            for said in (answer, await self.site.ask(self.token, changing), await self.site.ask(self.token, "{ pages { totalCount } }")):
                assert [error["extensions"]["code"] for error in said["errors"]] == ["UNAUTHENTICATED"]
                assert not said.get("data")
            return
        mine = answer["data"]["viewer"]["client"]
        seen = {
            node["id"]: (node["state"], sorted(m["version"] for m in node["modules"]["nodes"])) for node in mine["enrollments"]["nodes"]
        }
        expected = {}
        for name, joined in person.joined.items():
            if joined.state != "DELETED":
                newest = joined.visible(self.world.published, person.ended)
                expected[gid("enrollment", self.keys[name])] = (joined.state, [newest] if newest else [])
        assert seen == expected

    async def compare(self) -> None:
        """The rows and the model are the same. The rows are read as they lie there: this happens after every step."""
        person, keys = self.world.person, {name: key.hex for name, key in self.keys.items()}
        mine = "workspace_id = ?1" if self.site.database.dialect == "sqlite" else "workspace_id = $1"
        async with self.site.database.read() as reader:

            async def rows(columns: str, table: str) -> list[tuple[object, ...]]:
                found = await reader.fetch(f"SELECT {columns} FROM {table} WHERE {mine}", (self.client.workspace_id.hex,))
                return [tuple(row) for row in found]

            clients = await rows("id, status, access_mode, version", "client")
            assert clients == [(self.client.id.hex, person.status, person.mode, person.version)]
            services = {id_: tuple(rest) for id_, *rest in await rows("id, state, counting_status", "appointment")}
            assert services == {keys[name]: value for name, value in person.services.items()}
            templates = {id_: removed is None for id_, removed in await rows("id, removed_at", "service_template")}
            assert templates == {keys[name]: kept for name, kept in person.templates.items()}
            joined = {id_: tuple(rest) for id_, *rest in await rows("id, state, version", "enrollment")}
            assert joined == {keys[name]: (one.state, one.version) for name, one in person.joined.items()}
            paid = {row[0]: row[1] for row in await rows("enrollment_id, state", "subscription")}
            assert paid == {keys[name]: one.subscription for name, one in person.joined.items() if one.subscription}

    async def finish(self) -> None:
        """Nothing was sent, and every step was announced once, in order."""
        here = self.client.workspace_id
        async with self.site.database.write() as session:
            assert (await session.exec(select(func.count()).select_from(OutboundMessage))).one() == 0
            places = (await session.exec(select(OutboxEvent.position).where(col(OutboxEvent.workspace_id) == here))).all()
            events = (await session.exec(select(func.count()).select_from(AuditEvent).where(col(AuditEvent.workspace_id) == here))).one()
        assert sorted(places) == list(range(1, events + 1))


async def begin(site: Site, status: str) -> Walk:
    """Workspace of its own with one client."""
    site.number += 1
    place, n = Workspace(name="Walk", slug=f"walk-{uuid4().hex}"), uuid4().hex
    w: dict[str, Any] = {"workspace_id": place.id}
    owner_account, account = Account(username=f"owner {n}"), Account(username=f"client {n}")
    owner = Member(account_id=owner_account.id, name="Owner", role=Role.OWNER, **w)
    client = Client(account_id=account.id, coach_id=owner.id, number=1, status=ClientStatus[status], name="Client", **w)
    session = LoginSession(account_id=owner_account.id, member_id=owner.id, expires_at=datetime.now(UTC) + timedelta(hours=1), **w)
    kind, module = AppointmentType(name="Session", **w), Module(title="Module", **w)
    then = datetime.now(UTC) - timedelta(seconds=1)
    version = ModuleVersion(module_id=module.id, version=1, title="Version", published_at=then, **w)
    packages = [Package(name=f"Package {i}", billing=Billing.FREE, coaching=i == 0, **w) for i in range(2)]
    items = [PackageItem(package_id=package.id, position=1, module_id=module.id, added_at=then, **w) for package in packages]
    await site.put(place, owner_account, account, owner, client, session, kind, module, version, *packages, *items)
    caller = Caller(
        kind=CallerKind.STAFF, workspace=place.id.hex, account=owner_account.id.hex, member=owner.id.hex, client=None, role=Role.OWNER,
        proof=Proof.SESSION, proof_id=session.id.hex, expires_at=session.expires_at.timestamp(),
    )  # fmt: skip
    person = Person(status, ended=1 if status == "INACTIVE" else None)
    return Walk(site, caller, client, packages, kind, module, World(person))


@pytest_asyncio.fixture(scope="module")
async def stranger(site: Site) -> AsyncIterator[tuple[Stage, dict[str, str]]]:
    """Another workspace, and its rows: invariant 2 says that they never change."""
    stage = await build(site, name="stranger")
    yield stage, await every_row(site.database, stage.workspace.id)


async def walk(site: Site, stranger: tuple[Stage, dict[str, str]], status: str, moves: list[Any]) -> None:
    walking = await begin(site, status)
    for number, move in enumerate(moves):
        try:
            await walking.take(move)
            await walking.compare()
        except Exception as error:
            error.add_note(f"from {status}, in step {number} of {[move[0] for move in moves[: number + 1]]}")
            raise
    await walking.look()
    await walking.finish()
    stage, rows = stranger
    assert changed(rows, await every_row(site.database, stage.workspace.id)) == {}


#: A walk that fails is told as it went; making it shorter would take minutes, for each of its steps is real.
CHECKED: Final = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=[Phase.generate])
LONG: Final = st.lists(MOVES, min_size=LENGTH, max_size=LENGTH)


@pytest.mark.req("J4", "J16", "J18", "P1", "P2", "P3", "P6", "P7", "P9", "P10", "P12", "P14", "P-Q3", "P-Q11", "J-Q1", "J-Q15", "X1", "X7")
@pytest.mark.req("I2", "I4", "I5")
@pytest.mark.timeout(900)
async def test_walks(site: Site, stranger: tuple[Stage, dict[str, str]]) -> None:
    """Given any fifty steps, then after each of them the database is what the model says, and the client sees what it says."""
    loop, count = asyncio.get_running_loop(), 0
    wanted = WALKS if site.database.dialect == "sqlite" else WALKS // 5

    @settings(CHECKED, max_examples=wanted)
    @given(status=st.sampled_from(STATUSES), moves=LONG)
    def each(status: str, moves: list[Any]) -> None:
        nonlocal count
        count += 1
        asyncio.run_coroutine_threadsafe(walk(site, stranger, status, moves), loop).result()

    await asyncio.to_thread(each)
    assert count >= wanted
