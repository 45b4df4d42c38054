"""Suppositions reach every place where a statement names a table, and a place that they could not reach is an error."""

import pytest

from lifecycle.vocabulary import AccessMode, ClientStatus
from resolvers.supposed import Standing, _rewritten
from storage.database import load_tables

SUPPOSED = Standing(ClientStatus.INACTIVE, AccessMode.READ_ONLY, was=ClientStatus.BUYER)


def rewritten(sql: str, *, past: bool = False) -> tuple[str, tuple[str, ...]]:
    load_tables()
    return _rewritten(sql, 2, "$", SUPPOSED, past)


def test_tables_are_replaced_and_nothing_else() -> None:
    sql = "SELECT me.status, 'FROM client x' FROM enrollment e JOIN client me ON me.id = e.client_id WHERE e.id = $1 AND me.id = $2"
    text, names = rewritten(sql)
    assert text.startswith("SELECT me.status, 'FROM")
    assert "CASE WHEN o.id = $3 THEN 'INACTIVE' ELSE o.status END AS status" in text
    assert "THEN $4 ELSE o.status_since END AS status_since" in text
    assert "FROM client o) me ON" in text
    assert "FROM enrollment e JOIN" in text
    assert names == ("subject", "since")


def test_the_past_replaces_the_other_tables_too() -> None:
    text, names = rewritten("SELECT 1 FROM enrollment e LEFT JOIN member m ON 1 = 1 WHERE e.id = $1 AND e.id <> $2", past=True)
    assert "FROM enrollment o WHERE o.enrolled_at <= $3) e LEFT JOIN member m" in text
    assert names == ("at",)


def test_the_supposed_end_is_in_the_history() -> None:
    text, names = rewritten("SELECT s.before FROM client_status_change s WHERE s.client_id = $1 OR s.id = $2")
    assert "UNION ALL SELECT" in text
    assert "'BUYER', 'INACTIVE', 'READ_ONLY'" in text
    assert sorted(names) == ["since", "subject"]


@pytest.mark.parametrize(
    "sql",
    ["SELECT 1 FROM client WHERE id = 1", "SELECT 1 FROM member m, client c", "SELECT 1 FROM member m JOIN client ON 1 = 1"],
)
def test_a_table_that_could_not_be_replaced_is_an_error(sql: str) -> None:
    with pytest.raises(ValueError, match="without an alias"):
        rewritten(sql)
