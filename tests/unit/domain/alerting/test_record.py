from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting.decide import decide
from service.domain.alerting.record import Record, record, says_something_new
from service.domain.alerting.rule import Accord, Facts, Memory, ReasonKind, Rule, State
from tests.unit.domain.build import ALLCLEAR, DAY, DEESC, HOUR, LEVEL, NOW, UNCONFIRMED, facts, firing, score_at

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
