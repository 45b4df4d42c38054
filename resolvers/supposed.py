"""Reading as if: a connection on which one client has another standing, and on which an instant of the past may be now.

The tables themselves are put in place in every statement, so that no condition, field, filter or guard can see what is not supposed.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lifecycle.vocabulary import AccessMode, ClientStatus
from planner.dialect import DIALECTS
from resolvers.past import BORN, TABLE, then
from storage.readers import Reader, Rows

_NAMED: Final = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_LITERAL: Final = re.compile(r"'[^']*'")
#: Clients of a statement that are not named with an alias; there are none, and none may come.
_UNNAMED: Final = re.compile(r"(?:\b(?:FROM|JOIN)|,)\s+(?:client|client_status_change|enrollment)\b")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is supposed of the client's row.

    `was` is the status before a supposed end of the relationship; `open_ended` lifts an end of the access that has passed.
    """

    status: ClientStatus
    mode: AccessMode
    was: ClientStatus | None = None
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Supposed:
    """Standing of one client since an instant; `at` is the instant that counts as now, None for the present."""

    client: str
    standing: Standing
    since: object
    at: object = None


class SupposedReader:
    """Reader on which the supposition holds."""

    def __init__(self, reader: Reader, supposed: Supposed) -> None:
        self._reader = reader
        self._supposed = supposed

    async def fetch(self, sql: str, args: Sequence[object] = ()) -> Rows:
        supposed = self._supposed
        text, names = _rewritten(sql, len(args), DIALECTS[self._reader.dialect].mark, supposed.standing, supposed.at is not None)
        values = {"subject": supposed.client, "since": supposed.since, "at": supposed.at}
        return await self._reader.fetch(text, [*args, *(values[name] for name in names)])

    def snapshot(self) -> AbstractAsyncContextManager[None]:
        return self._reader.snapshot()


@lru_cache(maxsize=1024)
def _rewritten(sql: str, given: int, mark: str, standing: Standing, past: bool) -> tuple[str, tuple[str, ...]]:
    """Statement over the supposed tables, and the names of the parameters that it has beyond those given."""

    def table(match: re.Match[str]) -> str:
        word, name, alias = match.groups()
        made = _TABLES[name](standing, past) if name in _TABLES else then(name, _columns(name)) if past and name in BORN else ""
        return f"{word} {made} {alias}" if made else match[0]

    if _UNNAMED.search(TABLE.sub("", _LITERAL.sub("''", sql))):
        raise ValueError("a table without an alias")
    numbers: dict[str, int] = {}
    text = _NAMED.sub(lambda match: f"{mark}{numbers.setdefault(match[1], given + len(numbers) + 1)}", TABLE.sub(table, sql))
    return text, tuple(numbers)


def _columns(table: str) -> list[str]:
    from sqlmodel import SQLModel  # noqa: PLC0415

    return [column.name for column in SQLModel.metadata.tables[table].columns]


def _clients(standing: Standing, _past: bool) -> str:
    supposed = {"status": f"'{standing.status}'", "access_mode": f"'{standing.mode}'", "status_since": ":since"}
    if standing.open_ended:
        supposed["access_until"] = "NULL"
    cells = {name: f"CASE WHEN o.id = :subject THEN {sql} ELSE o.{name} END AS {name}" for name, sql in supposed.items()}
    listed = ", ".join(cells.get(name, f"o.{name}") for name in _columns("client"))
    return f"(SELECT {listed} FROM client o)"


def _changes(standing: Standing, past: bool) -> str:
    """Changes of status, with the one that the supposed end of the relationship would have written."""
    columns = _columns("client_status_change")
    listed = ", ".join(f"o.{name}" for name in columns)
    until = f" WHERE {BORN['client_status_change']}" if past else ""
    remembered = f"SELECT {listed} FROM client_status_change o{until}"
    if standing.was is None:
        return f"({remembered})"
    own = {"workspace_id": "c.workspace_id", "id": "c.id", "client_id": "c.id", "data_state": "c.data_state", "at": ":since"}
    words = {"before": standing.was, "after": standing.status, "access_mode": standing.mode, "transition": "", "actor": ""}
    cells = own | {name: f"'{word}'" for name, word in words.items()}
    ended = f"SELECT {', '.join(cells.get(name, 'NULL') for name in columns)} FROM client c WHERE c.id = :subject"
    return f"({remembered} UNION ALL {ended})"


_TABLES: Final[dict[str, Callable[[Standing, bool], str]]] = {"client": _clients, "client_status_change": _changes}
