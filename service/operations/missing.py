"""By how much a rule missed, read from its record and from the books; no rule is asked again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.domain.alerting.condition import COMPARE, Measure
from service.domain.alerting.record import Record
from service.domain.alerting.rule import ReasonKind, RuleKind, span
from service.domain.risk.score import Score
from service.domain.risk.surge import Stir

ENOUGH_OWNERS = 2


@dataclass(frozen=True, slots=True)
class Miss:
    """What was missing: `has` of `needs`, of the thing `what` is called; a level, surge, mass, owners, seconds."""

    what: str
    has: float
    needs: float


@dataclass(frozen=True, slots=True)
class Position:
    """Where a subject stood at a moment, as the books have it today."""

    score: Score
    stir: Stir


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the record says that people should hear of the subject; in words, and by how much it missed."""

    holds: bool
    says: str
    miss: Miss | None = None


def verdict(kept: Record, books: Position, at: datetime) -> Verdict:
    """What a record says at a moment that it stands for. `books` are those of today, on that moment."""
    return _VERDICTS[kept.kind](kept, books, at)


def _held(kept: Record, _books: Position, _at: datetime) -> Verdict:
    return Verdict(holds=True, says=_said(kept))


def _said(kept: Record) -> str:
    return f"{kept.after} ({kept.severity}) since {_moment(kept.at)}: {kept.reason}"


def _unconfirmed(kept: Record, _books: Position, _at: datetime) -> Verdict:
    owners = _owners(kept)
    needed = "two are needed, or one of grade A with a certainty of .8, for more than info"
    said = f"{_said(kept)} ({_groups(owners)}; {needed})"
    return Verdict(holds=True, says=said, miss=Miss("owner groups", owners, ENOUGH_OWNERS))


def _owners(kept: Record) -> int:
    """How many owner groups attest what the rule is about."""
    match kept.facts["rule"]["kind"]:
        case RuleKind.DEESC:
            return int(kept.facts["accord"]["owners"])
        case RuleKind.NOVEL:
            return int(kept.facts["novelty"]["act"]["owners"])
        case _:
            return int(kept.facts["evidence"]["owners"])


def _groups(owners: int) -> str:
    return f"{owners} owner group{'' if owners == 1 else 's'}"


def _below_enter(kept: Record, books: Position, _at: datetime) -> Verdict:
    rule = kept.facts["rule"]
    if rule["kind"] == RuleKind.SURGE:
        return _short_of(kept, Miss("surge", books.stir.surge, rule["enter"]), "{:.1f}")
    if rule["kind"] == RuleKind.RISE:
        risen = books.score.level - kept.facts["climb"]["lowest"]
        return _short_of(kept, Miss(f"points risen in {span(_span(rule, 'within'))}", risen, rule["enter"]), "{:.1f}")
    return _short_of(kept, Miss("level", books.score.level, rule["steps"][0]["enter"]), "{:.1f}")


def _not_hot(kept: Record, books: Position, _at: datetime) -> Verdict:
    miss = Miss("escalation a day, of the last 30 days", books.score.e_30d, kept.facts["rule"]["hot_rate"])
    return _short_of(kept, miss, "{:.3f}")


def _mild_peace(kept: Record, _books: Position, _at: datetime) -> Verdict:
    miss = Miss("intensity of peace news", kept.facts["accord"]["intensity"], kept.facts["rule"]["intensity"])
    return _short_of(kept, miss, "{:.1f}")


def _little_peace(kept: Record, books: Position, _at: datetime) -> Verdict:
    return _short_of(kept, Miss("stir of peace news", books.stir.peace, kept.facts["rule"]["peace"]), "{:.2f}")


def _short_of(kept: Record, miss: Miss, form: str) -> Verdict:
    has, needs = form.format(miss.has), f"{miss.needs:g}"
    if miss.has >= miss.needs:
        return Verdict(holds=False, says=f"{miss.what} {has} of {needs}{_came_late(kept)}", miss=miss)
    says = f"{miss.what} {has} of {needs}: {form.format(miss.needs - miss.has)} short"
    return Verdict(holds=False, says=says, miss=miss)


def _not_below(kept: Record, books: Position, _at: datetime) -> Verdict:
    miss = Miss("level", books.score.level, kept.facts["rule"]["below"])
    late = _came_late(kept) if miss.has < miss.needs else ""
    return Verdict(holds=False, says=f"level {miss.has:.1f}, must be below {miss.needs:g}{late}", miss=miss)


def _came_late(kept: Record) -> str:
    """The books know what came later; where they contradict the record, both are told."""
    return f" by the books of today; when it last said something new, {_moment(kept.at)}, it was: {kept.reason}"


def _waits(kept: Record, _books: Position, at: datetime) -> Verdict:
    rule, since = kept.facts["rule"], datetime.fromisoformat(kept.facts["since"])
    needed = timedelta(seconds=rule["quiet"] if rule["kind"] == RuleKind.ALLCLEAR else rule["for"])
    says = f"waits: so since {_moment(since)}, {span(at - since)} of {span(needed)}, due {_moment(since + needed)}"
    miss = Miss("seconds it held", (at - since).total_seconds(), needed.total_seconds())
    return Verdict(holds=False, says=says, miss=miss)


def _not_new(kept: Record, books: Position, _at: datetime) -> Verdict:
    lead = kept.facts["evidence"]["has_lead"]
    why = "there was no new danger in 24 hours" if lead else "no article of 24 hours reports danger as its news"
    is_surge = kept.facts["rule"]["kind"] == RuleKind.SURGE
    stands = f"surge {books.stir.surge:.1f}" if is_surge else f"level {books.score.level:.1f}"
    return Verdict(holds=False, says=f"{stands}, but {why}")


def _no_peace(_kept: Record, _books: Position, _at: datetime) -> Verdict:
    return Verdict(holds=False, says="no article of 24 hours reports peace as its news")


def _nothing_resolved(_kept: Record, _books: Position, _at: datetime) -> Verdict:
    return Verdict(holds=False, says="no alert had ended here, so there was nothing to clear")


def _resolved(kept: Record, _books: Position, _at: datetime) -> Verdict:
    return Verdict(holds=False, says=f"it ended {_moment(kept.at)}: {kept.reason}")


def _no_act(kept: Record, _books: Position, _at: datetime) -> Verdict:
    rung = kept.facts["rule"]["rung"]
    return Verdict(holds=False, says=f"no article of 24 hours reports an act of rung {rung} or more as its news")


def _not_first(kept: Record, _books: Position, _at: datetime) -> Verdict:
    novelty, rule = kept.facts["novelty"], kept.facts["rule"]
    before, act = datetime.fromisoformat(novelty["before"]), datetime.fromisoformat(novelty["act"]["at"])
    says = f"an act of rung {rule['rung']} or more was told of {span(act - before)} before this one, {_moment(before)}"
    miss = Miss("seconds without one", (act - before).total_seconds(), rule["within"])
    return Verdict(holds=False, says=says, miss=miss)


def _short_books(kept: Record, _books: Position, _at: datetime) -> Verdict:
    rule = kept.facts["rule"]
    seen = kept.facts["novelty" if rule["kind"] == RuleKind.NOVEL else "climb"]
    began = datetime.fromisoformat(seen["began"]) if seen and seen["began"] else kept.at
    reach, needed = kept.at - began, _span(rule, "within")
    says = f"the books went back {span(reach)} only, {span(needed)} are needed to tell"
    return Verdict(holds=False, says=says, miss=Miss("seconds of books", reach.total_seconds(), needed.total_seconds()))


def _no_feed(_kept: Record, _books: Position, _at: datetime) -> Verdict:
    return Verdict(holds=False, says="no feed that is polled told of it in the 30 days before, so none can be missed")


def _heard(kept: Record, _books: Position, _at: datetime) -> Verdict:
    dark, needed = kept.facts["ears"]["dark_for"], kept.facts["rule"]["stale"]
    since, asked = span(timedelta(seconds=dark)), span(timedelta(seconds=needed))
    says = f"its feeds were heard: {since} since the last good poll, {asked} are needed"
    return Verdict(holds=False, says=says, miss=Miss("seconds without a good poll", dark, needed))


def _unmet(kept: Record, books: Position, _at: datetime) -> Verdict:
    """The first clause that did not hold, with the books of today where they know its measure."""
    short, *others = kept.facts["unmet"]
    has, needs = _of_books(short["measure"], books), short["needs"]
    if has is None:
        miss = Miss(short["measure"], short["has"], needs) if _is_number(short) else None
        return Verdict(holds=False, says=f"{kept.reason}, as of {_moment(kept.at)}", miss=miss)
    late = _came_late(kept) if COMPARE[short["operator"]](has, needs) else ""
    more = f" (and {len(others)} more)" if others else ""
    says = f"{short['measure']} {has:.4g}, asked is {short['clause']}: {abs(needs - has):.4g} off{more}{late}"
    return Verdict(holds=False, says=says, miss=Miss(short["measure"], has, needs))


def _is_number(short: Mapping[str, Any]) -> bool:
    return isinstance(short["has"], float | int) and isinstance(short["needs"], float | int)


def _of_books(measure: str, books: Position) -> float | None:
    match measure:
        case Measure.SURGE:
            return books.stir.surge
        case Measure.LEVEL | Measure.E_24H | Measure.D_24H:
            return float(getattr(books.score, measure))
        case _:
            return None


def _span(rule: Mapping[str, Any], key: str) -> timedelta:
    return timedelta(seconds=rule[key])


_VERDICTS: Mapping[ReasonKind, Callable[[Record, Position, datetime], Verdict]] = {
    ReasonKind.BELOW_ENTER: _below_enter,
    ReasonKind.NOT_NEW: _not_new,
    ReasonKind.WAITS: _waits,
    ReasonKind.FIRING: _held,
    ReasonKind.UNCONFIRMED: _unconfirmed,
    ReasonKind.KEPT: _held,
    ReasonKind.RESOLVED: _resolved,
    ReasonKind.NO_PEACE: _no_peace,
    ReasonKind.MILD_PEACE: _mild_peace,
    ReasonKind.LITTLE_PEACE: _little_peace,
    ReasonKind.NOT_HOT: _not_hot,
    ReasonKind.NOTHING_RESOLVED: _nothing_resolved,
    ReasonKind.NOT_BELOW: _not_below,
    ReasonKind.ALL_CLEAR: _held,
    ReasonKind.GIVEN: _held,
    ReasonKind.NO_ACT: _no_act,
    ReasonKind.NOT_FIRST: _not_first,
    ReasonKind.SHORT_BOOKS: _short_books,
    ReasonKind.NO_FEED: _no_feed,
    ReasonKind.HEARD: _heard,
    ReasonKind.UNMET: _unmet,
}


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
