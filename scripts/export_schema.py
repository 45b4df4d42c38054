"""Write docs/export.schema.json, the JSON Schema of an export, from the sections and the schema of the API.

python -m scripts.export_schema            writes it
python -m scripts.export_schema --check    exits with 1 when it is not current
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    parse,
)

from gql.exports import FORMAT, PERSON, SECTIONS, VERSION, Section
from gql.schema import GRAPHQL
from resolvers.callers import CallerKind

PAGE: Final = Path(__file__).parent.parent / "docs" / "export.schema.json"
SCALARS: Final = {
    "ID": {"type": "string", "pattern": "^[a-z]+_[0-9a-f]{32}$"},
    "String": {"type": "string"},
    "Int": {"type": "integer"},
    "Float": {"type": "number"},
    "Boolean": {"type": "boolean"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Date": {"type": "string", "format": "date"},
}
Schema = dict[str, Any]


def _root(document: str) -> FieldNode:
    """Last root field of a query, which reads the object of the file."""
    [operation] = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101 - a query of ours
    field = operation.selection_set.selections[-1]
    assert isinstance(field, FieldNode)  # noqa: S101
    return field


def _below(node: FieldNode, name: str) -> FieldNode:
    found = [one for one in node.selection_set.selections if isinstance(one, FieldNode) and one.name.value == name]  # type: ignore[union-attr]
    return found[0]


def _object(type_: GraphQLObjectType, selection: SelectionSetNode | None) -> Schema:
    """Object of a selection. What may be withheld is not required: it is left out, and named under `withheld`."""
    fields = [node for node in (selection.selections if selection else ()) if isinstance(node, FieldNode)]
    described = {node.name.value: type_.fields[node.name.value].type for node in fields}
    sub = {node.name.value: node.selection_set for node in fields}
    required = [name for name, of in described.items() if isinstance(of, GraphQLNonNull)]
    return _closed({name: _value(of, sub[name]) for name, of in described.items()}, required)


def _closed(properties: Schema, required: Sequence[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _value(of: Any, selection: SelectionSetNode | None) -> Schema:
    nullable = not isinstance(of, GraphQLNonNull)
    inner = of if nullable else of.of_type
    if isinstance(inner, GraphQLList):
        made: Schema = {"type": "array", "items": _value(inner.of_type, selection)}
    elif isinstance(inner, GraphQLEnumType):
        made = {"type": "string", "enum": sorted(inner.values)}
    elif isinstance(inner, GraphQLObjectType):
        made = _object(inner, selection)
    else:
        made = dict(SCALARS[inner.name])
    if nullable:
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made


def _section(section: Section) -> Schema:
    owner = GRAPHQL.query_type.fields[section.owner].type  # type: ignore[union-attr]
    listed = _below(_root(section.document), section.source or section.name)
    connection = get_named_type(get_named_type(owner).fields[listed.name.value].type)
    nodes = _below(listed, "nodes")
    item = _object(get_named_type(connection.fields["nodes"].type), nodes.selection_set)
    for name, change in section.reshaped.items():
        item["properties"].pop(name, None)
        item["required"] = [kept for kept in item["required"] if kept != name]
        if change is not None:
            item["properties"][name] = change
            item["required"].append(name)
    for below in section.lists:
        item["properties"][below.name] = _section(below)
        item["required"].append(below.name)
    return {"type": "array", "items": item}


def schema() -> str:
    """The JSON Schema, as text."""
    person, workspace = parse(PERSON).definitions[0].selection_set.selections[::-1]  # type: ignore[attr-defined]
    note = {name: {"type": "string"} for name in ("field", "code", "because")}
    properties = {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "exportedAt": SCALARS["DateTime"],
        "by": {"type": "string", "enum": [CallerKind.CLIENT.value, CallerKind.STAFF.value]},
        "workspace": _object(GRAPHQL.type_map["Workspace"], _below(workspace, "workspace").selection_set),  # type: ignore[arg-type]
        "client": _object(GRAPHQL.type_map["Client"], person.selection_set),  # type: ignore[arg-type]
        **{section.name: _section(section) for section in SECTIONS},
        "withheld": {"type": "array", "items": _closed(note, list(note))},
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Export of a client of Portico"}
    return json.dumps({**head, **_closed(properties, list(properties))}, indent=1) + "\n"


def main(arguments: Sequence[str]) -> None:
    if list(arguments) == ["--check"]:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != schema():
            raise SystemExit("docs/export.schema.json is not what gql/exports.py says: run python -m scripts.export_schema")
    elif arguments:
        raise SystemExit(__doc__)
    else:
        PAGE.write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
