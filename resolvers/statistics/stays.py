"""SQL of who is told of, and of the stays of each: from when until when they had which status, as the history of statuses tells.

A step that was undone by the instant that is spoken of never happened; ask about an earlier instant to see it as it stood then.
"""

from typing import Final

from lifecycle.vocabulary import GONE
from resolvers.certification.lines import words
from resolvers.statistics.asked import Asked
from storage.address import Dialect

_LAST_BYTE: Final[dict[Dialect, str]] = {"sqlite": "SUBSTR(c.id, 31)", "postgresql": "RIGHT(CAST(c.id AS text), 2)"}
_AMONG: Final[dict[Dialect, str]] = {
    "sqlite": "(SELECT value FROM json_each(:left_out))",
    "postgresql": "(SELECT UNNEST(CAST(:left_out AS text[])))",
}
_SECONDS: Final[dict[Dialect, str]] = {
    "sqlite": "CAST(STRFTIME('%s', {}) AS integer)",
    "postgresql": "CAST(FLOOR(EXTRACT(EPOCH FROM {})) AS bigint)",
}


def seconds(asked: Asked, start: str, end: str) -> str:
    """Whole seconds from one instant to another."""
    form = _SECONDS[asked.dialect]
    return f"{form.format(end)} - {form.format(start)}"


def people(asked: Asked) -> str:
    """Clients who are told of: those whose row the caller sees and whose status still stands."""
    known = [
        "c.workspace_id = :workspace",
        "c.created_at <= :at",
        f"c.data_state NOT IN {words(GONE)}",
        *([asked.seen] if asked.seen else []),
        *([f"{_LAST_BYTE[asked.dialect]} NOT IN {_AMONG[asked.dialect]}"] if asked.left_out else []),
    ]
    return (
        "people AS MATERIALIZED (SELECT c.id, c.coach_id AS coach, c.origin AS source, c.status, c.created_at FROM client c"
        f" WHERE {' AND '.join(known)})"
    )


def changes(table: str, owner: str, owners: str) -> str:
    """Changes of the owners up to the instant, each with the next one of the same owner; `n` is the place among them."""
    undone = (
        f"SELECT u.{owner}, u.batch_id FROM {table} u WHERE u.workspace_id = :workspace AND u.transition = 'transitionUndo'"
        " AND u.batch_id IS NOT NULL AND u.at <= :at"
    )
    return (
        "changes AS MATERIALIZED (SELECT o.*, s.before, s.after, s.at, ROW_NUMBER() OVER w AS n, LEAD(s.at) OVER w AS until,"
        f" LEAD(s.after) OVER w AS next FROM {owners} o JOIN {table} s ON s.workspace_id = :workspace AND s.{owner} = o.id"
        " WHERE s.at <= :at AND (s.before IS NULL OR s.before <> s.after) AND s.transition <> 'transitionUndo'"
        f" AND (s.batch_id IS NULL OR (s.{owner}, s.batch_id) NOT IN ({undone})) WINDOW w AS (PARTITION BY o.id ORDER BY s.at, s.id))"
    )


#: Status of a client `p` of whom no change is known by then: the one before the next change, or the one of today.
_UNCHANGED: Final = (
    "COALESCE((SELECT s.before FROM client_status_change s WHERE s.workspace_id = :workspace AND s.client_id = p.id AND s.at > :at"
    " ORDER BY s.at, s.id LIMIT 1), p.status)"
)
_STAYS: Final = (
    "stays AS MATERIALIZED (SELECT k.id, k.coach, k.source, k.after AS status, k.at AS since, k.until, k.next,"
    " CASE WHEN k.n = 1 AND k.before IS NULL THEN 1 ELSE 0 END AS opening FROM changes k"
    " UNION ALL SELECT k.id, k.coach, k.source, k.before, k.created_at, k.at, k.after, 1 FROM changes k"
    " WHERE k.n = 1 AND k.before IS NOT NULL"
    f" UNION ALL SELECT p.id, p.coach, p.source, {_UNCHANGED}, p.created_at, NULL, NULL, 1 FROM people p"
    " WHERE p.id NOT IN (SELECT k.id FROM changes k))"
)


def stays(asked: Asked) -> str:
    """Beginning of a statement over `stays`; `until` and `next` are null where a stay lasts, `opening` marks the first of a client."""
    return f"WITH {people(asked)}, {changes('client_status_change', 'client_id', 'people')}, {_STAYS}"


#: Package in which a client was, as often as they were in one that they are not deleted from at the instant.
IN_PACKAGE: Final = (
    "(SELECT DISTINCT e.client_id, e.package_id AS package FROM enrollment e WHERE e.workspace_id = :workspace AND e.enrolled_at <= :at"
    " AND (e.deleted_at IS NULL OR e.deleted_at > :at))"
)
#: Stays cut to the time in each package: what ends by the package has no next status.
DURING: Final = (
    "(SELECT s.id, s.coach, s.source, s.status, e.package_id AS package,"
    " CASE WHEN s.since >= e.enrolled_at THEN s.since ELSE e.enrolled_at END AS since,"
    " CASE WHEN e.deleted_at <= :at AND (s.until IS NULL OR e.deleted_at < s.until) THEN e.deleted_at ELSE s.until END AS until,"
    " CASE WHEN e.deleted_at <= :at AND (s.until IS NULL OR e.deleted_at < s.until) THEN NULL ELSE s.next END AS next"
    " FROM stays s JOIN enrollment e ON e.workspace_id = :workspace AND e.client_id = s.id AND e.enrolled_at <= :at"
    " AND (s.until IS NULL OR s.until > e.enrolled_at) AND (e.deleted_at IS NULL OR e.deleted_at > s.since))"
)
