"""Importing contacts, for somebody who looks on."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from server.commands.console import Refused, console, say
from server.commands.place import require_ready, settings_for
from server.imports.export_json import is_export, open_export_file
from server.imports.export_rows import NOT_RESTORED
from server.imports.mapped_csv import read_mapping
from server.imports.reader import Format, open_contacts
from server.imports.run import ContactImport, Outcome, Tally, Told
from storage.contacts import NoPlace, Place, find_place
from storage.database import Database
from storage.suppression import Suppression

SHOWN = 20
LISTED = 50
_STYLES = {"new": "green", "exists": "cyan", "duplicate": "cyan", "suppressed": "yellow", "bad": "red"}


@dataclass(frozen=True)
class Wish:
    """What the command line asks for."""

    file: Path
    workspace: str
    coach: str | None
    database: str | None
    format: Literal["auto", "export"] | Format
    mapping: list[str]
    encoding: str | None
    region: str | None
    dry_run: bool
    skip_bad_rows: bool
    acknowledged: bool
    yes: bool


def run(wish: Wish) -> None:
    asyncio.run(_run(wish))


async def _run(wish: Wish) -> None:
    mapping = read_mapping(wish.mapping)
    settings = settings_for(wish.database)
    url = settings.database_url.get_secret_value()
    await require_ready(url)
    async with await Database.open(url, readers=1) as database:
        place = await place_of(database, wish.workspace, wish.coach)
        region = wish.region or place.country
        suppression = Suppression(place.workspace, settings.secrets)
        if wish.format == "export" or (wish.format == "auto" and not mapping and is_export(wish.file)):
            export = open_export_file(wish.file, region)
            job = ContactImport(database, export, place, suppression, acknowledged=wish.acknowledged, after=export.restore)
            await _follow(job, place, wish)
            say(f"Not restored: {NOT_RESTORED}. See docs/export.md.", "dim")
            return
        file = open_contacts(wish.file, format=wish.format, mapping=mapping, default_region=region, encoding=wish.encoding)
        job = ContactImport(database, file, place, suppression, acknowledged=wish.acknowledged)
        await _follow(job, place, wish)


async def place_of(database: Database, workspace: str, coach: str | None) -> Place:
    """Workspace and coach that the command line names; the owner where it names no coach."""
    async with database.write() as session:
        try:
            return await find_place(session, workspace, coach)
        except NoPlace as error:
            option = "--coach" if "username" in str(error) else "--workspace"
            there = (
                f"There {'are' if len(error.choices) > 1 else 'is'} {', '.join(error.choices)}." if error.choices else "There is none yet."
            )
            raise Refused(str(error), f"{there} Name one with {option}." if error.choices else there) from None


async def _follow(job: ContactImport, place: Place, wish: Wish) -> None:
    report = _Report(wish.file, job.lines)
    with report.bar("Reading"):
        tally = await job.preview(report.hear)
    report.end()
    if wish.dry_run:
        report.show(place)
    stopped = tally.counts[Outcome.BAD] and not wish.skip_bad_rows
    if stopped:
        would = "would be" if wish.dry_run else "was"
        raise Refused(
            f"{_many(tally.counts[Outcome.BAD], 'bad row')} in {wish.file.name}. Nothing {would} imported.",
            "Correct the file, or leave these rows out with --skip-bad-rows.",
        )
    if wish.dry_run or not tally.counts[Outcome.NEW]:
        say(summary(wish.file, tally, "would be new" if wish.dry_run else "new"))
        return
    if not wish.yes and report.errors.is_terminal:
        question = f"Import {_many(tally.counts[Outcome.NEW], 'contact')} into {place.name} as prospects of {place.coach_name}?"
        if not typer.confirm(question, err=True):
            raise Refused("Nothing was imported.")
    with report.bar("Importing"):
        await job.perform(tally, report.move)
    say(summary(wish.file, tally, "imported"))


def summary(file: Path, tally: Tally, new: str) -> str:
    """One line with every count that is not zero."""
    count = tally.counts
    inactive = f" ({_many(tally.inactive, 'inactive client')}: reactivate them instead)" if tally.inactive else ""
    said = [f"{count[Outcome.NEW]:,} {new}"]
    said += [f"{count[Outcome.EXISTS]:,} existing already{inactive}"] if count[Outcome.EXISTS] else []
    said += [f"{count[Outcome.DUPLICATE]:,} twice in the file"] if count[Outcome.DUPLICATE] else []
    said += [f"{count[Outcome.SUPPRESSED]:,} suppressed"] if count[Outcome.SUPPRESSED] else []
    said += [f"{_many(count[Outcome.BAD], 'bad row')} left out"] if count[Outcome.BAD] else []
    return f"{file.name}: {', '.join(said)}."


class _Report:
    """What is told while the file is read: the bar, each problem as it is met, and the first rows for the table."""

    def __init__(self, file: Path, lines: int) -> None:
        self.errors: Console = console(stderr=True)
        self._file = file
        self._lines = lines
        self._first: list[Told] = []
        self._tally = Tally()
        self._told = 0
        self._progress = Progress(disable=True)

    def bar(self, title: str) -> Progress:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=self.errors, transient=True, disable=not self.errors.is_terminal)
        self._progress.add_task(title, total=self._lines)
        return self._progress

    def move(self, line: int) -> None:
        if not self._progress.disable:
            self._progress.update(self._progress.task_ids[-1], completed=line)

    def hear(self, told: Told) -> None:
        self.move(told.line)
        self._tally.add(told)
        if len(self._first) < SHOWN:
            self._first.append(told)
        for column, message in _reasons(told):
            self._told += 1
            if self._told <= LISTED or not self.errors.is_terminal:
                where = f"{self._file}:{told.line}: {column + ': ' if column else ''}"
                self.errors.print(Text.assemble((where, "dim"), message), soft_wrap=True)

    def end(self) -> None:
        if self._told > LISTED and self.errors.is_terminal:
            say(f"… and {self._told - LISTED:,} more; 2>problems.txt keeps them all.", "dim", on=self.errors)

    def show(self, place: Place) -> None:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", title_justify="left", title_style="bold")
        table.title = Text(f"{self._file.name} into {place.name}, as prospects of {place.coach_name}")
        for title in ("line", "outcome", "name", "e-mail", "phone", "because"):
            table.add_column(title, justify="right" if title == "line" else "left", overflow="ellipsis", no_wrap=title != "because")
        for told in self._first:
            contact = told.contact
            values = (contact.name, contact.email or "", contact.phone or "") if contact else ("", "", "")
            table.add_row(str(told.line), Text(told.outcome, _STYLES[told.outcome]), *map(Text, values), Text(_because(told), "dim"))
        out = console()
        out.print(table)
        if self._tally.rows > SHOWN:
            say(f"… and {self._tally.rows - SHOWN:,} more rows", "dim", on=out)
        out.print()
        totals = [Text.assemble((f"{count:,} {outcome}", _STYLES[outcome])) for outcome, count in self._tally.counts.items()]
        out.print(Text("  ").join(totals))


def _reasons(told: Told) -> list[tuple[str | None, str]]:
    """What a person must know of a row, for the list of problems."""
    if told.outcome is Outcome.SUPPRESSED:
        return [("e-mail", _because(told))]
    return [(problem.column, problem.message) for problem in told.problems]


def _because(told: Told) -> str:
    judged = told.judgement
    if told.outcome is Outcome.SUPPRESSED:
        return "SUPPRESSED: asked not to be contacted again; --acknowledge-suppression adds them all the same."
    if told.problems:
        return " ".join(problem.message for problem in told.problems)
    if judged is None or judged.client_number is None:
        return ""
    if judged.inactive:
        return f"Inactive client {judged.client_number}: reactivate them instead."
    return f"Client {judged.client_number} has this e-mail." if judged.same_email else f"Imported before, as client {judged.client_number}."


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
