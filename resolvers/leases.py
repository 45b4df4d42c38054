"""Leases of workers, kept in the database: who does something has it for a while, and then it is anybody's again.

They end by the clock, which may be set back meanwhile. What is held for longer than a lease lasts was taken before that, and is anybody's.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Mapped

from planner.dialect import DIALECTS
from storage.address import Dialect


def free(alias: str = "") -> str:
    """Condition that nobody has the row, by `:now` and `:never`."""
    held = f"{alias}.locked_until" if alias else "locked_until"
    return f"({held} IS NULL OR {held} <= :now OR {held} > :never)"


def is_free(held: Mapped[Any], now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """The same of a column that is never empty, for statements of SQLAlchemy."""
    return or_(held <= now, held > never(now, lease))


def never(now: datetime, lease: timedelta) -> datetime:
    """Later than this no lease ends that is taken now, by a clock that is a little ahead of ours or not."""
    return now + 2 * lease


def instants(now: datetime, lease: timedelta, dialect: Dialect) -> dict[str, object]:
    """Parameters of `free` for a reader, which takes instants as they are stored."""
    stored = DIALECTS[dialect].instant
    return {"now": stored(now), "never": stored(never(now, lease))}
