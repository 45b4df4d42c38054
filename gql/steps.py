"""Steps that are open from where an object stands."""

import strawberry

import gql.enums  # noqa: F401 - publishes the vocabulary
from lifecycle.problems import ProblemCode

#: Description of `availableTransitions`.
STEPS = "Steps of the object, each open to the viewer now or with the reason why not."


@strawberry.type(description="Step of an object: open to the viewer now, or with the reason why not.")
class AvailableTransition:
    name: str = strawberry.field(description="Name of the mutation.")
    allowed: bool = strawberry.field(description="Could the viewer take the step now, with some input?")
    code: ProblemCode | None = strawberry.field(description="Code of the problem that stands in the way; null where none does.")
    because: str | None = strawberry.field(description="Sentence of the problem that stands in the way.")
    permanent: bool = strawberry.field(description="Is the step one that nobody can undo, and that takes the token of its preview?")
    undoable: bool = strawberry.field(description="Can the step be undone for a while with `transitionUndo`?")
