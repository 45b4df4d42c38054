"""What the types of the read graph are built from: nodes, connections, orders, scalars.

Fields made here have no resolver of their own: the planner answers them from `resolvers/sources.py`.
"""

import inspect
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry.schema.config import StrawberryConfig

from gql.enums import publish
from gql.scalars import parse_date, parse_instant
from lifecycle.vocabulary import Word

T = TypeVar("T")


CONFIG = StrawberryConfig(
    disable_field_suggestions=True,
    scalar_map={
        datetime: strawberry.scalar(
            name="DateTime",
            description="Instant in UTC, as RFC 3339 with an offset: `2026-11-22T10:00:00Z`.",
            serialize=lambda value: value,
            parse_value=parse_instant,
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        ),
        date: strawberry.scalar(
            name="Date",
            description="Calendar day, as ISO 8601: `2026-11-22`.",
            serialize=lambda value: value,
            parse_value=parse_date,
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        ),
    },
)


@strawberry.interface(description="Object with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Global id of the object.")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Do more items follow the page?")
    has_previous_page: bool = strawberry.field(description="Do items precede the page?")
    start_cursor: str | None = strawberry.field(description="Cursor of the first item of the page; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last item of the page; null on an empty page.")


@strawberry.type(description="Item of a list, with its cursor.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Cursor of the item, for `after` and `before`.")
    node: T = strawberry.field(description="Object of the item.")


@strawberry.type(description="Page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="Items of the page with their cursors.")
    nodes: list[T] = strawberry.field(description="Objects of the page.")
    page_info: PageInfo = strawberry.field(description="Place of the page in the list.")
    total_count: int = strawberry.field(description="Number of items on all pages.")


@strawberry.type(description="Amount of money.")
class Money:
    amount_minor: int = strawberry.field(description="Amount in the smallest unit of the currency, such as cents.")
    currency: str = strawberry.field(description="Currency of the amount, as ISO 4217 has it.")


class OrderDirection(Word):
    """Direction of an order."""

    ASC = "ASC", "Smallest, earliest or first in the alphabet first."
    DESC = "DESC", "Largest, latest or last in the alphabet first."


publish(OrderDirection)


@strawberry.input(description="Span of time; either end may be left open.")
class TimeSpan:
    from_: datetime | None = strawberry.field(default=strawberry.UNSET, name="from", description="First instant of the span.")
    until: datetime | None = strawberry.field(default=strawberry.UNSET, description="End of the span; the instant itself is outside.")


def planned(description: str) -> Any:
    """Scalar or small object from the object's own row."""
    return strawberry.field(description=description)


def ref(name: str, noun: str) -> Any:
    """Type of another file of this package."""
    return Annotated[name, strawberry.lazy(f"gql.{noun}")]


def _unplanned(*_: object, **__: object) -> Any:
    raise TypeError("this field is answered by the planner")


def field(returns: Any, arguments: dict[str, tuple[Any, str]], description: str, name: str | None = None) -> Any:
    """Field whose arguments are declared as data: name -> (type, description)."""

    def resolver(self: Any, **given: Any) -> Any:
        return _unplanned(self, given)

    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    annotations: dict[str, Any] = {"return": returns}
    for argument, (type_, words) in arguments.items():
        required = not (hasattr(type_, "__args__") and type(None) in type_.__args__)
        annotations[argument] = Annotated[type_, strawberry.argument(description=words)]
        parameters.append(
            inspect.Parameter(
                argument,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if required else strawberry.UNSET,
                annotation=annotations[argument],
            )
        )
    resolver.__annotations__ = annotations
    resolver.__signature__ = inspect.Signature(parameters, return_annotation=returns)  # type: ignore[attr-defined]
    return strawberry.field(resolver=resolver, description=description, name=name)


def one(target: Any, description: str, *, required: bool = False) -> Any:
    """To-one object; nullable unless nothing can hide it."""
    return field(target if required else target | None, {}, description)


def connection(
    target: Any,
    description: str,
    *,
    filter: Any = None,  # noqa: A002 - the argument's name in the schema
    order: Any = None,
    search: bool = False,
    required: bool = False,
) -> Any:
    """To-many objects, in pages."""
    arguments: dict[str, tuple[Any, str]] = {
        "first": (int | None, "Number of items from the start of the list, 0 to 100; 25 when neither `first` nor `last` is given."),
        "after": (str | None, "Cursor after which the page starts."),
        "last": (int | None, "Number of items from the end of the list, 0 to 100."),
        "before": (str | None, "Cursor before which the page ends."),
    }
    if filter is not None:
        arguments["filter"] = (filter | None, "Conditions that every item meets.")
    if order is not None:
        arguments["order_by"] = (order | None, "Order of the list.")
    if search:
        arguments["search"] = (str | None, "Words, each the start of some word of the name, e-mail or phone.")
    page = Connection[target]
    return field(page if required else page | None, arguments, description)


def by_id(target: Any, noun: str) -> Any:
    """Object of one type by its global id."""
    argument = {"id": (strawberry.ID, f"Global id of the {noun}.")}
    return field(target | None, argument, f"{noun.capitalize()} with this id; null when it is absent or not yours to see.")


def ordering(type_name: str, **fields: str) -> Any:
    """Input for the order of a list of the type: field -> what it orders by."""
    functional: Any = Word
    words = functional(f"{type_name}OrderField", {name: (name, words) for name, words in fields.items()})
    words.__doc__ = f"What a list of {type_name} objects is ordered by."
    publish(words)
    body = {
        "__annotations__": {"field": words, "direction": OrderDirection},
        "field": strawberry.field(description="What the list is ordered by."),
        "direction": strawberry.field(default=OrderDirection.ASC, description="Direction of the order."),
    }
    return strawberry.input(type(f"{type_name}Order", (), body), description=f"Order of a list of {type_name} objects.")


def some(description: str) -> Any:
    """Member of a filter that may be left out."""
    return strawberry.field(default=strawberry.UNSET, description=description)
