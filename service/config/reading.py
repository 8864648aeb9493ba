"""Files that may change while the service runs: read again as one, taken as one, or not at all."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, overload

from pydantic import BaseModel

from service.config.load import Places, load_placed
from service.errors import ConfigError

FILES = ("rules.yaml", "routes.yaml", "watchlists.yaml", "sources.yaml", "publishers.yaml", "feeds.yaml")
"""What is read again when it changes; settings are not."""
EVERY = 1.0
"""Seconds between two looks at the files."""
SETTLE = 0.25
"""Seconds for which files must have stood still before they are read: somebody may be writing."""
PATIENCE = 8
"""How often that is waited for in one look."""
Stamp = tuple[int, int, int, int] | None
Value = TypeVar("Value")
Model = TypeVar("Model", bound=BaseModel)


def stamps(folder: Path) -> Mapping[str, Stamp]:
    """What tells a file from its next version, without reading it; None for a file that is not there."""
    return {name: _stamp(folder / name) for name in FILES}


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@dataclass(frozen=True)
class Reading:
    """The files as they were at one time. `values` are what was worked out from them so far, `parsed` the files."""

    folder: Path
    stamps: Mapping[str, Stamp]
    parsed: dict[str, tuple[Any, Places]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def load(self, name: str, model: type[Model]) -> tuple[Model, Places]:
        """A file as a checked model, and where its keys stand; parsed once. Raises ConfigError."""
        if name not in self.parsed:
            self.parsed[name] = load_placed(self.folder / name, model)
        found: tuple[Model, Places] = self.parsed[name]
        return found

    def successor(self, new: Mapping[str, Stamp]) -> "Reading":
        """The next one: files that did not change are not parsed again."""
        kept = {name: found for name, found in self.parsed.items() if new.get(name) == self.stamps.get(name)}
        return Reading(self.folder, new, kept)

    def vanished(self, new: Mapping[str, Stamp]) -> list[str]:
        """Files that were there and are no more. That a file may be missing does not mean that it may go."""
        gone = [name for name, stamp in self.stamps.items() if stamp is not None and new[name] is None]
        return [f"{self.folder / name}: no such file any more; leave an empty one if that is meant" for name in gone]


class HasReading(Protocol):
    """What has values that depend on files."""

    @property
    def reading(self) -> Reading:
        """The reading that holds now."""
        ...


class configured(Generic[Value]):  # noqa: N801  used as functools.cached_property is
    """A value that is worked out once for each reading of the files, and gone with it."""

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self.make, self.__doc__ = make, make.__doc__
        self.name = make.__name__

    @overload
    def __get__(self, owner: None, of: type | None = None) -> "configured[Value]": ...

    @overload
    def __get__(self, owner: HasReading, of: type | None = None) -> Value: ...

    def __get__(self, owner: HasReading | None, of: type | None = None) -> "configured[Value] | Value":
        """Two threads may both work it out; both find the same."""
        if owner is None:
            return self
        values = owner.reading.values
        if self.name not in values:
            values[self.name] = self.make(owner)
        found: Value = values[self.name]
        return found


@dataclass(frozen=True, slots=True)
class Renewal:
    """What came of a look at changed files: the reading before (None for the first), and why they are not taken."""

    before: Reading | None
    refused: Sequence[str] = ()


class Readings:
    """The reading that holds, and how the next one takes its place: checked as a whole, swapped in one step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current = Reading(folder, stamps(folder))
        self._seen: Mapping[str, Stamp] | None = None
        self._looked_at = -EVERY
        self._busy = threading.Lock()
        self._mine = threading.local()

    @property
    def active(self) -> Reading:
        """What this thread works with: what it holds on to, or else what is current."""
        held: Reading | None = getattr(self._mine, "held", None)
        return held or self._current

    @contextmanager
    def holding(self, reading: Reading | None = None) -> Iterator[None]:
        """Within the block this thread sees one reading, whatever changes meanwhile."""
        before = getattr(self._mine, "held", None)
        self._mine.held = reading or self.active
        try:
            yield
        finally:
            self._mine.held = before

    def renew(self, check: Callable[[], object], *, at_once: bool = False) -> Renewal | None:
        """Look whether the files changed, and take them if `check` lets them pass (it raises ConfigError).

        None where there is nothing new. Files are looked at once a second at most, by one thread at a time; the others
        go on with what they have. The first look checks what was there from the start.
        """
        now = time.monotonic()
        if now - self._looked_at < EVERY and not at_once:
            return None
        if not self._busy.acquire(blocking=at_once):
            return None
        try:
            self._looked_at = now
            return self._renewed(check)
        finally:
            self._busy.release()

    def _renewed(self, check: Callable[[], object]) -> Renewal | None:
        found = stamps(self._folder)
        if found == self._seen:
            return None
        is_first = self._seen is None and found == self._current.stamps
        settled = found if is_first else self._settled(found)
        if settled is None:
            return None
        before, found = self._current, settled
        new = before if is_first else before.successor(found)
        refused = before.vanished(found) or self._checked(new, check)
        if stamps(self._folder) != found:
            return None  # changed meanwhile: the next look reads what is there then
        self._seen = found
        if not refused:
            self._current = new
        return Renewal(None if is_first else before, tuple(refused))

    def _settled(self, found: Mapping[str, Stamp]) -> Mapping[str, Stamp] | None:
        """The files once they stand still, None while they do not."""
        for _ in range(PATIENCE):
            time.sleep(SETTLE)
            again = stamps(self._folder)
            if again == found:
                return found
            found = again
        return None

    def _checked(self, new: Reading, check: Callable[[], object]) -> list[str]:
        with self.holding(new):
            try:
                check()
            except ConfigError as error:
                return str(error).splitlines()
        return []
