"""Filters that many lists share: one of several words, a span of time, whether something exists."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from planner.dialect import Dialect
from planner.errors import RequestError
from planner.ids import split_id
from planner.source import Filter
from storage.search import query_words

Bind = Callable[[object], str]


def one_of(column: str, *reads: str, absent: str = "") -> Filter:
    """The column is one of the words given; `absent` holds when none is given."""

    def condition(value: Any, dialect: Dialect, bind: Bind) -> str:
        if len(value) == 1:
            return f"{column} = :{bind(value[0])}"
        return dialect.among(column, bind(dialect.array(value)))

    return Filter(condition, reads, absent)


def flag(when_true: str, *reads: str) -> Filter:
    """The condition holds, or does not."""
    return Filter(lambda value, _dialect, _bind: when_true if value else f"NOT ({when_true})", reads)


def span(column: str, *reads: str) -> Filter:
    """The instant lies in a span: from `from` on, and before `until`."""

    def condition(value: Any, dialect: Dialect, bind: Bind) -> str:
        parts = []
        if "from" in value:
            parts.append(f"{column} >= :{bind(_stored(value['from'], dialect))}")
        if "until" in value:
            parts.append(f"{column} < :{bind(_stored(value['until'], dialect))}")
        return " AND ".join(parts) or "1 = 1"

    return Filter(condition, reads)


def _stored(value: Any, dialect: Dialect) -> object:
    return dialect.instant(value if isinstance(value, datetime) else datetime.fromisoformat(value))


def with_id(tag: str, sql: Callable[[str], str], *reads: str) -> Filter:
    """Something holds for the object with the global id given; `sql` gets the parameter that holds its key."""

    def condition(value: Any, _dialect: Dialect, bind: Bind) -> str:
        found, key = split_id(value)
        if found != tag:
            raise RequestError("INVALID_ID", f"This is not the id of a {tag}.")
        return sql(f":{bind(key)}")

    return Filter(condition, reads)


def search(*reads: str) -> Filter:
    """Every word of the text starts some word of the client's name, e-mail or phone."""

    def condition(value: Any, _dialect: Dialect, bind: Bind) -> str:
        parts = []
        for word in query_words(value)[:8]:
            low, high = bind(word), bind(word + "\U0010ffff")
            parts.append(
                "{t}.id IN (SELECT s.client_id FROM client_search_term s WHERE s.workspace_id = :workspace"
                f" AND s.term >= :{low} AND s.term < :{high})"
            )
        return " AND ".join(parts) or "1 = 1"

    return Filter(condition, reads)
