"""All sources of the read graph, and the root they hang from."""

from planner.source import AnyNode, AnyNodes, Source, Sources
from resolvers import appointments, as_of, billing, clients, content, conversations, packages, reports, viewing, workspace

_NOUNS = (workspace, clients, packages, content, appointments, conversations, billing, reports, viewing)

SOURCES = Sources(
    [
        Source("Query", {"node": AnyNode(), "nodes": AnyNodes(), **{name: field for noun in _NOUNS for name, field in noun.ROOT.items()}}),
        *(source for noun in _NOUNS for source in noun.SOURCES),
        *as_of.SOURCES,
    ]
)
