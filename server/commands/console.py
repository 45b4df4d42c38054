"""How the commands speak: answers on standard output, everything else on standard error, refusals with what to do."""

from rich.console import Console
from rich.text import Text

from server.imports.contact import ImportFileError
from server.settings import SettingsError
from storage.errors import BadAddress, Conflict, NewerSchema, NotEmpty, StorageError, Unavailable

_WIDE = 140  # where nobody looks at a terminal, a table must not be cut to 80 columns


class Refused(Exception):  # noqa: N818 - named as one says it
    """Expected failure: what is wrong, and what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def console(*, stderr: bool = False) -> Console:
    made = Console(stderr=stderr, highlight=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=_WIDE)


def say(message: str, style: str = "", *, on: Console | None = None) -> None:
    """A line of any length; nothing in it is taken for markup."""
    (on or console()).print(Text(message, style=style), soft_wrap=True)


def complain(message: str, hint: str = "", *, on: Console | None = None) -> None:
    to = on or console(stderr=True)
    to.print(Text.assemble(("Error: ", "bold red"), message), soft_wrap=True)
    if hint:
        say(hint, "dim", on=to)


def complain_of(error: Exception) -> bool:
    """Tell of an expected failure; False for one that nobody expected."""
    said = _said(error)
    if said is not None:
        complain(*said)
    return said is not None


def _said(error: Exception) -> tuple[str, str] | None:
    match error:
        case Refused() | ImportFileError():
            return error.message, error.hint
        case SettingsError():
            lines = "\n".join(f"  {problem}" for problem in error.problems)
            return f"The settings cannot be used.\n{lines}", "docs/settings.md lists every setting."
        case BadAddress():
            return str(error), "Give the database with --database or PORTICO_DATABASE_URL."
        case Unavailable():
            return f"The database cannot be used: {error}.", "Check --database or PORTICO_DATABASE_URL, and that its server runs."
        case NewerSchema():
            return str(error), "Use that version, or another database."
        case NotEmpty():
            return str(error), "Name another with --database."
        case Conflict():
            return f"Another process is writing: {error}. Nothing was changed.", "Run the same command again."
        case StorageError():
            return f"The database refuses: {error}. Nothing was changed.", ""
        case OSError() if error.filename:
            return f"{error.filename}: {error.strerror}.", ""
    return None
