"""The writer of every transition; a transition without one does not start."""

from collections.abc import Mapping

from lifecycle.transitions import TRANSITIONS
from resolvers.acts import (
    appointments,
    billing,
    clients,
    contacts,
    content,
    conversations,
    documents,
    enrollments,
    erasure,
    exports,
    hours,
    members,
    modules,
    packages,
    portal,
    services,
    settings,
    waiting,
)
from resolvers.acts.base import Writer

_NOUNS = (
    *(clients, contacts, enrollments, appointments, conversations, content, billing, portal),
    *(packages, modules, documents, services, waiting, erasure, exports, hours, members, settings),
)
WRITERS: Mapping[str, Writer] = {name: writer for noun in _NOUNS for name, writer in noun.WRITERS.items()}

if lost := {transition.name for transition in TRANSITIONS} ^ WRITERS.keys():
    raise TypeError(f"transitions without a writer, or writers without a transition: {sorted(lost)}")
