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
from service.operations.backtest import Backtest, backtest
from tests.unit.domain.build import GEOGRAPHY, event
from training.backtest import BUDGETS, cause, cell, compose, draw

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
    assert "weigh 0.30, so 1.50 at most of 2.00" in cause(missed, [item(200)], {day: 0.1, day + 1: 0.2}, verdict(2.0))
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
    page = compose(*found, GEOGRAPHY, "# Head")
    assert page.startswith("# Head\n")
    assert "## Reported, escalation: 2015-01-01 to 2016-06-09" in page
    assert "## Tuned on, escalation: 2014-04-01 to 2014-12-31" in page
    assert "| detente | 0.500" in page.split("## Reported, de-escalation")[0]
    assert "| random | " in page
    assert "Not run, as a package was missing: VADER tone, country, VADER tone, dyad." in page
    assert "- E3, 2015-12-02, ISR-SYR, label of E3: no line names both sides" in page
    assert "- E2" not in page


def test_the_chart_is_a_picture(found: tuple[Backtest, list[Item]], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra charts is not installed")
    draw(found[0].reported, tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
