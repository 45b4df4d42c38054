"""Modules that a start need not wait for: imported when they are first needed, beside what else is done."""

import asyncio
import sys
from importlib import import_module
from threading import RLock
from types import ModuleType
from typing import Final

#: One thread at a time: two in one circle of modules would each see half of it.
TURN: Final = RLock()


def load(name: str) -> ModuleType:
    """Module of this name."""
    with TURN:
        return import_module(name)


def loaded(name: str) -> bool:
    """Whether a module is there as a whole."""
    known = sys.modules.get(name)
    return known is not None and not getattr(known.__spec__, "_initializing", False)


async def later(name: str) -> None:
    """Have a module imported, in a thread, so that others are answered meanwhile."""
    if not loaded(name):
        await asyncio.to_thread(load, name)
