"""The certification report of a coach as a file, for whoever runs the gateway."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from lifecycle.problems import Problem
from lifecycle.report_files import ReportFormat, ReportLog
from lifecycle.rule_sets import RULE_SETS
from lifecycle.vocabulary import CountingBasis
from planner.errors import RequestError
from planner.ids import split_id
from resolvers.certification.ask import Wish
from resolvers.certification.stream import length
from resolvers.report_exports import TOO_LONG, Order, ReportExport, find_export, planned_anew, write_down
from server.commands.console import Refused, console, say
from server.commands.imports import place_of
from server.commands.place import require_ready, settings_for
from server.reports.files import file_of
from server.reports.table import Row
from storage.contacts import ACTOR, Place
from storage.database import Database


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    file: Path
    workspace: str
    coach: str | None
    log: Literal["clients", "sessions", "letter"]
    rule_set: str | None
    version: int | None
    basis: Literal["session-start", "booking", "current"] | None
    at: datetime | None
    sealed: str | None
    force: bool
    first: date | None
    last: date | None
    count_from: date | None

    @property
    def format(self) -> ReportFormat:
        try:
            return ReportFormat[self.file.suffix[1:].upper()]
        except KeyError:
            known = ", ".join(f".{one.value.lower()}" for one in ReportFormat)
            raise Refused(f"{self.file.name} does not say in which form.", f"Let it end in one of {known}.") from None

    def order(self, place: Place) -> Order:
        if self.sealed is not None:
            return Order(self.format, run=_key(self.sealed))
        if self.rule_set is not None and self.rule_set not in RULE_SETS:
            raise Refused(f"There are no rules {self.rule_set}.", f"There are {', '.join(RULE_SETS)}.")
        at = self.at if self.at is None or self.at.tzinfo is not None else self.at.replace(tzinfo=UTC)
        basis = None if self.basis is None else CountingBasis[self.basis.replace("-", "_").upper()]
        wish = Wish(
            coach=place.coach.hex,
            rule_set=self.rule_set,
            version=self.version,
            first=self.first,
            last=self.last,
            basis=basis,
            at=at,
            count_from=self.count_from,
        )
        return Order(self.format, ReportLog[self.log.upper()], wish)


def _key(given: str) -> str:
    try:
        tag, key = split_id(given)
    except RequestError:
        tag, key = "", ""
    if tag != "report":
        raise Refused(f"{given} is not the id of a sealed report.", "The query reportRuns lists them.")
    return key


def run(wanted: Wanted, database: str | None) -> None:
    if wanted.file.exists() and not wanted.force:
        raise Refused(f"{wanted.file} is there already.", "Write over it with --force, or name another.")
    lines = asyncio.run(_run(wanted, database))
    say(f"{wanted.file}: {lines:,} lines." if lines else f"{wanted.file} is written.", "green")


async def _run(wanted: Wanted, url: str | None) -> int:
    address = settings_for(url).database_url.get_secret_value()
    await require_ready(address)
    async with await Database.open(address, readers=1) as database:
        place = await place_of(database, wanted.workspace, wanted.coach)
        order, now = wanted.order(place), datetime.now(UTC)
        async with database.read() as reader, reader.snapshot():
            ask = await planned_anew(reader)
            export = await find_export(ask, place.workspace.hex, order, now, database.dialect)
            if isinstance(export, Problem):
                raise Refused(export.message)
            long = export.asked if order.log is ReportLog.SESSIONS else None
            lines = await length(ask, long) if long is not None else None
        return await _write(database, export, place, wanted.file, lines)


async def _write(database: Database, export: ReportExport, place: Place, path: Path, lines: int | None) -> int:
    """The file, which is there as a whole and on record, or not at all."""
    errors, written = console(stderr=True), 0
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("Writing", total=lines)

        def watch(rows: list[Row]) -> None:
            nonlocal written
            written += len(rows)
            bar.update(task, completed=written)

        made = await file_of(database, export, watch)
        if made is None:
            raise Refused(TOO_LONG.message)
        draft = path.with_name(f".{path.name}.part")
        try:
            with await asyncio.to_thread(draft.open, "wb") as file:
                async for part in made.parts:
                    file.write(part)
            async with database.write() as session:
                write_down(session, place.workspace, export.order, actor=ACTOR, at=export.now)
            await asyncio.to_thread(draft.replace, path)
        finally:
            draft.unlink(missing_ok=True)
    return written
