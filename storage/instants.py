"""Instants in rows of readers, which are as the databases have them."""

from datetime import UTC, datetime, timedelta

from planner.instants import EPOCH


def instant_of(stored: int | str) -> datetime:
    """Instant of a reader's row: microseconds since 2000 from PostgreSQL, text in UTC from SQLite."""
    return EPOCH + timedelta(microseconds=stored) if isinstance(stored, int) else datetime.fromisoformat(stored).replace(tzinfo=UTC)
