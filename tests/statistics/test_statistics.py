"""Who is told which statistics, and what each measure says, by small examples that are worked out by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType, GraphQLScalarType, get_named_type

from gql.schema import GRAPHQL
from lifecycle.statistics import Lens
from lifecycle.vocabulary import AppointmentState, ClientStatus, EnrollmentState, FreezeReason
from storage.tables.appointments import Appointment
from storage.tables.packages import Enrollment, EnrollmentChange
from storage.tables.workspace import LoginSession
from tests.access.site import Site
from tests.statistics.studio import EVERYTHING, Studio, open_studio

PROSPECT, HOT, ACTIVE, INACTIVE = ClientStatus.PROSPECT, ClientStatus.HOT_LEAD, ClientStatus.ACTIVE, ClientStatus.INACTIVE


def at(month: int, day: int = 1, hour: int = 12) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=UTC)


async def rows(studio: Studio, wanted: str, *, by: str = "OWNER", **arguments: str) -> list[tuple[Any, ...]]:
    """Rows of one measure as tuples, without those of nobody."""
    [found] = (await studio.statistics(wanted, by=by, **arguments)).values()
    made = [tuple(row.values()) for row in found]
    return [row for row in made if any(isinstance(value, int | float) and value for value in row)]


# -- who -----------------------------------------------------------------------------------------------------------------


@pytest.mark.req("A6")
@pytest.mark.parametrize(("by", "code"), [("ASSISTANT", "ROLE"), ("ACCOUNTANT", "ROLE"), ("CLIENT", "STATUS")])
async def test_who_may_read_none_is_told_why(site: Site, by: str, code: str) -> None:
    studio = await open_studio(site)
    studio.tokens["CLIENT"] = await site.token(await site.client(studio.members["COACH"]))
    answer = await studio.whole("months", by=by)
    assert answer["data"] == {"statistics": None}
    assert [(note["path"], note["code"]) for note in answer["extensions"]["withheld"]] == [(["statistics"], code)]


@pytest.mark.req("A6")
async def test_who_is_not_signed_in_gets_no_answer(site: Site) -> None:
    studio = await open_studio(site)
    answer = await studio.whole("months", by="NOBODY")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.req("A6")
async def test_a_login_that_ended_gets_no_answer(site: Site) -> None:
    studio = await open_studio(site)
    studio.tokens["ENDED"], session = await site.login(studio.members["OWNER"])
    await site.change(LoginSession, session, revoked_at=datetime.now(UTC))
    answer = await studio.whole("clients { clients }", by="ENDED")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.req("A6")
async def test_a_coach_is_told_of_their_own_clients(site: Site) -> None:
    studio = await open_studio(site)
    for coach in ("COACH", "COACH", "OTHER"):
        await studio.road(studio.client(coach=coach), (at(1), ACTIVE))
    wanted = "clients(by: []) { clients suppressed }"
    assert {by: await rows(studio, wanted, by=by) for by in ("OWNER", "COACH", "OTHER")} == {
        "OWNER": [(3, False)],
        "COACH": [(2, False)],
        "OTHER": [(1, False)],
    }


@pytest.mark.req("A6")
async def test_another_workspace_is_not_told_of(site: Site) -> None:
    studio, other = await open_studio(site), await open_studio(site)
    await other.road(other.client(), (at(1), ACTIVE))
    assert await rows(studio, "clients { status clients }") == []


@pytest.mark.req("A2")
async def test_there_is_no_field_that_names_a_client(site: Site) -> None:
    """Everything below `statistics` is flat: numbers, words, months, and the names of coaches and packages."""
    seen: set[str] = set()
    statistics = GRAPHQL.type_map["Statistics"]
    assert isinstance(statistics, GraphQLObjectType)
    for field in statistics.fields.values():
        row = get_named_type(field.type)
        leaves = row.fields if isinstance(row, GraphQLObjectType) else {}
        seen |= {name for name, leaf in leaves.items() if str(get_named_type(leaf.type)) in {"String", "ID"}}
        assert all(isinstance(get_named_type(leaf.type), GraphQLScalarType | GraphQLEnumType) for leaf in leaves.values())
    assert seen == {"month", "cohort", "coach", "coachId", "package", "packageId"}
    studio = await open_studio(site, threshold=3)
    people = [studio.client(name="Ada Secret", email=f"{n}@secret.example", notes="Secret", drawn=True) for n in range(5)]
    await studio.load(people)
    answer = str(await studio.whole(by="ANALYST"))
    assert "Secret" not in answer
    assert not any(client.id.hex in answer for client in people)


# -- what one may ask ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {"at": "2999-01-01T00:00:00Z"},
        {"from_": "2025-1"},
        {"from_": "2025-13"},
        {"from_": "2025-02", "to": "2025-01"},
        {"from_": "2019-01", "to": "2025-01"},
        {"to": "2999-01"},
        {"at": "2025-06-10T00:00:00Z", "to": "2025-07"},
    ],
)
async def test_a_period_that_makes_no_sense_is_refused(site: Site, arguments: dict[str, str]) -> None:
    answer = await (await open_studio(site)).whole("months", **arguments)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("wanted", ["churn(by: [STATUS])", "retention(by: [COACH, SOURCE])", "clients(by: [MONTH, COACH, SOURCE])"])
async def test_what_a_measure_is_not_grouped_by_is_refused(site: Site, wanted: str) -> None:
    answer = await (await open_studio(site)).whole(f"{wanted} {{ suppressed }}")
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_without_a_period_it_is_the_last_twelve_months(site: Site) -> None:
    studio = await open_studio(site)
    found = await studio.statistics("months at", from_="", to="", at="2026-02-14T12:00:00Z")
    assert (found["months"][0], found["months"][-1], len(found["months"])) == ("2025-03", "2026-02", 12)


async def test_null_is_as_if_it_were_left_out(site: Site) -> None:
    studio = await open_studio(site)
    found = await studio.statistics("a: churn(by: null) { month left } b: churn { month left }")
    assert found["a"] == found["b"]


async def test_fragments_aliases_and_variables_ask_like_everything_else(site: Site) -> None:
    studio = await open_studio(site)
    await studio.road(studio.client(), (at(1), ACTIVE))
    query = (
        'query Q($by: [StatisticsDimension!], $no: Boolean!) { statistics(from: "2025-01", to: "2025-02") { ...F one: clients(by: $by)'
        " { status clients } } } fragment F on Statistics { two: clients(by: SOURCE) { source clients } churn @include(if: $no) { left } }"
    )
    found = (await site.data(studio.tokens["OWNER"], query, by=["STATUS"], no=False))["statistics"]
    assert [row["clients"] for row in found["one"]] == [0, 0, 1, 0, 0]
    assert [row["clients"] for row in found["two"]] == [1, 0, 0, 0, 0]
    assert "churn" not in found


# -- what the measures say -----------------------------------------------------------------------------------------------


@pytest.mark.req("A1")
@pytest.mark.req("A5")
async def test_clients_are_told_at_the_end_of_each_month_as_they_were_then(site: Site) -> None:
    """A month without any change is told like every other, and before anybody came there is nobody."""
    studio = await open_studio(site)
    await studio.road(studio.client(), (at(2), PROSPECT), (at(4), ACTIVE), (at(4, 20), INACTIVE))
    found = await studio.statistics("clients(by: [MONTH, STATUS]) { month status clients }", to="2025-05")
    assert len(found["clients"]) == 5 * 5
    assert [(row["month"][5:], row["status"]) for row in found["clients"] if row["clients"]] == [
        ("02", "PROSPECT"), ("03", "PROSPECT"), ("04", "INACTIVE"), ("05", "INACTIVE"),
    ]  # fmt: skip


@pytest.mark.req("A5")
async def test_as_of_an_instant_what_came_later_is_not_known(site: Site) -> None:
    studio = await open_studio(site)
    await studio.road(studio.client(), (at(1), PROSPECT), (at(2), ACTIVE), (at(5), INACTIVE))
    await studio.road(studio.client(), (at(4), ACTIVE))
    wanted = "clients { status clients }"
    assert await rows(studio, wanted, to="2025-03", at=at(3).isoformat()) == [("ACTIVE", 1)]
    assert await rows(studio, wanted, to="2025-05", at=at(5, 2).isoformat()) == [("ACTIVE", 1), ("INACTIVE", 1)]


@pytest.mark.req("A5")
async def test_what_was_undone_never_happened_but_for_who_asks_about_the_time_before(site: Site) -> None:
    studio = await open_studio(site)
    client = studio.client(ACTIVE, created_at=at(1))
    batch = client.id
    changes = [
        studio.change(client, None, ACTIVE, at(1)),
        studio.change(client, ACTIVE, INACTIVE, at(3), batch_id=batch),
        studio.change(client, INACTIVE, ACTIVE, at(4, 5), batch_id=batch, transition="transitionUndo"),
    ]
    await studio.load([client, *changes])
    wanted = "churn { month left }"
    assert await rows(studio, wanted, to="2025-06") == []
    assert await rows(studio, wanted, to="2025-04", at=at(4, 2).isoformat()) == [("2025-03", 1)]


@pytest.mark.req("A1")
async def test_months_are_those_of_the_workspace(site: Site) -> None:
    """Half past midnight in Kolkata is the evening before in UTC, and in the month before."""
    studio = await open_studio(site, zone="Asia/Kolkata")
    await studio.road(studio.client(), (datetime(2025, 4, 30, 19, tzinfo=UTC), PROSPECT))
    assert await rows(studio, "funnel(by: [MONTH]) { month step clients }") == [
        ("2025-05", "PROSPECT_TO_HOT_LEAD", 1), ("2025-05", "PROSPECT_TO_ACTIVE", 1),
    ]  # fmt: skip


@pytest.mark.req("A1")
async def test_the_funnel_tells_how_many_took_a_step_and_how_soon(site: Site) -> None:
    studio = await open_studio(site)
    await studio.road(studio.client(), (at(1, 1), PROSPECT), (at(1, 11), HOT), (at(1, 13), ACTIVE))
    await studio.road(studio.client(), (at(2, 1), PROSPECT), (at(2, 5), ACTIVE))
    await studio.road(studio.client(), (at(3, 1), PROSPECT), (at(3, 21), HOT))
    await studio.road(studio.client(), (at(3, 1), PROSPECT))
    await studio.road(studio.client(), (at(3, 1), ClientStatus.BUYER), (at(3, 2), ACTIVE))
    assert await rows(studio, "funnel { step clients converted conversion medianDays meanDays }") == [
        ("PROSPECT_TO_HOT_LEAD", 4, 2, 0.5, 15.0, 15.0),
        ("HOT_LEAD_TO_ACTIVE", 2, 1, 0.5, 2.0, 2.0),
        ("PROSPECT_TO_ACTIVE", 4, 2, 0.5, 8.0, 8.0),
    ]


@pytest.mark.req("A1")
async def test_time_in_status_tells_of_stays_that_ended(site: Site) -> None:
    studio = await open_studio(site)
    await studio.road(studio.client(), (at(1, 1), ACTIVE), (at(1, 31), INACTIVE), (at(2, 10), ACTIVE), (at(2, 14), INACTIVE))
    await studio.road(studio.client(), (at(1, 1), ACTIVE), (at(1, 11), INACTIVE))
    await studio.road(studio.client(), (at(1, 1), ACTIVE))
    assert await rows(studio, "timeInStatus { status clients stays medianDays meanDays }") == [
        ("ACTIVE", 2, 3, 10.0, 14.7), ("INACTIVE", 1, 1, 10.0, 10.0),
    ]  # fmt: skip


@pytest.mark.req("A1")
async def test_churn_is_who_left_of_those_who_were_there_at_the_start(site: Site) -> None:
    studio = await open_studio(site)
    await studio.road(studio.client(), (at(1, 5), ACTIVE), (at(3, 5), INACTIVE))
    await studio.road(studio.client(), (at(1, 5), ACTIVE))
    await studio.road(studio.client(), (at(3, 5), ACTIVE), (at(3, 9), INACTIVE))
    assert await rows(studio, "churn { month activeAtStart left churn }", to="2025-04") == [
        ("2025-02", 2, 0, 0.0), ("2025-03", 2, 1, 0.5), ("2025-04", 1, 0, 0.0),
    ]  # fmt: skip
    assert await rows(studio, "churn(by: []) { activeAtStart left churn }", from_="2025-02") == [(2, 1, 0.5)]


@pytest.mark.req("A1")
async def test_retention_follows_each_cohort_from_month_to_month(site: Site) -> None:
    studio = await open_studio(site)
    await studio.road(studio.client(), (at(1, 5), ACTIVE), (at(2, 5), INACTIVE), (at(3, 5), ACTIVE))
    await studio.road(studio.client(), (at(1, 9), PROSPECT), (at(1, 25), ACTIVE))
    await studio.road(studio.client(), (at(2, 9), ACTIVE))
    found = (await studio.statistics("retention { cohort monthsSince clients active retention }", to="2025-03"))["retention"]
    assert [tuple(row.values()) for row in found] == [
        ("2025-01", 0, 2, 2, 1.0), ("2025-01", 1, 2, 1, 0.5), ("2025-01", 2, 2, 2, 1.0),
        ("2025-02", 0, 1, 1, 1.0), ("2025-02", 1, 1, 1, 1.0),
        ("2025-03", 0, 0, 0, None),
    ]  # fmt: skip


@pytest.mark.req("A1")
async def test_sessions_and_hours_are_those_that_were_held(site: Site) -> None:
    studio = await open_studio(site)
    client = studio.client()
    await studio.road(client, (at(1), ACTIVE))
    said: Any = {"workspace_id": studio.workspace.id, "client_id": client.id, "coach_id": studio.members["OTHER"].id, "planned_minutes": 60}
    said |= {"type_id": studio.type.id, "booked_status": ACTIVE, "counting_status": ACTIVE}
    held, missed = AppointmentState.COMPLETED, AppointmentState.NO_SHOW
    days = ((at(2), held, 50), (at(2, 9), held, None), (at(3), missed, None))
    await studio.load([Appointment(starts_at=day, state=state, actual_minutes=minutes, **said) for day, state, minutes in days])
    assert await rows(studio, "sessions { month clients sessions hours }") == [("2025-02", 1, 2, 1.83)]
    assert await rows(studio, "sessions(by: [COACH]) { coach sessions }") == [(studio.members["OTHER"].name, 2)]


@pytest.mark.req("A1")
async def test_freezes_tell_who_signed_in_while_it_lasted(site: Site) -> None:
    studio = await open_studio(site)
    account = await site.account()
    client = studio.client(account_id=account.id)
    await studio.road(client, (at(1), ACTIVE))
    w: Any = {"workspace_id": studio.workspace.id}
    frozen = EnrollmentState.DEACTIVATED
    enrollment = Enrollment(
        client_id=client.id, package_id=studio.packages[0].id, state=frozen, frozen_at=at(3), frozen_reason=FreezeReason.COACH_DECISION, **w
    )
    change = EnrollmentChange(
        enrollment_id=enrollment.id,
        before=EnrollmentState.ACTIVE,
        after=frozen,
        at=at(3),
        transition="enrollmentDeactivate",
        actor="system",
        **w,
    )
    await studio.load([enrollment, change])
    wanted = "freezes(by: [PACKAGE]) { package clients freezes signedIn reactivated }"
    assert await rows(studio, wanted) == [("Calm", 1, 1, 0, 0)]
    signed_in: Any = {"created_at": at(4), "expires_at": at(4) + timedelta(hours=1)}
    await studio.load([LoginSession(account_id=account.id, client_id=client.id, **signed_in, **w)])
    assert await rows(studio, wanted) == [("Calm", 1, 1, 1, 0)]


@pytest.mark.req("A3")
async def test_an_analyst_is_told_of_a_group_from_the_threshold_on(site: Site) -> None:
    """Of seven clients of eight there are, seven are scaled up to eight, and told as ten; four are not told, nor is nobody."""
    studio = await open_studio(site)
    for status, number in ((ACTIVE, 7), (PROSPECT, 4)):
        await studio.load([studio.client(status, drawn=True) for _ in range(number)])
    await studio.load([studio.client(ACTIVE, drawn=False) for _ in range(3)])
    wanted = "clients { status clients suppressed }"
    found = {row["status"]: (row["clients"], row["suppressed"]) for row in (await studio.statistics(wanted, by="ANALYST"))["clients"]}
    assert found == {"ACTIVE": (10, False)} | dict.fromkeys(("PROSPECT", "HOT_LEAD", "INACTIVE", "BUYER"), (None, True))
    assert (await studio.statistics("threshold", by="ANALYST"))["threshold"] == 5
    assert (await studio.statistics("threshold"))["threshold"] is None


THROUGH: Final = Lens(5)


@pytest.mark.parametrize(("number", "told"), [(0, None), (4, None), (5, 5), (6, 5), (7, 10), (10, 10), (11, 15), (700, 800)])
def test_a_lens_scales_up_and_rounds(number: int, told: int | None) -> None:
    assert THROUGH.people(number) == told
    assert Lens().people(number) == number


def test_a_lens_rounds_what_clients_have_and_how_long_it_took_them() -> None:
    assert (THROUGH.amount(14.1, 5), THROUGH.amount(14.1, 4), Lens().amount(14.1, 1)) == (15.0, None, 14.1)
    assert (THROUGH.days(12.6 * 86_400, 5), THROUGH.days(12.6 * 86_400, 4), Lens().days(12.62 * 86_400, 1)) == (15.0, None, 12.6)
    assert THROUGH.days(None, 5) is None


async def test_of_nobody_every_month_is_told_as_none(site: Site) -> None:
    studio = await open_studio(site)
    found = await studio.statistics(EVERYTHING)
    counts = [row[name] for rows in found.values() for row in rows for name in row.keys() & {"clients", "sessions", "left", "freezes"}]
    assert len(counts) > 500
    assert set(counts) == {0}
