"""Transitions as people read them outside messages: in feeds, as CAP, in the stream. Read page by page."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from service.domain.alerting.rule import State
from service.domain.events.geography import Geography
from service.domain.risk.score import band
from service.domain.risk.subject import Subject, SubjectKind
from service.domain.risk.watchlist import Watchlists
from service.errors import NotFound
from service.operations.present import Json, moment, transition
from service.ports import Alerts, Cursor, Published, Units, Wanted

PAGE = 100
"""Transitions read at once."""
LONGEST_QUOTE = 280
"""Characters of a sentence that is quoted."""
_ID = re.compile(r"[0-9a-f]{1,40}")
_WHAT = {
    "LEVEL": "Risk",
    "SURGE": "Surge of conflict news",
    "RISE": "Rising risk",
    "NOVEL": "First act of its kind",
    "SILENCE": "Silent feeds",
}
"""Kind of rule → what is told of, in a headline that goes on with a severity."""


def token(cursor: Cursor) -> str:
    """A cursor as text for an address or a header; nobody should read anything in it."""
    return urlsafe_b64encode(f"{cursor.at.isoformat()}|{cursor.id}".encode()).decode().rstrip("=")


def cursor_of(written: str) -> Cursor:
    """The cursor that `token` wrote. Raises ValueError."""
    try:
        plain = urlsafe_b64decode(written.encode("ascii") + b"=" * (-len(written) % 4)).decode("ascii")
        at, _, transition_id = plain.partition("|")
        found = Cursor(datetime.fromisoformat(at), transition_id)
    except ValueError:
        raise ValueError("no such place: take the cursor from an earlier answer") from None
    if found.at.tzinfo is None or not _ID.fullmatch(found.id):
        raise ValueError("no such place: take the cursor from an earlier answer")
    return found


def page(units: Units, wanted: Wanted, before: Cursor | None, limit: int) -> list[Published]:
    """Transitions stored before the cursor, the newest first."""
    with units(read_only=True) as unit:
        return unit.alerts.published(limit, wanted, before)


def page_after(units: Units, after: Cursor | None, limit: int = PAGE) -> list[Published]:
    """Transitions stored after the cursor, the oldest first."""
    with units(read_only=True) as unit:
        return unit.alerts.published_after(after, limit)


def newest(units: Units) -> Cursor | None:
    """The place of the last transition."""
    with units(read_only=True) as unit:
        return next((p.cursor for p in unit.alerts.published(1)), None)


@dataclass(frozen=True, slots=True)
class Chain:
    """A transition, and those of the same firing that came before it, the oldest first."""

    last: Published
    earlier: tuple[Published, ...] = ()


def chain(units: Units, transition_id: str) -> Chain:
    """What a transition goes on from. Raises NotFound."""
    with units(read_only=True) as unit:
        last = unit.alerts.found(transition_id)
        if last is None:
            raise NotFound(f"no transition has the id {transition_id!r}")
        return Chain(last, tuple(_earlier(unit.alerts, last))[::-1])


def _earlier(alerts: Alerts, last: Published) -> Iterator[Published]:
    """Back to where the firing began; an alert that had ended begins anew."""
    step, wanted = last, Wanted(alert_id=last.alert.id)
    while not step.begins:
        before = alerts.published(PAGE, wanted, step.cursor)
        for step in before:
            if step.transition.to_state is State.RESOLVED:
                return
            yield step
            if step.begins:
                return
        if len(before) < PAGE:
            return


@dataclass(frozen=True, slots=True)
class Area:
    """Where a subject is: its name, alpha-3 codes of its countries, and UN M49 codes of its sub-regions."""

    name: str
    countries: tuple[str, ...] = ()
    subregions: tuple[str, ...] = ()


def area(subject: Subject, name: str, geography: Geography, watchlists: Watchlists) -> Area:
    """The area of a subject; that of a watchlist is all its members'."""
    match subject.kind:
        case SubjectKind.M49:
            return Area(name, subregions=(subject.name,))
        case SubjectKind.REGION:
            return Area(name, geography.countries_of(str(subject)))
        case SubjectKind.WATCH:
            members = [area(Subject.parse(m), m, geography, {}) for m in watchlists.get(str(subject), ())]
            countries = sorted({country for member in members for country in member.countries})
            return Area(name, tuple(countries), tuple(sorted({code for m in members for code in m.subregions})))
        case _:
            return Area(name, subject.countries)


def kind_of(p: Published) -> str:
    """The kind of its rule."""
    return p.alert.labels.get("kind", "")


def headline(p: Published, name: str) -> str:
    """What happened, where, and how high it stands: a line."""
    return f"{_what(p)}: {name}, {band(p.transition.level)} ({p.transition.level:.0f})"


def _what(p: Published) -> str:
    kind, change = kind_of(p), p.transition
    if kind == "ALLCLEAR":
        return "All clear"
    if kind == "DEESC":
        return "De-escalation reported"
    what = _WHAT.get(kind, "Alert")
    if change.to_state is State.RESOLVED:
        return f"{what}, over"
    return f"{what}, {change.severity}" if change.confirmed else f"{what}, unconfirmed"


def text(p: Published) -> str:
    """Plain text: the level, why, and who says so."""
    change = p.transition
    lines = [
        f"Level {change.level_before:.1f} a day before, now {change.level:.1f} ({band(change.level)}).",
        f"Why: {change.reason}.",
    ]
    if change.evidence:
        groups = change.owner_groups
        lines.append(f"Evidence ({groups} independent owner group{'' if groups == 1 else 's'}):")
    for quote in change.evidence:
        said = " ".join(quote.text.split())
        cut = said if len(said) <= LONGEST_QUOTE else said[: LONGEST_QUOTE - 1] + "…"
        source = ", ".join(part for part in (quote.publisher or "unknown publisher", quote.url) if part)
        lines.append(f"- {cut} ({source})")
    return "\n".join(lines)


def entry(p: Published) -> Json:
    """A transition with what says which alert it is of: an event of the stream, a row of an export."""
    return {
        "id": p.transition.id,
        "alert": p.alert.id,
        "rule": p.alert.rule,
        "kind": kind_of(p),
        "subject": p.alert.subject,
        "labels": dict(p.alert.labels),
        **transition(p.transition),
        "stored_at": moment(p.stored_at),
    }
