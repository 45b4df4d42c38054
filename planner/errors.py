"""What can be wrong with a request, in words for its sender."""

from collections.abc import Mapping
from typing import Any


class RequestError(Exception):
    """Request that cannot be answered; `code` is for programs, the message for people, `path` for the place in the answer.

    `more` are further facts for programs, such as the limit that was passed.
    """

    def __init__(self, code: str, message: str, path: tuple[str | int, ...] = (), more: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path
        self.more = more or {}


class NotLiveError(Exception):
    """The gate let nobody through: the caller is no longer who they were."""


class TooDeepError(Exception):
    """A statement nests deeper than the engine can read; raised by connections."""


class InconsistentError(Exception):
    """Statements of different instants disagree; the run is repeated inside one snapshot."""
