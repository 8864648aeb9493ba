"""Printing."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from service.errors import ConfigError

SHOWN = 20
"""Lines told one by one; the rest are counted."""
YEARS = range(1900, 2200)
"""Years that can be asked about."""


def out(text: str) -> None:
    """A line on standard output."""
    sys.stdout.write(text + "\n")


def out_json(data: Any) -> None:
    """Indented JSON on standard output."""
    out(json.dumps(data, indent=2, ensure_ascii=False))


def note(lines: Sequence[str]) -> None:
    """Lines on standard error, the first twenty by themselves."""
    for line in lines[:SHOWN]:
        print(f"detente: {line}", file=sys.stderr)
    if len(lines) > SHOWN:
        print(f"detente: and {len(lines) - SHOWN} more", file=sys.stderr)


def parse_at(written: str | None, now: datetime, option: str = "--at") -> datetime:
    """The moment of `--at` or of another option. Raises ConfigError, which ends with exit code 2."""
    if written is None:
        return now
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise ConfigError(f"{option}: {written!r} is no time; write it as 2026-03-01T12:00:00Z") from None
    if moment.year not in YEARS:
        raise ConfigError(f"{option}: {written!r} is out of range: from {YEARS[0]} to {YEARS[-1]}")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@contextmanager
def progress(what: str, unit: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A counter on standard error, off its line when the block ends; nothing when that is no terminal.

    With a total there is a bar as well.

    Standard output is left alone: what is written there meanwhile must not share the counter's terminal.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415  only for people
    from rich.markup import escape  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    counted = f"{{task.completed}} of {total} {unit}" if total is not None else f"{{task.completed}} {unit}"
    bars = [BarColumn()] if total is not None else []
    columns = (SpinnerColumn(), TextColumn(f"{{task.description}} {counted}"), *bars, TimeElapsedColumn())

    class Steady(Console):
        """Leaves the cursor as it is: showing it again would put its code before the line that comes next."""

        def show_cursor(self, show: bool = True) -> bool:  # noqa: ARG002
            return False

    with Progress(*columns, console=Steady(stderr=True), redirect_stdout=False, redirect_stderr=False) as bar:
        task = bar.add_task(escape(what), total=total)
        yield lambda n: bar.advance(task, n)


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
