"""Seeing as a client."""

from datetime import datetime

import strawberry

from gql.base import field, ref
from lifecycle.vocabulary import AccessMode, ClientStatus


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
                "Access mode to suppose; when left out, that of the client, or the workspace's default where the status makes them inactive.",
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
