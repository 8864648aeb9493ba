"""How often something may be tried, counted in this process."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import time  # noqa: TID251  the library counts in seconds since 1970

from limits import RateLimitItem, RateLimitItemPerMinute, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter


class Limiter:
    """Moving windows: kind → written limit, such as `10/minute`."""

    def __init__(self, limits: Mapping[str, str]) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())
        self._limits: Mapping[str, RateLimitItem] = {kind: parse(limit) for kind, limit in limits.items()}

    def __call__(self, kind: str, who: str) -> float:
        """Implements `ports.Wait`."""
        limit = self._limits[kind]
        if self._windows.hit(limit, kind, who):
            return 0.0
        return max(1.0, self._windows.get_window_stats(limit, kind, who).reset_time - time())


@dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody may still do: how often at most in a minute, how often yet, and seconds until it is more.

    `is_spent` says that this try was one too many.
    """

    most: int
    left: int
    seconds: float
    is_spent: bool


class Meter:
    """Minutes that slide, at the same cost however much is allowed: kind → tries in a minute."""

    def __init__(self, most: Mapping[str, int]) -> None:
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._limits = {kind: RateLimitItemPerMinute(number) for kind, number in most.items()}

    def __call__(self, kind: str, who: str) -> Allowance:
        """Count a try."""
        limit = self._limits[kind]
        is_spent = not self._windows.hit(limit, kind, who)
        seen = self._windows.get_window_stats(limit, kind, who)
        return Allowance(limit.amount, seen.remaining, max(1.0, seen.reset_time - time()), is_spent)
