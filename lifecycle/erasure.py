"""Deletion of a client's data: what is left after each part."""

from collections.abc import Iterable
from typing import Final

from lifecycle.vocabulary import DataCategory, DataPart, DataState

#: Parts that each state has lost.
LOST: Final[dict[DataState, frozenset[DataPart]]] = {
    DataState.PRESENT: frozenset(),
    DataState.HISTORY_DELETED: frozenset({DataPart.HISTORY}),
    DataState.CONTACT_DELETED: frozenset({DataPart.CONTACT}),
    DataState.ERASED: frozenset(DataPart),
}
#: The seven kinds of interaction.
HISTORY: Final = tuple(DataCategory)[:7]
#: Days within which a person who asked must have their answer: one month, Regulation (EU) 2016/679, article 12(3).
ANSWER_DAYS: Final = 30


def left(state: DataState, parts: Iterable[DataPart]) -> DataState:
    """State after these parts are deleted too. What came after a deletion of the history can be deleted like it."""
    lost = LOST[state] | frozenset(parts)
    return next(state for state, gone in LOST.items() if gone == lost)
