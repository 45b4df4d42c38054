"""What every mutation answers: the object, and the problems when nothing was changed."""

from collections.abc import Iterable

import strawberry

import gql.enums  # noqa: F401 - publishes the vocabulary
from lifecycle.problems import Problem as Refusal
from lifecycle.problems import ProblemCode


@strawberry.interface(description="Refusal of a mutation: nothing was changed, and the caller can do something about it.")
class Problem:
    code: ProblemCode = strawberry.field(description="Code of the `problem`, for programs.")
    message: str = strawberry.field(description="Sentence of the `problem`, for people; holds no personal data.")
    path: list[str] = strawberry.field(
        description="Path of the `problem` in the arguments of the mutation; empty where no argument is the cause."
    )


@strawberry.type(description="Problem without further data.")
class PlainProblem(Problem):
    pass


def problems_of(refusals: Iterable[Refusal]) -> list[Problem]:
    return [PlainProblem(code=refusal.code, message=refusal.message, path=list(refusal.path)) for refusal in refusals]
