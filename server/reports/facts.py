"""What a file says beside its lines, in words: out of what the report says, now or when it was sealed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from lifecycle.certification import Metric, ReportReason
from lifecycle.report_files import ReportLog
from lifecycle.vocabulary import CountingBasis
from resolvers.appointments import hours
from resolvers.report_exports import Sealed
from server.reports.table import Cell

TITLES: Final[Mapping[ReportLog, str]] = {
    ReportLog.CLIENTS: "Client coaching log",
    ReportLog.SESSIONS: "Coaching sessions",
    ReportLog.LETTER: "Confirmation of confidential coaching",
}
_METRICS: Final[Mapping[Metric, str]] = {
    Metric.TOTAL: "Coaching {unit}",
    Metric.PAID: "Paid {unit}",
    Metric.CLIENTS: "Clients",
    Metric.RECENT: "{Unit} in the last {months} months",
    Metric.YEARS: "Years of experience",
}
_BASES: Final[Mapping[CountingBasis, str]] = {
    CountingBasis.SESSION_START: "status at the start of the session",
    CountingBasis.BOOKING: "status when the session was booked",
    CountingBasis.CURRENT: "status today",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one report. `said` is what it says: `resolvers/certification/seal.py` knows its layout."""

    said: Mapping[str, Any]
    log: ReportLog
    sealed: Sealed | None = None

    @property
    def title(self) -> str:
        return "Sealed certification report" if self.sealed is not None else TITLES[self.log]

    @property
    def coach(self) -> str:
        return str(self.said["by"]["coach"])

    @property
    def workspace(self) -> str:
        return str(self.said["by"]["workspace"])

    @property
    def at(self) -> datetime:
        """Instant as of which the report speaks, to the second."""
        return datetime.fromisoformat(self.said["parameters"]["at"]).astimezone(UTC).replace(microsecond=0)

    @property
    def period(self) -> str:
        """Days of the period; one that was not bounded begins with the first session that counts."""
        first = self.said["parameters"]["from"]
        return f"{'until' if first is None else f'{first} to'} {self.said['parameters']['to']}"

    @property
    def rules(self) -> str:
        """Credential that was asked about."""
        known = self.said["ruleSet"]
        return "" if known is None else f"{known['title']}, version {known['version']}"

    @property
    def months(self) -> list[tuple[str, float, float]]:
        """Paid and other hours of each month between the first and the last."""
        known = {one["key"]: (hours(one["paid"]) or 0.0, hours(one["free"]) or 0.0) for one in self.said["byMonth"]}
        if not known:
            return []
        year, month = map(int, min(known).split("-"))
        made: list[tuple[str, float, float]] = []
        while (key := f"{year}-{month:02}") <= max(known):
            made.append((key, *known.get(key, (0.0, 0.0))))
            year, month = (year + month // 12, month % 12 + 1)
        return made

    @property
    def progress(self) -> list[tuple[str, float, float, bool]]:
        """What the credential needs: its name, what there is, what is needed, whether that is met."""
        ready, rules = self.said["readiness"], self.said["ruleSet"]
        if ready is None or rules is None:
            return []
        unit = str(rules["unit"]).lower()
        words = {"unit": unit, "Unit": unit.capitalize(), "months": rules["recent_months"]}
        return [(_METRICS[Metric[one["metric"]]].format(**words), one["have"], one["need"], one["met"]) for one in ready["metrics"]]

    @property
    def readiness(self) -> list[str]:
        """How far it is to the credential, in sentences."""
        ready = self.said["readiness"]
        if ready is None:
            return []
        until, earliest = ready["eligibleUntil"], ready["earliestEligible"]
        told = [ready["sentence"]]
        told += [f"If nothing further is held, it stays so until {until}."] if until else []
        return told + ([f"With what is booked, everything is met on {earliest}."] if earliest and not ready["met"] else [])

    @property
    def about(self) -> list[tuple[str, Cell]]:
        """How the report was asked for."""
        asked = self.said["parameters"]
        told: list[tuple[str, Cell]] = [("Coach", self.coach), ("Workspace", self.workspace), ("Period", self.period)]
        told += [("Credential", self.rules)] if self.rules else []
        told += [("Hours count from", date.fromisoformat(asked["countFrom"]))] if asked["countFrom"] else []
        told += [("Counts by", _BASES[CountingBasis[asked["basis"]]]), ("Days are those of", asked["timezone"])]
        told += [("As of", f"{self.at:%Y-%m-%d %H:%M} UTC")]
        if self.sealed is not None:
            told += [("Sealed", f"{self.sealed.at:%Y-%m-%d %H:%M} UTC"), ("SHA-256", self.sealed.content_hash)]
            told += [("Position in the ledger", self.said["ledgerPosition"])]
        return told

    @property
    def sums(self) -> list[tuple[str, Cell]]:
        """Totals of the report."""
        sums = self.said["sums"]
        names = {"all": "Hours that count", "paid": "Paid hours", "pro_bono": "Pro bono hours", "recent": "Recent hours"}
        made: list[tuple[str, Cell]] = [(label, hours(sums[name]["minutes"])) for name, label in names.items()]
        made += [("Hours not listed by name", hours(sums["unlisted"]["minutes"])), ("Clients", self.said["clients"])]
        excluded = sum(one["sessions"] for one in self.said["excluded"])
        return [*made, ("Sessions that count", sums["all"]["sessions"]), ("Sessions that do not", excluded)]

    @property
    def reasons(self) -> list[tuple[str, int, float]]:
        """Sessions that do not count, or not for the credential: why, how many, and how many hours."""
        return [
            (ReportReason[one["reason"]].description, one["sessions"], hours(one["minutes"]) or 0.0)
            for name in ("excluded", "notForCredential")
            for one in self.said[name]
        ]

    @property
    def told(self) -> list[tuple[str, Cell]]:
        """Everything of it in two columns."""
        reasons: list[tuple[str, Cell]] = [(f"Not counted: {words}", count) for words, count, _ in self.reasons]
        return [*self.about, *self.sums, *reasons]
