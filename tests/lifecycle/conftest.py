"""The gateway over an empty database, shared by all tests of the lifecycle: each makes workspaces of its own."""

from tests.access.conftest import site

__all__ = ["site"]
