"""Refusals of business: a code from a closed list, a sentence for a person, and where in the input the cause stands."""

from dataclasses import dataclass

from lifecycle.vocabulary import Word


class ProblemCode(Word):
    """Why a mutation changed nothing."""

    WRONG_CREDENTIALS = "WRONG_CREDENTIALS", "Username and password do not belong together; says nothing about which of the two is wrong."
    NO_ACCESS = "NO_ACCESS", "Person is known, and nothing is open to them now."
    CHOOSE_WORKSPACE = "CHOOSE_WORKSPACE", "Person is known in several places; sign in again with one of the choices."
    TRY_LATER = "TRY_LATER", "Too many sign-ins are being checked at this moment; the same request may succeed in a few seconds."
    REFRESH_TOKEN_INVALID = "REFRESH_TOKEN_INVALID", "Refresh token is unknown, expired, or of a session that has ended."
    REFRESH_TOKEN_REUSED = "REFRESH_TOKEN_REUSED", "Refresh token was used before; its session is revoked, sign in again."
    NOT_SIGNED_IN = "NOT_SIGNED_IN", "Mutation needs a live login session, and an API key is none."
    INVALID_INPUT = "INVALID_INPUT", "Value of the input is outside of what its description allows."
    NOT_FOUND = "NOT_FOUND", "Object does not exist, or is not open to the caller; the answer is the same."


@dataclass(frozen=True, slots=True)
class Problem:
    """Refusal of a mutation."""

    code: ProblemCode
    message: str
    path: tuple[str, ...] = ()
