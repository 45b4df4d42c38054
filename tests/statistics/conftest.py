"""The gateway over an empty database, shared by the tests of statistics; each makes a studio of its own."""

from tests.access.conftest import site

__all__ = ["site"]
