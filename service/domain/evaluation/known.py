"""Known things, a CSV line each, as people write them."""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

Known = TypeVar("Known")
Row = dict[str, str]


def read_known(
    lines: Iterable[str], columns: Sequence[str], make: Callable[[Row], Known]
) -> tuple[list[Known], list[str]]:
    """What the lines under a header with these columns hold, by `id`, and what is wrong with those that hold nothing.

    `make` raises ValueError for a line that is wrong.
    """
    reader = csv.DictReader(lines, restval="")
    if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
        return [], [f"line 1: the header lacks {', '.join(missing)}"]
    found: dict[str, Known] = {}
    mistakes = []
    for row in reader:
        try:
            one = _made(row, make)
        except ValueError as error:
            mistakes.append(f"line {reader.line_num}: {error}")
            continue
        if row["id"] in found:
            mistakes.append(f"line {reader.line_num}: the id {row['id']} stands on an earlier line")
        else:
            found[row["id"]] = one
    return list(found.values()), mistakes


def _made(row: Row, make: Callable[[Row], Known]) -> Known:
    if not row["id"]:
        raise ValueError("there is no id")
    return make(row)


def day(row: Row, column: str) -> date:
    """The day in a column. Raises ValueError."""
    try:
        return date.fromisoformat(row[column])
    except ValueError:
        raise ValueError(f"{column} is {row[column]!r}; write a day as 2016-04-02") from None
