"""What a coach makes, through the API, and what of it reaches a client who is frozen and one who is not."""

from typing import Any

import pytest

from lifecycle.transitions import TRANSITIONS
from lifecycle.transitions.base import AUTHOR
from lifecycle.vocabulary import ClientStatus
from tests.access.site import gid
from tests.studio.studio import Studio

SEEN = """{ modules(first: 100) { nodes { id currentVersion { id version body
    documents { nodes { title currentRevision { revision } } } } } }
  documents(first: 100) { nodes { title } } pages { nodes { title body } } forms { nodes { title questions } }
  packages { nodes { name } } }"""


async def seen(studio: Studio, token: str) -> Any:
    return await studio.site.data(token, SEEN)


async def bodies(studio: Studio, token: str) -> list[str]:
    return sorted(node["currentVersion"]["body"] for node in (await seen(studio, token))["modules"]["nodes"])


async def frozen_and_active(studio: Studio, **package: Any) -> tuple[str, tuple[str, str], tuple[str, str]]:
    """Package with one module, and the enrollment and token of a frozen client and of an active one."""
    key = await studio.package(**package)
    await studio.module(key, "First")
    both = []
    for _ in range(2):
        client, token = await studio.client()
        both.append((await studio.enrolled(key, client), token))
    await studio.do("enrollmentDeactivate", both[0][0], reason="COACH_DECISION")
    return key, both[0], both[1]


@pytest.mark.req("J3", "J4", "J8", "J9", "J10", "J11", "J-Q4", "J-Q6", "J-Q7")
async def test_what_is_made_after_a_freeze_reaches_only_who_is_not_frozen(studio: Studio) -> None:
    # given a frozen client and an active one, whom the package lists
    package, (_, frozen), (active, token) = await frozen_and_active(studio)
    listed = await studio.ask("query ($id: ID!) { package(id: $id) { enrollments { nodes { state } } } }", id=package)
    assert sorted(one["state"] for one in listed["package"]["enrollments"]["nodes"]) == ["ACTIVE", "DEACTIVATED"]
    before = await seen(studio, frozen)
    assert await bodies(studio, frozen) == ["First"]
    module = before["modules"]["nodes"][0]["id"]
    version = before["modules"]["nodes"][0]["currentVersion"]["id"]
    # when the coach adds a document to the published version, revises it, publishes version 2 and adds a module
    document = (await studio.do("documentAdd", title="Late", moduleVersion=version))["id"]
    await studio.do("documentRevise", document, title="Later")
    assert (await seen(studio, token))["documents"]["nodes"] == [{"title": "Later"}]
    await studio.publish(module, "Second")
    await studio.module(package, "Other")
    # then the frozen client sees what was there, and everybody else what there is
    assert await seen(studio, frozen) == before
    assert await bodies(studio, token) == ["Other", "Second"]
    newcomer, late = await studio.client()
    await studio.enrolled(package, newcomer)
    assert await bodies(studio, late) == ["Other", "Second"]
    assert active


@pytest.mark.req("J8", "J-Q5")
async def test_an_item_taken_out_of_a_package_stays_with_whoever_was_frozen(studio: Studio) -> None:
    package, (enrollment, frozen), (_, token) = await frozen_and_active(studio)
    items = "query ($id: ID!) { package(id: $id) { items { nodes { id removedAt } } modules { totalCount } } }"
    [item] = (await studio.ask(items, id=package))["package"]["items"]["nodes"]
    removed = await studio.try_to("packageItemRemove", item["id"], wanted="removedAt")
    assert removed["packageItem"]["removedAt"] is not None
    assert (await studio.ask(items, id=package))["package"] == {"items": {"nodes": []}, "modules": {"totalCount": 0}}
    assert (await bodies(studio, frozen), await bodies(studio, token)) == (["First"], [])
    # and an undo gives it back to everybody
    undone = await studio.ask("mutation ($id: ID!) { transitionUndo(batchId: $id) { problems { code } } }", id=removed["batchId"])
    assert undone["transitionUndo"]["problems"] == []
    assert await bodies(studio, token) == ["First"]
    # while a freeze that is lifted after a removal keeps nothing
    await studio.do("packageItemRemove", item["id"])
    await studio.do("enrollmentReactivate", enrollment)
    assert await bodies(studio, frozen) == []


@pytest.mark.req("J-Q1", "J-Q3")
async def test_a_module_released_to_a_frozen_client_is_seen_when_the_freeze_is_lifted(studio: Studio) -> None:
    package = await studio.package(drip=True)
    _, [version] = await studio.module(package, "Slow")
    client, token = await studio.client()
    enrollment = await studio.enrolled(package, client)
    assert await bodies(studio, token) == []
    await studio.do("enrollmentDeactivate", enrollment, reason="COACH_DECISION")
    own = "{ viewer { client { enrollments { nodes { version state modules { totalCount } } } } } }"
    before = await studio.site.data(token, own)
    await studio.do("enrollmentReleaseModule", enrollment, moduleVersion=version)
    assert await studio.site.data(token, own) == before
    await studio.do("enrollmentReactivate", enrollment)
    assert await bodies(studio, token) == ["Slow"]
    assert await studio.refused("enrollmentReleaseModule", enrollment, moduleVersion=version) == ("ALREADY_IN_STATE", [])


async def test_only_a_published_version_of_the_package_is_released(studio: Studio) -> None:
    package, other = await studio.package(drip=True), await studio.package(name="Other")
    module, [version] = await studio.module(other, "Elsewhere")
    client, _ = await studio.client()
    enrollment = await studio.enrolled(package, client)
    draft = (await studio.do("moduleVersionAdd", module=module))["id"]
    for key in (version, draft):
        code = await studio.refused("enrollmentReleaseModule", enrollment, moduleVersion=key)
        assert code == ("INVALID_INPUT", ["input", "moduleVersion"])


@pytest.mark.req("J11")
async def test_a_draft_is_changed_and_a_published_version_is_not(studio: Studio) -> None:
    module = (await studio.do("moduleAdd", title="Working title"))["id"]
    draft = await studio.do("moduleVersionAdd", module=module, wanted="version title publishedAt")
    assert draft == {"id": draft["id"], "version": 1, "title": "Working title", "publishedAt": None}
    assert await studio.refused("moduleVersionAdd", module=module) == ("DRAFT_EXISTS", ["input", "module"])
    changed = await studio.do("moduleVersionUpdate", draft["id"], title="Title", body="Text", wanted="title body")
    assert (changed["title"], changed["body"]) == ("Title", "Text")
    await studio.do("moduleVersionPublish", draft["id"])
    assert (await studio.refused("moduleVersionUpdate", draft["id"], body="New"))[0] == "INVALID_TRANSITION"
    second = await studio.do("moduleVersionAdd", module=module, wanted="version title")
    assert (second["version"], second["title"]) == (2, "Title")


async def test_publishing_changes_nothing_that_a_frozen_client_sees_of_module_and_package(studio: Studio) -> None:
    package, (_, frozen), _ = await frozen_and_active(studio)
    whole = (
        "{ modules { nodes { id versions { totalCount } packages { totalCount } } } packages { nodes { id name price { amountMinor } } } }"
    )
    before = await studio.site.data(frozen, whole)
    module = before["modules"]["nodes"][0]["id"]
    await studio.publish(module, "Second")
    await studio.module(package, "Other")
    assert await studio.site.data(frozen, whole) == before


async def test_a_package_says_what_was_left_out_and_keeps_it(studio: Studio) -> None:
    package = await studio.package(summary="Short", priceMinor=500, durationDays=30, currency="eur")
    fields = "name summary durationDays drip onExpiry onDeclined declinedGraceDays onRecovered price { amountMinor currency }"
    changed = await studio.do("packageUpdate", package, wanted=fields, onDeclined="DEACTIVATE", declinedGraceDays=3, durationDays=0)
    assert changed == {
        "id": package,
        "name": "Package",
        "summary": "Short",
        "durationDays": None,
        "drip": False,
        "onExpiry": "NONE",
        "onDeclined": "DEACTIVATE",
        "declinedGraceDays": 3,
        "onRecovered": "NONE",
        "price": {"amountMinor": 500, "currency": "EUR"},
    }
    assert await studio.refused("packageUpdate", package, name=" ") == ("INVALID_INPUT", ["input", "name"])
    assert await studio.refused("packageAdd", name="P", billing="FREE", currency="euro") == ("INVALID_INPUT", ["input", "currency"])


async def test_an_item_is_a_module_or_sessions_and_a_module_once(studio: Studio) -> None:
    package = await studio.package()
    module, _ = await studio.module(package, "First")
    kind = (await studio.do("appointmentTypeAdd", name="Coaching", plannedMinutes=50))["id"]
    sessions = await studio.do("packageItemAdd", package=package, appointmentType=kind, quantity=8, wanted="position quantity")
    assert (sessions["position"], sessions["quantity"]) == (2, 8)
    for given in ({}, {"module": module, "appointmentType": kind}, {"module": module}):
        assert await studio.refused("packageItemAdd", package=package, **given) == ("INVALID_INPUT", ["input", "module"])


@pytest.mark.req("C4")
async def test_pages_forms_and_documents_are_seen_by_whom_their_audience_admits(studio: Studio) -> None:
    client, token = await studio.client()
    other, others = await studio.client()
    page = (await studio.do("pageAdd", title="Welcome", body="Hello", statuses=["ACTIVE"]))["id"]
    form = (await studio.do("formAdd", title="Intake", questions=["Why?", "Why now?"], clients=[gid("client", client)]))["id"]
    document = (await studio.do("documentAdd", title="Sheet", clients=[gid("client", other)]))["id"]
    draft = (await studio.do("pageAdd", title="Draft", published=False, statuses=["ACTIVE"]))["id"]
    mine, theirs = await seen(studio, token), await seen(studio, others)
    assert mine["pages"]["nodes"] == theirs["pages"]["nodes"] == [{"title": "Welcome", "body": "Hello"}]
    assert (mine["forms"]["nodes"], theirs["forms"]["nodes"]) == ([{"title": "Intake", "questions": ["Why?", "Why now?"]}], [])
    assert (mine["documents"]["nodes"], theirs["documents"]["nodes"]) == ([], [{"title": "Sheet"}])
    # when the settings change, and a page is withdrawn
    await studio.do("pageSetAudience", page, statuses=["HOT_LEAD"])
    await studio.do("formSetAudience", form, clients=[gid("client", other)])
    await studio.do("documentSetAudience", document, statuses=["ACTIVE"])
    await studio.do("pageUpdate", draft, title="No draft", published=True)
    mine, theirs = await seen(studio, token), await seen(studio, others)
    assert [node["title"] for node in mine["pages"]["nodes"]] == ["No draft"]
    assert (mine["forms"]["nodes"], len(theirs["forms"]["nodes"])) == ([], 1)
    assert mine["documents"]["nodes"] == [{"title": "Sheet"}]
    await studio.do("pageWithdraw", draft)
    assert (await seen(studio, token))["pages"]["nodes"] == []
    assert (await studio.refused("pageUpdate", draft, title="Again"))[0] == "INVALID_TRANSITION"


async def test_a_document_has_one_place(studio: Studio) -> None:
    page = (await studio.do("pageAdd", title="Page", statuses=["ACTIVE"]))["id"]
    package = await studio.package()
    _, [version] = await studio.module(package, "Text")
    assert (await studio.refused("documentAdd", title="D", page=page, moduleVersion=version))[0] == "INVALID_INPUT"
    assert (await studio.refused("documentAdd", title="D", page=page, statuses=["ACTIVE"]))[0] == "INVALID_INPUT"
    held = (await studio.do("documentAdd", title="D", page=page))["id"]
    assert (await studio.refused("documentSetAudience", held, statuses=["ACTIVE"]))[0] == "INVALID_INPUT"
    assert await studio.refused("formAdd", title="F", questions=[]) == ("INVALID_INPUT", ["input", "questions"])
    assert await studio.refused("formAdd", title="F", questions=["Why?", " "]) == ("INVALID_INPUT", ["input", "questions"])


@pytest.mark.req("J-Q5")
async def test_a_withdrawn_document_is_gone_for_the_frozen_too(studio: Studio) -> None:
    package = await studio.package()
    _, [version] = await studio.module(package, "Text")
    document = (await studio.do("documentAdd", title="Wrong", moduleVersion=version))["id"]
    client, token = await studio.client()
    await studio.do("enrollmentDeactivate", await studio.enrolled(package, client), reason="COACH_DECISION")
    assert (await seen(studio, token))["documents"]["nodes"] == [{"title": "Wrong"}]
    await studio.do("documentWithdraw", document, reason="An error")
    assert (await seen(studio, token))["documents"]["nodes"] == []


@pytest.mark.req("J-Q8")
async def test_a_module_in_two_packages_is_seen_through_the_one_that_is_not_frozen(studio: Studio) -> None:
    one, two = await studio.package(name="One"), await studio.package(name="Two")
    module, _ = await studio.module(one, "First")
    await studio.do("packageItemAdd", package=two, module=module)
    client, token = await studio.client()
    first, second = await studio.enrolled(one, client), await studio.enrolled(two, client)
    await studio.do("enrollmentDeactivate", first, reason="COACH_DECISION")
    await studio.publish(module, "Second")
    assert await bodies(studio, token) == ["Second"]
    await studio.do("enrollmentDelete", second, reason="COACH_DECISION")
    assert await bodies(studio, token) == ["First"]


async def test_a_product_is_made_and_changed(studio: Studio) -> None:
    package = await studio.package()
    modules = [(await studio.module(package, body))[0] for body in ("A", "B", "C")]
    product = await studio.do("productAdd", name="Kit", priceMinor=900, modules=modules[:2], wanted="onSale modules { totalCount }")
    assert (product["onSale"], product["modules"]["totalCount"]) == (True, 2)
    changed = await studio.do(
        "productUpdate", product["id"], onSale=False, modules=modules[1:], wanted="name onSale price { amountMinor } modules { totalCount }"
    )
    assert changed == {"id": product["id"], "name": "Kit", "onSale": False, "price": {"amountMinor": 900}, "modules": {"totalCount": 3}}


AUTHORING = {step.name for step in TRANSITIONS if step.makes and step.permit == AUTHOR}


@pytest.mark.parametrize("role", ["assistant", "accountant", "analyst"])
async def test_who_may_not_write_makes_nothing(studio: Studio, role: str) -> None:
    least: dict[str, dict[str, Any]] = {
        "packageAdd": {"name": "P", "billing": "FREE"},
        "moduleAdd": {"title": "M"},
        "documentAdd": {"title": "D"},
        "pageAdd": {"title": "P"},
        "formAdd": {"title": "F", "questions": ["Why?"]},
        "productAdd": {"name": "K"},
        "appointmentTypeAdd": {"name": "T"},
    }
    assert least.keys() <= AUTHORING
    for name, given in least.items():
        assert (await studio.refused(name, by=role, **given))[0] == "FORBIDDEN"


async def test_a_client_makes_nothing(studio: Studio) -> None:
    _, token = await studio.client()
    before = await studio.rows()
    made = 'mutation { pageAdd(input: {title: "P"}) { page { id } problems { code } } }'
    assert (await studio.site.data(token, made))["pageAdd"] == {"page": None, "problems": [{"code": "FORBIDDEN"}]}
    assert await studio.rows() == before


async def test_what_belongs_to_another_studio_is_not_there(studio: Studio) -> None:
    from tests.studio.studio import open_studio

    other = await open_studio(studio.site)
    package = await other.package()
    module, _ = await other.module(package, "Theirs")
    mine = await studio.package()
    assert await studio.refused("packageItemAdd", package=mine, module=module) == ("NOT_FOUND", ["input", "module"])
    assert await studio.refused("pageAdd", title="P", packages=[package]) == ("NOT_FOUND", ["input", "packages"])
    assert (await studio.refused("packageUpdate", package, name="Mine"))[0] == "NOT_FOUND"


async def test_what_is_withdrawn_is_put_nowhere(studio: Studio) -> None:
    """Given a module, a version and a page that are withdrawn, then nothing is made of them or added to them, and previews say so."""
    package = await studio.package()
    module, [version] = await studio.module(await studio.package(name="Other"), "Text")
    page = (await studio.do("pageAdd", title="Page"))["id"]
    product = (await studio.do("productAdd", name="Kit"))["id"]
    await studio.do("moduleWithdraw", module, reason="An error")
    await studio.do("pageWithdraw", page)
    assert await studio.refused("packageItemAdd", package=package, module=module) == ("INVALID_INPUT", ["input", "module"])
    assert await studio.refused("moduleVersionAdd", module=module) == ("INVALID_INPUT", ["input", "module"])
    assert await studio.refused("productAdd", name="Other", modules=[module]) == ("INVALID_INPUT", ["input", "modules"])
    assert await studio.refused("productUpdate", product, modules=[module]) == ("INVALID_INPUT", ["input", "modules"])
    assert await studio.refused("documentAdd", title="D", moduleVersion=version) == ("INVALID_INPUT", ["input", "moduleVersion"])
    assert await studio.refused("documentAdd", title="D", page=page) == ("INVALID_INPUT", ["input", "page"])


async def test_a_name_is_changed_to_a_name(studio: Studio) -> None:
    product = (await studio.do("productAdd", name="Kit"))["id"]
    module = (await studio.do("moduleAdd", title="Module"))["id"]
    draft = (await studio.do("moduleVersionAdd", module=module))["id"]
    document, page = (await studio.do("documentAdd", title="D"))["id"], (await studio.do("pageAdd", title="P"))["id"]
    assert await studio.refused("productUpdate", product, name=" ") == ("INVALID_INPUT", ["input", "name"])
    assert await studio.refused("productAdd", name="K", currency="€") == ("INVALID_INPUT", ["input", "currency"])
    for name, key in (("moduleVersionUpdate", draft), ("documentRevise", document), ("pageUpdate", page)):
        assert await studio.refused(name, key, title=" ") == ("INVALID_INPUT", ["input", "title"])


@pytest.mark.req("C4")
async def test_an_audience_of_a_status_admits_it(studio: Studio) -> None:
    _, token = await studio.client(ClientStatus.HOT_LEAD)
    await studio.do("pageAdd", title="For hot leads", statuses=["HOT_LEAD"])
    assert [page["title"] for page in (await seen(studio, token))["pages"]["nodes"]] == ["For hot leads"]
