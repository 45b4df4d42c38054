"""What content a client sees: freezes, versions, releases, gaps, purchases and audiences, each in a tiny world with exact values.

Every instant is days after T0, the instant of the freeze. The client's own session and the coach's view of the same enrollment must
agree on modules and versions; documents are the client's own view, because the coach who wrote them sees them all.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lifecycle.vocabulary import AccessMode, ClientStatus, EnrollmentState, Role, VersionPolicy
from storage.tables.clients import Client, ClientStatusChange
from storage.tables.content import Audience, DocumentRevision, Form, Page
from storage.tables.packages import (
    Enrollment,
    EnrollmentGap,
    Module,
    Product,
    ProductItem,
    Purchase,
    Release,
)
from tests.access.course import ALL, MODULES, Course
from tests.access.site import T0, TICK, Site, day, gid


@pytest.mark.req("J3", "J8", "J9", "J10", "J11")
async def test_a_freeze_keeps_what_was_there_and_nothing_newer(course: Course) -> None:
    """Given a freeze at T0, when content is added, published and revised afterwards, then an active client gets it, the frozen not."""
    await course.module("Old", -30, 3)
    await course.module("New", 2, added=2)
    await course.module("Late", -30, added=2)
    old, newer = course.versions["Old", 1], course.versions["Old", 2]
    before = await course.document("kept", -20, module_version_id=old.id)
    after = await course.document("added", 1, module_version_id=old.id)
    fresh = await course.document("fresh", 3, module_version_id=newer.id)
    (frozen, f_token), (active, a_token) = await course.client(), await course.client()
    freeze, live = await course.enroll(frozen, frozen=0), await course.enroll(active)

    assert await course.sees(f_token, freeze) == {"Old": 1}
    assert await course.sees(a_token, live) == {"Old": 2, "New": 1, "Late": 1}
    assert await course.documents(f_token, freeze) == {"Old": [("kept1", 1, 1)]}
    assert await course.documents(a_token, live) == {"Old": [("fresh1", 1, 1)], "New": [], "Late": []}
    assert await course.everything(f_token) == ({"Old": [1]}, ["kept1"])
    assert await course.everything(a_token) == ({"Old": [2], "New": [1], "Late": [1]}, ["fresh1"])
    for tag, row in (("moduleversion", newer), ("module", course.modules["New"]), ("document", after), ("document", fresh)):
        assert await course.hidden(f_token, tag, row)
    assert not await course.hidden(f_token, "document", before)
    listed = "query ($id: ID!) { package(id: $id) { enrollments { totalCount nodes { client { name } } } } }"
    found = await course.site.data(course.coach_token, listed, id=gid("package", course.packages["P"]))
    names = [node["client"]["name"] for node in found["package"]["enrollments"]["nodes"]]
    assert (found["package"]["enrollments"]["totalCount"], sorted(names)) == (2, sorted([frozen.name, active.name]))


@pytest.mark.req("J9", "J10", "J11")
async def test_nothing_a_frozen_client_reads_changes_after_the_freeze(course: Course) -> None:
    """Given a frozen client, when the coach publishes, adds, revises and releases, then each of their answers stays byte for byte."""
    await course.module("M", -30)
    kept = await course.document("doc", -20, module_version_id=course.versions["M", 1].id)
    client, token = await course.client()
    await course.enroll(client, frozen=0)
    queries = (
        ALL,
        "{ packages { totalCount nodes { id name items { totalCount nodes { id position addedAt module { id } } }"
        " modules { totalCount nodes { id } } } } }",
        "{ viewer { client { enrollments { nodes { state frozenAt version modules { totalCount nodes { title body documents { nodes"
        " { title revisions { nodes { title revisedAt } } } } } } } } } } }",
    )
    before = [(await course.site.send(token, query)).content for query in queries]
    await course.publish("M", 2, 1)
    await course.module("N", 1, added=1)
    await course.document("more", 1, module_version_id=course.versions["M", 1].id)
    await course.site.put(DocumentRevision(document_id=kept.id, revision=2, title="changed", revised_at=day(1), **course.w))
    assert [(await course.site.send(token, query)).content for query in queries] == before


@pytest.mark.req("J10", "J11", "J-Q6")
@pytest.mark.parametrize(("offset", "version"), [(-TICK, 2), (timedelta(0), 2), (TICK, 1)])
async def test_the_instant_of_the_freeze_is_in(course: Course, offset: timedelta, version: int) -> None:
    """Given version 2 published a microsecond before, at, and after the freeze, then ties are in."""
    await course.module("M", -30)
    await course.publish("M", 2, T0 + offset)
    await course.document("doc", -30, module_version_id=course.versions["M", 1].id)
    client, token = await course.client()
    enrollment = await course.enroll(client, frozen=T0)
    assert await course.sees(token, enrollment) == {"M": version}


@pytest.mark.req("J8", "J10", "J-Q3")
async def test_drip_shows_what_was_released_by_the_freeze(course: Course) -> None:
    """Given modules released before, at and after the freeze, and never, then the frozen client has the first two."""
    await course.package("Drip", drip=True)
    released: dict[str, float | None] = {"Before": -10, "Tie": 0, "After": 1, "Never": None}
    (frozen, f_token), (active, a_token) = await course.client(), await course.client()
    freeze, live = await course.enroll(frozen, "Drip", frozen=0), await course.enroll(active, "Drip")
    for name, at in released.items():
        await course.module(name, -30, package="Drip")
        if at is not None:
            for enrollment in (freeze, live):
                version = course.versions[name, 1].id
                await course.site.put(Release(enrollment_id=enrollment.id, module_version_id=version, released_at=day(at), **course.w))
    assert await course.sees(f_token, freeze) == {"Before": 1, "Tie": 1}
    assert await course.sees(a_token, live) == {"Before": 1, "Tie": 1, "After": 1}
    assert await course.hidden(f_token, "moduleversion", course.versions["After", 1])


@pytest.mark.req("J9", "J-Q4")
async def test_a_document_stands_in_the_revision_of_the_freeze(course: Course) -> None:
    """Given a document revised after the freeze, then the frozen client keeps the old one, its title included."""
    await course.module("M", -30)
    document = await course.document("doc", -20, -10, 0, 5, module_version_id=course.versions["M", 1].id)
    (frozen, f_token), (active, a_token) = await course.client(), await course.client()
    freeze, live = await course.enroll(frozen, frozen=0), await course.enroll(active)
    assert await course.documents(f_token, freeze) == {"M": [("doc3", 3, 3)]}
    assert await course.documents(a_token, live) == {"M": [("doc4", 4, 4)]}
    newest = "query ($id: ID!) { node(id: $id) { ... on Document { revisions { nodes { id revision } } } } }"
    found = await course.site.data(course.coach_token, newest, id=gid("document", document))
    last = found["node"]["revisions"]["nodes"][0]
    assert last["revision"] == 4
    assert (await course.site.data(f_token, "query ($id: ID!) { node(id: $id) { id } }", id=last["id"])) == {"node": None}


@pytest.mark.req("J8", "J9", "J-Q5")
async def test_archived_is_kept_and_withdrawn_is_gone(course: Course) -> None:
    """Given content archived or withdrawn after the freeze, then frozen clients keep the first, and nobody the second."""
    for name in ("Archived", "Early", "Withdrawn", "Whole"):
        await course.module(name, -30)
    changes: dict[str, dict[str, Any]] = {
        "Archived": {"archived_at": day(5)},
        "Early": {"archived_at": day(-5)},
        "Withdrawn": {"withdrawn_at": day(5), "withdrawn_reason": "legal"},
    }
    for name, values in changes.items():
        await course.site.change(Module, course.modules[name], **values)
    gone = await course.document("gone", -20, withdrawn=True, module_version_id=course.versions["Whole", 1].id)
    (frozen, f_token), (active, a_token) = await course.client(), await course.client()
    freeze, live = await course.enroll(frozen, frozen=0), await course.enroll(active)
    assert await course.sees(f_token, freeze) == {"Archived": 1, "Whole": 1}
    assert await course.sees(a_token, live) == {"Whole": 1}
    for token, enrollment in ((f_token, freeze), (a_token, live)):
        assert (await course.documents(token, enrollment))["Whole"] == []
        assert await course.hidden(token, "document", gone)
        assert await course.hidden(token, "module", course.modules["Withdrawn"])


@pytest.mark.req("J11", "J-Q7")
async def test_active_enrollments_follow_the_latest_version_unless_pinned(course: Course) -> None:
    """Given versions before and after the enrollment, then PINNED keeps that of the day of enrollment, frozen or not."""
    await course.module("M", -60, -30, 5, added=-70)
    people = [await course.client() for _ in range(3)]
    latest = await course.enroll(people[0][0])
    pinned = await course.enroll(people[1][0], version_policy=VersionPolicy.PINNED)
    both = await course.enroll(people[2][0], frozen=0, version_policy=VersionPolicy.PINNED)
    seen = [await course.sees(token, enrollment) for (_, token), enrollment in zip(people, (latest, pinned, both), strict=True)]
    assert seen == [{"M": 3}, {"M": 1}, {"M": 1}]


@pytest.mark.req("J11")
async def test_who_enrolls_after_version_two_sees_version_two(course: Course) -> None:
    """Given a client deactivated at version 1, when version 2 is out and another enrolls, pinned or not, then theirs is version 2."""
    await course.module("M", -60, 5, added=-70)
    people = [await course.client() for _ in range(3)]
    enrollments = [
        await course.enroll(people[0][0], frozen=0),
        await course.enroll(people[1][0], enrolled_at=day(6)),
        await course.enroll(people[2][0], enrolled_at=day(6), version_policy=VersionPolicy.PINNED),
    ]
    seen = [await course.sees(token, enrollment) for (_, token), enrollment in zip(people, enrollments, strict=True)]
    assert seen == [{"M": 1}, {"M": 2}, {"M": 2}]


@pytest.mark.req("J4", "J8", "J-Q8")
async def test_a_module_of_two_packages_is_seen_through_the_active_one(course: Course) -> None:
    """Given one module in two packages, frozen in one, then the union shows each at its version."""
    await course.package("Q")
    await course.module("M", -30, 5)
    await course.module("M", package="Q")
    client, token = await course.client()
    freeze, live = await course.enroll(client, frozen=0), await course.enroll(client, "Q")
    assert await course.sees(token, freeze) == {"M": 1}
    assert await course.sees(token, live) == {"M": 2}
    assert (await course.everything(token))[0] == {"M": [2, 1]}


@pytest.mark.req("J8", "J10", "J-Q1")
async def test_a_gap_hides_what_was_missed_after_a_reactivation(course: Course) -> None:
    """Given an active enrollment with a gap of ten days, then what was published, added, released or revised in it stays hidden."""
    await course.package("Drip", drip=True)
    await course.module("Before", -30, 5)
    await course.module("Within", 5, added=-50)
    await course.module("Added", -30, added=5)
    await course.module("Edge", 10, added=-50)
    await course.module("Start", 0, added=-50)
    await course.module("After", 11, added=11)
    await course.module("Released", -30, package="Drip")
    await course.document("doc", -20, 5, module_version_id=course.versions["Before", 1].id)
    client, token = await course.client()
    enrollment, dripped = await course.enroll(client), await course.enroll(client, "Drip")
    for row in (enrollment, dripped):
        await course.site.put(EnrollmentGap(enrollment_id=row.id, from_at=T0, until_at=day(10), **course.w))
    version = course.versions["Released", 1].id
    await course.site.put(Release(enrollment_id=dripped.id, module_version_id=version, released_at=day(5), **course.w))
    assert await course.sees(token, enrollment) == {"Before": 1, "Start": 1, "After": 1}
    assert await course.sees(token, dripped) == {}
    assert (await course.documents(token, enrollment))["Before"] == [("doc1", 1, 1)]


@pytest.mark.req("J12", "J13", "J14", "J15", "J16", "J17a", "J17b", "J19")
async def test_a_deleted_enrollment_leaves_no_way_to_the_content(course: Course) -> None:
    """Given an enrollment deleted, then nothing of it is reachable by the client, and the per-package list is without them."""
    await course.module("M", -30)
    document = await course.document("doc", -20, module_version_id=course.versions["M", 1].id)
    client, token = await course.client()
    deleted = await course.enroll(client, frozen=0)
    assert await course.sees(token, deleted) == {"M": 1}
    await course.site.change(Enrollment, deleted, state=EnrollmentState.DELETED, deleted_at=day(1))
    assert await course.everything(token) == ({}, [])
    rows = {"enrollment": deleted, "package": course.packages["P"], "module": course.modules["M"], "document": document}
    for tag, row in {**rows, "moduleversion": course.versions["M", 1]}.items():
        assert await course.hidden(token, tag, row), tag
    mine = await course.site.data(token, "{ packages { totalCount } viewer { client { enrollments { totalCount nodes { id } } } } }")
    assert mine == {"packages": {"totalCount": 0}, "viewer": {"client": {"enrollments": {"totalCount": 0, "nodes": []}}}}
    asked = await course.site.data(token, "{ viewer { client { enrollments(filter: {state: [DELETED]}) { totalCount nodes { id } } } } }")
    assert asked == {"viewer": {"client": {"enrollments": {"totalCount": 0, "nodes": []}}}}
    listed = "query ($p: ID!) { package(id: $p) { enrollments { totalCount nodes { id } } } clients(filter: {package: $p}) { totalCount } }"
    found = await course.site.data(course.coach_token, listed, p=gid("package", course.packages["P"]))
    assert found == {"package": {"enrollments": {"totalCount": 0, "nodes": []}}, "clients": {"totalCount": 0}}

    await course.publish("M", 2, 5)
    again = await course.enroll(client, enrolled_at=day(6))
    assert await course.sees(token, again) == {"M": 2}
    assert (await course.everything(token))[0] == {"M": [2]}


@pytest.mark.req("J15")
async def test_with_no_live_relationship_left_the_session_is_dead(course: Course) -> None:
    """Given the only enrollment deleted and the relationship ended, then the very next request is refused."""
    await course.module("M", -30)
    client, token = await course.client()
    enrollment = await course.enroll(client)
    assert await course.sees(token, enrollment) == {"M": 1}
    await course.site.change(Enrollment, enrollment, state=EnrollmentState.DELETED)
    await course.site.change(Client, client, status=ClientStatus.INACTIVE)
    assert await course.site.code(token, ALL) == "UNAUTHENTICATED"


@pytest.mark.req("J18", "T2", "I2")
async def test_another_coach_is_untouched(course: Course, site: Site) -> None:
    """Given one account in two workspaces, when one deletes the enrollment, then the other's answers stay byte for byte."""
    account = await site.account()
    elsewhere = await site.member(await site.workspace("elsewhere"), Role.COACH)
    other = Course(site, elsewhere, await site.token(elsewhere))
    await other.package()
    seen = []
    for place in (course, other):
        await place.module("M", -30)
        client = await site.client(place.coach, account=account)
        seen.append((place, client, await site.token(client), await place.enroll(client)))
    place, client, token, kept = seen[1]
    query: str = MODULES
    identity: dict[str, Any] = {"id": gid("enrollment", kept)}
    before = [(await site.send(token, query, **identity)).content, (await site.send(token, ALL)).content]
    await site.change(Enrollment, seen[0][3], state=EnrollmentState.DELETED)
    assert [(await site.send(token, query, **identity)).content, (await site.send(token, ALL)).content] == before
    assert await place.sees(token, kept) == {"M": 1}
    assert await course.everything(seen[0][2]) == ({}, [])


PRODUCTS = "{ products { nodes { name modules { totalCount nodes { currentVersion { title version } } } } } documents { nodes { title } } }"


async def shelf(course: Course) -> dict[str, Product]:
    """Two products: `Mine` with the module M, `Unsold` with N; M gets a second version on day 5."""
    await course.module("M", -30, 5, package="")
    await course.module("N", -30, package="")
    await course.document("doc", -20, module_version_id=course.versions["M", 2].id)
    products = {name: Product(name=name, **course.w) for name in ("Mine", "Unsold")}
    items = [
        ProductItem(product_id=products[name].id, position=1, module_id=course.modules[module].id, added_at=day(-40), **course.w)
        for name, module in (("Mine", "M"), ("Unsold", "N"))
    ]
    await course.site.put(*products.values(), *items)
    return products


async def read_shelf(course: Course, token: str) -> tuple[dict[str, dict[str, int]], list[str]]:
    data = await course.site.data(token, PRODUCTS)
    found = {}
    for product in data["products"]["nodes"]:
        versions = [node["currentVersion"] for node in product["modules"]["nodes"]]
        assert product["modules"]["totalCount"] == len(versions)
        found[product["name"]] = {version["title"]: version["version"] for version in versions}
    return found, [document["title"] for document in data["documents"]["nodes"]]


@pytest.mark.req("C19", "C20")
@pytest.mark.parametrize("status", [ClientStatus.BUYER, ClientStatus.ACTIVE, ClientStatus.HOT_LEAD])
async def test_who_bought_reads_their_products_and_no_others(course: Course, status: ClientStatus) -> None:
    """Given a purchase, then the product's contents are readable in its newest version, until it is refunded."""
    products = await shelf(course)
    client, token = await course.client(status)
    assert await read_shelf(course, token) == ({"Mine": {}, "Unsold": {}}, [])
    bought = Purchase(client_id=client.id, product_id=products["Mine"].id, purchased_at=day(-10), **course.w)
    await course.site.put(bought)
    assert await read_shelf(course, token) == ({"Mine": {"M": 2}, "Unsold": {}}, ["doc1"])
    assert await course.hidden(token, "module", course.modules["N"])
    await course.site.change(Purchase, bought, refunded_at=day(9))
    if status is ClientStatus.BUYER:  # nothing is left to them
        assert await course.site.code(token, "{ products { totalCount } }") == "UNAUTHENTICATED"
    else:
        assert await read_shelf(course, token) == ({"Mine": {}, "Unsold": {}}, [])


@pytest.mark.req("C20", "X1", "C-Q6", "C-Q7")
async def test_a_former_client_keeps_what_they_bought(course: Course) -> None:
    """Given INACTIVE since T0 with PURCHASED_CONTENT, then what was bought stands as of that day, or of a later purchase."""
    products = await shelf(course)
    people = [await course.client(ClientStatus.INACTIVE, access_mode=AccessMode.PURCHASED_CONTENT, status_since=T0) for _ in range(2)]
    for (client, _), at in zip(people, (-10, 6), strict=True):
        await course.site.put(Purchase(client_id=client.id, product_id=products["Mine"].id, purchased_at=day(at), **course.w))
    assert [await read_shelf(course, token) for _, token in people] == [
        ({"Mine": {"M": 1}, "Unsold": {}}, []),
        ({"Mine": {"M": 2}, "Unsold": {}}, ["doc1"]),
    ]


@pytest.mark.req("X1", "C7")
@pytest.mark.parametrize("mode", [AccessMode.PURCHASED_CONTENT, AccessMode.READ_ONLY])
async def test_the_end_of_the_relationship_is_a_cutoff_too(course: Course, mode: AccessMode) -> None:
    """Given INACTIVE since T0, then an active enrollment stands as of T0, and an earlier freeze keeps its own instant."""
    await course.package("Frozen")
    await course.module("M", -30, -2, 0, 3)
    await course.module("M", package="Frozen")
    client, token = await course.client(ClientStatus.INACTIVE, access_mode=mode, status_since=T0)
    live, freeze = await course.enroll(client), await course.enroll(client, "Frozen", frozen=-5)
    assert await course.sees(token, live) == {"M": 3}
    assert await course.sees(token, freeze) == {"M": 1}


AUDIENCE = """{ pages { totalCount nodes { title documents { nodes { title } } } } forms { totalCount nodes { title } }
  documents { nodes { title } } }"""
STATUSES = (ClientStatus.HOT_LEAD, ClientStatus.ACTIVE, ClientStatus.BUYER, ClientStatus.INACTIVE, ClientStatus.PROSPECT)


async def publish_to(course: Course, name: str, published: float = -20, **audience: Any) -> None:
    """A page with a document on it, a form, and a document of its own, all for one audience."""
    page, form = Page(title=name, published_at=day(published), **course.w), Form(title=name, published_at=day(published), **course.w)
    await course.site.put(page, form)
    await course.document(f"on {name}", published, page_id=page.id)
    document = await course.document(name, published)
    for place in ({"page_id": page.id}, {"form_id": form.id}, {"document_id": document.id}):
        await course.site.put(Audience(**audience | place, **course.w))


async def admitted(course: Course, token: str) -> set[str]:
    """Names whose page, form and document one sees, each with what is on it."""
    data = await course.site.data(token, AUDIENCE)
    pages = {page["title"] for page in data["pages"]["nodes"]}
    assert data["pages"]["totalCount"] == data["forms"]["totalCount"] == len(pages)
    assert pages == {form["title"] for form in data["forms"]["nodes"]}
    assert all([d["title"] for d in page["documents"]["nodes"]] == [f"on {page['title']}1"] for page in data["pages"]["nodes"])
    assert {d["title"] for d in data["documents"]["nodes"]} == {f"{name}1" for name in pages} | {f"on {name}1" for name in pages}
    return pages


@pytest.mark.req("C4", "C7", "C12b", "C16", "C20")
async def test_pages_forms_and_documents_go_by_their_audience(course: Course) -> None:
    """Given resources for each status, one client and one package, then each client sees exactly what admits them."""
    await course.module("M", -30)
    people = {status: await course.client(status) for status in STATUSES[:3]}
    named, _ = people[ClientStatus.ACTIVE]
    for status in STATUSES:
        await publish_to(course, status.value, status=status)
    await publish_to(course, "named", client_id=named.id)
    await publish_to(course, "package", package_id=course.packages["P"].id)
    await publish_to(course, "buyer by name", client_id=people[ClientStatus.BUYER][0].id)
    await publish_to(course, "not yet", 99999, status=ClientStatus.ACTIVE)
    await course.enroll(people[ClientStatus.HOT_LEAD][0])
    await course.enroll(people[ClientStatus.BUYER][0])

    assert await admitted(course, people[ClientStatus.HOT_LEAD][1]) == {"HOT_LEAD", "package"}
    assert await admitted(course, people[ClientStatus.ACTIVE][1]) == {"ACTIVE", "named"}
    assert await admitted(course, people[ClientStatus.BUYER][1]) == set()


@pytest.mark.req("C4", "J8", "J9")
async def test_an_audience_by_package_ends_with_the_freeze(course: Course) -> None:
    """Given a page for a package, then a frozen client keeps those published by the freeze, a gap hides its own, and deletion all."""
    await publish_to(course, "before", -5, package_id=course.packages["P"].id)
    await publish_to(course, "after", 5, package_id=course.packages["P"].id)
    client, token = await course.client()
    enrollment = await course.enroll(client)
    assert await admitted(course, token) == {"before", "after"}
    await course.site.change(Enrollment, enrollment, state=EnrollmentState.DEACTIVATED, frozen_at=T0)
    assert await admitted(course, token) == {"before"}
    await course.site.change(Enrollment, enrollment, state=EnrollmentState.ACTIVE, frozen_at=None)
    await publish_to(course, "last", 15, package_id=course.packages["P"].id)
    assert await admitted(course, token) == {"before", "after", "last"}
    await course.site.put(EnrollmentGap(enrollment_id=enrollment.id, from_at=T0, until_at=day(10), **course.w))
    assert await admitted(course, token) == {"before", "last"}
    await course.site.change(Enrollment, enrollment, state=EnrollmentState.DELETED)
    assert await admitted(course, token) == set()


@pytest.mark.req("J9", "J-Q4", "I1")
async def test_a_page_of_a_frozen_package_takes_in_nothing_new(course: Course) -> None:
    """Given a page for a package and documents put on it or revised after the freeze, then a frozen client sees it as it was."""
    page = Page(title="page", published_at=day(-5), **course.w)
    await course.site.put(page, Audience(page_id=page.id, package_id=course.packages["P"].id, **course.w))
    await course.document("old", -4, 2, page_id=page.id)
    await course.document("new", 1, page_id=page.id)
    (frozen, f_token), (active, a_token) = await course.client(), await course.client()
    await course.enroll(frozen, frozen=0)
    await course.enroll(active)
    query = "{ pages { nodes { documents { totalCount nodes { title } } } } documents { totalCount nodes { title } } }"
    for token, titles in ((f_token, ["old1"]), (a_token, ["new1", "old2"])):
        data = await course.site.data(token, query)
        for found in (data["documents"], data["pages"]["nodes"][0]["documents"]):
            assert (found["totalCount"], sorted(node["title"] for node in found["nodes"])) == (len(titles), titles)


@pytest.mark.req("J10", "I1")
async def test_a_module_told_of_by_no_other_package(course: Course) -> None:
    """Given two frozen packages, when a module of the first is put into the second, then neither lists the other."""
    await course.package("Q")
    await course.module("M", -30)
    client, token = await course.client()
    await course.enroll(client, frozen=0)
    await course.enroll(client, "Q", frozen=0)
    query = "{ packages { nodes { modules { totalCount nodes { id } } } } modules { nodes { packages { totalCount nodes { name } } } } }"
    before = (await course.site.send(token, query)).content
    await course.module("M", package="Q", added=1)
    assert (await course.site.send(token, query)).content == before
    listed = await course.site.data(course.coach_token, query)
    assert [package["modules"]["totalCount"] for package in listed["packages"]["nodes"]] == [1, 1]


@pytest.mark.req("J-Q1")
async def test_a_document_of_the_gap_stays_hidden_when_it_is_revised(course: Course) -> None:
    """Given a document added in the gap and revised after it, then neither it nor any revision is readable, not even by id."""
    await course.module("M", -30)
    document = await course.document("doc", 5, 20, module_version_id=course.versions["M", 1].id)
    client, token = await course.client()
    enrollment = await course.enroll(client)
    newest = "query ($id: ID!) { node(id: $id) { ... on Document { revisions { nodes { id } } } } }"
    revisions = (await course.site.data(token, newest, id=gid("document", document)))["node"]["revisions"]["nodes"]
    assert len(revisions) == 2
    await course.site.put(EnrollmentGap(enrollment_id=enrollment.id, from_at=T0, until_at=day(10), **course.w))
    ids = [gid("document", document), *(revision["id"] for revision in revisions)]
    nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert (await course.site.data(token, nodes, ids=ids)) == {"nodes": [None, None, None]}


@pytest.mark.req("J10", "J11", "I1")
async def test_versions_of_records_are_for_staff(course: Course) -> None:
    """Given that every publication counts the record's version up, then no client reads it, nor when a package was archived."""
    await course.module("M", -30)
    client, token = await course.client()
    await course.enroll(client, frozen=0)
    query = "{ packages { nodes { version archivedAt } } modules { nodes { version } } }"
    answer = await course.site.ask(token, query)
    assert answer["data"] == {"packages": {"nodes": [{"version": None, "archivedAt": None}]}, "modules": {"nodes": [{"version": None}]}}
    assert {tuple(note["path"]) for note in answer["extensions"]["withheld"]} == {
        ("packages", "nodes", 0, "version"),
        ("packages", "nodes", 0, "archivedAt"),
        ("modules", "nodes", 0, "version"),
    }
    assert await course.site.code(token, "{ packages(filter: {archived: true}) { totalCount } }") == "FORBIDDEN_FILTER"
    assert (await course.site.data(course.coach_token, query))["modules"]["nodes"] == [{"version": 1}]


@pytest.mark.req("C7", "X1")
@pytest.mark.parametrize(
    ("before", "seen"),
    [
        (ClientStatus.ACTIVE, {"ACTIVE", "INACTIVE"}),
        (ClientStatus.HOT_LEAD, {"HOT_LEAD", "INACTIVE"}),
        (ClientStatus.BUYER, set[str]()),
    ],
)
async def test_read_only_is_what_was_seen_at_the_end(course: Course, before: ClientStatus, seen: set[str]) -> None:
    """Given INACTIVE with READ_ONLY since T0, then pages as of that day, by the status of that day; other modes see none."""
    for status in STATUSES:
        await publish_to(course, status.value, -5, status=status)
        await publish_to(course, f"late {status}", 5, status=status)
    client, token = await course.client(ClientStatus.INACTIVE, access_mode=AccessMode.READ_ONLY, status_since=T0)
    steps = [(before, ClientStatus.INACTIVE, T0), (ClientStatus.INACTIVE, ClientStatus.INACTIVE, day(1))]
    for was, became, at in steps:
        change = ClientStatusChange(client_id=client.id, before=was, after=became, at=at, transition="t", actor="", **course.w)
        await course.site.put(change)
    assert await admitted(course, token) == seen
    await course.site.change(Client, client, access_mode=AccessMode.PURCHASED_CONTENT)
    assert await admitted(course, token) == set()
    await course.site.change(Client, client, access_mode=AccessMode.READ_ONLY, access_until=datetime.now(UTC) - TICK)
    assert await course.site.code(token, AUDIENCE) == "UNAUTHENTICATED"
