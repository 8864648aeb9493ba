"""Sheets: what every threshold of a rule would have brought, kept so that a page has it at once. And dry runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from service.domain.alerting.rule import Rule, Severity
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.tuning import Difference, Known, Told, Tried, difference, precision
from service.operations.rule_tests import Outcome
from service.operations.tune import Advance, Engine, Focus, History, Trial, Tunable, outside, rehearse, trials
from service.ports import Stamps

WEEK = 7


@dataclass(frozen=True, slots=True)
class Span:
    """The history that figures come from. `stamp` tells it from any other."""

    first: date
    last: date
    days: int
    articles: int
    stamp: str

    def weekly(self, pages: float) -> float:
        """So many pages of this history, as pages a week."""
        return round(pages * WEEK / self.days, 3)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every threshold of a rule brings, beside all others. Pages are without their sentences.

    `has_list` when what is known are episodes of a list; otherwise it is the pages of the rule as it was `now`.
    `left_out` are episodes outside the history, `mistakes` lines of the list that hold none.
    """

    rule: str
    key: str
    now: float
    span: Span
    made_at: datetime
    figures: str
    tried: Sequence[Tried]
    known: Sequence[Known]
    out_of_reach: Sequence[str]
    has_list: bool
    left_out: Sequence[str] = ()
    mistakes: Sequence[str] = ()

    def nearest(self, threshold: float) -> Tried:
        """What was tried nearest to a threshold; of two as near the higher."""
        return min(self.tried, key=lambda one: (abs(one.threshold - threshold), -one.threshold))

    def at(self, threshold: float) -> Tried | None:
        """What was tried with exactly this threshold."""
        return next((one for one in self.tried if one.threshold == threshold), None)

    def present(self, in_force: float) -> Tried:
        """What the threshold in force brings; where it was not tried, what that brought which was in force then."""
        return self.at(in_force) or self.nearest(self.now)

    def compared(self, one: Tried, in_force: float) -> Difference:
        """Its pages against those of the threshold in force."""
        return difference(one.pages, self.present(in_force).pages)

    def precision(self, one: Tried) -> float | None:
        """Share of its pages that stand in a known episode, None where none is known."""
        return precision(one.pages, self.known)


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule test with the changed rule: what failed, a line each."""

    name: str
    failures: Sequence[str]


@dataclass(frozen=True, slots=True)
class DryRun:
    """One threshold by itself: pages a rule over the history, with it and as things are, and the rule tests.

    `before` and `after` are digests of the file of rules as it was and as it would be.
    """

    rule: str
    threshold: float
    by: str
    made_at: datetime
    stamps: Stamps
    before: str
    after: str
    span: Span
    pages: Mapping[str, int]
    present: Mapping[str, int]
    tests: Sequence[Checked]

    @property
    def is_good(self) -> bool:
        """Whether all rule tests passed."""
        return not any(test.failures for test in self.tests)


def digest(text: str) -> str:
    """64 hexadecimal digits of a text."""
    return sha256(text.encode()).hexdigest()


def span_of(history: History) -> Span:
    """The history in figures."""
    told = sha256()
    for article, events in zip(history.articles, history.events, strict=True):
        told.update(repr((article.id, article.published_at, article.publisher, article.url, events)).encode())
    return Span(history.first, history.last, history.days, len(history.articles), told.hexdigest())


@dataclass(frozen=True, slots=True)
class Listed:
    """The operator's list of known episodes, None where there is none, and the mistakes in it."""

    episodes: Sequence[Episode] | None = None
    mistakes: Sequence[str] = ()


def sheets(
    history: History,
    tunables: Sequence[Tunable],
    rules: Sequence[Rule],
    listed: Listed,
    engine: Engine,
    advance: Advance,
    *,
    span: Span,
    at: datetime,
    figures: str,
) -> list[Sheet]:
    """A sheet for each of these rules, by the replay of `tune`; `rules` are all rules, in order."""
    focus = Focus(episodes=listed.episodes)
    found, _ = trials(history, tunables, rules, focus, engine, advance)
    left_out = outside(focus, history)
    return [_sheet(trial, listed, span, at, figures, left_out) for trial in found]


def _sheet(trial: Trial, listed: Listed, span: Span, at: datetime, figures: str, left_out: Sequence[str]) -> Sheet:
    return Sheet(
        rule=trial.tunable.name,
        key=trial.tunable.key,
        now=trial.tunable.now,
        span=span,
        made_at=at,
        figures=figures,
        tried=trial.tried,
        known=trial.known,
        out_of_reach=trial.out_of_reach,
        has_list=listed.episodes is not None,
        left_out=left_out,
        mistakes=listed.mistakes,
    )


def pages_of(history: History, rules: Sequence[Rule], engine: Engine, advance: Advance) -> dict[str, int]:
    """Pages by rule, had these rules been in force."""
    return {name: len(told) for name, told in rehearse(history, rules, Focus(), engine, advance).items()}


def checked(outcome: Outcome) -> Checked:
    """A rule test as it is kept."""
    said = [f"{f.where}: expected {f.expected}, found {f.found}: {f.reason}" for f in outcome.failures]
    return Checked(outcome.name, said)


# --- as plain JSON, and back; reading raises KeyError, TypeError, ValueError or IndexError for anything else


def sheet_to_json(sheet: Sheet) -> dict[str, Any]:
    """Subjects stand once, pages name them by number."""
    subjects = sorted({page.subject for one in sheet.tried for page in one.pages})
    place = {subject: n for n, subject in enumerate(subjects)}
    return {
        "rule": sheet.rule,
        "key": sheet.key,
        "now": sheet.now,
        "span": _span_to_json(sheet.span),
        "made_at": sheet.made_at.isoformat(),
        "figures": sheet.figures,
        "subjects": subjects,
        "tried": [
            [one.threshold, [_page_to_json(page, place) for page in one.pages], list(one.caught), list(one.lost)]
            for one in sheet.tried
        ],
        "known": [
            [k.id, k.subject, k.day.isoformat(), k.label, k.level, k.end.isoformat() if k.end else None]
            for k in sheet.known
        ],
        "out_of_reach": list(sheet.out_of_reach),
        "has_list": sheet.has_list,
        "left_out": list(sheet.left_out),
        "mistakes": list(sheet.mistakes),
    }


def _page_to_json(page: Told, place: Mapping[str, int]) -> list[Any]:
    severity = str(page.severity) if page.severity else None
    flags = int(page.confirmed) + 2 * int(page.renewed) + 4 * int(page.refired)
    return [place[page.subject], page.at.timestamp(), round(page.level, 2), severity, flags]


def sheet_from_json(data: Mapping[str, Any]) -> Sheet:
    """The sheet that was written so."""
    subjects = data["subjects"]
    return Sheet(
        rule=data["rule"],
        key=data["key"],
        now=data["now"],
        span=_span_from_json(data["span"]),
        made_at=datetime.fromisoformat(data["made_at"]),
        figures=data["figures"],
        tried=[
            Tried(threshold, [_page_from_json(page, subjects) for page in pages], caught, lost)
            for threshold, pages, caught, lost in data["tried"]
        ],
        known=[
            Known(name, subject, date.fromisoformat(day), label, level, date.fromisoformat(end) if end else None)
            for name, subject, day, label, level, end in data["known"]
        ],
        out_of_reach=data["out_of_reach"],
        has_list=data["has_list"],
        left_out=data["left_out"],
        mistakes=data["mistakes"],
    )


def _page_from_json(data: Sequence[Any], subjects: Sequence[str]) -> Told:
    subject, at, level, severity, flags = data
    moment = datetime.fromtimestamp(at, UTC)
    is_confirmed, is_renewed, is_refired = bool(flags & 1), bool(flags & 2), bool(flags & 4)
    found = Severity(severity) if severity else None
    return Told(subjects[subject], moment, level, "", is_confirmed, is_renewed, is_refired, found)


def _span_to_json(span: Span) -> dict[str, Any]:
    return {
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
        "days": span.days,
        "articles": span.articles,
        "stamp": span.stamp,
    }


def _span_from_json(data: Mapping[str, Any]) -> Span:
    first, last = date.fromisoformat(data["first"]), date.fromisoformat(data["last"])
    return Span(first, last, int(data["days"]), int(data["articles"]), data["stamp"])


def dry_run_to_json(run: DryRun) -> dict[str, Any]:
    """A dry run as it is kept."""
    return {
        "rule": run.rule,
        "threshold": run.threshold,
        "by": run.by,
        "made_at": run.made_at.isoformat(),
        "stamps": [run.stamps.figures, run.stamps.tests],
        "before": run.before,
        "after": run.after,
        "span": _span_to_json(run.span),
        "pages": dict(run.pages),
        "present": dict(run.present),
        "tests": [[test.name, list(test.failures)] for test in run.tests],
    }


def dry_run_from_json(data: Mapping[str, Any]) -> DryRun:
    """The dry run that was written so."""
    return DryRun(
        rule=data["rule"],
        threshold=data["threshold"],
        by=data["by"],
        made_at=datetime.fromisoformat(data["made_at"]),
        stamps=Stamps(*data["stamps"]),
        before=data["before"],
        after=data["after"],
        span=_span_from_json(data["span"]),
        pages=data["pages"],
        present=data["present"],
        tests=[Checked(name, failures) for name, failures in data["tests"]],
    )
