"""Answers of different servers brought to one shape, and the first place where two of them differ."""

import re
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

import orjson

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_ID = re.compile(r"(?:[a-z_]+_)?([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")


def normalised(body: bytes) -> Json:
    """Data of an answer: `{"nodes": [...]}` becomes the list, ids lose their dress, times are in UTC to the microsecond."""
    answer = orjson.loads(body)
    if not isinstance(answer, dict) or answer.get("errors") or "data" not in answer:
        raise ValueError(f"not a successful GraphQL answer: {body[:500]!r}")
    return _plain(answer["data"])


def leaves(value: Json) -> int:
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1


def difference(ours: Json, theirs: Json, path: str = "data") -> str | None:
    """First difference in values, counts or order, None where there is none."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if list(ours) != list(theirs):
            return f"{path}: fields {list(ours)} and {list(theirs)}"
        return next((d for k in ours if (d := difference(ours[k], theirs[k], f"{path}.{k}"))), None)
    if isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            return f"{path}: {len(ours)} and {len(theirs)} items"
        pairs = enumerate(zip(ours, theirs, strict=True))
        return next((d for i, (a, b) in pairs if (d := difference(a, b, f"{path}[{i}]"))), None)
    return None if ours == theirs else f"{path}: {ours!r} and {theirs!r}"


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        return _plain(value["nodes"]) if list(value) == ["nodes"] else {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if not isinstance(value, str):
        return value
    if found := _ID.fullmatch(value):
        return UUID(found[1]).hex
    return _instant(value) if _TIME.fullmatch(value) else value


def _instant(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="microseconds")
