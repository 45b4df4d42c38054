"""Inputs that wait in the database come out as they went in, whatever a transition may be told."""

from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from typing import Any, get_args, get_type_hints

import pytest

from lifecycle.transition import Transition
from lifecycle.transitions import TRANSITIONS
from lifecycle.vocabulary import Word
from resolvers.bulk.asked import kept, read_kept
from resolvers.records import input_json, kept_input

_SAMPLES: dict[Any, Any] = {bool: True, int: 3, str: "words", date: date(2026, 1, 2), datetime: datetime(2026, 1, 2, 3, 4, tzinfo=UTC)}


def _sample(hint: Any) -> Any:
    """A value of a type, not None where it may be something."""
    if str(hint).startswith("list"):
        return [_sample(get_args(hint)[0])]
    for option in get_args(hint) or (hint,):
        if isinstance(option, type) and issubclass(option, Word):
            return list(option)[-1]
        if option in _SAMPLES:
            return _SAMPLES[option]
        if str(option).startswith("list"):
            return _sample(option)
    return "0" * 32  # a key


@pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda transition: transition.name)
@pytest.mark.parametrize("full", [True, False], ids=["everything", "what must be said"])
def test_inputs_come_back(transition: Transition, full: bool) -> None:
    hints = get_type_hints(transition.input)
    named = [field for field in fields(transition.input) if field.name != "said" and (full or field.default is MISSING)]
    values = {field.name: _sample(hints[field.name]) for field in named}
    waiting = transition.input(**values)
    assert kept_input(transition.input, input_json(waiting).decode()) == waiting
    said = transition.input(**values, said=frozenset(values))
    assert read_kept(transition.input, kept(said)) == said
