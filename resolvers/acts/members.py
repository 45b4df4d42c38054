"""Steps with the people who work in the workspace."""

from collections.abc import Mapping

from resolvers.acts.base import Writer, setting

WRITERS: Mapping[str, Writer] = {"memberSetTimezone": setting(lambda act: {"timezone": act.given.timezone or None})}
