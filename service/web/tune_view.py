"""What the page of a threshold shows: the same words for those who load the page anew and for those who drag."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from service.domain.evaluation.tuning import Told, Tried
from service.operations.sheets import Sheet

ROWS = 100
"""Pages listed at once."""
KNOWN = 200
"""Episodes listed."""
NEW, LOST, KEPT = "new", "lost", "kept"
LOOKS: Mapping[str, tuple[str, str]] = {
    NEW: ("+", "would be new"),
    LOST: ("−", "would be lost"),
    KEPT: ("=", "stays"),
}
"""What becomes of a page → its glyph and its words."""
STATES: Mapping[str, tuple[str, str]] = {
    "caught": ("✓", "caught"),
    "lost": ("−", "lost"),
    "never": ("○", "caught by no threshold"),
}
"""What becomes of an episode → its glyph and its words."""
WIDTH, HEIGHT, LEFT, TOP, FOOT = 900, 230, 40, 24, 34
NameOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """A page of the table."""

    mark: str
    at: datetime
    subject: str
    name: str
    severity: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One threshold against the one in force. `facts` are shown as they are, by name."""

    threshold: float
    facts: Mapping[str, str]
    rows: Sequence[Row]
    total: int
    known: Sequence[str]
    """What becomes of each episode that is listed."""

    @property
    def label(self) -> str:
        """The threshold as it is written."""
        return written(self.threshold)


def written(threshold: float) -> str:
    """A threshold without a point that says nothing."""
    return f"{threshold:g}"


def choice(sheet: Sheet, one: Tried, in_force: float, name_of: NameOf, start: int = 0) -> Choice:
    """What this threshold would have brought; of its pages those from `start` on."""
    found = sheet.compared(one, in_force)
    marked = [(mark, page) for mark, told in zip((NEW, LOST, KEPT), _groups(found), strict=True) for page in told]
    caught, never = set(one.caught), set(sheet.out_of_reach)
    states = ["caught" if k.id in caught else "never" if k.id in never else "lost" for k in sheet.known[:KNOWN]]
    return Choice(
        threshold=one.threshold,
        facts=_facts(sheet, one, [len(told) for told in _groups(found)]),
        rows=[_row(mark, page, name_of) for mark, page in marked[start : start + ROWS]],
        total=len(marked),
        known=states if sheet.has_list else (),
    )


def _groups(found: Any) -> tuple[Sequence[Told], ...]:
    """What changes comes first, each the latest first."""
    return tuple(sorted(told, key=lambda page: page.at, reverse=True) for told in (found.new, found.lost, found.kept))


def _row(mark: str, page: Told, name_of: NameOf) -> Row:
    severity = str(page.severity) if page.severity else ""
    return Row(mark, page.at, page.subject, name_of(page.subject), severity, page.confirmed)


def _facts(sheet: Sheet, one: Tried, counts: Sequence[int]) -> dict[str, str]:
    new, lost, kept = counts
    precision = sheet.precision(one)
    unconfirmed = sum(not page.confirmed for page in one.pages)
    facts = {
        "week": f"{sheet.span.weekly(len(one.pages)):.2f}",
        "pages": str(len(one.pages)),
        "new": str(new),
        "lost": str(lost),
        "kept": str(kept),
        "unconfirmed": f"{sheet.span.weekly(unconfirmed):.2f}",
        "refired": f"{one.refired:.0%}",
    }
    if sheet.has_list:
        facts["caught"] = f"{len(one.caught)} of {len(sheet.known)}"
        facts["precision"] = "not known" if precision is None else f"{precision:.0%}"
    return facts


def as_data(sheet: Sheet, in_force: float, name_of: NameOf) -> dict[str, Any]:
    """All thresholds, the lowest first, for the page's script; times as they are written."""
    choices = [choice(sheet, one, in_force, name_of) for one in sheet.tried]
    subjects = {row.subject: row.name for one in choices for row in one.rows}
    return {
        "subjects": subjects,
        "choices": [
            {
                "threshold": one.threshold,
                "label": one.label,
                "facts": one.facts,
                "total": one.total,
                "known": one.known,
                "rows": [
                    [r.mark, r.at.strftime("%Y-%m-%d %H:%M"), r.subject, r.severity, int(r.is_confirmed)]
                    for r in one.rows
                ],
            }
            for one in choices
        ],
    }


def plot(sheet: Sheet, chosen: float, in_force: float) -> Markup:
    """Pages a week over the thresholds: a bar each, at equal distances, the chosen one and the one in force marked."""
    weekly = [sheet.span.weekly(len(one.pages)) for one in sheet.tried]
    most, each = max(*weekly, 0.001), (WIDTH - LEFT) / len(weekly)
    bars = [_bar(n, one, weekly[n] / most, each, chosen, in_force) for n, one in enumerate(sheet.tried)]
    lines = [_line(share, most) for share in (0.0, 0.5, 1.0)]
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-labelledby="plot-title plot-desc">'
        '<title id="plot-title">{}</title><desc id="plot-desc">{}</desc>{}{}</svg>'
    ).format(
        WIDTH,
        HEIGHT,
        f"Pages a week of {sheet.rule} by threshold",
        "; ".join(f"{written(one.threshold)}: {week:.2f}" for one, week in zip(sheet.tried, weekly, strict=True)),
        Markup("").join(lines),
        Markup("").join(bars),
    )


def _line(share: float, most: float) -> Markup:
    y = _y(share)
    return Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="2" y="{}">{}</text>').format(
        LEFT, WIDTH, y, y, y + 4, f"{share * most:.3g}"
    )


def _y(share: float) -> float:
    return round(HEIGHT - FOOT - share * (HEIGHT - FOOT - TOP), 1)


def _bar(n: int, one: Tried, share: float, each: float, chosen: float, in_force: float) -> Markup:
    x, y = LEFT + n * each, _y(share)
    is_now = one.threshold == in_force
    kind = f"bar{' chosen' if one.threshold == chosen else ''}{' now' if is_now else ''}"
    return Markup(
        '<g class="{}" data-threshold="{}"><rect x="{:.1f}" y="{}" width="{:.1f}" height="{:.1f}"/>'
        '<path class="pointer" d="M{:.1f} {}l-6 -9h12z"/><text x="{:.1f}" y="{}">{}</text>{}</g>'
    ).format(
        kind,
        written(one.threshold),
        x + each * 0.15,
        y,
        each * 0.7,
        max(HEIGHT - FOOT - y, 1.0),
        x + each / 2,
        y - 4,
        x + each / 2,
        HEIGHT - FOOT + 14,
        written(one.threshold),
        Markup('<text x="{:.1f}" y="{}">now</text>').format(x + each / 2, HEIGHT - 4) if is_now else "",
    )
