"""A story told by the real operations: what each would show was seen before, and what stood before each is seen afterwards."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson
import pytest
import time_machine

from lifecycle.vocabulary import Billing, Role
from storage.tables.clients import Client
from storage.tables.packages import Module, ModuleVersion, Package, PackageItem
from tests.access.site import Site, gid
from tests.access.test_as_of import NOW, THEN, then, today
from tests.access.test_view_as import wish

HOME: Final = """viewer { client { id status statusSince accessMode accessUntil enrollments { nodes { id state frozenAt
  modules { nodes { title version body } } } } invoices { totalCount } appointments { totalCount } } }
  packages { nodes { name } } modules { totalCount } pages { totalCount } documents { totalCount }"""
_STEP: Final = "problems { code message }"


async def do(site: Site, token: str, operation: str, arguments: str, more: str = "") -> Any:
    """What an operation answered; it must have happened."""
    data = await site.data(token, f"mutation {{ {operation}({arguments}) {{ {more} {_STEP} }} }}")
    assert data[operation]["problems"] == [], data
    return data[operation]


@pytest.mark.req("C6", "C7", "J4", "J8", "J11", "J17b", "P2", "P3")
async def test_what_was_seen_before_a_step_is_what_came_and_every_instant_can_be_seen_again(site: Site) -> None:
    coach = await site.member(await site.workspace("story"), Role.OWNER)
    token = await site.token(coach)
    w: dict[str, Any] = {"workspace_id": coach.workspace_id}
    package, module = Package(name="P", billing=Billing.FREE, **w), Module(title="M", **w)
    await site.put(package, module)
    first = ModuleVersion(module_id=module.id, version=1, title="M", body="one", published_at=datetime.now(UTC), **w)
    await site.put(first, PackageItem(package_id=package.id, position=1, module_id=module.id, **w))
    added = await do(site, token, "clientAdd", 'input: {name: "Ada"}', "client { id }")
    key = added["client"]["id"]
    ids = {"client": key, "package": gid("package", package)}
    kept: list[tuple[datetime, Any]] = []

    async def keep() -> None:
        data = await site.data(token, NOW, client=key, package=ids["package"])
        kept.append((datetime.now(UTC), today(data)))

    async def step(operation: str, arguments: str, more: str = "") -> Any:
        answer = await do(site, token, operation, arguments, more)
        await keep()
        return answer

    await keep()
    await step("clientMarkHotLead", f'id: "{key}"')
    await step("clientActivate", f'id: "{key}"')
    made = await step("enrollmentCreate", f'input: {{client: "{key}", package: "{ids["package"]}"}}', "enrollment { id }")
    enrollment = made["enrollment"]["id"]
    await step("enrollmentDeactivate", f'id: "{enrollment}", input: {{reason: COACH_DECISION}}')
    later = ModuleVersion(module_id=module.id, version=2, title="M", body="two", published_at=datetime.now(UTC), **w)
    await site.put(later)
    await keep()
    await step("enrollmentReactivate", f'id: "{enrollment}", input: {{grantMissedContent: false}}')

    # a login, so that the client can be asked, too
    async with site.database.write() as session:
        client = await session.get(Client, (coach.workspace_id, _uuid(key)))
    assert client is not None
    account = await site.account()
    await site.change(Client, client, account_id=account.id)
    client.account_id = account.id
    with time_machine.travel(datetime.now(UTC), tick=False):
        asked = wish(client, status="INACTIVE", accessMode="READ_ONLY")
        seen = await site.send(token, f"{{ {asked} {{ {HOME} }} }}")
        gone = await step("clientMakeInactive", f'id: "{key}", input: {{accessMode: READ_ONLY}}', "batchId")
        real = await site.send(await site.token(client), f"{{ {HOME} }}")
    data = orjson.dumps(orjson.loads(real.content)["data"])
    assert seen.content.startswith(b'{"data":{"viewAs":' + data + b"}"), (seen.content, real.content)
    assert b'"READ_ONLY"' in data

    await step("transitionUndo", f'batchId: "{gone["batchId"]}"')
    await step("clientMakeInactive", f'id: "{key}", input: {{accessMode: PURCHASED_CONTENT}}')
    await step("clientReactivate", f'id: "{key}"')
    for at, before in kept:
        found = await site.data(token, THEN, client=key, package=ids["package"], at=at.isoformat())
        assert then(found) == before, at


def _uuid(node: str) -> UUID:
    return UUID(node[-32:])
