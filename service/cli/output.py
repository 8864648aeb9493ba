"""Printing."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from service.errors import ConfigError

YEARS = range(1900, 2200)
"""Years that can be asked about."""


def out(text: str) -> None:
    """A line on standard output."""
    sys.stdout.write(text + "\n")


def out_json(data: Any) -> None:
    """Indented JSON on standard output."""
    out(json.dumps(data, indent=2, ensure_ascii=False))


def parse_at(written: str | None, now: datetime) -> datetime:
    """The moment of `--at`. Raises ConfigError, which ends with exit code 2."""
    if written is None:
        return now
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise ConfigError(f"--at: {written!r} is no time; write it as 2026-03-01T12:00:00Z") from None
    if moment.year not in YEARS:
        raise ConfigError(f"--at: {written!r} is out of range: from {YEARS[0]} to {YEARS[-1]}")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """A table on standard output, as wide as it needs to be."""
    from rich.console import Console  # noqa: PLC0415  only for people
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 140)
    drawn = Table(title=title, title_justify="left", show_lines=False)
    for name in columns:
        drawn.add_column(name, overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(cell) for cell in row))
    console.print(drawn)
