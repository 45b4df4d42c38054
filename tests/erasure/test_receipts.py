"""Receipts: what the search finds, the chain, the signature; and the declaration of what holds personal data."""

import hashlib
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlmodel import SQLModel

from resolvers.erasure.search import texts_of
from storage.database import load_tables
from storage.personal import IMPERSONAL, PERSONAL
from storage.tables.content import Page
from storage.tables.erasure import ErasureReceipt
from tests.access.site import Site, gid
from tests.erasure.acts import delete
from tests.erasure.person import full
from tests.lifecycle.stage import Stage, build


async def check(stage: Stage, receipt: str, by: str = "OWNER") -> Any:
    asked = f'{{ erasureReceiptVerify(id: "{receipt}") {{ valid content chain signature key }} }}'
    return (await stage.site.data(stage.tokens[by], asked))["erasureReceiptVerify"]


@pytest.mark.req("T1", "T11")
async def test_a_copy_that_the_plan_forgot_makes_it_incomplete(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    await site.put(Page(workspace_id=stage.workspace.id, title="Wall", body=f"Thanks to {person.client.email} for the cake"))
    done = await delete(stage, "clientErase", person)
    assert (done["state"], done["receipt"]["complete"]) == ("INCOMPLETE", False)
    body = orjson.loads(done["receipt"]["body"])
    assert (body["verdict"], body["found"]) == ("INCOMPLETE", [{"column": "page.body", "rows": 1}])
    assert person.canary not in done["receipt"]["body"]


@pytest.mark.req("T1")
@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [
        ("Ann Common", "Thanks, ANN common!", 1),
        ("Zoë Müllerova", "Thanks, ZOË MÜLLEROVA!", 1),
        ("Zoë Müllerova", "Thanks, Zoe Mullerova and Billerova!", 0),  # a part of the name is nobody's
        ("Иван Петров", "Спасибо, ИВАН Петров!", 1),
        ("李 小龙李明王", "谢谢 李 小龙李明王", 1),
        ("李 小龙李明王", "谢谢 李 小龙", 0),
    ],
)
async def test_a_name_is_found_as_it_is_written_anywhere(site: Site, name: str, text: str, rows: int) -> None:
    stage = await build(site)
    person = await full(stage, name=name)
    await site.put(Page(workspace_id=stage.workspace.id, title="Wall", body=text))
    done = await delete(stage, "clientErase", person)
    assert orjson.loads(done["receipt"]["body"])["found"] == ([{"column": "page.body", "rows": rows}] if rows else [])


@pytest.mark.req("T-Q4")
async def test_another_client_of_the_same_name_is_not_taken_for_them(site: Site) -> None:
    stage = await build(site)
    person, namesake = (
        await full(stage, name="Ann Common", phone="+493012345678"),
        await full(stage, name="Ann Common", phone="+493012345678"),
    )
    done = await delete(stage, "clientErase", person)
    assert done["state"] == "COMPLETED"
    assert (await stage.find(namesake.client)).name == "Ann Common"


async def test_receipts_are_chained_and_signed(site: Site) -> None:
    stage = await build(site)
    receipts = [(await delete(stage, "clientErase", await full(stage)))["receipt"]["id"] for _ in range(2)]
    asked = "{ erasureReceipts { nodes { id position body previousHash contentHash signature } } }"
    second, first = (await site.data(stage.tokens["OWNER"], asked))["erasureReceipts"]["nodes"]
    assert ([first["id"], second["id"]], first["position"], second["position"]) == (receipts, 1, 2)
    assert (first["previousHash"], second["previousHash"]) == ("0" * 64, first["contentHash"])
    found = await check(stage, receipts[1])
    assert (found["valid"], found["content"], found["chain"], found["signature"]) == (True, True, True, True)
    # anybody can check it with the public key, as the schema says
    hashed = hashlib.sha256(f"{second['previousHash']}\n{second['body']}".encode()).hexdigest()
    assert hashed == second["contentHash"]
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(found["key"])).verify(bytes.fromhex(second["signature"]), bytes.fromhex(hashed))
    # who may not see it learns nothing of it
    assert [await check(stage, receipts[1], who) for who in ("ASSISTANT", "ANALYST", "OTHER_COACH")] == [None, None, None]
    elsewhere = await build(site)
    assert await check(elsewhere, receipts[1]) is None


@pytest.mark.parametrize("column", ["body", "previous_hash", "content_hash", "signature"])
async def test_a_receipt_that_was_touched_is_found_out(site: Site, column: str) -> None:
    stage = await build(site)
    done = await delete(stage, "clientErase", await full(stage))
    key = done["receipt"]["id"]
    async with site.database.write() as session:
        from uuid import UUID

        receipt = await session.get_one(ErasureReceipt, (stage.workspace.id, UUID(key.partition("_")[2])))
        text = getattr(receipt, column)
        setattr(
            receipt, column, text.replace("COMPLETE", "COMPLETe") if column == "body" else text[:-1] + ("0" if text[-1] != "0" else "1")
        )
        session.add(receipt)
    assert (await check(stage, key))["valid"] is False


def test_every_text_of_every_table_is_declared() -> None:
    """A new column that may hold personal data is declared, or this fails: what is not declared is not deleted."""
    load_tables()
    texts = {f"{table.name}.{column}" for table in SQLModel.metadata.tables.values() for column in texts_of(table)}
    assert texts == PERSONAL.keys() | IMPERSONAL
    assert not PERSONAL.keys() & IMPERSONAL


def test_every_personal_text_goes_somewhere() -> None:
    """Given the declared columns, then each is in rows that are deleted, is emptied, or says who else takes care of it."""
    from lifecycle.vocabulary import DataPart, DataState
    from resolvers.erasure.going import going

    steps = going(frozenset(DataPart), DataState.ERASED)
    deleted = {one.table for one in steps if not one.blanks}
    blanked = {f"{one.table}.{one.blanks}" for one in steps if one.blanks}
    lost = {name for name, how in PERSONAL.items() if not how and name.partition(".")[0] not in deleted and name not in blanked}
    assert lost == set()


@pytest.mark.req("T-Q13")
async def test_only_the_grant_opens_it_to_a_coach(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    key = gid("client", person.client)
    for name in ("clientDeleteHistory", "clientDeleteContact", "clientErase", "erasureRequest"):
        assert [b["code"] for b in (await stage.look(name, key, by="COACH"))["blockers"]] == ["FORBIDDEN"]
    await stage.grant("COACH")
    for name in ("clientDeleteHistory", "clientDeleteContact", "clientErase", "erasureRequest"):
        assert (await stage.look(name, key, by="COACH"))["blockers"] == []
