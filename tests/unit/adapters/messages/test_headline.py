from dataclasses import replace
from datetime import UTC

import pytest

from service.adapters.messages.headline import LONGEST_TITLE, headline, loudest_first, title
from service.adapters.messages.language import Language
from service.domain.alerting.message import MessageReason
from service.domain.alerting.rule import Severity, State
from tests.golden.messages.cases import CALMED, CASES, RISEN, STIRRED, TALKED

ENGLISH = Language.of("en", UTC)


@pytest.mark.parametrize(
    ("kind", "state", "expected"),
    [
        ("LEVEL", State.FIRING, "↑ Iran–Pakistan: high (63)"),
        ("SURGE", State.FIRING, "↑ Iran–Pakistan: surge, high (63)"),
        ("NOVEL", State.FIRING, "↑ Iran–Pakistan: something new, high (63)"),
        ("RISE", State.FIRING, "↑ Iran–Pakistan: rising, high (63)"),
        ("CUSTOM", State.FIRING, "↑ Iran–Pakistan: level, high (63)"),
        ("DEESC", State.FIRING, "↓ Iran–Pakistan: de-escalation reported, high (63)"),
        ("SILENCE", State.FIRING, "○ Iran–Pakistan: feeds silent"),
        ("ALLCLEAR", State.RESOLVED, "↓ Iran–Pakistan: all clear, high (63)"),
        ("LEVEL", State.RESOLVED, "↓ Iran–Pakistan: over, high (63)"),
        ("SURGE", State.RESOLVED, "↓ Iran–Pakistan: surge over, high (63)"),
        ("NOVEL", State.RESOLVED, "↓ Iran–Pakistan: no longer new, high (63)"),
        ("RISE", State.RESOLVED, "↓ Iran–Pakistan: no longer rising, high (63)"),
        ("CUSTOM", State.RESOLVED, "↓ Iran–Pakistan: level over, high (63)"),
        ("SILENCE", State.RESOLVED, "● Iran–Pakistan: feeds are back"),
        ("TIDE", State.FIRING, "↑ Iran–Pakistan: high (63)"),
        ("TIDE", State.RESOLVED, "↓ Iran–Pakistan: over, high (63)"),
    ],
)
def test_each_kind_has_its_headline(kind: str, state: State, expected: str) -> None:
    assert headline(replace(RISEN, kind=kind, state=state), ENGLISH) == expected


def test_a_rule_of_ones_own_points_where_the_level_goes() -> None:
    assert headline(replace(RISEN, kind="CUSTOM", level_before=70.0), ENGLISH).startswith("↓")


@pytest.mark.parametrize(("kind", "said"), [("LEVEL", True), ("CUSTOM", True), ("DEESC", False), ("SILENCE", False)])
def test_what_one_voice_tells_is_unconfirmed_where_that_is_asked(kind: str, said: bool) -> None:
    assert headline(replace(RISEN, kind=kind, confirmed=False), ENGLISH).endswith("unconfirmed") == said


def test_what_is_over_is_not_unconfirmed() -> None:
    assert "unconfirmed" not in headline(replace(CALMED, confirmed=False), ENGLISH)


def test_the_loudest_comes_first_and_what_fires_before_what_is_over() -> None:
    over = replace(RISEN, state=State.RESOLVED, level=90.0)
    assert loudest_first([CALMED, STIRRED, over, RISEN]) == [RISEN, over, STIRRED, CALMED]


@pytest.mark.parametrize("length", [60, 90, 300])
@pytest.mark.parametrize("name", CASES)
def test_a_long_name_gives_way_before_the_band(name: str, length: int) -> None:
    message, _ = CASES[name]
    named = [replace(item, name="North " * (length // 6)) for item in message.items]
    found = title(replace(message, items=tuple(named)), ENGLISH)
    assert len(found) <= LONGEST_TITLE
    if named:
        assert found.count("(") == 1


def test_a_digest_is_headed_by_what_its_loudest_subject_came_to() -> None:
    message = replace(CASES["digest"][0], items=(RISEN, TALKED, STIRRED))
    assert title(message, ENGLISH) == "Digest: 3 changes, ↓ Iran–Pakistan: de-escalation reported, elevated (58)"


def test_a_message_about_alerts_without_any_still_has_a_title() -> None:
    assert title(replace(CASES["digest"][0], items=()), ENGLISH) == "Detente: digest"


def test_severity_leads_over_level() -> None:
    critical = replace(CALMED, severity=Severity.CRITICAL, name="Armenia–Azerbaijan")
    message = replace(CASES["fired"][0], items=(RISEN, critical), reason=MessageReason.FIRED)
    assert title(message, ENGLISH) == "↓ Armenia–Azerbaijan: over, watch (24) and 1 more"
