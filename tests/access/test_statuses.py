"""The words of the relationship as the API has them: which there are, what they do not say, and how clients are found by them."""

import pytest

from lifecycle.vocabulary import ClientStatus, ContactKind, PaymentStatus
from tests.access.course import Course
from tests.access.site import gid

CLIENTS = "query ($filter: ClientFilter) { clients(filter: $filter) { totalCount nodes { id status contactKind } } }"


async def words(course: Course, name: str) -> set[str]:
    query = "query ($name: String!) { __type(name: $name) { enumValues { name } } }"
    found = await course.site.data(course.coach_token, query, name=name)
    return {value["name"] for value in found["__type"]["enumValues"]}


@pytest.mark.req("C1")
async def test_there_are_exactly_five_statuses(course: Course) -> None:
    assert await words(course, "ClientStatus") == {"ACTIVE", "INACTIVE", "HOT_LEAD", "PROSPECT", "BUYER"}


@pytest.mark.req("C2")
async def test_paid_or_not_is_no_part_of_the_status(course: Course) -> None:
    """Given one who pays, one whose payment was declined, and one for free, then all are ACTIVE, and enrollments say the rest."""
    free, paying, declined = [(await course.client())[0] for _ in range(3)]
    for client, status in ((paying, PaymentStatus.CURRENT), (declined, PaymentStatus.DECLINED)):
        await course.enroll(client, payment_status=status)
    found = (await course.site.data(course.coach_token, CLIENTS, filter={"status": ["ACTIVE"]}))["clients"]
    assert {(node["id"], node["status"]) for node in found["nodes"]} == {
        (gid("client", client), "ACTIVE") for client in (free, paying, declined)
    }
    listed = "{ clients { nodes { enrollments { nodes { paymentStatus } } } } }"
    clients = (await course.site.data(course.coach_token, listed))["clients"]["nodes"]
    assert sorted(node["paymentStatus"] for client in clients for node in client["enrollments"]["nodes"]) == ["CURRENT", "DECLINED"]


@pytest.mark.req("C14")
@pytest.mark.parametrize("status", ClientStatus)
async def test_clients_of_one_status_and_no_others(course: Course, status: ClientStatus) -> None:
    people = {one: [gid("client", (await course.client(one))[0]) for _ in range(2)] for one in ClientStatus}
    found = (await course.site.data(course.coach_token, CLIENTS, filter={"status": status.value}))["clients"]
    assert (found["totalCount"], sorted(node["id"] for node in found["nodes"])) == (2, sorted(people[status]))


@pytest.mark.req("C15")
async def test_every_kind_of_contact_may_be_a_prospect(course: Course) -> None:
    for kind in ContactKind:
        await course.client(ClientStatus.PROSPECT, contact_kind=kind)
    found = (await course.site.data(course.coach_token, CLIENTS, filter={"status": ["PROSPECT"]}))["clients"]["nodes"]
    assert sorted(node["contactKind"] for node in found) == sorted(kind.value for kind in ContactKind)
    for kind in ContactKind:
        asked = {"status": ["PROSPECT"], "contactKind": [kind.value]}
        assert (await course.site.data(course.coach_token, CLIENTS, filter=asked))["clients"]["totalCount"] == 1


@pytest.mark.req("J20")
async def test_nothing_deletes_by_itself(course: Course) -> None:
    """Given what a package may do by itself, then it deactivates at most, and nothing at all unless the coach switched it on."""
    actions = await words(course, "ExpiryAction")
    assert actions == {"NONE", "DEACTIVATE"}
    asked = "query ($id: ID!) { package(id: $id) { onExpiry onDeclined } }"
    found = await course.site.data(course.coach_token, asked, id=gid("package", course.packages["P"]))
    assert found == {"package": {"onExpiry": "NONE", "onDeclined": "NONE"}}
