"""By how much a rule missed, read from its record and from the books; no rule is asked again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    evidence, accord = kept.facts["evidence"], kept.facts["accord"]
    owners = accord["owners"] if kept.facts["rule"]["kind"] == RuleKind.DEESC else evidence["owners"]
    needed = "two are needed, or one of grade A with a certainty of .8, for more than info"
    said = f"{_said(kept)} ({_groups(owners)}; {needed})"
    return Verdict(holds=True, says=said, miss=Miss("owner groups", owners, ENOUGH_OWNERS))


def _groups(owners: int) -> str:
    return f"{owners} owner group{'' if owners == 1 else 's'}"


def _below_enter(kept: Record, books: Position, _at: datetime) -> Verdict:
    rule = kept.facts["rule"]
    if rule["kind"] == RuleKind.SURGE:
        return _short_of(kept, Miss("surge", books.stir.surge, rule["enter"]), "{:.1f}")
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
}


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
