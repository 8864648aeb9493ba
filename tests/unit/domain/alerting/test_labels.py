from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.labels import BUILT_IN, labels_given_by, labels_of, make_labels
from service.domain.alerting.rule import Memory, Rule, RuleKind, Severity, State
from service.domain.risk.subject import Subject

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALERT = Alert(
    rule="level",
    subject="dyad:IRN-PAK",
    labels={"team": "night", "kind": "LEVEL", "subject": "dyad:IRN-PAK"},
    state=State.FIRING,
    severity=Severity.HIGH,
    reason="",
    since=NOON,
    memory=Memory(State.FIRING, confirmed=True),
)
FIRED = Transition(ALERT.id, NOON, State.INACTIVE, State.FIRING, Severity.INFO, 50, 0, "", (), 1, confirmed=False)


def test_an_alert_has_the_labels_built_in_and_those_of_its_rule() -> None:
    assert labels_of(ALERT) == {
        "team": "night",
        "rule": "level",
        "kind": "LEVEL",
        "subject": "dyad:IRN-PAK",
        "subject_kind": "dyad",
        "countries": "IRN,PAK",
        "severity": "high",
        "state": "firing",
        "confirmed": "true",
    }


def test_a_change_is_labelled_as_it_was_told() -> None:
    found = labels_of(ALERT, told=FIRED)
    assert (found["severity"], found["confirmed"], found["state"]) == ("info", "false", "firing")


def test_countries_are_those_somebody_knows_it_lies_in() -> None:
    region = replace(ALERT, subject="region:balochistan")
    assert labels_of(region)["countries"] == ""
    assert labels_of(region, lambda _: ["AFG", "IRN", "PAK"])["countries"] == "AFG,IRN,PAK"


def test_a_rule_does_not_shadow_what_is_built_in() -> None:
    shadowed = dict.fromkeys(BUILT_IN, "nonsense")
    subject = Subject.parse("country:IRN")
    plain = make_labels(rule="a", kind=RuleKind.SURGE, subject=subject, severity=Severity.INFO)
    assert make_labels(rule="a", kind=RuleKind.SURGE, subject=subject, severity=Severity.INFO, own=shadowed) == plain
    assert set(plain) == set(BUILT_IN)


@pytest.mark.parametrize(
    ("kind", "confirmed", "label"),
    [
        (RuleKind.LEVEL, True, "true"),
        (RuleKind.SURGE, False, "false"),
        (RuleKind.DEESC, False, ""),
        (RuleKind.ALLCLEAR, False, ""),
        (RuleKind.RISE, False, "false"),
        (RuleKind.CUSTOM, False, "false"),
        (RuleKind.NOVEL, False, ""),
        (RuleKind.SILENCE, True, "true"),
    ],
)
def test_only_what_asks_for_confirmation_is_unconfirmed(kind: RuleKind, confirmed: bool, label: str) -> None:
    subject = Subject.parse("country:IRN")
    found = make_labels(rule="a", kind=kind, subject=subject, severity=Severity.INFO, confirmed=confirmed)
    assert found["confirmed"] == label


@pytest.mark.parametrize(
    ("kind", "own", "labels"),
    [
        (RuleKind.LEVEL, {"team": "desk"}, {"kind": "LEVEL", "team": "desk"}),
        (RuleKind.SILENCE, {}, {"kind": "SILENCE", "audience": "operator"}),
        (RuleKind.SILENCE, {"audience": "night"}, {"kind": "SILENCE", "audience": "night"}),
    ],
)
def test_a_rule_gives_its_labels_and_dark_feeds_are_for_the_operator(
    kind: RuleKind, own: dict[str, str], labels: dict[str, str]
) -> None:
    assert labels_given_by(Rule("r", kind, labels=own)) == labels
