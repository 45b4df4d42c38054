"""The contract: printed, and compared with a copy that somebody holds."""

import sys
from pathlib import Path

from graphql import GraphQLError, build_schema
from graphql.utilities import BreakingChange, DangerousChange, find_schema_changes
from rich.text import Text

from gql.schema import print_sdl
from server.commands.console import Refused, console, say


def print_schema(file: Path | None) -> None:
    if file is None:
        sys.stdout.write(print_sdl())
    else:
        file.write_text(print_sdl(), encoding="utf-8")


def check_schema(file: Path) -> None:
    """Say what changed between the file and the code; refuse where anything did."""
    try:
        held = file.read_text(encoding="utf-8")
        before = build_schema(held)
    except UnicodeDecodeError:
        raise Refused(f"{file} is not UTF-8 text.", "Name a file that portico schema print wrote.") from None
    except (GraphQLError, TypeError) as error:
        reason = str(error).partition("\n")[0]
        raise Refused(f"{file} is not a GraphQL schema: {reason}", "Name a file that portico schema print wrote.") from None
    if held == print_sdl():
        say(f"{file} says what the code says.")
        return
    out = console()
    counts = {"breaking": 0, "dangerous": 0, "safe": 0}
    for change in find_schema_changes(before, build_schema(print_sdl())):
        kind = "breaking" if isinstance(change, BreakingChange) else "dangerous" if isinstance(change, DangerousChange) else "safe"
        counts[kind] += 1
        style = {"breaking": "bold red", "dangerous": "yellow", "safe": "green"}[kind]
        out.print(Text.assemble((f"{kind:<10}", style), change.description.partition("\n")[0]), soft_wrap=True)
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "in descriptions or order only"
    raise Refused(f"{file} differs from the code: {said}.", f"Where that is meant: portico schema print {file}")
