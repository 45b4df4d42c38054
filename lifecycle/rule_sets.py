"""Rules of the credentialing bodies, read from `bodies/`: a new body, credential or version is a file, and no code."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from lifecycle.certification import Metric, Unit
from lifecycle.vocabulary import CoachingKind, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Version of the rules for one credential. A threshold of 0 is none; `not_from_the_body` names values from other sources."""

    code: str
    title: str
    version: int
    effective_from: date
    source: str
    unit: Unit
    total: int
    paid: int = 0
    clients: int = 0
    recent: int = 0
    recent_months: int = 0
    years: int = 0
    min_minutes: int = 0
    group_cap: int = 0
    direct_reports: bool = True
    buyers: bool = False
    excluded_kinds: tuple[CoachingKind, ...] = ()
    not_from_the_body: tuple[str, ...] = ()

    @property
    def needs(self) -> dict[Metric, int]:
        """Thresholds by metric, those of 0 left out."""
        asked = {Metric.TOTAL: self.total, Metric.PAID: self.paid, Metric.CLIENTS: self.clients}
        asked |= {Metric.RECENT: self.recent, Metric.YEARS: self.years}
        return {metric: need for metric, need in asked.items() if need}

    @property
    def thresholds(self) -> dict[str, Any]:
        """Everything that decides, as it is pinned."""
        apart = ("code", "title", "version", "effective_from", "source")
        return {name: value for name, value in asdict(self).items() if name not in apart}


def _read(folder: Path) -> dict[str, tuple[RuleSet, ...]]:
    found: dict[str, tuple[RuleSet, ...]] = {}
    for file in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["rule_set"]:
            if entry["code"] in found:
                raise TypeError(f"two rule sets are called {entry['code']}")
            versions = [_version(entry, version) for version in entry["version"]]
            found[entry["code"]] = tuple(sorted(versions, key=lambda rules: rules.effective_from))
    return found


def _version(entry: Mapping[str, Any], version: Mapping[str, Any]) -> RuleSet:
    values = {**version, "unit": Unit[version["unit"]]}
    values["excluded_kinds"] = tuple(CoachingKind[kind] for kind in version.get("excluded_kinds", ()))
    values["not_from_the_body"] = tuple(version.get("not_from_the_body", ()))
    return RuleSet(code=entry["code"], title=entry["title"], **values)


#: Versions of each rule set, oldest first.
RULE_SETS: Final = _read(Path(__file__).parent / "bodies")

_words: Any = Word
RuleSetCode = _words("RuleSetCode", {code: (code, f"{versions[-1].title}.") for code, versions in RULE_SETS.items()})
RuleSetCode.__doc__ = "Credential whose rules are asked about."


def rules_of(code: str, day: date, version: int | None = None) -> RuleSet:
    """Version of a rule set: the one asked for, else the one in force on a day; LookupError where there is none."""
    versions = RULE_SETS[code]
    if version is not None:
        return next((rules for rules in versions if rules.version == version), None) or _none(code, version)
    return next((rules for rules in reversed(versions) if rules.effective_from <= day), versions[0])


def _none(code: str, version: int) -> RuleSet:
    raise LookupError(f"{code} has no version {version}")
