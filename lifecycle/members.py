"""What the steps with members may be told."""

from dataclasses import dataclass, replace
from functools import cache
from zoneinfo import available_timezones

from lifecycle.inputs import Input, because, given

_zones = cache(available_timezones)


def no_zone(name: str) -> tuple[str, str] | None:
    """Whether a text names no time zone, and the sentence that says so."""
    return None if name in _zones() else ("timezone", "A time zone is a name of the IANA database, such as Europe/Berlin.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimezone(Input):
    timezone: str = given("Time zone as the IANA database has it, such as `Europe/Berlin`; with an empty text, that of the workspace.")
    reason: str | None = because("of the change")

    def wrong(self) -> tuple[str, str] | None:
        unknown = no_zone(self.timezone) if self.timezone else None
        return unknown or Input.wrong(replace(self, timezone="UTC"))  # an empty text is one here
