"""What a client is entitled to: which version of which module, through which enrollment or purchase, as of which instant.

One rule, written once as SQL and used for the client's own view and for the coach's view of it: content is visible through an
enrollment that is not deleted, up to its cutoff. The cutoff is the freeze of a deactivated enrollment, the end of the relationship of
an inactive client, and now otherwise; whichever came first.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from lifecycle.access import Resource
from lifecycle.content import WithheldReason
from resolvers.callers import CLIENT_MAY_ENTER
from resolvers.viewers import standing_sql

_ENDED = "CASE WHEN me.status = 'INACTIVE' THEN me.status_since ELSE :now END"
_FROZEN = f"(e.frozen_at IS NOT NULL AND e.frozen_at <= {_ENDED})"

#: Condition that the client `me` signs in at all, and that their standing admits content.
MAY_READ = (
    "EXISTS (SELECT 1 FROM account ac WHERE ac.id = me.account_id AND ac.disabled_at IS NULL)"
    f" AND {re.sub(r'(?<![a-z_])c[.]', 'me.', CLIENT_MAY_ENTER)} AND {standing_sql(Resource.CONTENT)}"
)

#: Instant up to which content of the enrollment `e` of the client `me` is visible.
CUTOFF = f"CASE WHEN {_FROZEN} THEN e.frozen_at ELSE {_ENDED} END"

#: The same instant if the freeze were lifted.
LIFTED = _ENDED

#: From of the versions `v` of the modules `m` that are items `i` of the package `p` of each enrollment `e`.
PLACED = (
    "enrollment e"
    " JOIN client me ON me.workspace_id = e.workspace_id AND me.id = e.client_id"
    " JOIN package p ON p.workspace_id = e.workspace_id AND p.id = e.package_id"
    " JOIN package_item i ON i.workspace_id = e.workspace_id AND i.package_id = e.package_id"
    " JOIN module m ON m.workspace_id = i.workspace_id AND m.id = i.module_id"
    " JOIN module_version v ON v.workspace_id = m.workspace_id AND v.module_id = m.id"
)


class Condition(NamedTuple):
    """One condition of the rule, and the word for content that does not meet it; both are SQL."""

    holds: str
    otherwise: str


def outside_gaps(instant: str) -> str:
    """Condition that the instant lies in no freeze of the enrollment `e` that was lifted without granting what was missed."""
    return (
        "NOT EXISTS (SELECT 1 FROM enrollment_gap g WHERE g.workspace_id = e.workspace_id AND g.enrollment_id = e.id"
        f" AND {instant} > g.from_at AND {instant} <= g.until_at)"
    )


def _by(instant: str, cutoff: str, late: WithheldReason) -> list[Condition]:
    """The instant lies before the cutoff, and in no gap."""
    word = (
        f"CASE WHEN {instant} > :now THEN '{WithheldReason.NOT_PUBLISHED}' WHEN {_FROZEN} THEN '{late}'"
        f" ELSE '{WithheldReason.RELATIONSHIP_ENDED}' END"
    )
    return [Condition(f"{instant} <= {cutoff}", word), Condition(outside_gaps(instant), f"'{WithheldReason.IN_GAP}'")]


_RELEASES = (
    "FROM release r JOIN module_version rv ON rv.workspace_id = r.workspace_id AND rv.id = r.module_version_id"
    " WHERE r.workspace_id = e.workspace_id AND r.enrollment_id = e.id AND rv.module_id = m.id"
)


def _item_rule(cutoff: str) -> list[Condition]:
    """The module `m`, item `i` of the package, stands at the cutoff and was released by then."""
    released = f"EXISTS (SELECT 1 {_RELEASES} AND r.released_at <= {cutoff} AND {outside_gaps('r.released_at')})"
    first = f"(SELECT min(r.released_at) {_RELEASES})"
    unreleased = (
        f"CASE WHEN ({first} <= :now) IS NOT TRUE THEN '{WithheldReason.NOT_RELEASED}'"
        f" WHEN {first} <= {cutoff} THEN '{WithheldReason.IN_GAP}'"
        f" WHEN {_FROZEN} THEN '{WithheldReason.RELEASED_AFTER_FREEZE}' ELSE '{WithheldReason.RELATIONSHIP_ENDED}' END"
    )
    return [
        Condition("m.withdrawn_at IS NULL", f"'{WithheldReason.WITHDRAWN}'"),
        Condition(f"(m.archived_at IS NULL OR m.archived_at > {cutoff})", f"'{WithheldReason.ARCHIVED}'"),
        *_by("i.added_at", cutoff, WithheldReason.ADDED_AFTER_FREEZE),
        Condition(f"(p.drip = FALSE OR {released})", unreleased),
    ]


def _publication_rule(version: str, cutoff: str) -> list[Condition]:
    return [
        Condition(f"{version}.published_at IS NOT NULL", f"'{WithheldReason.NOT_PUBLISHED}'"),
        *_by(f"{version}.published_at", cutoff, WithheldReason.PUBLISHED_AFTER_FREEZE),
        Condition(f"(e.version_policy <> 'PINNED' OR {version}.published_at <= e.enrolled_at)", f"'{WithheldReason.PINNED}'"),
    ]


def _opening_rule(cutoff: str) -> list[Condition]:
    newer = (
        "EXISTS (SELECT 1 FROM module_version n WHERE n.workspace_id = v.workspace_id AND n.module_id = v.module_id"
        f" AND n.version > v.version AND {all_of(_publication_rule('n', cutoff))})"
    )
    superseded = Condition(f"NOT {newer}", f"'{WithheldReason.SUPERSEDED}'")
    return [*_item_rule(cutoff), *_publication_rule("v", cutoff), superseded]


def all_of(rule: Iterable[Condition]) -> str:
    return " AND ".join(condition.holds for condition in rule)


def version_rule(cutoff: str) -> list[Condition]:
    """What the version `v` must meet for the client of `e` to read it through the enrollment, up to the cutoff."""
    return [
        Condition("e.state <> 'DELETED'", f"'{WithheldReason.ENROLLMENT_DELETED}'"),
        Condition(MAY_READ, f"'{WithheldReason.NO_ACCESS}'"),
        *_opening_rule(cutoff),
    ]


def document_rule(cutoff: str) -> list[Condition]:
    """What the document `d` of such a version must meet besides."""
    withdrawn = Condition("d.withdrawn_at IS NULL", f"'{WithheldReason.WITHDRAWN}'")
    return [withdrawn, *_by("d.added_at", cutoff, WithheldReason.ADDED_AFTER_FREEZE)]


def revision_rule(revision: str, cutoff: str) -> list[Condition]:
    """What a revision of such a document must meet besides."""
    return _by(f"{revision}.revised_at", cutoff, WithheldReason.REVISED_AFTER_FREEZE)


#: From and where of the versions `v` that each enrollment `e` opens.
OPENED = f"{PLACED} WHERE {all_of(_opening_rule(CUTOFF))}"

#: What an inactive client bought is theirs as of the end of the relationship, or of the purchase where that came later.
_KEPT = "CASE WHEN me.status <> 'INACTIVE' THEN :now WHEN b.purchased_at > me.status_since THEN b.purchased_at ELSE me.status_since END"


def _bought(client: str) -> str:
    """From and where of the versions `v` that the purchases `b` of a client open."""
    return (
        "purchase b JOIN client me ON me.workspace_id = b.workspace_id AND me.id = b.client_id"
        " JOIN product_item i ON i.workspace_id = b.workspace_id AND i.product_id = b.product_id"
        " JOIN module m ON m.workspace_id = i.workspace_id AND m.id = i.module_id"
        " JOIN module_version v ON v.workspace_id = m.workspace_id AND v.module_id = m.id"
        f" WHERE b.workspace_id = :workspace AND b.client_id = {client} AND b.refunded_at IS NULL AND {standing_sql(Resource.CONTENT)}"
        f" AND m.withdrawn_at IS NULL AND i.added_at <= {_KEPT} AND v.published_at <= {_KEPT}"
        " AND NOT EXISTS (SELECT 1 FROM module_version n WHERE n.workspace_id = v.workspace_id AND n.module_id = v.module_id"
        f" AND n.version > v.version AND n.published_at <= {_KEPT})"
    )


def _enrolled(client: str) -> str:
    """From and where of the versions `v` that the enrollments `e` of a client open."""
    whose = f"e.workspace_id = :workspace AND e.client_id = {client} AND e.state <> 'DELETED'"
    return f"{OPENED} AND {whose} AND {standing_sql(Resource.CONTENT)}"


_MINE, _MY_PURCHASES = _enrolled(":client"), _bought(":client")

#: Versions that the enrollment `{key}` opens.
VERSIONS_OF_ENROLLMENT = (
    f"{{t}}.id IN (SELECT v.id FROM {OPENED} AND e.workspace_id = :workspace AND e.id = {{key}} AND e.state <> 'DELETED')"
)

#: Versions that the signed-in client may read, by any way.
MY_VERSIONS = f"({{t}}.id IN (SELECT v.id FROM {_MINE}) OR {{t}}.id IN (SELECT v.id FROM {_MY_PURCHASES}))"

#: Modules of which the signed-in client may read some version.
MY_MODULES = f"({{t}}.id IN (SELECT v.module_id FROM {_MINE}) OR {{t}}.id IN (SELECT v.module_id FROM {_MY_PURCHASES}))"

#: Items of packages whose module is open to the signed-in client.
MY_ITEMS = f"EXISTS (SELECT 1 FROM {_MINE} AND i.id = {{t}}.id)"


def reaches(version: str, *instants: str, client: str = ":client", but: str = "") -> str:
    """Condition that what is so dated, and stands in the module version, was there by the cutoff of some way to it.

    An instant that is null asks for nothing. `but` is an enrollment that is no such way.
    """
    other = f" AND e.id <> {but}" if but else ""
    in_time = "".join(f" AND ({at} IS NULL OR ({at} <= {CUTOFF} AND {outside_gaps(at)}))" for at in instants)
    enrolled = f"EXISTS (SELECT 1 FROM {_enrolled(client)}{other} AND v.id = {version}{in_time})"
    kept = "".join(f" AND ({at} IS NULL OR {at} <= {_KEPT})" for at in instants)
    bought = f"EXISTS (SELECT 1 FROM {_bought(client)} AND v.id = {version}{kept})"
    return f"({enrolled} OR {bought})"
