"""All sources of the read graph, and the root they hang from."""

from planner.source import AnyNode, AnyNodes, Source, Sources
from resolvers import appointments, billing, clients, content, content_diff, conversations, packages, reports, workspace

_NOUNS = (workspace, clients, packages, content, content_diff, appointments, conversations, billing, reports)

SOURCES = Sources(
    [
        Source("Query", {"node": AnyNode(), "nodes": AnyNodes(), **{name: field for noun in _NOUNS for name, field in noun.ROOT.items()}}),
        *(source for noun in _NOUNS for source in noun.SOURCES),
    ]
)
