"""Steps with appointments."""

from collections.abc import Mapping

from resolvers.acts.base import Act, Columns, Writer, setting, state


def _completed(act: Act) -> Columns:
    said = {"actual_minutes": act.given.actual_minutes, "compensation": act.given.compensation}
    return {**state(act), **{name: value for name, value in said.items() if value is not None}}


def _reclassified(act: Act) -> Columns:
    return {"counts_override": act.given.counts, "override_reason": act.given.reason}


WRITERS: Mapping[str, Writer] = {
    "appointmentComplete": setting(_completed),
    "appointmentCancel": setting(state),
    "appointmentMarkNoShow": setting(state),
    "appointmentReclassify": setting(_reclassified),
}
