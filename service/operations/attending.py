"""What people look at to attend to alerts: the list, and one with all that was decided, done and said about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.feedback import Feedback, Verdict
from service.domain.alerting.labels import CountriesOf, labels_of
from service.domain.alerting.matcher import matches
from service.domain.alerting.rule import Rule
from service.domain.alerting.silence import Silence, is_active
from service.operations.why import Trace, why
from service.pipeline.books import Gauge
from service.ports import Acknowledgement, Choice, Cursor, Head, UnitOfWork, Units

MOST_SAID = 200
"""Words on an alert that are read, the newest first."""
MOST_BEFORE = 50
"""Changes that are listed without their why."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An alert in the list, who has taken it on, and the silences that keep it quiet."""

    head: Head
    acknowledged: Acknowledgement | None
    silences: Sequence[Silence]


@dataclass(frozen=True, slots=True)
class View:
    """One alert: what led to it, its labels, who has taken it on, what keeps it quiet, what people say of it."""

    trace: Trace
    labels: Mapping[str, str]
    acknowledged: Acknowledgement | None
    silences: Sequence[Silence]
    said: Sequence[Feedback]

    @property
    def before(self) -> Sequence[Transition]:
        """The changes before those of which it is told why, the newest first."""
        return self.trace.course.transitions[: self.trace.earlier][::-1][:MOST_BEFORE]

    def count(self, verdict: Verdict) -> int:
        """How many say so."""
        return sum(one.verdict is verdict for one in self.said)


def seen(
    units: Units, at: datetime, limit: int, before: Cursor | None, choice: Choice, countries_of: CountriesOf
) -> list[Seen]:
    """A page of alerts, the newest state first."""
    with units(read_only=True) as unit:
        heads = unit.listings.heads(limit, before, choice)
        taken = unit.alerts.acknowledged([head.alert.id for head in heads])
        holding = _holding(unit, at)
    return [Seen(head, taken.get(head.alert.id), _keeping_quiet(head.alert, holding, countries_of)) for head in heads]


def view(
    units: Units,
    name: str,
    at: datetime,
    rules: Sequence[Rule],
    gauge: Gauge,
    versions: Mapping[str, str],
    countries_of: CountriesOf,
    most: int,
) -> View:
    """One alert, by its id, the beginning of it, or RULE/SUBJECT; its last changes, at most so many, with why.

    Raises NotFound.
    """
    trace = why(units, name, at, rules, gauge, versions, most)
    alert = trace.course.alert
    with units(read_only=True) as unit:
        return View(
            trace=trace,
            labels=labels_of(alert, countries_of),
            acknowledged=unit.alerts.acknowledged([alert.id]).get(alert.id),
            silences=_keeping_quiet(alert, _holding(unit, at), countries_of),
            said=unit.feedback.page(MOST_SAID, alert.id),
        )


def _holding(unit: UnitOfWork, at: datetime) -> list[Silence]:
    return [silence for silence in unit.silences.not_over(at) if is_active(silence, at)]


def _keeping_quiet(alert: Alert, holding: Sequence[Silence], countries_of: CountriesOf) -> list[Silence]:
    if not holding:
        return []
    labels = labels_of(alert, countries_of)
    return [silence for silence in holding if matches(silence.matchers, labels)]
