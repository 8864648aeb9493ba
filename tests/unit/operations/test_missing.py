"""What was missing, in words and numbers, from a record alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting.decide import decide
from service.domain.alerting.record import Record, record
from service.domain.alerting.rule import Accord, Climb, Ears, Facts, Memory, Novelty, ReasonKind, Rule, State
from service.domain.risk.surge import Stir
from service.operations.missing import _VERDICTS, Miss, Position, verdict
from tests.unit.domain.build import (
    ALLCLEAR,
    DAY,
    DEESC,
    HOUR,
    LEVEL,
    NOVEL,
    NOW,
    RISE,
    SILENCE,
    SURGE,
    UNCONFIRMED,
    act,
    custom,
    facts,
    firing,
    score_at,
)

QUIET = Memory(State.PENDING, 1, NOW - DAY, NOW - DAY)
GIVEN = Memory(State.RESOLVED, 0, NOW, NOW, NOW)


def kept(rule: Rule, memory: Memory, seen: Facts) -> Record:
    return record(rule, memory, decide(rule, memory, seen), seen, {})


def test_every_kind_of_reason_has_a_verdict() -> None:
    assert set(_VERDICTS) == set(ReasonKind)


@pytest.mark.parametrize(
    ("rule", "memory", "seen", "holds", "says", "miss"),
    [
        (LEVEL, Memory(), facts(37.2), False, "level 37.2 of 40: 2.8 short", Miss("level", 37.2, 40)),
        (
            LEVEL,
            Memory(),
            facts(50, score=score_at(50, e_24h=0.0)),
            False,
            "level 50.0, but there was no new danger in 24 hours",
            None,
        ),
        (
            LEVEL,
            Memory(),
            facts(50, evidence=replace(UNCONFIRMED, has_lead=False)),
            False,
            "level 50.0, but no article of 24 hours reports danger as its news",
            None,
        ),
        (SURGE, Memory(), facts(50, stir=Stir(2.5)), False, "surge 2.5 of 3.7: 1.2 short", Miss("surge", 2.5, 3.7)),
        (
            SURGE,
            Memory(),
            facts(50, stir=Stir(4.5)),
            False,
            "surge 4.5, but there was no new danger in 24 hours",
            None,
        ),
        (
            replace(DEESC, peace=0.5),
            Memory(),
            facts(50, accord=Accord("i", NOW, 5, 2), stir=Stir(peace=0.3)),
            False,
            "stir of peace news 0.30 of 0.5: 0.20 short",
            Miss("stir of peace news", 0.3, 0.5),
        ),
        (
            LEVEL,
            firing(),
            facts(20, NOW + 80 * HOUR),
            False,
            "it ended 2024-01-23 02:00Z: level 20.0 is below 28",
            None,
        ),
        (
            DEESC,
            Memory(),
            facts(50, accord=Accord("i", NOW, 3.25, 2)),
            False,
            "intensity of peace news 3.2 of 4: 0.8 short",
            Miss("intensity of peace news", 3.25, 4),
        ),
        (
            DEESC,
            Memory(),
            facts(50, accord=Accord("i", NOW, 5, 2), score=score_at(50, e_30d=0.004)),
            False,
            "escalation a day, of the last 30 days 0.004 of 0.02: 0.016 short",
            Miss("escalation a day, of the last 30 days", 0.004, 0.02),
        ),
        (
            ALLCLEAR,
            Memory(),
            facts(30, resolved_at=NOW),
            False,
            "level 30.0, must be below 25",
            Miss("level", 30, 25),
        ),
        (
            ALLCLEAR,
            QUIET,
            facts(20, resolved_at=NOW - DAY),
            False,
            "waits: so since 2024-01-18 18:00Z, 1 d of 7 d, due 2024-01-25 18:00Z",
            Miss("seconds it held", 86400, 7 * 86400),
        ),
        (
            ALLCLEAR,
            GIVEN,
            facts(20, resolved_at=NOW - DAY),
            True,
            "resolved (info) since 2024-01-19 18:00Z: the all-clear was given",
            None,
        ),
        (
            NOVEL,
            Memory(),
            facts(50),
            False,
            "no article of 24 hours reports an act of rung 4 or more as its news",
            None,
        ),
        (
            NOVEL,
            Memory(),
            facts(50, novelty=Novelty(act(), NOW - 3 * DAY, NOW - 400 * DAY, NOW - 180 * DAY)),
            False,
            "an act of rung 4 or more was told of 3 d before this one, 2024-01-16 18:00Z",
            Miss("seconds without one", 3 * 86400, 180 * 86400),
        ),
        (
            NOVEL,
            Memory(),
            facts(50, novelty=Novelty(act(), None, NOW - 30 * DAY, NOW - 180 * DAY)),
            False,
            "the books went back 30 d only, 180 d are needed to tell",
            Miss("seconds of books", 30 * 86400, 180 * 86400),
        ),
        (
            RISE,
            Memory(),
            facts(30, climb=Climb(20, NOW, NOW - 90 * DAY, NOW - 7 * DAY)),
            False,
            "points risen in 7 d 10.0 of 15: 5.0 short",
            Miss("points risen in 7 d", 10, 15),
        ),
        (
            RISE,
            Memory(),
            facts(30),
            False,
            "the books went back 0 min only, 7 d are needed to tell",
            Miss("seconds of books", 0, 7 * 86400),
        ),
        (
            RISE,
            Memory(),
            facts(40, score=score_at(40, e_24h=0.0), climb=Climb(20, NOW, NOW - 90 * DAY, NOW - 7 * DAY)),
            False,
            "level 40.0, but there was no new danger in 24 hours",
            None,
        ),
        (
            SILENCE,
            Memory(),
            facts(3),
            False,
            "no feed that is polled told of it in the 30 days before, so none can be missed",
            None,
        ),
        (
            SILENCE,
            Memory(),
            facts(3, ears=Ears(("bbc",), HOUR)),
            False,
            "its feeds were heard: 1 h since the last good poll, 6 h are needed",
            Miss("seconds without a good poll", 3600, 6 * 3600),
        ),
        (
            custom("level >= 50", "surprise >= 3"),
            Memory(),
            facts(42, surprise=1.0),
            False,
            "level 42, asked is level >= 50: 8 off (and 1 more)",
            Miss("level", 42, 50),
        ),
        (
            custom("surprise >= 3"),
            Memory(),
            facts(42, surprise=1.0),
            False,
            "surprise 1, asked is surprise >= 3, as of 2024-01-19 18:00Z",
            Miss("surprise", 1, 3),
        ),
        (
            custom("event_type in [AID]"),
            Memory(),
            facts(42),
            False,
            "no incident of 24 h, asked is event_type in [AID], as of 2024-01-19 18:00Z",
            None,
        ),
        (
            custom("surge < 2"),
            Memory(),
            facts(42, stir=Stir(4)),
            False,
            "surge 4, asked is surge < 2: 2 off",
            Miss("surge", 4, 2),
        ),
        (
            LEVEL,
            firing(),
            facts(50),
            True,
            "firing (warning) since 2024-01-19 18:00Z: level 50.0 (elevated) is 40 or more",
            None,
        ),
    ],
)
def test_what_was_missing(rule: Rule, memory: Memory, seen: Facts, holds: bool, says: str, miss: Miss | None) -> None:
    found = verdict(kept(rule, memory, seen), Position(seen.score, seen.stir), seen.now)
    assert (found.holds, found.says, found.miss) == (holds, says, miss)


@pytest.mark.parametrize(
    ("rule", "seen"),
    [
        (LEVEL, facts(50, NOW + HOUR, UNCONFIRMED)),
        (DEESC, facts(50, NOW + HOUR, accord=Accord("i", NOW, 5, 1))),
        (
            NOVEL,
            facts(50, NOW + HOUR, novelty=Novelty(act(owners=1, sure=False), None, NOW - 400 * DAY, NOW - 180 * DAY)),
        ),
    ],
)
def test_one_owner_group_is_told_for_information_and_says_what_more_needs(rule: Rule, seen: Facts) -> None:
    found = verdict(kept(rule, Memory(State.PENDING, 1, NOW, NOW), seen), Position(seen.score, seen.stir), seen.now)
    assert found.holds
    assert "(1 owner group; two are needed" in found.says
    assert found.miss == Miss("owner groups", 1, 2)


def test_what_came_late_is_told_beside_what_was_seen() -> None:
    said = verdict(
        kept(LEVEL, Memory(), facts(37.2)), Position(score_at(44.4), Stir()), NOW + timedelta(minutes=5)
    ).says
    assert said == (
        "level 44.4 of 40 by the books of today; when it last said something new, 2024-01-19 18:00Z,"
        " it was: level 37.2 is below 40"
    )
    cleared = verdict(kept(ALLCLEAR, Memory(), facts(30, resolved_at=NOW)), Position(score_at(20), Stir()), NOW).says
    assert cleared.startswith("level 20.0, must be below 25 by the books of today; when it last")


def test_a_condition_that_the_books_of_today_would_meet_is_told_beside_what_was_seen() -> None:
    rule = custom("level >= 50")
    said = verdict(kept(rule, Memory(), facts(42)), Position(score_at(55), Stir()), NOW).says
    assert said == (
        "level 55, asked is level >= 50: 5 off by the books of today; when it last said something new,"
        " 2024-01-19 18:00Z, it was: level 42, asked is level >= 50"
    )
