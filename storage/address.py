"""Where a database lives, read from a URL or a file path."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from storage.errors import BadAddress

Dialect = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True)
class Address:
    """Engine, and the file path or the DSN that its driver takes."""

    dialect: Dialect
    target: str

    @classmethod
    def parse(cls, url: str) -> "Address":
        scheme, colon, rest = url.partition("://")
        if not colon:
            return cls("sqlite", _file(url))
        if scheme == "sqlite":
            if rest and not rest.startswith("/"):
                raise BadAddress(
                    "A SQLite URL has three slashes before a relative path and four before an absolute one: sqlite:///portico.db"
                )
            return cls("sqlite", _file(rest[1:]))
        if scheme in {"postgresql", "postgres"}:
            try:
                parts = urlsplit(url)
                _ = parts.port
            except ValueError as error:
                raise BadAddress(f"This PostgreSQL URL cannot be read: {error}") from None
            if not parts.path.strip("/"):
                raise BadAddress("A PostgreSQL URL names its database: postgresql://user@host:5432/portico")
            return cls("postgresql", f"postgresql://{rest}")
        raise BadAddress(f"Unknown kind of database {scheme!r}: use sqlite:///path or postgresql://user@host/name")


def _file(path: str) -> str:
    if not path or path == ":memory:":
        raise BadAddress("A SQLite database needs a file, for several connections share it: sqlite:///portico.db")
    if not Path(path).absolute().parent.is_dir():
        raise BadAddress(f"The folder of the SQLite file does not exist: {Path(path).absolute().parent}")
    return path
