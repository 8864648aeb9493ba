"""The page of the back-test: its tables, and why an episode was missed."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from service.domain.evaluation.alarm import Alarms
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.reading import Item
from service.domain.evaluation.verdict import Verdict
from service.domain.events.event import Event
from service.domain.events.signal import Signal
from service.domain.risk.score import Scale
from service.domain.risk.subject import Subject
from service.operations.backtest import Backtest, all_series, backtest
from tests.unit.domain.build import GEOGRAPHY, event
from training.audit import Alarm
from training.backtest import AIMS, BUDGETS, Parts, against_aims, cause, cell, compose, pages_of, summary
from training.charts import recall_chart, spread, strength_chart
from training.strength import bars

BEGIN = date(2014, 1, 1)


def episode(name: str, n: int, pair: str = "IRN-PAK", signal: Signal = Signal.ESCALATION) -> Episode:
    start = BEGIN + timedelta(n)
    return Episode(name, start, start + timedelta(5), signal, Subject.parse(f"dyad:{pair}"), f"label of {name}")


def verdict(enter: float | None) -> Verdict:
    return Verdict(0.5, (0.25, 0.75), 1.0, 0.02, 0.48, 0.1, (), (), Alarms(enter, (), 10))


def item(n: int, *told: Event, named: tuple[str, ...] = ("IRN", "PAK")) -> Item:
    day = BEGIN + timedelta(n)
    dated = tuple(replace(e, at=datetime.combine(day, time(12), UTC)) for e in told)
    return Item(day.toordinal(), "", dated, named, id=f"day {n}")


def test_each_cause_has_its_words() -> None:
    missed = episode("E1", 200)
    day = missed.start.toordinal()
    assert cause(missed, [item(200, named=("IRN",))], {}, verdict(2.0)) == "no line names both sides"
    assert cause(missed, [item(200)], {}, verdict(2.0)).startswith("coder: 1 lines name both")
    assert cause(missed, [item(200, event("AGREE.meet"))], {}, verdict(2.0)).startswith("coder:")
    other = event(actors=["IRN"], recipients=["IRQ"])
    assert cause(missed, [item(200, other)], {}, verdict(2.0)) == "dyad: the events are IRN → IRQ"
    weak = {day: 0.1, day + 1: 0.2}
    assert cause(missed, [item(200)], weak, verdict(2.0)) == "threshold: a score of 1.50 at most, 2.00 needed"
    assert cause(missed, [item(200)], weak, verdict(1.0)).startswith("usual: up to 1.50 of 1.00 needed")
    assert cause(missed, [], {day - 3: 1.0}, verdict(2.0)) == "no line names both sides"


def test_a_cell_has_interval_chance_and_test() -> None:
    assert cell(verdict(1.0), None) == "0.500 (0.25 … 0.75), chance 0.020"
    assert cell(verdict(1.0), 0.03125).endswith(", p 0.031")
    assert cell(verdict(1.0), 0.0004).endswith(", p < 0.001")


@pytest.fixture(scope="module")
def found() -> tuple[Backtest, list[Item]]:
    items = [item(n, event("ACCUSE.disapprove", ["USA"], ["CHN"])) for n in range(0, 900, 10)]
    items += [item(200, event()), item(600, event()), item(610, event("AGREE.deescalate", ["IRN", "PAK"], []))]
    known = [
        episode("E1", 200),
        episode("E2", 600),
        episode("E3", 700, "ISR-SYR"),
        episode("D1", 610, signal=Signal.DE_ESCALATION),
    ]
    judged = backtest(items, known, Scale(), GEOGRAPHY, BUDGETS, 2014, with_tone=False)
    assert judged is not None
    return judged, items


def test_the_page_tells_both_periods_all_methods_and_what_was_missed(found: tuple[Backtest, list[Item]]) -> None:
    page = compose(*found, GEOGRAPHY, Parts("# Head", "what was read", "what was held beside"))
    assert page.startswith("# Head\n")
    assert "## Reported, escalation: 2015-01-01 to 2016-06-09" in page
    assert "## Tuned on, escalation: 2014-04-01 to 2014-12-31" in page
    assert "| detente | 0.500" in page.split("## Reported, de-escalation")[0]
    assert "| random | " in page
    assert "Not run, as a package was missing: VADER tone, country, VADER tone, dyad." in page
    assert "- E3, 2015-12-02, ISR-SYR, label of E3: no line names both sides" in page
    assert "- E2" not in page
    assert page.endswith("## Pages read one by one\n\nwhat was read\n\n## Sanity checks\n\nwhat was held beside\n")


def test_the_page_begins_with_the_result_and_the_aims(found: tuple[Backtest, list[Item]]) -> None:
    reported = found[0].reported
    told = summary(reported)
    assert (
        "With 0.5 alarms a day in the whole world, Detente told of 1 of 2 known escalations of 2015 to 2016 in time.**"
        in told
    )
    assert "Detente told of 1 of 1 known de-escalations" in told
    table = against_aims(reported, (39, 60, (0.52, 0.76)))
    assert "| escalations caught at 0.5 a day | 0.50 (0.00 … 1.00) | ≥ 0.88 | 0.50 (" in table
    assert "| de-escalations caught at 0.25 a day | 1.00 " in table
    assert "| pages that are right, of 60 read | 0.65 (0.52 … 0.76) | ≥ 0.65 |" in table
    assert "read" not in against_aims(reported, (0, 0, (0.0, 1.0)))


def test_our_pages_are_named_as_the_audit_names_them(found: tuple[Backtest, list[Item]]) -> None:
    pages = pages_of(found[0].reported, 0.5)
    assert Alarm(Signal.ESCALATION, "dyad:IRN-PAK", BEGIN + timedelta(600)) in pages[Signal.ESCALATION]
    assert Alarm(Signal.DE_ESCALATION, "dyad:IRN-PAK", BEGIN + timedelta(610)) in pages[Signal.DE_ESCALATION]


def test_labels_keep_apart_and_in_order() -> None:
    assert spread([0.1, 0.9], 0.1) == [0.1, 0.9]
    assert spread([0.5, 0.5, 0.52], 0.1) == pytest.approx([0.5, 0.6, 0.7])
    assert spread([1.0, 0.99, 0.98], 0.1) == pytest.approx([1.0, 0.9, 0.8])


def test_the_charts_are_small_pictures(found: tuple[Backtest, list[Item]], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra charts is not installed")
    reported, items = found[0].reported, found[1]
    recall_chart(reported, BUDGETS, AIMS, tmp_path / "chart.png")
    _, ours = next(all_series(items, Scale(), GEOGRAPHY, with_tone=False))
    strength_chart(bars(pages_of(reported, 0.5), ours, [], {}), tmp_path / "strength.png")
    for name in ("chart.png", "strength.png"):
        drawn = (tmp_path / name).read_bytes()
        assert drawn.startswith(b"\x89PNG")
        assert len(drawn) < 120_000
