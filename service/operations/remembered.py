"""A value that is dear to make and asked for often: it is kept for a while, and made by one at a time."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")
KEEP = timedelta(seconds=60)
"""After so long it is made anew, whatever has changed."""
REST = timedelta(seconds=5)
"""For so long nobody asks whether anything has changed."""


@dataclass(frozen=True, slots=True)
class _Held(Generic[Value]):
    value: Value
    stamp: Hashable
    made_at: datetime


class Remembered(Generic[Value]):
    """The last value. Who finds it outdated makes it anew; until that is done all others get the old one.

    Nobody gets a value older than `keep`: who finds none that is young enough waits for the one who makes it.
    """

    def __init__(self, keep: timedelta = KEEP, rest: timedelta = REST) -> None:
        self._keep, self._rest = keep, rest
        self._held: _Held[Value] | None = None
        self._making = Lock()

    def get(self, now: datetime, stamp: Callable[[], Hashable], make: Callable[[], Value]) -> Value:
        """The value; `stamp` says what it hangs on and is cheap, `make` makes it. Raises what they raise."""
        held = self._young(now)
        if held and now - held.made_at < self._rest:
            return held.value
        if not self._making.acquire(blocking=held is None):
            assert held, "who has none waits"
            return held.value
        try:
            return self._made(now, stamp, make)
        finally:
            self._making.release()

    def _young(self, now: datetime) -> _Held[Value] | None:
        """What is held, if it is young enough. Who waited for it may have come before its time."""
        held = self._held
        return held if held and abs(now - held.made_at) < self._keep else None

    def _made(self, now: datetime, stamp: Callable[[], Hashable], make: Callable[[], Value]) -> Value:
        held, seen = self._young(now), stamp()
        if held and held.stamp == seen:
            return held.value
        value = make()
        self._held = _Held(value, seen, now)
        return value
