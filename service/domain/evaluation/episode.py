"""Known escalations and de-escalations, with which alarms are compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from service.domain.evaluation.known import day, read_known
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
    return read_known(lines, COLUMNS, lambda row: _episode(row, countries))


def _episode(row: dict[str, str], countries: frozenset[str]) -> Episode:
    start, end = day(row, "start"), day(row, "end")
    if end < start:
        raise ValueError(f"it ends on {end}, before it starts on {start}")
    if row["kind"] not in _KINDS:
        raise ValueError(f"the kind is {row['kind']!r}; it must be escalation or deescalation")
    return Episode(row["id"], start, end, _KINDS[row["kind"]], _subject(row, countries), row["label"])


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
