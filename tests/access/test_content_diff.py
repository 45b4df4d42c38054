"""The coach's comparison of a package with what one client gets of it: every reason, and what lifting the freeze would open."""

from typing import Any

import pytest

from lifecycle.vocabulary import AccessMode, ClientStatus, EnrollmentState, Role, VersionPolicy
from storage.tables.clients import Client
from storage.tables.content import Document
from storage.tables.packages import Enrollment, EnrollmentGap, Module, Product, ProductItem, Purchase
from tests.access.course import Course
from tests.access.site import T0, day, gid

LINE = "kind title reason readElsewhere moduleVersion { version } document { id } revision { revision }"
DIFF = f"""query ($id: ID!) {{ enrollment(id: $id) {{ contentDiff {{ asOf
  visible(first: 100) {{ totalCount nodes {{ {LINE} }} }} withheld(first: 100) {{ totalCount nodes {{ {LINE} }} }}
  missedSince(first: 100) {{ totalCount nodes {{ {LINE} }} }} }} }} }}"""


async def diff(course: Course, enrollment: Enrollment, token: str = "") -> dict[str, Any]:
    """Comparison of an enrollment: `visible` by name, `withheld` by name with the reason, `missed` by name."""
    found = await course.site.data(token or course.coach_token, DIFF, id=gid("enrollment", enrollment))
    parts = found["enrollment"]["contentDiff"]
    for part in ("visible", "withheld", "missedSince"):
        assert parts[part]["totalCount"] == len(parts[part]["nodes"])
    assert all(line["reason"] is None for line in parts["visible"]["nodes"])
    assert len({_name(line) for part in ("visible", "withheld") for line in parts[part]["nodes"]}) == sum(
        parts[part]["totalCount"] for part in ("visible", "withheld")
    )
    return {
        "asOf": parts["asOf"],
        "visible": {_name(line) for line in parts["visible"]["nodes"]},
        "withheld": {_name(line): line["reason"] for line in parts["withheld"]["nodes"]},
        "missed": {_name(line) for line in parts["missedSince"]["nodes"]},
        "elsewhere": {_name(line) for part in ("visible", "withheld") for line in parts[part]["nodes"] if line["readElsewhere"]},
        "revisions": {
            line["title"]: line["revision"] and line["revision"]["revision"]
            for part in ("visible", "withheld")
            for line in parts[part]["nodes"]
            if line["kind"] == "DOCUMENT"
        },
    }


def _name(line: dict[str, Any]) -> str:
    """`Title/number` of a version, `document` of a document, `document#` of a revision, whose title ends with its number."""
    if line["kind"] == "MODULE_VERSION":
        return f"{line['title']}/{line['moduleVersion']['version']}"
    return f"#{line['title']}" if line["kind"] == "REVISION" else f"{line['title']}"


@pytest.mark.req("J8", "J9", "J10", "J11", "J-Q2", "J-Q4", "J-Q6")
async def test_what_a_frozen_client_gets_and_misses(course: Course) -> None:
    """Given a freeze at T0, then what came by T0 is visible in its revision of T0, the rest withheld with its reason, and missed."""
    await course.module("Old", -30, 3)
    await course.module("New", 2, added=2)
    await course.module("Late", -30, added=2)
    old, newer = course.versions["Old", 1], course.versions["Old", 2]
    await course.document("kept", -20, 0, 4, module_version_id=old.id)
    await course.document("added", 1, module_version_id=old.id)
    await course.document("fresh", 3, module_version_id=newer.id)
    client, _ = await course.client()
    found = await diff(course, await course.enroll(client, frozen=0))
    assert found == {
        "asOf": "2025-03-01T12:00:00Z",
        "visible": {"Old/1", "kept", "#kept1", "#kept2"},
        "withheld": {
            "Old/2": "PUBLISHED_AFTER_FREEZE",
            "fresh": "PUBLISHED_AFTER_FREEZE",
            "#fresh1": "PUBLISHED_AFTER_FREEZE",
            "New/1": "ADDED_AFTER_FREEZE",
            "Late/1": "ADDED_AFTER_FREEZE",
            "added": "ADDED_AFTER_FREEZE",
            "#added1": "ADDED_AFTER_FREEZE",
            "#kept3": "REVISED_AFTER_FREEZE",
        },
        "missed": {"Old/2", "fresh", "#fresh1", "New/1", "Late/1"},
        "elsewhere": set(),
        "revisions": {"kept": 2, "added": None, "fresh": None},
    }
    other, _ = await course.client()
    active = await diff(course, await course.enroll(other))
    assert (active["asOf"], active["missed"]) == (None, set())
    assert active["visible"] == {"Old/2", "fresh", "#fresh1", "New/1", "Late/1"}
    assert set(active["withheld"].values()) == {"SUPERSEDED"}


@pytest.mark.req("J-Q1", "J-Q3", "J-Q5", "J-Q7")
async def test_every_other_reason(course: Course) -> None:
    """Given drip, archives, withdrawals, drafts, pins and gaps, then each line that is withheld says which of them it is."""
    await course.package("Drip", drip=True)
    for name in ("Archived", "Early", "Withdrawn", "Plain"):
        await course.module(name, -30)
    await course.module("Draft")
    await course.draft("Draft", 1)
    await course.publish("Draft", 2, 99999)
    changes: dict[str, dict[str, Any]] = {
        "Archived": {"archived_at": day(5)},
        "Early": {"archived_at": day(-5)},
        "Withdrawn": {"withdrawn_at": day(5), "withdrawn_reason": "legal"},
    }
    for name, values in changes.items():
        await course.site.change(Module, course.modules[name], **values)
    gone = await course.document("gone", -20, module_version_id=course.versions["Plain", 1].id)
    await course.site.change(Document, gone, withdrawn_at=day(1))
    (frozen, _), (pinned, _), (lifted, _) = [await course.client() for _ in range(3)]
    assert await reasons(course, await course.enroll(frozen, frozen=0)) == {
        "Early/1": "ARCHIVED",
        "Withdrawn/1": "WITHDRAWN",
        "Draft/1": "NOT_PUBLISHED",
        "Draft/2": "NOT_PUBLISHED",
        "gone": "WITHDRAWN",
        "#gone1": "WITHDRAWN",
    }
    await course.publish("Plain", 2, 3)
    await course.publish("Plain", 3, 11)
    early = await reasons(course, await course.enroll(pinned, version_policy=VersionPolicy.PINNED, enrolled_at=day(-25)))
    assert {name: early[name] for name in ("Archived/1", "Plain/2", "Plain/3")} == {
        "Archived/1": "ARCHIVED",
        "Plain/2": "PINNED",
        "Plain/3": "PINNED",
    }
    live, dripped = await course.enroll(lifted), await course.enroll(lifted, "Drip")
    for row in (live, dripped):
        await course.site.put(EnrollmentGap(enrollment_id=row.id, from_at=T0, until_at=day(10), **course.w))
    assert {name: word for name, word in (await reasons(course, live)).items() if name.startswith("Plain")} == {
        "Plain/1": "SUPERSEDED",
        "Plain/2": "IN_GAP",
    }
    released: dict[str, float | None] = {"Before": -10, "Within": 5, "Never": None}
    for name, at in released.items():
        await course.module(name, -30, package="Drip")
        if at is not None:
            await course.release(dripped, name, at)
    assert await reasons(course, dripped) == {"Within/1": "IN_GAP", "Never/1": "NOT_RELEASED"}


@pytest.mark.req("J-Q3")
async def test_what_was_released_after_the_freeze_is_missed(course: Course) -> None:
    """Given a frozen drip, then a later release is withheld as such and would be granted; what was never released would not."""
    await course.package("Drip", drip=True)
    client, _ = await course.client()
    enrollment = await course.enroll(client, "Drip", frozen=0)
    released: dict[str, float | None] = {"Before": 0, "After": 1, "Never": None}
    for name, at in released.items():
        await course.module(name, -30, package="Drip")
        if at is not None:
            await course.release(enrollment, name, at)
    found = await diff(course, enrollment)
    assert found["visible"] == {"Before/1"}
    assert found["withheld"] == {"After/1": "RELEASED_AFTER_FREEZE", "Never/1": "NOT_RELEASED"}
    assert found["missed"] == {"After/1"}


async def reasons(course: Course, enrollment: Enrollment) -> dict[str, str]:
    found: dict[str, str] = (await diff(course, enrollment))["withheld"]
    return found


@pytest.mark.req("J-Q8")
async def test_what_is_read_elsewhere_is_said(course: Course) -> None:
    """Given one module in two packages and in a product, frozen in the first, then its comparison says what the others show."""
    await course.package("Q")
    await course.module("M", -30, 5)
    await course.module("M", package="Q")
    document = await course.document("doc", 6, module_version_id=course.versions["M", 2].id)
    client, _ = await course.client()
    freeze = await course.enroll(client, frozen=0)
    assert (await diff(course, freeze))["elsewhere"] == set()
    live = await course.enroll(client, "Q")
    assert (await diff(course, freeze))["elsewhere"] == {"M/2", "doc", "#doc1"}
    assert (await diff(course, live))["elsewhere"] == {"M/1"}
    await course.site.change(Enrollment, live, state=EnrollmentState.DEACTIVATED, frozen_at=day(5))
    assert (await diff(course, freeze))["elsewhere"] == {"M/2"}
    product = Product(name="Product", **course.w)
    await course.site.put(
        product,
        ProductItem(product_id=product.id, position=1, module_id=course.modules["M"].id, **course.w),
        Purchase(client_id=client.id, product_id=product.id, **course.w),
    )
    assert (await diff(course, freeze))["elsewhere"] == {"M/2", "doc", "#doc1"}
    await course.site.change(Document, document, withdrawn_at=day(7))
    assert (await diff(course, freeze))["elsewhere"] == {"M/2"}


@pytest.mark.req("C7", "C20", "X1")
async def test_no_access_and_no_enrollment_withhold_everything(course: Course) -> None:
    """Given a client who reads no content at all, or no enrollment any more, then nothing is visible, and nothing would be granted."""
    await course.module("M", -30, 5)
    client, _ = await course.client()
    enrollment = await course.enroll(client, frozen=0)
    everything = {"M/1", "M/2"}
    refused: list[dict[str, Any]] = [
        {"status": ClientStatus.INACTIVE, "access_mode": AccessMode.NONE},
        {"status": ClientStatus.INACTIVE, "access_mode": AccessMode.PAY_ONLY},
        {"status": ClientStatus.INACTIVE, "access_mode": AccessMode.READ_ONLY, "access_until": day(9)},
        {"status": ClientStatus.PROSPECT},
        {"status": ClientStatus.HOT_LEAD, "account_id": None},
    ]
    for values in refused:
        await course.site.change(Client, client, **values)
        found = await diff(course, enrollment)
        assert (found["visible"], found["missed"]) == (set(), set())
        assert found["withheld"] == dict.fromkeys(everything, "NO_ACCESS")
    kept = {"status": ClientStatus.INACTIVE, "access_mode": AccessMode.READ_ONLY, "access_until": None, "status_since": day(-10)}
    await course.site.change(Client, client, account_id=client.account_id, **kept)
    assert await reasons(course, enrollment) == {"M/2": "RELATIONSHIP_ENDED"}
    assert (await diff(course, enrollment))["missed"] == set()
    await course.site.change(Enrollment, enrollment, state=EnrollmentState.DELETED)
    assert await reasons(course, enrollment) == dict.fromkeys(everything, "ENROLLMENT_DELETED")


@pytest.mark.req("J10", "J-Q2")
async def test_who_compares(course: Course) -> None:
    """Given each kind of caller, then staff who read content compare, and the client learns nothing of what is withheld."""
    await course.module("M", -30, 5)
    client, token = await course.client()
    enrollment = await course.enroll(client, frozen=0)
    workspace = await course.workspace()
    for role in (Role.OWNER, Role.ASSISTANT, Role.ANALYST):
        assert (await diff(course, enrollment, await course.site.token(await course.site.member(workspace, role))))["visible"] == {"M/1"}
    stranger = await course.site.token(await course.site.member(workspace, Role.COACH))
    assert await course.site.data(stranger, DIFF, id=gid("enrollment", enrollment)) == {"enrollment": None}
    accountant = await course.site.token(await course.site.member(workspace, Role.ACCOUNTANT))
    for who, code in ((accountant, "ROLE"), (token, "STATUS")):
        answer = await course.site.ask(who, DIFF, id=gid("enrollment", enrollment))
        assert answer["data"] == {"enrollment": {"contentDiff": None}}
        assert [(note["path"], note["code"]) for note in answer["extensions"]["withheld"]] == [(["enrollment", "contentDiff"], code)]


@pytest.mark.req("J10")
async def test_pages_and_filters(course: Course) -> None:
    """Given more lines than a page, then the pages hold each once, in order, and filters leave the lines that are asked for."""
    for number in range(7):
        await course.module(f"M{number}", -30, number)
    client, _ = await course.client()
    enrollment = await course.enroll(client, frozen=2.5)
    query = """query ($id: ID!, $after: String, $filter: ContentItemFilter) { enrollment(id: $id) { contentDiff {
      withheld(first: 3, after: $after, filter: $filter) { totalCount nodes { id title } pageInfo { hasNextPage endCursor } } } } }"""
    seen, after = [], None
    while True:
        data = await course.site.data(course.coach_token, query, id=gid("enrollment", enrollment), after=after)
        page = data["enrollment"]["contentDiff"]["withheld"]
        seen += [node["title"] for node in page["nodes"]]
        assert page["totalCount"] == 7
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen[:4] == ["M6", "M5", "M4", "M3"]
    assert sorted(seen) == [f"M{number}" for number in range(7)]
    for filter_, count in (({"reason": ["SUPERSEDED"]}, 3), ({"kind": ["DOCUMENT"]}, 0), ({"kind": ["MODULE_VERSION", "REVISION"]}, 7)):
        data = await course.site.data(course.coach_token, query, id=gid("enrollment", enrollment), filter=filter_)
        assert data["enrollment"]["contentDiff"]["withheld"]["totalCount"] == count
