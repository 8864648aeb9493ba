"""How often something may be tried, counted in this process."""

from collections.abc import Mapping
from time import time  # noqa: TID251  the library counts in seconds since 1970

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


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
