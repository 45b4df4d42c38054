"""An import from file to clients: a first reading that says what would happen, a second that does it in one transaction."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import compress, groupby, islice
from pathlib import Path
from typing import NamedTuple, Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from server.imports.contact import Contact, ImportFileError, ProblemCode, Row, RowProblem
from server.imports.text_source import unreadable
from storage.contacts import ContactWriter, Judgement, Place, Verdict, judge
from storage.database import Database
from storage.suppression import Suppression

CHUNK = 1_000
After = Callable[[AsyncSession, Place, Sequence[Contact]], Awaitable[None]]
Judge = Callable[[Sequence[Contact]], Awaitable[list[Judgement]]]


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    EXISTS = "exists"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Told:
    """A row with its outcome; `problems` say why it is bad or a duplicate, `judgement` where it exists."""

    line: int
    outcome: Outcome
    contact: Contact | None = None
    judgement: Judgement | None = None
    problems: tuple[RowProblem, ...] = ()


@dataclass(slots=True)
class Tally:
    """How many rows had which outcome."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    inactive: int = 0

    def add(self, told: Told) -> None:
        self.counts[told.outcome] += 1
        self.inactive += told.judgement is not None and told.judgement.inactive

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


class FileMark(NamedTuple):
    """Content of a file: its hash, and its lines as far as they are lines."""

    digest: str
    lines: int


def mark_of(path: Path) -> FileMark:
    digest, lines = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
                lines += piece.count(b"\n")
    except OSError as error:
        raise unreadable(path, error) from None
    return FileMark(digest.hexdigest(), lines)


class Source(Protocol):
    """File of contacts; iterating reads it from the start."""

    @property
    def path(self) -> Path: ...
    def __iter__(self) -> Iterator[Row]: ...


class ContactImport:
    """A file on its way into a workspace: `preview`, and then `perform` does what the preview said. Both tell of every row.

    `after` writes what the file holds beside the contacts, for those who are clients now.
    """

    def __init__(
        self,
        database: Database,
        file: Source,
        place: Place,
        suppression: Suppression,
        *,
        acknowledged: bool = False,
        after: After | None = None,
    ) -> None:
        self._database = database
        self._file = file
        self._place = place
        self._suppression = suppression
        self._acknowledged = acknowledged
        self._after = after
        self._mark = mark_of(file.path)
        self._new = bytearray()  # whether each contact is new, in the order of the file
        self.lines = self._mark.lines

    async def preview(self, tell: Callable[[Told], None]) -> Tally:
        """What would happen; changes nothing, and keeps no transaction open while it reads."""
        tally = Tally()
        self._new.clear()
        async for told in _outcomes(self._file, self._judge):
            tally.add(told)
            tell(told)
            if told.contact is not None:
                self._new.append(told.outcome is Outcome.NEW)
        return tally

    async def perform(self, told: Tally, move: Callable[[int], None]) -> None:
        """Make it happen, all or nothing; the file must still be the one of the preview."""
        at = datetime.now(UTC)
        new = compress((row for row in self._file if isinstance(row, Contact)), self._new)
        async with self._database.write() as session:
            writer = ContactWriter(session, self._place, at=at)
            await writer.begin()
            created = 0
            while chunk := list(islice(new, CHUNK)):
                await writer.write(chunk)
                if self._after is not None:
                    await self._after(session, self._place, chunk)
                created += len(chunk)
                if self._acknowledged:
                    await self._suppression.release(session, [contact.email for contact in chunk if contact.email], at)
                move(chunk[-1].line)
            if mark_of(self._file.path) != self._mark or created != told.counts[Outcome.NEW]:
                name = self._file.path.name
                raise ImportFileError(f"{name} changed while it was read. Nothing was imported.", "Run the same command again.")
            await writer.finish(self._mark.digest, rows=told.rows, created=created, finished_at=datetime.now(UTC))

    async def _judge(self, contacts: Sequence[Contact]) -> list[Judgement]:
        async with self._database.write() as session:
            return await judge(session, self._place, self._suppression, contacts, acknowledged=self._acknowledged)


async def _outcomes(rows: Iterable[Row], judge: Judge) -> AsyncIterator[Told]:
    """Outcomes in the order of the file. A row with several problems is one row."""
    left = iter(groupby(rows, key=lambda row: (row.line, isinstance(row, Contact))))
    while chunk := [tuple(group) for _, group in islice(left, CHUNK)]:
        contacts = [row for group in chunk for row in group if isinstance(row, Contact)]
        judged = iter(await judge(contacts) if contacts else ())
        for group in chunk:
            for row in group:
                if isinstance(row, Contact):
                    found = next(judged)
                    yield Told(row.line, _OUTCOMES[found.verdict], row, found)
            if problems := tuple(row for row in group if isinstance(row, RowProblem)):
                twice = all(problem.code is ProblemCode.DUPLICATE_IN_FILE for problem in problems)
                yield Told(problems[0].line, Outcome.DUPLICATE if twice else Outcome.BAD, problems=problems)


_OUTCOMES = {Verdict.NEW: Outcome.NEW, Verdict.EXISTS: Outcome.EXISTS, Verdict.SUPPRESSED: Outcome.SUPPRESSED}
