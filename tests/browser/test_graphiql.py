"""GraphiQL in a real browser: the journey of a new user, and how the page keeps a session."""

import json
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import expect

from tests.browser.ide import Ide
from tests.browser.stub import PASSWORD

SCREENSHOT = Path(__file__).parents[2] / "var" / "screenshots" / "graphiql.png"
EDIT_IS_NOTED_MS = 1000  # twice the time after which GraphiQL stores what was edited
VIEWER = "query Me { viewer { account { username } } }"


async def reason_of_refusal(ide: Ide, base_url: str, token: str) -> str | None:
    response = await ide.page.request.post(f"{base_url}/graphql", data={"query": VIEWER}, headers={"Authorization": token})
    answer = await response.json()
    return str(answer["errors"][0]["extensions"]["reason"]) if "errors" in answer else None


async def test_new_user_signs_in_with_one_click_and_runs_every_example(ide: Ide, base_url: str) -> None:
    page = ide.page
    await ide.open(base_url)
    await ide.expect_status("Not signed in")
    assert await page.locator(".graphiql-tab-button").all_text_contents() == ["SinglePageApp", "MobileApp", "Analyst", "Statistics"]
    names = {person["label"]: person["name"] for person in (await (await page.request.get(f"{base_url}/demo/people")).json())["people"]}

    for label, examples in (("Analyst", ("Analyst", "Statistics")), ("Active client", ("MobileApp",)), ("Owner", ("SinglePageApp",))):
        person = page.get_by_role("group", name="Sign in as").get_by_role("button", name=label)
        await person.click()
        await ide.expect_status(f"Signed in as {names[label]}")
        await expect(person).to_have_attribute("aria-pressed", "true")
        for example in examples:
            await ide.open_tab(example)
            answer = await ide.answer()
            assert "errors" not in answer
            assert all(answer["data"].values())
            await ide.expect_result('"data"')

    await page.screenshot(path=SCREENSHOT)
    sessions = list(dict.fromkeys(filter(None, ide.authorizations())))
    assert [await reason_of_refusal(ide, base_url, token) for token in sessions] == ["REVOKED", "REVOKED", None]

    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("Root Types")
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    await expect(page.locator(".docExplorerWrap")).to_contain_text("appointments")
    await page.get_by_role("button", name="Show History").click()
    await expect(page.locator(".graphiql-history")).to_contain_text("MobileApp")

    assert ide.hosts == {urlsplit(base_url).netloc}
    assert ide.complaints == []


async def test_signs_in_with_a_password_and_out(ide: Ide, stub_url: str) -> None:
    await ide.open(stub_url)
    assert await ide.page.get_by_role("group", name="Sign in as").count() == 0
    await ide.write(VIEWER)

    await ide.sign_in("olivia", "wrong")
    await ide.expect_problem("Username or password is wrong.")
    assert await ide.answer() == {"data": {"viewer": None}}

    await ide.sign_in("olivia", PASSWORD)
    await ide.expect_status("Signed in as olivia")
    await ide.expect_problem("")
    assert await ide.answer() == {"data": {"viewer": {"account": {"username": "olivia"}}}}
    await ide.expect_result("olivia")

    await ide.page.get_by_role("button", name="Sign out").click()
    await ide.expect_status("Not signed in")
    await expect(ide.page.locator(".graphiql-response .view-lines")).to_have_text("")
    assert await ide.answer() == {"data": {"viewer": None}}
    assert ide.complaints == []


async def test_person_of_several_workspaces_chooses_one_and_signing_out_ends_the_session(ide: Ide, base_url: str) -> None:
    await ide.open(base_url)
    await ide.write("query Where { viewer { workspace { name } } }")
    await ide.sign_in("active-client", "portico-demo")
    choices = ide.page.get_by_label("Workspace").locator("option")
    await expect(choices).to_have_count(2)
    await expect(ide.bar.get_by_role("alert")).not_to_be_empty()
    await ide.expect_status("Not signed in")

    choice = (await choices.all_text_contents())[1]
    name = choice.removesuffix(", as client")
    await ide.choose_workspace(choice)
    await ide.expect_status(f"Signed in as active-client: {name}")
    await ide.expect_problem("")
    assert (await ide.answer())["data"]["viewer"]["workspace"] == {"name": name}

    token = str(ide.authorizations()[-1])
    assert await reason_of_refusal(ide, base_url, token) is None
    await ide.page.get_by_role("button", name="Sign out").click()
    await ide.expect_status("Not signed in")
    await ide.expect_problem("")
    assert await reason_of_refusal(ide, base_url, token) == "REVOKED"

    await ide.sign_in("active-client", "portico-demo")
    await expect(choices).to_have_count(2)
    await ide.page.get_by_label("Username").fill("owner")
    await expect(choices).to_have_count(0)
    assert ide.complaints == []


async def test_session_that_was_ended_elsewhere_is_left_without_a_problem(ide: Ide, base_url: str) -> None:
    await ide.open(base_url)
    await ide.sign_in("owner", "portico-demo")
    await ide.expect_status("Signed in as owner")
    await ide.write(VIEWER)
    await ide.answer()
    headers = {"Authorization": str(ide.authorizations()[-1])}
    ended = await ide.page.request.post(
        f"{base_url}/graphql", data={"query": "mutation { signOut { problems { code } } }"}, headers=headers
    )
    assert await ended.json() == {"data": {"signOut": {"problems": []}}}

    await ide.page.get_by_role("button", name="Sign out").click()

    await ide.expect_status("Not signed in")
    await ide.expect_problem("")


async def test_sign_out_that_the_gateway_did_not_hear_says_so_and_forgets_the_tokens(ide: Ide, stub_url: str) -> None:
    await ide.open(stub_url)
    await ide.write(VIEWER)
    await ide.sign_in("olivia", PASSWORD)
    await ide.expect_status("Signed in as olivia")
    await ide.page.route("**/graphql", lambda route: route.abort())

    await ide.page.get_by_role("button", name="Sign out").click()

    await ide.expect_status("Not signed in")
    await ide.expect_problem("The session was not ended: The gateway cannot be reached.")
    await ide.page.unroute("**/graphql")
    assert await ide.answer() == {"data": {"viewer": None}}


async def test_schema_is_read_again_by_the_person_who_signed_in(ide: Ide, stub_url: str) -> None:
    await ide.open(stub_url)

    async with ide.page.expect_request(lambda request: "IntrospectionQuery" in (request.post_data or "")) as introspection:
        await ide.sign_in("olivia", PASSWORD)

    assert (await introspection.value).headers["authorization"] == "Bearer olivia.1"


async def test_nothing_secret_is_left_in_the_browser(ide: Ide, stub_url: str) -> None:
    await ide.open(stub_url)
    await ide.sign_in("olivia", PASSWORD)
    await ide.expect_status("Signed in as olivia")
    await ide.write(VIEWER)
    await ide.write_headers({"X-Note": "hush"})
    await ide.page.wait_for_timeout(EDIT_IS_NOTED_MS)
    await ide.answer()
    assert any(request.headers.get("x-note") == "hush" for request in ide.requests)
    await ide.page.get_by_role("button", name="Show History").click()
    await ide.page.wait_for_timeout(EDIT_IS_NOTED_MS)

    stored = json.dumps(await ide.page.evaluate("[{...localStorage}, {...sessionStorage}, document.cookie]"))

    assert VIEWER in stored
    assert [secret for secret in ("hush", "olivia", PASSWORD) if secret in stored] == []


async def test_token_that_is_about_to_end_is_refreshed(ide: Ide, stub_url: str) -> None:
    await ide.open(stub_url)
    await ide.sign_in("hasty", PASSWORD)
    await ide.expect_status("Signed in as hasty")
    await ide.write(VIEWER)
    await ide.execute()
    await ide.expect_result("hasty")
    assert ide.authorizations() == [None, "Bearer hasty.2", "Bearer hasty.3"]

    await ide.execute()
    await ide.expect_problem("Signed out: The session was revoked.")
    await ide.expect_status("Not signed in")


async def test_subscription_streams_to_the_person_who_signed_in(ide: Ide, stub_url: str) -> None:
    await ide.open(stub_url)
    await ide.sign_in("olivia", PASSWORD)
    await ide.expect_status("Signed in as olivia")
    await ide.write("subscription Greetings { greetings }")
    await ide.execute()

    await ide.expect_result("goodbye olivia")
    assert ide.hosts == {urlsplit(stub_url).netloc}
    assert ide.complaints == []
