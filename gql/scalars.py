"""Scalars of the schema as they are read from documents and variables."""

from datetime import UTC, date, datetime

from graphql import GraphQLError


def parse_instant(text: object) -> datetime:
    try:
        value = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise GraphQLError("DateTime is an instant with its offset, such as `2026-11-22T10:00:00Z`.")
    return value.astimezone(UTC)


def parse_date(text: object) -> date:
    try:
        return date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else date.fromisoformat("")
    except ValueError:
        raise GraphQLError("Date is a calendar day, such as `2026-11-22`.") from None
