import json
from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting.decide import decide
from service.domain.alerting.record import Record, record, says_something_new
from service.domain.alerting.rule import Accord, Climb, Ears, Facts, Memory, Novelty, ReasonKind, Rule, State
from service.domain.risk.surge import Stir
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
    UNCONFIRMED,
    act,
    custom,
    facts,
    firing,
    score_at,
)

QUARTER = timedelta(minutes=15)


def records(rule: Rule, memory: Memory, *seen: Facts) -> list[Record]:
    """What is kept of the decisions on these facts, one after the other."""
    kept: list[Record] = []
    for each in seen:
        decision = decide(rule, memory, each)
        new = record(rule, memory, decision, each, {"score": "2"})
        if says_something_new(new, kept[-1] if kept else None):
            kept.append(new)
        memory = decision.memory
    return kept


def test_a_number_that_moves_is_not_kept_again() -> None:
    seen = [facts(level, NOW + n * HOUR) for n, level in enumerate([10, 20, 39.9, 5])]
    (kept,) = records(LEVEL, Memory(), *seen)
    assert (kept.kind, kept.at, kept.facts["level"]) == (ReasonKind.BELOW_ENTER, NOW, 10)


def test_the_life_of_an_alert_is_one_record_a_turn() -> None:
    quiet = score_at(50, e_24h=0.0)
    kept = records(
        LEVEL,
        Memory(),
        facts(10, NOW),
        facts(50, NOW, score=quiet),
        facts(45, NOW + HOUR, UNCONFIRMED),
        facts(45, NOW + HOUR + QUARTER, UNCONFIRMED),
        facts(45, NOW + 2 * HOUR, UNCONFIRMED),
        facts(46, NOW + 3 * HOUR),
        facts(47, NOW + 4 * HOUR),
        facts(61, NOW + 5 * HOUR),
        facts(62, NOW + 6 * HOUR),
        facts(20, NOW + 7 * HOUR),
        facts(19, NOW + 8 * HOUR),
        facts(19, NOW + 4 * DAY),
        facts(18, NOW + 5 * DAY),
    )
    assert [(str(k.kind), str(k.after), k.rung, k.notify) for k in kept] == [
        ("below-enter", "inactive", 0, False),
        ("not-new", "inactive", 0, False),
        ("waits-for", "pending", 1, False),
        ("unconfirmed", "firing", 1, True),
        ("firing", "firing", 1, True),
        ("firing", "firing", 2, True),
        ("kept-firing", "firing", 2, False),
        ("resolved", "resolved", 0, True),
        ("below-enter", "resolved", 0, False),
    ]
    assert [k.before for k in kept[1:]] == [k.after for k in kept[:-1]]


def test_peace_and_its_reasons() -> None:
    strong, mild = Accord("i", NOW, 5.0, 2), Accord("i", NOW, 3.0, 2)
    kept = records(
        DEESC,
        Memory(),
        facts(50),
        facts(50, NOW + HOUR, accord=mild),
        facts(50, NOW + HOUR, accord=strong, score=score_at(50, e_30d=0.001)),
        facts(50, NOW + HOUR, accord=replace(strong, owners=1)),
        facts(50, NOW + HOUR, accord=strong),
        facts(50, NOW + 2 * HOUR),
        facts(50, NOW + 2 * DAY),
        facts(50, NOW + 3 * DAY),
    )
    kinds = "no-peace-news mild-peace-news not-hot unconfirmed firing kept-firing resolved no-peace-news"
    assert [str(k.kind) for k in kept] == kinds.split()
    assert kept[1].facts["accord"] == {"incident_id": "i", "at": NOW.isoformat(), "intensity": 3.0, "owners": 2}


def test_the_all_clear_and_its_reasons() -> None:
    def seen(level: float, days: int) -> Facts:
        return facts(level, NOW + days * DAY, resolved_at=NOW)

    kept = records(ALLCLEAR, Memory(), facts(0), seen(30, 1), seen(20, 2), seen(20, 5), seen(20, 9), seen(20, 10))
    assert [str(k.kind) for k in kept] == [
        *("nothing-resolved", "not-below", "waits-for", "all-clear", "all-clear-given"),
    ]
    assert kept[2].facts["since"] == (NOW + 2 * DAY).isoformat()


def test_a_record_holds_what_the_decision_saw_and_went_by() -> None:
    (kept,) = records(LEVEL, firing(), facts(45, NOW, UNCONFIRMED))
    assert kept.facts["evidence"] == {"owners": 1, "certainty": 0.8, "best_grade": "B", "has_lead": True}
    assert {name: kept.facts[name] for name in ("level", "e", "d", "e_24h", "d_24h")} == {
        "level": 45,
        "e": 0.1,
        "d": 0.0,
        "e_24h": 0.1,
        "d_24h": 0.0,
    }
    assert kept.facts["rule"]["for"] == 900
    assert kept.facts["rule"]["steps"][0] == {"enter": 40, "leave": 28, "severity": "warning"}
    assert kept.versions == {"score": "2"}


@pytest.mark.parametrize("change", [{"hold": HOUR}, {"keep": HOUR}, {"steps": LEVEL.steps[:1]}])
def test_a_rule_that_was_changed_is_kept_anew(change: dict[str, object]) -> None:
    (old,) = records(LEVEL, Memory(), facts(10))
    changed = replace(LEVEL, **change)  # type: ignore[arg-type]
    new = record(changed, Memory(), decide(changed, Memory(), facts(11)), facts(11), {"score": "2"})
    assert old.after is new.after is State.INACTIVE
    assert says_something_new(new, old)


@pytest.mark.parametrize(
    ("rule", "seen", "name", "kept"),
    [
        (
            NOVEL,
            facts(50, novelty=Novelty(act(), None, NOW - DAY, NOW - 180 * DAY)),
            "novelty",
            {
                "act": {
                    "incident_id": "incident ASSAULT.aerial",
                    "at": NOW.isoformat(),
                    "types": ["ASSAULT.aerial"],
                    "intensity": -9.5,
                    "rung": 4,
                    "owners": 2,
                    "is_done": True,
                    "is_confirmed": True,
                },
                "before": None,
                "began": (NOW - DAY).isoformat(),
                "since": (NOW - 180 * DAY).isoformat(),
            },
        ),
        (
            RISE,
            facts(50, climb=Climb(20, NOW - DAY, None, NOW - 7 * DAY)),
            "climb",
            {
                "lowest": 20,
                "at": (NOW - DAY).isoformat(),
                "began": None,
                "since": (NOW - 7 * DAY).isoformat(),
            },
        ),
        (SILENCE, facts(3, ears=Ears(("bbc",), HOUR)), "ears", {"feeds": ["bbc"], "dark_for": 3600.0}),
        (custom("surprise >= 3"), facts(3, surprise=1.5), "surprise", 1.5),
        (
            custom("surprise >= 3"),
            facts(3, surprise=1.5),
            "unmet",
            [{"clause": "surprise >= 3", "measure": "surprise", "operator": ">=", "has": 1.5, "needs": 3.0}],
        ),
        (LEVEL, replace(facts(3), novel="the first use of force in 180 d"), "novel", "the first use of force in 180 d"),
    ],
)
def test_what_only_some_rules_look_at_is_kept_as_plain_json(rule: Rule, seen: Facts, name: str, kept: object) -> None:
    (found,) = records(rule, Memory(), seen)
    assert found.facts[name] == kept
    assert json.loads(json.dumps(found.facts)) == found.facts
    (plain,) = records(ALLCLEAR, Memory(), replace(seen, novel=""))
    assert name not in plain.facts


@pytest.mark.parametrize(
    ("rule", "own"),
    [
        (NOVEL, {"rung": 4, "within": 180 * 86400, "raises": True}),
        (RISE, {"enter": 15, "leave": 7.5, "within": 7 * 86400, "severity": "warning"}),
        (SILENCE, {"stale": 6 * 3600, "severity": "warning"}),
        (
            custom("level >= 50", leave_when=["level < 30"]),
            {"when": ["level >= 50"], "leave_when": ["level < 30"], "severity": "high"},
        ),
    ],
)
def test_the_thresholds_of_every_kind_are_kept(rule: Rule, own: dict[str, object]) -> None:
    (kept,) = records(rule, Memory(), facts(3))
    common = {"kind": str(rule.kind), "for": rule.hold.total_seconds(), "keep": 0.0}
    assert kept.facts["rule"] == common | own


def test_that_another_condition_is_unmet_is_new() -> None:
    rule = custom("level >= 50", "surge >= 3")
    kept = records(
        rule,
        Memory(),
        facts(42, stir=Stir(1)),
        facts(43, NOW + HOUR, stir=Stir(1.5)),
        facts(51, NOW + 2 * HOUR, stir=Stir(1.5)),
        facts(52, NOW + 3 * HOUR, stir=Stir(1.6)),
    )
    assert [[short["clause"] for short in k.facts["unmet"]] for k in kept] == [
        ["level >= 50", "surge >= 3"],
        ["surge >= 3"],
    ]
