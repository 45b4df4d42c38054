"""Write the next migration: a scratch SQLite database goes to head, and the difference to the tables becomes the file."""

import asyncio
import sys
import tempfile

from storage.migrations import migrate, pending, revise


async def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/scratch.db"
        if await pending(url):
            await migrate(url)
        await revise(url, message)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('Say what changes: python -m storage.migrations "clients have a nickname"')
    asyncio.run(main(sys.argv[1]))
