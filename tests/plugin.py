"""With PORTICO_REQUIRE_ALL=1, which CI sets, a skipped test fails, and so does a run without PostgreSQL or without a browser.

A test that may be skipped even there, because it needs what no CI machine has, says so: `@pytest.mark.optional("why")`.
"""

import os
from collections.abc import Generator

import pytest

REQUIRE_ALL = os.environ.get("PORTICO_REQUIRE_ALL") == "1"
HALVES = ("postgres", "browser")
passed: set[str] = set()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "optional(why): may be skipped where everything else must run")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail") and not item.get_closest_marker("optional"):
        fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if REQUIRE_ALL and report.skipped:
        fail(report)
    return report


def fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} was skipped where nothing may be (PORTICO_REQUIRE_ALL=1): {reason}"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        passed.update(half for half in HALVES if half in report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if REQUIRE_ALL and not hasattr(session.config, "workerinput") and exitstatus == 0 and missing():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if REQUIRE_ALL and missing():
        terminalreporter.write_line(f"FAILED: no test of {' and '.join(missing())} passed (PORTICO_REQUIRE_ALL=1)", red=True)


def missing() -> list[str]:
    return [half for half in HALVES if half not in passed]
