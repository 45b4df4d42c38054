"""All sources of the read graph, and the root they hang from."""

from lifecycle.transitions import PREVIEWED
from planner.source import AnyNode, AnyNodes, Elsewhere, Source, Sources
from resolvers import (
    appointments,
    as_of,
    billing,
    clients,
    content,
    content_diff,
    conversations,
    history,
    packages,
    reports,
    viewing,
    workspace,
)

_NOUNS = (workspace, clients, packages, content, content_diff, appointments, conversations, billing, reports, history, viewing)
_PREVIEWS = {f"{transition.name}Preview": Elsewhere() for transition in PREVIEWED} | {"invoiceByLink": Elsewhere()}

SOURCES = Sources(
    [
        Source(
            "Query",
            {
                "node": AnyNode(),
                "nodes": AnyNodes(),
                **{name: field for noun in _NOUNS for name, field in noun.ROOT.items()},
                **_PREVIEWS,
            },
        ),
        *(source for noun in _NOUNS for source in noun.SOURCES),
        *as_of.SOURCES,
    ]
)
