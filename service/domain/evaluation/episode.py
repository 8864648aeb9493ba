"""Known escalations and de-escalations, with which alarms are compared."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from service.domain.events.signal import Signal
from service.domain.risk.subject import Subject

COLUMNS = ("id", "start", "end", "kind", "iso3_a", "iso3_b", "label")
"""Columns that a file of episodes must have; others are ignored."""
_KINDS = {"escalation": Signal.ESCALATION, "deescalation": Signal.DE_ESCALATION, "de-escalation": Signal.DE_ESCALATION}


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that began on `start` on a dyad, or in one country, and was over on `end`."""

    id: str
    start: date
    end: date
    signal: Signal
    subject: Subject
    label: str


def read_episodes(lines: Iterable[str], countries: frozenset[str]) -> tuple[list[Episode], list[str]]:
    """The episodes of CSV lines with a header, and what is wrong with the lines that hold none.

    `countries` are the alpha-3 codes that exist.
    """
    reader = csv.DictReader(lines, restval="")
    if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
        return [], [f"line 1: the header lacks {', '.join(missing)}"]
    episodes: dict[str, Episode] = {}
    mistakes = []
    for row in reader:
        try:
            episode = _episode(row, countries)
        except ValueError as error:
            mistakes.append(f"line {reader.line_num}: {error}")
            continue
        if episode.id in episodes:
            mistakes.append(f"line {reader.line_num}: the id {episode.id} stands on an earlier line")
        else:
            episodes[episode.id] = episode
    return list(episodes.values()), mistakes


def _episode(row: dict[str, str], countries: frozenset[str]) -> Episode:
    if not row["id"]:
        raise ValueError("there is no id")
    start, end = _day(row["start"], "start"), _day(row["end"], "end")
    if end < start:
        raise ValueError(f"it ends on {end}, before it starts on {start}")
    if row["kind"] not in _KINDS:
        raise ValueError(f"the kind is {row['kind']!r}; it must be escalation or deescalation")
    return Episode(row["id"], start, end, _KINDS[row["kind"]], _subject(row, countries), row["label"])


def _day(written: str, column: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ValueError(f"{column} is {written!r}; write a day as 2016-04-02") from None


def _subject(row: dict[str, str], countries: frozenset[str]) -> Subject:
    codes = [row["iso3_a"], *([row["iso3_b"]] if row["iso3_b"] else [])]
    if unknown := [code for code in codes if code not in countries]:
        raise ValueError(f"{', '.join(map(repr, unknown))} is no ISO 3166-1 alpha-3 code of a country")
    if len(set(codes)) < len(codes):
        raise ValueError(f"{codes[0]} stands on both sides")
    return Subject.dyad(*codes) if len(codes) > 1 else Subject.country(codes[0])


def between(episodes: Sequence[Episode], first: date, last: date) -> list[Episode]:
    """Those that start from `first` to `last`."""
    return [episode for episode in episodes if first <= episode.start <= last]
