from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.ending import ends_when, what_ends
from service.domain.alerting.rule import Memory, Rule, Severity, State
from tests.unit.domain.build import ALLCLEAR, DEESC, HOUR, LEVEL, NOVEL, NOW, RISE, SILENCE, SURGE, custom, firing


def alert(memory: Memory) -> Alert:
    return Alert("level", "dyad:IRN-PAK", {}, memory.state, Severity.INFO, "", NOW, memory)


WAITS = Memory(State.PENDING, 1, NOW, NOW)


@pytest.mark.parametrize(
    ("memory", "rule", "level", "said"),
    [
        (firing(), LEVEL, 50, "It ends when the level has stayed below 28 for 3 d; it is 50.0 now."),
        (
            replace(firing(), last_true_at=NOW + HOUR),
            LEVEL,
            20,
            "It ends when the level has stayed below 28 for 3 d; it is 20.0 now, below since 2024-01-19 19:00Z.",
        ),
        (WAITS, LEVEL, 45, "A level below 40, now 45.0; otherwise it fires 2024-01-19 18:15Z."),
        (WAITS, ALLCLEAR, 10, "A level of 25 or more, now 10.0; otherwise the all-clear comes 2024-01-26 18:00Z."),
        (WAITS, SURGE, 45, "A surge below 3.7, now 1.2; otherwise it fires 2024-01-19 18:00Z."),
        (
            firing(),
            SURGE,
            45,
            "It ends when the surge has stayed below 1.85 for 3 d; it is 1.2 now, below since 2024-01-19 18:00Z.",
        ),
        (
            firing(),
            DEESC,
            50,
            "It ends without a message 1 d after the last strong peace news, 2024-01-19 18:00Z.",
        ),
        (
            firing(),
            NOVEL,
            50,
            "It ends without a message 1 d after what was new.",
        ),
        (
            WAITS,
            NOVEL,
            50,
            "An older act of its kind that is still told of; otherwise it fires 2024-01-19 18:00Z.",
        ),
        (
            firing(),
            replace(RISE, keep=HOUR),
            50,
            "It ends when the level has stayed less than 7.5 above its lowest of 7 d for 1 h;"
            " the last time it held was 2024-01-19 18:00Z.",
        ),
        (WAITS, replace(DEESC, hold=HOUR), 50, "The end of the peace news; otherwise it fires 2024-01-19 19:00Z."),
        (WAITS, RISE, 50, "A rise of less than 15 in 7 d; otherwise it fires 2024-01-19 18:00Z."),
        (
            firing(),
            SILENCE,
            50,
            "It ends when one of the feeds has had a good poll again; the last time it held was 2024-01-19 18:00Z.",
        ),
        (WAITS, SILENCE, 50, "A good poll of one of the feeds; otherwise it fires 2024-01-19 18:30Z."),
        (
            firing(),
            custom("level >= 50", "surge >= 3"),
            50,
            "It ends when one of these no longer holds: level >= 50, surge >= 3; the last time it held was 2024-01-19 18:00Z.",
        ),
        (
            firing(),
            custom("level >= 50", leave_when=["level < 30"], keep=HOUR),
            50,
            "It ends when this has held for 1 h: level < 30; the last time it held was 2024-01-19 18:00Z.",
        ),
        (
            WAITS,
            custom("level >= 50"),
            50,
            "That this holds no longer: level >= 50; otherwise it fires 2024-01-19 18:00Z.",
        ),
        (
            firing(),
            replace(LEVEL, subjects=("country:*",)),
            50,
            "The next evaluation ends it: no rule level that covers dyad:IRN-PAK is configured.",
        ),
        (Memory(State.RESOLVED), LEVEL, 10, "Nothing: it is resolved since 2024-01-19 18:00Z."),
        (firing(), None, 50, "The next evaluation ends it: no rule level that covers dyad:IRN-PAK is configured."),
    ],
)
def test_what_would_end_it(memory: Memory, rule: Rule | None, level: float, said: str) -> None:
    assert what_ends(alert(memory), rule, level, surge=1.2) == said


def test_spans_are_those_of_the_rule() -> None:
    assert "for 2 h;" in what_ends(alert(firing()), replace(LEVEL, keep=timedelta(hours=2)), 50, surge=1.2)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (LEVEL, "Resolves when the level has stayed below 28 for 72 h."),
        (SURGE, "Resolves when the surge has stayed below 1.85 for 72 h."),
        (RISE, "Resolves when the level has stayed less than 7.5 above its lowest of 7 d."),
        (SILENCE, "Resolves when one of the feeds has had a good poll again."),
        (custom("level >= 50"), "Resolves when this no longer holds: level >= 50."),
        (custom("level >= 50", leave_when=["level < 30"]), "Resolves when this holds: level < 30."),
        (NOVEL, ""),
        (DEESC, ""),
        (ALLCLEAR, ""),
    ],
)
def test_a_message_says_what_resolves_it(rule: Rule, said: str) -> None:
    fired = Transition("id", NOW, State.INACTIVE, State.FIRING, Severity.HIGH, 50, 20, "", (), 2, confirmed=True)
    assert ends_when(fired, rule) == said
    assert ends_when(replace(fired, to_state=State.RESOLVED), rule) == ""
