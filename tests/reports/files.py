"""Asking for a file of a report, fetching it, and reading each form of it by other means than those it was written by."""

import csv
import re
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from pypdf import PdfReader

from resolvers.desk import Desk
from resolvers.exports import open_export
from resolvers.report_exports import ReportExport
from server.reports.files import File, file_of
from tests.access.site import gid
from tests.certification.practice import Practice

_XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Table = list[dict[str, str]]


def export(practice: Practice, log: str = "CLIENTS", form: str = "CSV", **arguments: Any) -> str:
    """The mutation; arguments are literals of GraphQL."""
    said = {"coach": f'"{gid("member", practice.coach)}"', "format": form, "log": log}
    listed = ", ".join(f"{name.rstrip('_')}: {value}" for name, value in {**said, **arguments}.items())
    return f"mutation {{ it: reportExport({listed}) {{ path expiresAt problems {{ code path }} }} }}"


def sealed(run: str, form: str) -> str:
    return f'mutation {{ it: reportRunExport(id: "{run}", format: {form}) {{ path expiresAt problems {{ code path }} }} }}'


async def asked(practice: Practice, mutation: str, by: str = "COACH") -> Any:
    return (await practice.site.data(practice.tokens.get(by, by), mutation))["it"]


async def link(practice: Practice, mutation: str, by: str = "COACH") -> str:
    payload = await asked(practice, mutation, by)
    assert payload["problems"] == [], payload
    return str(payload["path"])


async def fetched(practice: Practice, mutation: str, by: str = "COACH") -> bytes:
    answer = await practice.site.get(await link(practice, mutation, by))
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


async def opened(practice: Practice, path: str) -> File:
    """File of a link, as the gateway opens it, and not yet read."""
    desk = Desk(database=practice.site.database, now=datetime.now(UTC), request_id=None, secrets=(practice.site.secret,))
    export = await open_export(desk, path.rpartition("/")[2])
    assert isinstance(export, ReportExport)
    file = await file_of(practice.site.database, export)
    assert file is not None
    return file


async def lines(practice: Practice, log: str = "CLIENTS", form: str = "CSV", by: str = "COACH", **arguments: Any) -> Table:
    """Lines of a file."""
    content = await fetched(practice, export(practice, log, form, **arguments), by)
    return from_csv(content) if form == "CSV" else from_xlsx(content)


def from_csv(content: bytes) -> Table:
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"), newline="")))


def sheets(content: bytes) -> dict[str, list[list[str]]]:
    """Cells of each sheet of a workbook, as they are stored; days as their number."""
    with ZipFile(BytesIO(content)) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - our own file
        names = [str(one.get("name")) for one in book.iter(f"{_XML}sheet")]
        return {name: _cells(archive.read(f"xl/worksheets/sheet{number}.xml")) for number, name in enumerate(names, 1)}


def _cells(sheet: bytes) -> list[list[str]]:
    rows = []
    for row in ElementTree.fromstring(sheet).iter(f"{_XML}row"):  # noqa: S314 - our own file
        cells = {}
        for cell in row:
            assert cell.find(f"{_XML}f") is None, "a formula"
            letters = re.sub(r"\d", "", str(cell.get("r")))
            cells[letters] = "".join(cell.itertext())
        rows.append([cells.get(chr(65 + place), "") for place in range(16)])
    return rows


def from_xlsx(content: bytes) -> Table:
    head, *rows = sheets(content)["Log"]
    return [dict(zip([title for title in head if title], row, strict=False)) for row in rows]


def text_of(pdf: bytes) -> str:
    """Text of a document, with one space for every white space."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).replace("\u200b", "").split())
