"""Documents as they are read: parsed, limited, validated, once for each text."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    validate,
)

from planner.cost import Part
from planner.selection import flag_names, fragments_of
from planner.variables import Variables

#: Refusals of a document by its text alone, before it is looked at with the schema.
Limits = Callable[[DocumentNode], list[GraphQLError]]


@dataclass(slots=True, eq=False)
class Prepared:
    """Document, parsed and validated; `errors` when it is not valid. `size` is that of its text where the document is kept.

    Plans are kept by the `number`, so that they do not keep the document.
    """

    document: DocumentNode | None
    errors: list[GraphQLError]
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    operations: dict[str | None, OperationDefinitionNode] = field(default_factory=dict)  # by the name that was asked for
    roots: dict[int, frozenset[str]] = field(default_factory=dict)  # by the identity of an operation of this document
    variables: dict[int, Variables] = field(default_factory=dict)  # the same
    costs: dict[int, Part] = field(default_factory=dict)  # the same
    number: int = field(default_factory=count().__next__)
    size: int = 0


def read(text: str, schema: GraphQLSchema, limits: Limits, max_tokens: int | None) -> Prepared:
    """Parses and validates a document; any thread or process may."""
    try:
        document = parse(text, no_location=False, max_tokens=max_tokens)
        errors = limits(document) or validate(schema, document, hide_suggestions=True)
    except GraphQLSyntaxError as error:
        return Prepared(None, [error])
    except RecursionError:
        return Prepared(None, [GraphQLError("The document is nested too deeply.")])
    return Prepared(document, errors, fragments_of(document), () if errors else flag_names(document))
