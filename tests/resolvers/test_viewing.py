"""Views as a client by every proof that a member can have, through the executor, on both engines."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import execute

from gql.planned import PlannedExecutor
from gql.schema import GRAPHQL
from lifecycle.vocabulary import ClientStatus, KeyScope, Role
from planner.errors import NotLiveError
from resolvers.callers import Caller, Proof
from resolvers.context import Context
from server.app import build_engine
from storage.tables.workspace import ApiKey, ExternalIdentity, LoginSession
from tests.people import People, codec
from tests.resolvers.test_callers import ISSUER, LATER, SUBJECT, caller_of


async def seen(people: People, caller: Caller, client: str) -> Any:
    """Answer to a view, as the executor gives it."""
    engine = build_engine(people.database.dialect, b"secret")
    prepared = engine.prepare(f'{{ viewAs(client: "client_{client}") {{ viewer {{ client {{ number status }} member {{ id }} }} }} }}')
    assert prepared.document is not None
    context = Context(caller, people.database, codec(), "request", engine=engine, prepared=prepared)
    result: Any = execute(GRAPHQL, prepared.document, context_value=context, executor_class=PlannedExecutor)
    result = await result
    for error in result.errors or ():
        raise error.original_error or error
    return result.data["viewAs"]


@pytest.mark.parametrize("proof", [Proof.SESSION, Proof.API_KEY, Proof.IDENTITY])
async def test_every_proof_of_a_member_opens_a_view_and_its_end_closes_it(people: People, proof: Proof) -> None:
    coach = await people.member(await people.workspace("north"), Role.COACH)
    client = await people.client(coach, ClientStatus.ACTIVE)
    member: dict[str, Any] = {"workspace_id": coach.workspace_id, "member_id": coach.id}
    row: Any
    match proof:
        case Proof.SESSION:
            row = LoginSession(account_id=coach.account_id, expires_at=LATER, **member)
        case Proof.API_KEY:
            row = ApiKey(name="key", scope=KeyScope.READ, prefix="0" * 12, secret_hash="0" * 64, **member)
        case _:
            row = ExternalIdentity(account_id=coach.account_id, issuer=ISSUER, subject=SUBJECT)
    await people.add(row)
    caller = caller_of(coach, proof, f"{ISSUER} {SUBJECT}" if proof is Proof.IDENTITY else row.id.hex)

    assert await seen(people, caller, client.id.hex) == {
        "viewer": {"client": {"number": client.number, "status": "ACTIVE"}, "member": None}
    }
    assert [event[1:4] for event in await people.audit()] == [("view_as", f"member:{coach.id.hex}", "client")]

    if proof is Proof.IDENTITY:
        caller = replace(caller, proof_id=f"{ISSUER} another")
    else:
        await people.change(type(row), row, revoked_at=datetime.now(UTC))
    with pytest.raises(NotLiveError):
        await seen(people, caller, client.id.hex)
    assert len(await people.audit()) == 1
