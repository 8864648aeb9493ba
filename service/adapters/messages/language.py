"""Says things in a language: words from the catalogue, numbers, times and lengths of time as they are written there."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import floor

from service.adapters.messages.catalogue import CATALOGUES
from service.domain.risk.score import band

DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """`code` is one of `CATALOGUES`; times are told in `zone`, with its offset from UTC."""

    code: str
    zone: tzinfo

    @classmethod
    def of(cls, written: str, zone: tzinfo) -> "Language":
        """The language of a tag such as `de` or `de-AT`; English where there is no catalogue for it."""
        code = written.partition("-")[0].lower()
        return cls(code if code in CATALOGUES else DEFAULT, zone)

    def say(self, key: str, **values: object) -> str:
        """The text of a key, filled in. Raises KeyError for a key that no catalogue has."""
        return CATALOGUES[self.code][key].format_map(values)

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in CATALOGUES[self.code]

    def count(self, key: str, n: int, **values: object) -> str:
        """The text for one or for many."""
        return self.say(f"{key}.one" if n == 1 else f"{key}.many", n=n, **values)

    def number(self, value: float, digits: int = 1) -> str:
        """With so many digits behind the point."""
        return f"{value:.{digits}f}".replace(".", self.say("number.point"))

    def band(self, level: float) -> str:
        """The name of the band a level lies in."""
        return self.say(f"band.{band(level)}")

    def position(self, level: float, digits: int = 1) -> str:
        """A level as a number that is never rounded into the next band."""
        shown, unit = round(level, digits), 10**digits
        return self.number(shown if band(shown) is band(level) else floor(level * unit) / unit, digits)

    def moment(self, at: datetime) -> str:
        """Day and time to the minute in the zone, with its offset."""
        local = at.astimezone(self.zone)
        return self.say(
            "moment",
            weekday=self.say("weekdays").split()[local.weekday()],
            day=local.day,
            month=self.say("months").split()[local.month - 1],
            year=local.year,
            time=f"{local:%H:%M}",
            offset=_offset(local),
        )

    def span(self, length: timedelta) -> str:
        """The two largest units: "3 d 4 h", "45 min"; what is negative counts as nothing."""
        minutes = max(0, int(length.total_seconds() // 60))
        days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
        parts = [("days", days), ("hours", hours), ("minutes", minutes if not days else 0)]
        said = [self.say(f"span.{unit}", n=n) for unit, n in parts if n]
        return " ".join(said) or self.say("span.minutes", n=0)


def _offset(local: datetime) -> str:
    east = local.utcoffset() or timedelta(0)
    if not east:
        return "UTC"
    hours, minutes = divmod(abs(int(east.total_seconds() // 60)), 60)
    return f"UTC{'-' if east < timedelta(0) else '+'}{hours:02d}:{minutes:02d}"
