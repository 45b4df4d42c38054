"""What the import tests share: sample files, and rows said without their line of boilerplate."""

from collections.abc import Mapping
from pathlib import Path

from server.imports.contact import Contact, ImportFileError, Row, RowProblem
from server.imports.reader import Format, open_contacts

SAMPLES = Path(__file__).parent / "samples"


def read(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    region: str | None = None,
    encoding: str | None = None,
    as_format: Format | None = None,
) -> list[Row]:
    return list(open_contacts(path, format=as_format or "auto", mapping=mapping, default_region=region, encoding=encoding))


def only(rows: list[Row]) -> Contact:
    (row,) = rows
    assert isinstance(row, Contact), row
    return row


def problems(rows: list[Row]) -> list[tuple[int, str | None, str, str]]:
    return [(row.line, row.column, row.code.value, row.message) for row in rows if isinstance(row, RowProblem)]


def contacts(rows: list[Row]) -> list[Contact]:
    return [row for row in rows if isinstance(row, Contact)]


def write(folder: Path, content: str | bytes, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(error: ImportFileError) -> tuple[str, str]:
    return error.message, error.hint
