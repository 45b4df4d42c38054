"""The schema as `schema.graphql` has it: documents are read and planned on it, so that reads need not wait for the code's own.

That the code says the same is for the tests to prove; outside production a start compares them too.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from graphql import GraphQLScalarType, GraphQLSchema, build_ast_schema, parse

from gql.matrix import check
from gql.scalars import parse_date, parse_instant

FILE: Final = Path(__file__).parent.parent / "schema.graphql"
#: Descriptions are most of the text, and no plan needs one.
_DESCRIPTION: Final = re.compile(r'"""(?s:.*?)"""')

_SCALARS: Final[Mapping[str, Callable[[object], object]]] = {"DateTime": parse_instant, "Date": parse_date}


def _read() -> GraphQLSchema:
    document = parse(_DESCRIPTION.sub("", FILE.read_text(encoding="utf-8")), no_location=True)
    schema = build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
    check(schema)
    for name, coerce in _SCALARS.items():
        scalar = schema.type_map[name]
        if isinstance(scalar, GraphQLScalarType):
            scalar.coerce_input_value = coerce
    return schema


CONTRACT: Final = _read()
