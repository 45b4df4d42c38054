"""Days on which a recurring service takes place: rules of RFC 5545, kept to the parts that a calendar of sessions needs."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

_NUMBER: Final = r"[1-9]\d{0,2}"
_DAY: Final = r"(?:[+-]?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)"
_MONTHDAY: Final = r"-?(?:[1-9]|[12]\d|3[01])"
#: Parts of a rule that are understood, each with what it may say.
_PARTS: Final = {
    "FREQ": re.compile(r"DAILY|WEEKLY|MONTHLY"),
    "INTERVAL": re.compile(_NUMBER),
    "COUNT": re.compile(_NUMBER),
    "UNTIL": re.compile(r"\d{8}"),
    "BYDAY": re.compile(f"{_DAY}(?:,{_DAY}){{0,30}}"),
    "BYMONTHDAY": re.compile(f"{_MONTHDAY}(?:,{_MONTHDAY}){{0,30}}"),
}
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


class BadRuleError(ValueError):
    """Rule that is not understood, with the sentence that says why."""


def checked(rule: str, starts_on: date) -> str:
    """Rule as it is kept; raises BadRuleError for one that is not understood."""
    text = rule.strip().upper().removeprefix("RRULE:")
    parts = [part.partition("=") for part in text.split(";")]
    names = [name for name, _, _ in parts]
    for name, _, value in parts:
        if name not in _PARTS:
            raise BadRuleError(f"A rule has the parts {', '.join(_PARTS)}.")
        if not _PARTS[name].fullmatch(value):
            raise BadRuleError(f"{name} cannot say that.")
    if len(set(names)) != len(names) or "FREQ" not in names:
        raise BadRuleError("A rule names FREQ, and each part once.")
    said = dict(zip(names, (value for _, _, value in parts), strict=True))
    if said["FREQ"] != "MONTHLY" and re.search(r"\d", said.get("BYDAY", "")):
        raise BadRuleError("BYDAY counts days in a month only.")
    if "COUNT" in said and "UNTIL" in said:
        raise BadRuleError("A rule has either COUNT or UNTIL.")
    try:
        first = next(iter(rrulestr(text, dtstart=datetime.combine(starts_on, time()))), None)
    except ValueError:
        raise BadRuleError("A day of the rule does not exist.") from None
    if first is None:
        raise BadRuleError("The rule has no day.")
    return text


def checked_time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise BadRuleError("A time of day is HH:MM, such as 09:30.")
    return text


def occurrences(rule: str, starts_on: date, start_time: str, zone: str, *, first: date, last: date) -> Iterator[datetime]:
    """Instants of the rule on the days from `first` to `last`, at that time of day where the workspace is.

    A time that a change to summer time skips is moved past the gap; one that comes twice is taken the first time.
    """
    hour, minute = map(int, start_time.split(":"))
    begin = datetime.combine(starts_on, time(hour, minute))
    span = datetime.combine(max(first, starts_on), time()), datetime.combine(last, time(23, 59, 59))
    inclusive = re.sub(r"UNTIL=\d{8}", r"\g<0>T235959", rule)  # the last day is one of the days, whatever the time
    for local in rrulestr(inclusive, dtstart=begin).between(*span, inc=True):
        yield local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
