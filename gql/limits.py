"""What an operation costs, and what is left to the caller."""

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from resolvers.context import Context

Info = strawberry.Info[Context, None]


@strawberry.type(
    description="What a caller may spend by the minute. An operation costs one for each object that it may answer, and more for what is"
    " worked out."
)
class RateLimit:
    limit: int = strawberry.field(description="Cost that the caller may spend in a minute.")
    remaining: int = strawberry.field(description="Cost that is left, this operation counted.")
    reset_at: datetime = strawberry.field(description="Instant from which all of the limit is there again.")


@strawberry.type(description="Cost of a document before it runs.")
class CostEstimate:
    cost: int | None = strawberry.field(
        description="Objects that the operation may answer at most, and the weight of what it works out; null where the document is not"
        " valid. A page whose size stands in a variable counts with the variable's default, or with 25 items."
    )
    maximum: int = strawberry.field(description="Most that one operation may cost.")
    allowed: bool = strawberry.field(description="Whether the operation would be run, as far as its cost goes.")
    errors: list[str] = strawberry.field(description="What is wrong with the document; empty where it is valid.")


def _rate_limit(info: Info) -> RateLimit | None:
    info.context.signed_in()
    left = info.context.allowance
    return (
        None
        if left is None
        else RateLimit(limit=left.limit, remaining=left.remaining, reset_at=datetime.fromtimestamp(left.resets_at, UTC))
    )


async def _estimate(
    info: Info,
    document: Annotated[str, strawberry.argument(description="Text of the GraphQL document.")],
    operation_name: Annotated[
        str | None, strawberry.argument(description="Operation of the document; needed where it has several.")
    ] = strawberry.UNSET,
) -> CostEstimate:
    context = info.context
    context.signed_in()
    if context.engine is None or context.prepare is None:
        raise TypeError("this context has no planner")
    prepared = await context.prepare(document)
    if prepared.errors:
        return CostEstimate(cost=None, maximum=context.most_cost, allowed=False, errors=[error.message for error in prepared.errors])
    operation = context.engine.operation(prepared, operation_name or None)
    cost = context.engine.supposed_cost(prepared, operation)
    return CostEstimate(cost=cost, maximum=context.most_cost, allowed=cost <= context.most_cost, errors=[])


@strawberry.type
class LimitsQuery:
    rate_limit: RateLimit | None = strawberry.field(
        resolver=_rate_limit, description="What is left to the caller; null where nothing is counted. Read by everybody who is signed in."
    )
    estimate_cost: CostEstimate = strawberry.field(
        resolver=_estimate, description="Cost of a document, without running it. Asked by everybody who is signed in."
    )
