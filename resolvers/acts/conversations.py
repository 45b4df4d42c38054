"""Steps with conversations."""

from collections.abc import Mapping

from resolvers.acts.base import Writer, setting, state

WRITERS: Mapping[str, Writer] = {"conversationClose": setting(state), "conversationReopen": setting(state)}
