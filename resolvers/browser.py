"""What a browser keeps of a login session: the refresh token, in a cookie that no script of a page can read."""

from dataclasses import dataclass
from typing import Final

from lifecycle.problems import Problem, ProblemCode

_CROSS_SITE: Final = Problem(
    ProblemCode.CROSS_SITE, "Session cookie counts only with `Portico-Session: cookie`, from this origin or one that may call."
)


@dataclass(slots=True)
class BrowserSession:
    """Session cookie of one request. What came in it counts only where the request asks for it and its origin is proven."""

    asked: bool = False
    proven: bool = False
    sent: str | None = None
    left: tuple[str, int] | None = None  # what the answer leaves in the browser: a token, and its life in seconds

    @property
    def problem(self) -> Problem | None:
        """Problem of a request that asks for the cookie from a page that may not."""
        return _CROSS_SITE if self.asked and not self.proven else None

    @property
    def missing(self) -> Problem | None:
        """Problem of a request that has nothing but a cookie, and does not ask for it."""
        return _CROSS_SITE if self.sent and not self.asked else None

    @property
    def token(self) -> str | None:
        """Refresh token of the cookie, where it counts."""
        return self.sent if self.asked and self.proven else None

    def keep(self, token: str, seconds: int) -> None:
        """Put a refresh token in the cookie."""
        self.left = token, seconds

    def clear(self) -> None:
        """Take the cookie away."""
        self.left = "", 0
