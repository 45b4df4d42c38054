"""What the steps with members may be told."""

from dataclasses import dataclass, replace
from functools import cache
from zoneinfo import available_timezones

from lifecycle.inputs import Input, because, given

_zones = cache(available_timezones)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimezone(Input):
    timezone: str = given("Time zone as the IANA database has it, such as `Europe/Berlin`; with an empty text, that of the workspace.")
    reason: str | None = because("of the change")

    def wrong(self) -> tuple[str, str] | None:
        if self.timezone and self.timezone not in _zones():
            return "timezone", "A time zone is a name of the IANA database, such as Europe/Berlin."
        return Input.wrong(replace(self, timezone="UTC"))  # an empty text is one here
