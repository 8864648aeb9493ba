"""The labels of an alert: what routes, silences and inhibition look at."""

from collections.abc import Callable, Mapping, Sequence

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.rule import CONFIRMED, Rule, RuleKind, Severity, State
from service.domain.risk.subject import Subject

BUILT_IN = ("rule", "kind", "subject", "subject_kind", "countries", "severity", "state", "confirmed")
"""Labels every alert has; a rule's own labels may not shadow them."""

NOVEL = "novel"
AUDIENCE = "audience"
SOMETIMES = {NOVEL: ("true",), AUDIENCE: ("operator",)}
"""Labels some alerts get, and their values: what begins with something new, and what is about the service itself."""

CountriesOf = Callable[[Subject], Sequence[str]]
"""The alpha-3 codes that a subject lies in."""


def labels_given_by(rule: Rule) -> Mapping[str, str]:
    """The labels of every alert of a rule, as its kind and its own labels give them."""
    about_us = {AUDIENCE: "operator"} if rule.kind is RuleKind.SILENCE else {}
    return {**about_us, **rule.labels, "kind": str(rule.kind)}


def countries_named(subject: Subject) -> Sequence[str]:
    """The codes in the subject's own name: none of a region or a watchlist."""
    return subject.countries


def labels_of(
    alert: Alert, countries_of: CountriesOf = countries_named, *, told: Transition | None = None
) -> Mapping[str, str]:
    """The labels of an alert as it stands, or with the severity and certainty of the change `told`."""
    severity = told.severity if told else alert.severity
    confirmed = told.confirmed if told else alert.memory.confirmed
    return make_labels(
        rule=alert.rule,
        kind=RuleKind(alert.labels["kind"]),
        subject=Subject.parse(alert.subject),
        severity=severity,
        state=alert.state,
        confirmed=confirmed,
        countries_of=countries_of,
        own=alert.labels,
    )


def make_labels(
    *,
    rule: str,
    kind: RuleKind,
    subject: Subject,
    severity: Severity,
    state: State = State.FIRING,
    confirmed: bool = True,
    countries_of: CountriesOf = countries_named,
    own: Mapping[str, str] | None = None,
) -> Mapping[str, str]:
    """Labels from their parts. `own` are the rule's, which give way to those built in.

    `confirmed` is "true" or "false" of kinds that ask for confirmation; of others it is "true" or empty.
    """
    unconfirmed = "false" if kind in CONFIRMED else ""
    return {
        **(own or {}),
        "rule": rule,
        "kind": str(kind),
        "subject": str(subject),
        "subject_kind": str(subject.kind),
        "countries": ",".join(countries_of(subject)),
        "severity": str(severity),
        "state": str(state),
        "confirmed": "true" if confirmed else unconfirmed,
    }
