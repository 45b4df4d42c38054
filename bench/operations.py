"""The three operations, in the dialect of each server."""

from pathlib import Path
from typing import Literal, get_args
from uuid import UUID

from bench.data import Dataset

Operation = Literal["point", "list", "deep"]
Dialect = Literal["portico", "plain", "postgraphile"]

OPERATIONS: tuple[Operation, ...] = get_args(Operation)
FOLDER = Path(__file__).with_name("operations")


def bodies(dialect: Dialect, operation: Operation, data: Dataset) -> list[dict[str, object]]:
    """Bodies to send in turn: one, or one per sampled client where the operation asks for a client."""
    query = (FOLDER / dialect / f"{operation}.graphql").read_text()
    fixed: dict[str, object] = {"workspace": str(data.workspace)} if dialect == "postgraphile" else {}
    variables = [fixed | {"id": _id(dialect, client)} for client in data.sample] if operation == "point" else [fixed]
    return [{"query": query, "operationName": operation.capitalize(), "variables": v} for v in variables]


def _id(dialect: Dialect, client: UUID) -> str:
    return f"client_{client.hex}" if dialect == "portico" else str(client)
