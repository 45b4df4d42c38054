"""GraphiQL's page as a person sees it, and what the browser noted meanwhile."""

import json
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Page, Request, Response, expect

expect.set_options(timeout=30_000)


class Ide:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.bar = page.get_by_role("banner")
        self.requests: list[Request] = []
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        """Errors and warnings of the console (violations of the content security policy among them), exceptions, failed requests."""
        page.on("request", self._note_request)
        page.on("websocket", lambda socket: self.hosts.add(urlsplit(socket.url).netloc))
        page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note_message)

    def _note_request(self, request: Request) -> None:
        self.requests.append(request)
        if not request.url.startswith("data:"):
            self.hosts.add(urlsplit(request.url).netloc)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def authorizations(self) -> list[str | None]:
        """`Authorization` of each query, introspection included, oldest first."""
        sent = [(request, json.loads(request.post_data or "{}").get("query", "")) for request in self.requests]
        return [request.headers.get("authorization") for request, query in sent if query.strip().startswith("query")]

    async def open(self, base_url: str) -> None:
        await self.page.goto(f"{base_url}/graphiql")
        await self._ready()

    async def sign_in(self, username: str, password: str) -> None:
        form = self.page.get_by_role("form", name="Sign in")
        await form.get_by_label("Username").fill(username)
        await form.get_by_label("Password").fill(password)
        await form.get_by_role("button", name="Sign in").click()

    async def choose_workspace(self, name: str) -> None:
        form = self.page.get_by_role("form", name="Sign in")
        await form.get_by_label("Workspace").select_option(label=name)
        await form.get_by_role("button", name="Sign in").click()

    async def expect_status(self, text: str) -> None:
        await expect(self.bar.get_by_role("status")).to_contain_text(text)

    async def expect_problem(self, text: str) -> None:
        await expect(self.bar.get_by_role("alert")).to_have_text(text)

    async def expect_result(self, text: str) -> None:
        # Monaco writes spaces as no-break spaces and keeps only the lines in sight.
        await expect(self.page.locator(".graphiql-response .view-lines")).to_contain_text(text)

    async def write(self, query: str) -> None:
        """Put a query, which begins `query Name`, in a new tab."""
        await self.page.get_by_role("button", name="New tab").click()
        await self._fill(".graphiql-query-editor", query)
        await self._settled(query.split()[1])

    async def open_tab(self, name: str) -> None:
        await self.page.locator(".graphiql-tab-button").get_by_text(name).click()
        await self._settled(name)

    async def write_headers(self, headers: dict[str, str]) -> None:
        await self.page.get_by_role("button", name="Headers", exact=True).click()
        await self._fill(".graphiql-editor-tool .graphiql-editor:not(.hidden)", json.dumps(headers))

    async def _fill(self, editor: str, text: str) -> None:
        await self.page.locator(f"{editor} .view-lines").click()
        await self.page.keyboard.press("ControlOrMeta+A")
        # Typing would have the editor close the brackets.
        await self.page.keyboard.insert_text(text)

    async def _settled(self, tab: str) -> None:
        """GraphiQL takes note of the operation a moment after the last key, and stores the tab a moment later."""
        state = "const { tabs, activeTabIndex } = JSON.parse(localStorage['graphiql:tabState'])"
        await self.page.wait_for_function(f"name => {{ {state}; return tabs[activeTabIndex].title === name; }}", arg=tab)

    async def _ready(self) -> None:
        """At the start, and when the person changes, GraphiQL builds its editors anew."""
        await expect(self.page.locator(".graphiql-query-editor .view-line").first).to_be_visible()

    async def execute(self) -> None:
        await self._ready()
        await self.page.get_by_role("button", name="Execute query").click()

    async def answer(self) -> Any:
        """Execute, and give the JSON that the gateway answered."""
        async with self.page.expect_response(_answers_an_operation) as response:
            await self.execute()
        return await (await response.value).json()


def _answers_an_operation(response: Response) -> bool:
    return response.url.endswith("/graphql") and "IntrospectionQuery" not in (response.request.post_data or "")
