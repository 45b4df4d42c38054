"""The tables, one file per noun; `every` has them all. No `from __future__ import annotations` here: SQLModel reads types at run time."""
