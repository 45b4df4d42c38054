"""What can go wrong in a database, in the words of the gateway; no message repeats a value of a row."""

# ruff: noqa: N818 - named as one says them: raises Unavailable

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg


class StorageError(Exception):
    """Any failure of the database."""


class BadAddress(StorageError, ValueError):
    """Database URL that cannot be used."""


class NewerSchema(StorageError):
    """Database that a newer tree has migrated."""


class NotEmpty(StorageError):
    """Database with a workspace in it, where an empty one is needed."""


class Unavailable(StorageError):
    """Database is gone, or has no connection to spare: the same call may succeed later."""


class Conflict(StorageError):
    """Another row or another transaction stands in the way.

    `constraint` names what was hit, the same on both engines: table and columns, as in `client_workspace_id_email`.
    `retry` says whether the same transaction, run again, may succeed.
    """

    def __init__(self, message: str, *, constraint: str | None = None, retry: bool = False) -> None:
        super().__init__(message)
        self.constraint = constraint
        self.retry = retry


class Rejected(StorageError):
    """Value that the schema does not allow: a missing parent, an unknown word, nothing where something must be."""


_GONE = ("08", "53", "57")  # connection, resources, operator intervention
_REFUSED = {"28": "the server refuses this user", "3D": "the server has no such database"}
_LOST = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY}
_LOST |= {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_INTERRUPT}
_LOST |= {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}  # another process holds the file, and has for as long as a write waits
_UNIQUE = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


def translate(error: BaseException) -> StorageError | None:
    """Ours for an error of SQLAlchemy, asyncpg or sqlite3; None for what is not a failure of the database."""
    if isinstance(error, StorageError):
        return error
    if type(error).__module__ == "sqlalchemy.exc":
        return _from_sqlalchemy(error)
    if isinstance(error, asyncpg.PostgresError):
        return _from_postgresql(error)
    if isinstance(error, sqlite3.Error):
        return _from_sqlite(error)
    if isinstance(error, asyncpg.InterfaceError) and "closed" in str(error):
        return Unavailable("connection lost")
    if isinstance(error, asyncpg.InternalClientError):  # the server has said goodbye, and the wire is not down yet
        return Unavailable("connection lost")
    return Unavailable("database cannot be reached") if isinstance(error, OSError) else None


def _from_sqlalchemy(error: BaseException) -> StorageError | None:
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - only a write has loaded it
    from sqlalchemy.exc import TimeoutError as PoolTimeout  # noqa: PLC0415

    if isinstance(error, PoolTimeout):
        return Unavailable("no free connection in time")
    if not isinstance(error, DBAPIError):
        return None
    cause = error.orig.__cause__ if error.orig is not None and error.orig.__cause__ is not None else error.orig
    found = translate(cause) if cause is not None else None
    return found or (Unavailable("connection lost") if error.connection_invalidated else None)


def _from_postgresql(error: asyncpg.PostgresError) -> StorageError | None:
    state = error.sqlstate or ""
    if state.startswith(_GONE):
        return Unavailable(f"database answers {state}")
    if state[:2] in _REFUSED:
        return Unavailable(f"{_REFUSED[state[:2]]} ({state})")
    if state == "23505":
        name = str(getattr(error, "constraint_name", "") or "")
        return Conflict(f"already exists ({state})", constraint=re.sub(r"^(ix|uq|pk)_", "", name))
    if state.startswith("40") or state == "55P03":
        return Conflict(f"transaction must run again ({state})", retry=True)
    if state.startswith(("22", "23")):
        return Rejected(f"value refused by the schema ({state})")
    return None


def _from_sqlite(error: sqlite3.Error) -> StorageError | None:
    code, name = getattr(error, "sqlite_errorcode", 0) & 0xFF, str(getattr(error, "sqlite_errorname", ""))
    if code in _LOST:
        return Unavailable(f"database answers {name}")
    if name in _UNIQUE:
        columns = [part.split(".") for part in str(error).partition(": ")[2].split(", ")]
        return Conflict(f"already exists ({name})", constraint="_".join([columns[0][0], *(column[-1] for column in columns)]))
    if isinstance(error, (sqlite3.IntegrityError, sqlite3.DataError)):
        return Rejected(f"value refused by the schema ({name})")
    return Unavailable("connection lost") if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error) else None


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors instead of the driver's, without their text: it may hold what a person wrote."""
    try:
        yield
    except Exception as error:
        ours = translate(error)
        if ours is None or ours is error:
            raise
        raise ours from None
