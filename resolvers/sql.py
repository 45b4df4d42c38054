"""Statements of a write transaction that are written as SQL: parameters by name, keys as 32 hexadecimal digits on both engines."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, String, TextClause, Uuid, bindparam, text
from sqlalchemy.types import TypeEngine
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.sqltypes import UTCDateTime

_NAMED: Final = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_KEYS: Final = frozenset({"workspace", "account", "member", "client", "proof_id", "subject", "whom", "key", "batch"})
_INSTANTS: Final = frozenset({"now", "instant"})
_FLAGS: Final = frozenset({"flag"})


def _type(name: str) -> TypeEngine[Any]:
    if name in _KEYS or name.startswith("key_"):
        return Uuid(as_uuid=False)
    if name in _INSTANTS:
        return UTCDateTime()
    return Boolean() if name in _FLAGS else String()


@lru_cache(maxsize=512)
def typed(sql: str) -> TextClause:
    """Statement for a session, with the type of each parameter by its name."""
    return text(sql).bindparams(*(bindparam(name, type_=_type(name)) for name in set(_NAMED.findall(sql))))


async def rows(session: AsyncSession, sql: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """Rows of a statement, in the caller's transaction; parameters that it does not name are left out."""
    connection = await session.connection()
    wanted = {name: parameters[name] for name in _NAMED.findall(sql)}
    found = await connection.execute(typed(sql), wanted)
    return [tuple(value.hex if isinstance(value, UUID) else value for value in row) for row in found]


async def row(session: AsyncSession, sql: str, parameters: Mapping[str, object]) -> tuple[Any, ...] | None:
    """First row of a statement; None where there is none."""
    found = await rows(session, sql, parameters)
    return found[0] if found else None
