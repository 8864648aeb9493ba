"""Where alerts with given labels would go: to try routes before they wake anybody, or the wrong ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain.alerting.interval import TimeInterval, muted_by, muted_until
from service.domain.alerting.labels import CountriesOf, labels_given_by
from service.domain.alerting.route import Route, destinations, group_labels
from service.domain.alerting.rule import CONFIRMED, Rule
from service.domain.risk.subject import Subject
from service.operations.rule_tests import Failure, Outcome, moment


@dataclass(frozen=True, slots=True)
class Way:
    """One node an alert comes to. `muted_until` is None where nothing mutes it then; otherwise `muted_by` says what."""

    route: Route
    group: Mapping[str, str]
    muted_until: datetime | None = None
    muted_by: str = ""


def ways(
    tree: Route, labels: Mapping[str, str], intervals: Mapping[str, TimeInterval], at: datetime | None = None
) -> list[Way]:
    """Where an alert goes, in order; without a moment nothing is said of muting."""
    return [
        Way(
            node,
            group_labels(node, labels),
            muted_until(node, intervals, at) if at else None,
            muted_by(node, intervals, at) if at else "",
        )
        for node in destinations(tree, labels)
    ]


def complete(given: Mapping[str, str], rules: Sequence[Rule], countries_of: CountriesOf) -> Mapping[str, str]:
    """Labels with those that follow: from a rule its kind and labels, from a subject its kind and countries.

    A firing and confirmed alert is meant where nothing else is said. Raises ValueError for a subject that is none.
    """
    rule = next((one for one in rules if one.name == given.get("rule")), None)
    labels: dict[str, str] = {"state": "firing"}
    if rule:
        labels |= labels_given_by(rule)
    if "subject" in given:
        subject = Subject.parse(given["subject"])
        labels |= {"subject_kind": str(subject.kind), "countries": ",".join(countries_of(subject))}
        given = {**given, "subject": str(subject)}
    labels |= given
    if labels.get("kind") in CONFIRMED:
        labels.setdefault("confirmed", "true")
    return labels


@dataclass(frozen=True, slots=True)
class RouteCase:
    """What must become of an alert with these labels. `group` and `muted_until` go by receiver; None may be anything.

    A receiver that `muted_until` does not name must not be muted.
    """

    where: str
    labels: Mapping[str, str]
    at: datetime | None
    receivers: Sequence[str]
    group: Mapping[str, Mapping[str, str]] | None = None
    muted_until: Mapping[str, datetime] | None = None


@dataclass(frozen=True, slots=True)
class RouteTest:
    """One file: routes, and cases of alerts."""

    name: str
    tree: Route
    intervals: Mapping[str, TimeInterval]
    cases: Sequence[RouteCase]


def run_routes(test: RouteTest) -> Outcome:
    """Send each case down the tree."""
    failures = [failure for case in test.cases for failure in _check(case, test)]
    return Outcome(test.name, failures, [])


def _check(case: RouteCase, test: RouteTest) -> list[Failure]:
    found = ways(test.tree, case.labels, test.intervals, case.at)
    reason = f"it went by {'; '.join(str(way.route) for way in found)}"
    told = [way.route.receiver for way in found if way.route.receiver]
    wrong = [] if [*case.receivers] == told else [(f"receivers {_listed(case.receivers)}", _listed(told))]
    for way in found:
        wrong += [*_wrong_group(case, way), *_wrong_muting(case, way)]
    return [Failure(case.where, expected, got, reason) for expected, got in wrong]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "nobody"


def _wrong_group(case: RouteCase, way: Way) -> Iterator[tuple[str, str]]:
    """Expected and found, in words."""
    name = way.route.receiver
    expected = (case.group or {}).get(name)
    if expected is not None and dict(expected) != dict(way.group):
        yield f"the group of {name} {_shown(expected)}", _shown(way.group)


def _wrong_muting(case: RouteCase, way: Way) -> Iterator[tuple[str, str]]:
    """The same of muting."""
    name = way.route.receiver
    expected = (case.muted_until or {}).get(name)
    if case.muted_until is not None and expected != way.muted_until:
        yield f"{name} {_until(expected, '')}", _until(way.muted_until, way.muted_by)


def _shown(labels: Mapping[str, str]) -> str:
    return ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items())) or "without labels"


def _until(until: datetime | None, by: str) -> str:
    if until is None:
        return "not muted"
    return f"muted until {moment(until)}{f' ({by})' if by else ''}"
