"""Where the time comes from: the only place that asks."""

from datetime import UTC, datetime
from pathlib import Path


class SystemClock:
    """This machine's clock, in UTC."""

    def now(self) -> datetime:
        """Now, UTC-aware."""
        return datetime.now(UTC)


class FileClock:
    """The time that stands in a file, so that all processes of a simulation share it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        """The file's time. Raises ValueError when it holds none."""
        return datetime.fromisoformat(self.path.read_text(encoding="utf-8").strip())

    def set(self, moment: datetime) -> None:
        """Move the time; readers see the old or the new, never half of it."""
        half = self.path.with_suffix(".new")
        half.write_text(moment.isoformat(), encoding="utf-8")
        half.replace(self.path)
