"""Seeing as a client."""

from datetime import datetime
from typing import Any

import strawberry

from gql.base import field, ref
from gql.enums import publish
from lifecycle.access import Resource
from lifecycle.entry import PortalAccess
from lifecycle.vocabulary import AccessMode, ClientStatus, Word

_words: Any = Word
AccessResource = _words("AccessResource", {r.name: (r.name, f"What the access matrix calls {r}.") for r in Resource})
AccessResource.__doc__ = "Resource of the access matrix: fields and objects that are guarded as one."
publish(AccessResource)
publish(PortalAccess)


@strawberry.type(description="Resource that a change of standing opens, closes or alters for a client in the portal.")
class AccessChange:
    resource: AccessResource = strawberry.field(description="Resource that changes.")  # type: ignore[valid-type]  # made from the matrix
    before: PortalAccess = strawberry.field(description="What the client may do with the resource now.")
    after: PortalAccess = strawberry.field(description="What they may do with it afterwards.")

    @classmethod
    def of(cls, change: tuple[Resource, PortalAccess, PortalAccess]) -> "AccessChange":
        resource, before, after = change
        return cls(resource=AccessResource[resource.name], before=before, after=after)


@strawberry.type
class ViewingQuery:
    view_as = field(
        ref("Query", "schema") | None,
        {
            "client": (
                strawberry.ID,
                "Global id of the client. A status alone is nobody: what a client sees follows from their packages and audiences, too.",
            ),
            "status": (ClientStatus | None, "Status to suppose, with a login; that of the client when left out."),
            "access_mode": (
                AccessMode | None,
                "Access mode to suppose; when left out, that of the client, or the default of the workspace where the status makes them"
                " inactive.",
            ),
            "at": (
                datetime | None,
                "Instant of the past that counts as now: the standing, the enrollments and the content are those of then, and what came"
                " later is not there. What no history tells, such as a name, is as it is today.",
            ),
        },
        "What a client would get for the same selection, byte for byte. It reads only, and each use is written to the audit before it"
        " answers. Null where the client is absent or not yours to see, and, with an entry in `extensions.withheld`, where they could not"
        " sign in. Asked by staff: OWNER (others' clients with a reason), COACH (own clients); others are refused with FORBIDDEN.",
    )
    access_diff = field(
        list[AccessChange] | None,
        {
            "client": (strawberry.ID, "Global id of the client."),
            "status": (ClientStatus, "Status that the client would have, with a login."),
            "access_mode": (
                AccessMode | None,
                "Access mode that the client would have; when left out, their own, or the default of the workspace where the status makes"
                " them inactive.",
            ),
        },
        "What another standing would open or close for a client in the portal, by the access matrix; `viewAs` shows the same on their"
        " data. Null where the client is absent or not yours to see, or, with an entry in `extensions.withheld`, where you may not read"
        " their status. Asked by staff; clients are refused with FORBIDDEN.",
    )
