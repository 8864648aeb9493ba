"""How often a feed is asked: about once for each new article it has."""

from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

HALF_LIFE = timedelta(hours=6)
"""A rate seen so long ago counts half: papers sleep at night."""
LONGEST_WAIT = timedelta(hours=6)
"""The longest pause after failures."""
SPREAD = 0.1
"""Share by which waits differ from feed to feed, so that not all come at once."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """`first` is the wait before a feed's rate is known; later it lies between `least` and `most`."""

    first: timedelta
    least: timedelta
    most: timedelta

    def fit(self, wait: timedelta) -> timedelta:
        """The nearest wait that is allowed; who asks for a shorter first one means it."""
        return max(min(self.least, self.first), min(self.most, wait))


@dataclass(frozen=True, slots=True)
class Pace:
    """`interval` is the wait until a feed is asked again, `rate` the articles an hour it has had of late.

    `rate` is None before the second good answer: what a feed holds at first says nothing of how fast it fills.
    """

    interval: timedelta
    rate: float | None = None


def next_pace(last: Pace | None, new: int, elapsed: timedelta, bounds: Bounds) -> Pace:
    """The pace after a good answer with so many new articles, so long after the one before.

    >>> quarter, hour = timedelta(minutes=15), timedelta(hours=1)
    >>> bounds = Bounds(quarter, timedelta(minutes=5), hour)
    >>> next_pace(None, 30, timedelta(0), bounds).interval
    datetime.timedelta(seconds=900)
    """
    if last is None or elapsed <= timedelta(0):
        return last or Pace(bounds.first)
    expected = _HOUR / bounds.first if last.rate is None else last.rate
    kept = 0.5 ** (elapsed / HALF_LIFE)
    rate = kept * expected + (1 - kept) * new / (elapsed / _HOUR)
    return Pace(bounds.fit(_HOUR / max(rate, _HOUR / bounds.most)), rate)


def back_off(interval: timedelta, failures: int) -> timedelta:
    """The interval doubled for each failure in a row, at most six hours, or the interval where that is longer."""
    return max(interval, min(LONGEST_WAIT, interval * float(2 ** min(failures, 20))))


def spread(wait: timedelta, key: str) -> timedelta:
    """The wait, up to a tenth shorter or longer, always alike for a key."""
    return wait * (1 + SPREAD * (crc32(key.encode()) / 2**31 - 1))
