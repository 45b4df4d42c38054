"""Workspaces with people who can sign in."""

from tests.people import people

__all__ = ["people"]
