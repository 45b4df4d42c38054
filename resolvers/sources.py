"""All sources of the read graph, and the root they hang from."""

from planner.source import AnyNode, AnyNodes, Source, Sources
from resolvers import (
    appointments,
    as_of,
    billing,
    clients,
    content,
    content_diff,
    conversations,
    elsewhere,
    history,
    jobs,
    packages,
    reports,
    schedules,
    workspace,
)
from resolvers.erasure import sources as erasure
from resolvers.viewers import ViewerKey

_NOUNS = (
    workspace,
    clients,
    packages,
    content,
    content_diff,
    appointments,
    conversations,
    billing,
    reports,
    history,
    schedules,
    jobs,
    erasure,
)

SOURCES = Sources(
    [
        Source(
            "Query",
            {
                "node": AnyNode(),
                "nodes": AnyNodes(),
                **{name: field for noun in _NOUNS for name, field in noun.ROOT.items()},
                **elsewhere.ROOT,
            },
        ),
        *(source for noun in _NOUNS for source in noun.SOURCES),
        *as_of.SOURCES,
    ]
)


def seen_by(source: Source, viewer: ViewerKey | None, alias: str = "t") -> str:
    """Condition, with its AND, on the rows of a source that a viewer may see; empty where all are, as for nobody's step, the clock's."""
    visible = source.visible(viewer).replace("{t}", alias) if viewer is not None else ""
    return f" AND ({visible})" if visible else ""
