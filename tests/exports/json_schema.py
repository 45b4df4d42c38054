"""Validator of the few words of JSON Schema that docs/export.schema.json uses; any other word is an error."""

import re
from datetime import date, datetime
from typing import Any

_TYPES: dict[str, Any] = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}
_KNOWN = {"$schema", "title", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "pattern", "format"}


def _is(value: Any, kind: str) -> bool:
    if kind == "null":
        return value is None
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def faults(schema: dict[str, Any], value: Any, path: str = "$") -> list[str]:
    """Where a value is not as the schema has it."""
    if unknown := schema.keys() - _KNOWN:
        raise ValueError(f"{path}: this validator does not know {sorted(unknown)}")
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return [f"{path}: {type(value).__name__} is not {kinds}"]
    found = [f"{path}: {value!r}"] if value not in schema.get("enum", [value]) or value != schema.get("const", value) else []
    if isinstance(value, str):
        found += [] if re.search(schema.get("pattern", ""), value) else [f"{path}: {value!r}"]
        {"date-time": datetime, "date": date}.get(schema.get("format", ""), _Any).fromisoformat(value)
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{path}: {name} is missing" for name in schema["required"] if name not in value]
        found += [f"{path}: {name} is not known" for name in value if name not in schema["properties"]]
        known = (name for name in value if name in schema["properties"])
        found += [fault for name in known for fault in faults(schema["properties"][name], value[name], f"{path}.{name}")]
    if isinstance(value, list) and "items" in schema:
        found += [fault for at, one in enumerate(value) for fault in faults(schema["items"], one, f"{path}[{at}]")]
    return found


class _Any:
    """Format that every text has."""

    @staticmethod
    def fromisoformat(_: str) -> None:
        return None
