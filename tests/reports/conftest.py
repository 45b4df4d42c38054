"""The gateway over an empty database, shared by the tests of files of reports; each makes a practice of its own."""

from tests.access.conftest import site
from tests.certification.conftest import practice

__all__ = ["practice", "site"]
