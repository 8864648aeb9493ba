"""When one alert says all that another would."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.domain.alerting.matcher import Matcher, matches
from service.domain.risk.subject import Subject, SubjectKind

SHARED = 0.5
"""Share of a country's mass that must be a dyad's for the dyad's alert to speak for it."""


def inhibited_by(subject: str, firing: Sequence[str], mass: Mapping[str, Mapping[str, int]]) -> str | None:
    """The firing dyad that speaks for this country or place, or None.

    `mass` maps a subject to its incidents and what they booked (micro units, escalation only).
    """
    own = mass[subject]
    if Subject.parse(subject).kind is SubjectKind.DYAD or not sum(own.values()):
        return None
    for dyad in sorted(firing):
        shared = sum(micro for incident, micro in own.items() if incident in mass.get(dyad, {}))
        if shared >= SHARED * sum(own.values()):
            return dyad
    return None


@dataclass(frozen=True, slots=True)
class InhibitRule:
    """While an alert matches `source`, those that match `target` and have the same `equal` labels are not told.

    A label that neither of them has is the same in both. An alert that matches both sides is not inhibited by another
    one that does, so that no two silence each other, and none itself.
    """

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()


def inhibitor(
    labels: Mapping[str, str], firing: Iterable[Mapping[str, str]], rules: Iterable[InhibitRule]
) -> Mapping[str, str] | None:
    """The labels of the firing alert that speaks for one with these labels, None where none does."""
    sources = list(firing)
    for rule in rules:
        if not matches(rule.target, labels):
            continue
        on_both_sides = matches(rule.source, labels)
        for other in sources:
            is_source = matches(rule.source, other) and not (on_both_sides and matches(rule.target, other))
            if is_source and all(labels.get(name, "") == other.get(name, "") for name in rule.equal):
                return other
    return None
