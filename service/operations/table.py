"""Rows as CSV (RFC 4180) and as JSON lines."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any


class What(StrEnum):
    """The tables there are."""

    ALERTS = "alerts"
    EVENTS = "events"
    SCORES = "scores"


class Form(StrEnum):
    """The forms they come in."""

    CSV = "csv"
    JSONL = "jsonl"


Row = Mapping[str, Any]
"""Column → text, number, truth, list of texts, or nothing."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins so for a formula, and a formula may send what stands beside it away."""
_BETWEEN = " | "


def csv_head(columns: Sequence[str]) -> str:
    """The line with the names of the columns."""
    return _csv([columns])


def csv_rows(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """Lines that end with CR LF. Texts that a spreadsheet would run get an apostrophe in front; numbers are numbers."""
    return _csv([_cell(row[name]) for name in columns] for row in rows)


def json_rows(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """An object a line, with the same columns; lists stay lists."""
    return "".join(
        json.dumps({name: row[name] for name in columns}, ensure_ascii=False, allow_nan=False) + "\n" for row in rows
    )


def _csv(lines: Iterable[Sequence[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(lines)
    return written.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return value
    text = _BETWEEN.join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
