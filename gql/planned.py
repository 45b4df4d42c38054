"""How the executor and the planner meet: what the planner answered passes through graphql-core untouched."""

from collections.abc import Callable
from typing import Any

import strawberry
from graphql.execution import Executor

from resolvers.context import Context

Info = strawberry.Info[Context, None]


class Prepared:
    """Value that the planner made: the executor passes it through as it is."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class PlannedExecutor(Executor[Any]):
    """Executor that leaves what the planner answered alone."""

    def complete_value(  # noqa: PLR0917 - graphql-core's signature
        self, return_type: Any, field_details_list: Any, info: Any, path: Any, result: Any, position_context: Any
    ) -> Any:
        if isinstance(result, Prepared):
            return result.value
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)


def told(value: Callable[[Any], Any], description: str) -> Any:
    """Field that a function of its object answers."""

    def resolver(root: Any) -> Any:
        return value(root)

    resolver.__annotations__.pop("return")
    return strawberry.field(resolver=resolver, description=description)


def resolved(target: Any, known: Callable[[Any], tuple[str, str | None]], description: str) -> Any:
    """Field of a payload with one object of the graph: `known` gives its type and key, and the planner answers it."""

    async def resolver(root: Any, info: Info) -> Any:
        type_name, key = known(root)
        return Prepared(await info.context.read_object(info._raw_info, type_name, key))

    resolver.__annotations__ = {"info": Info, "return": target | None}
    return strawberry.field(resolver=resolver, description=description)
