"""Every path that could lead to somebody who was erased, asked by every kind of caller: as if they had never been."""

import re
from typing import Any, Final
from uuid import uuid4

import pytest

from tests.access.site import Site, gid
from tests.erasure.acts import delete
from tests.erasure.person import Person, full
from tests.lifecycle.stage import Stage, build

#: Kinds of rows that were theirs, by the word of their ids.
TAGS: Final = {
    "appointment": "appointment", "attendance": "attendance", "message": "message", "invoice": "invoice", "payment": "payment",
    "estimate": "estimate", "client_document": "clientdocument", "form_response": "response", "enrollment": "enrollment",
    "purchase": "purchase", "service_template": "template", "consent": "consent", "client_field": "customfield",
    "client_status_change": "statuschange", "suggestion": "suggestion", "scheduled_transition": "schedule",
}  # fmt: skip
LISTS: Final = "appointments messages invoices payments estimates conversations scheduledTransitions suggestions"


async def callers(stage: Stage, person: Person) -> dict[str, str | None]:
    tokens: dict[str, str | None] = dict(stage.tokens)
    tokens["THEIR OWN"] = await stage.site.token(person.client)
    tokens["OTHER CLIENT"] = await stage.site.token(stage.rows["client"])
    tokens["FOREIGN OWNER"] = (await build(stage.site)).tokens["OWNER"]
    tokens["NOBODY"] = None
    return tokens


@pytest.mark.req("T11", "T13", "J19", "T-Q12")
async def test_what_was_theirs_answers_as_what_never_was(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    tokens = await callers(stage, person)
    theirs_once = [(tag, row) for table, tag in TAGS.items() for row in person.rows.get(table, [])]
    rows = [gid(tag, row) for tag, row in theirs_once if getattr(row, "client_id", None) == person.client.id]
    await delete(stage, "clientErase", person)
    unknown = [f"{key.partition('_')[0]}_{uuid4().hex}" for key in rows]
    wrong: list[object] = []
    for who, token in tokens.items():
        for key, other in zip(rows, unknown, strict=True):
            mine, theirs = [(await site.send(token, f'{{ node(id: "{one}") {{ id }} }}')).text.replace(one, "ID") for one in (key, other)]
            if _plain(mine) != _plain(theirs):
                wrong.append((who, key, mine, theirs))
    assert wrong == []


def _plain(answer: str) -> str:
    """Answer without the id of its request."""
    return re.sub(r'"requestId":"[^"]*"', "", answer)


@pytest.mark.req("T11", "J19")
async def test_the_client_is_a_number_to_the_owner_and_the_coach_and_nobody_to_others(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    tokens = await callers(stage, person)
    await delete(stage, "clientErase", person)
    key, unknown = gid("client", person.client), f"client_{uuid4().hex}"
    everything = (
        "id number name email phone address notes status tags dataState customFields { nodes { value } } interactions { totalCount }"
        " statusHistory { totalCount } history { nodes { reason name } } enrollments { totalCount }"
    )
    for who, token in tokens.items():
        mine, theirs = [
            (await site.send(token, f'{{ client(id: "{one}") {{ {everything} }} }}')).text.replace(one, "ID") for one in (key, unknown)
        ]
        assert person.canary not in mine
        if who in ("OWNER", "COACH"):
            assert f'"number":{person.client.number}' in mine
        else:
            assert _plain(mine) == _plain(theirs), who


@pytest.mark.req("T11", "J19")
@pytest.mark.parametrize("who", ["OWNER", "COACH", "ASSISTANT", "ACCOUNTANT", "ANALYST", "OTHER_COACH"])
async def test_no_list_search_filter_or_cursor_finds_them(site: Site, who: str) -> None:
    stage = await build(site)
    person = await full(stage)
    token = stage.tokens[who]
    cursors = "{ clients(first: 50) { edges { cursor } } }"
    edges = ((await site.ask(token, cursors)).get("data") or {}).get("clients") or {"edges": []}
    await delete(stage, "clientErase", person)
    asked: list[str] = [
        f'{{ clients(search: "{person.canary}") {{ totalCount nodes {{ id }} }} }}',
        f'{{ clients(filter: {{email: "{person.client.email}"}}) {{ totalCount }} }}',
        f'{{ clients(filter: {{tag: ["tag {person.canary}"]}}) {{ totalCount }} }}',
        "{ clients(first: 100) { nodes { id name email number } } }",
        *(f"{{ {name}(first: 100) {{ nodes {{ id }} }} }}" for name in LISTS.split()),
        *(f'{{ clients(first: 50, after: "{edge["cursor"]}") {{ nodes {{ id name email }} }} }}' for edge in edges["edges"]),
        f'{{ node(id: "nonsense_{person.canary}") {{ id }} }}',
    ]
    for query in asked:
        text = (await site.send(token, query)).text
        told = text.replace(f"nonsense_{person.canary}", "")
        assert person.canary not in told, query
        assert person.client.id.hex not in told, query
        found: Any = (await site.ask(token, query)).get("data") or {}
        assert all(one.get("totalCount", 0) == 0 for one in found.values() if one), query
