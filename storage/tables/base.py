"""What every table shares: the workspace first in every key, UUIDv7 ids, enums by value, named constraints."""

import re
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, MetaData, String
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

#: Text compared byte by byte on both engines, so that an order and a prefix search mean the same on both.
BYTEWISE = String().with_variant(String(collation="C"), "postgresql")


def now() -> datetime:
    return datetime.now(UTC)


def words(kind: type[Enum], column: str) -> Any:
    """Type of an enum column: its values as text, kept to the list by a check constraint named after the column."""
    return SqlEnum(kind, name=column, native_enum=False, length=32, create_constraint=True, values_callable=lambda e: [m.value for m in e])


def ref(column: str, table: str) -> ForeignKeyConstraint:
    """Foreign key to another table of the same workspace."""
    return ForeignKeyConstraint(["workspace_id", column], [f"{table}.workspace_id", f"{table}.id"])


def index(*columns: str, unique: bool = False, where: Any = None) -> Index:
    """Index that starts with the workspace."""
    partial = {} if where is None else {"postgresql_where": where, "sqlite_where": where}
    return Index(None, "workspace_id", *columns, unique=unique, **partial)


def check(name: str, condition: str) -> CheckConstraint:
    return CheckConstraint(condition, name=name)


def exactly_one(*columns: str) -> str:
    """Condition that exactly one of the columns is set."""
    return " + ".join(f"CASE WHEN {c} IS NULL THEN 0 ELSE 1 END" for c in columns) + " = 1"


class Row(SQLModel):
    """Row of a table named after its class: ModuleVersion is `module_version`."""

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Owned(Row):
    """Row of one workspace."""

    workspace_id: UUID = Field(foreign_key="workspace.id", primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
