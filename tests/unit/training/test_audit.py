"""The audit of pages: what is drawn, what is shown to a reader, and what the verdicts say."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from service.domain.evaluation.alarm import Point
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.reading import Item
from service.domain.events.event import Event
from service.domain.events.signal import Signal
from service.domain.risk.score import Scale
from service.domain.risk.subject import Subject
from tests.unit.domain.build import GEOGRAPHY, event
from training.audit import (
    VERDICTS,
    Alarm,
    Reading,
    Verdict,
    alarms,
    draw,
    precision,
    read_verdicts,
    report,
    to_read,
    written,
)
from training.strength import AUDITED, KNOWN, bars, is_known, thirds

E, D = Signal.ESCALATION, Signal.DE_ESCALATION
DAY = date(2019, 2, 27)
PAGE = Alarm(E, "dyad:IND-PAK", DAY)


def item(day: date, text: str, *told: Event) -> Item:
    dated = tuple(replace(e, at=datetime.combine(day, time(12), UTC)) for e in told)
    return Item(day.toordinal(), text, dated, id=f"{day} {text}")


def many(signal: Signal, n: int) -> list[Alarm]:
    return [Alarm(signal, "dyad:IND-PAK", DAY + timedelta(day)) for day in range(n)]


def test_as_many_of_each_direction_are_drawn_whatever_the_order_and_shuffled() -> None:
    found = [*many(E, 50), *many(D, 40)]
    drawn = draw(found, 5)
    assert drawn == draw(found[::-1], 5)
    assert sorted(page.signal for page in drawn) == [D] * 5 + [E] * 5
    assert len(set(drawn)) == 10
    assert drawn != sorted(drawn)
    assert len(draw(many(E, 3), 5)) == 3


def test_a_page_that_stays_is_drawn_again_when_others_go() -> None:
    found = many(E, 50)
    drawn = draw(found, 5)
    gone = next(page for page in found if page not in drawn)
    assert draw([page for page in found if page != gone], 5) == drawn
    fewer = draw([page for page in found if page != drawn[0]], 5)
    assert set(drawn[1:]) <= set(fewer)


def test_a_reader_sees_what_moved_the_pair_and_nothing_else() -> None:
    items = [
        item(DAY, "a strike", event(actors=["IND"], recipients=["PAK"])),
        item(DAY - timedelta(1), "the day before", event(actors=["PAK"], recipients=["IND"])),
        item(DAY - timedelta(2), "too early", event(actors=["IND"], recipients=["PAK"])),
        item(DAY, "others", event(actors=["IRN"], recipients=["USA"])),
        item(DAY, "peace", event("AGREE.deescalate", ["IND", "PAK"], [])),
    ]
    (shown,) = to_read([PAGE], items, GEOGRAPHY)
    assert set(shown) == {"page", "sentences"}
    assert shown["page"] == "E|dyad:IND-PAK|2019-02-27"
    assert [(s["day"], s["text"]) for s in shown["sentences"]] == [
        ("2019-02-26", "the day before"),
        ("2019-02-27", "a strike"),
    ]


def test_pages_are_ours_of_the_audited_years() -> None:
    items = [item(DAY, "a strike", event(actors=["IND"], recipients=["PAK"]))]
    old = [item(date(2014, 1, 1), "long ago", event(actors=["IND"], recipients=["PAK"]))]
    assert alarms(items + old, Scale(), GEOGRAPHY) == [PAGE]


LINES = ["# a remark", "", "E|dyad:IND-PAK|2019-02-27|right||strike", "D|dyad:IND-PAK|2019-03-01|wrong|partners|no"]


def test_verdicts_are_read_and_written_alike() -> None:
    found = read_verdicts(LINES)
    assert found[PAGE] == Reading(Verdict.RIGHT, "", "strike")
    assert [written(alarm) for alarm in found] == ["E|dyad:IND-PAK|2019-02-27", "D|dyad:IND-PAK|2019-03-01"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("E|dyad:IND-PAK|2019-02-27|right", "line 1"),
        ("X|dyad:IND-PAK|2019-02-27|right||a", "line 1"),
        ("E|IND-PAK|2019-02-27|right||a", "line 1"),
        ("E|dyad:IND-PAK|2019-02-30|right||a", "line 1"),
        ("E|dyad:IND-PAK|2019-02-27|perhaps||a", "perhaps"),
        ("E|dyad:IND-PAK|2019-02-27|right|partners|a", "only if"),
        ("E|dyad:IND-PAK|2019-02-27|wrong||a", "only if"),
    ],
)
def test_a_bad_verdict_is_named_with_its_line(line: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_verdicts([line])
    with pytest.raises(ValueError, match=r"line 2: .* was judged before"):
        read_verdicts([LINES[2], LINES[2]])


def test_the_committed_verdicts_can_be_read() -> None:
    found = read_verdicts(VERDICTS.read_text("utf-8").splitlines())
    assert len(found) >= 60
    assert {alarm.signal for alarm in found} == {E, D}


def test_the_report_counts_what_was_read_with_intervals() -> None:
    readings = read_verdicts(
        [*LINES, "E|dyad:IND-PAK|2019-03-05|arguable|slight|one arrest", "E|dyad:IND-USA|2019-03-05|right||not drawn"]
    )
    drawn = [*list(readings)[:3], Alarm(E, "dyad:IRN-USA", DAY)]
    text = report(drawn, readings)
    assert "Of the 4 pages drawn, 3 have been read." in text
    assert "| escalation | 2 | 0.50 (0.09 … 0.91) | 1.00 (0.34 … 1.00) | 0.00 (0.00 … 0.66) |" in text
    assert "| both | 3 | 0.33 (0.06 … 0.79) |" in text
    assert "- **partners**, 1:\n  - de-escalation of IND-PAK, 2019-03-01, wrong: no\n" in f"{text}\n"
    assert "not drawn" not in text
    hits, read, (low, high) = precision(drawn, readings)
    assert (hits, read, round(low, 2), round(high, 2)) == (1, 3, 0.06, 0.79)


def test_a_report_without_verdicts_claims_nothing() -> None:
    text = report([PAGE], {})
    assert "Of the 1 pages drawn, 0 have been read." in text
    assert "| both | 0 | - | - | - |" in text


def test_pages_are_told_apart_by_strength_and_by_known_episodes() -> None:
    pages = many(E, 6)
    series = {"dyad:IND-PAK": [Point(p.day.toordinal(), float(-n), fresh=True) for n, p in enumerate(pages)]}
    assert thirds(pages, series) == [pages[:3:-1], pages[3:1:-1], pages[1::-1]]
    episode = Episode("E1", DAY + timedelta(1), DAY + timedelta(1), E, Subject.parse("dyad:IND-PAK"), "")
    assert [is_known(page, [episode]) for page in pages] == [True, True, False, False, False, False]
    assert not is_known(replace(pages[0], signal=D), [episode])
    readings = {pages[0]: Reading(Verdict.RIGHT, "", ""), pages[1]: Reading(Verdict.WRONG, "slight", "")}
    found = bars({E: pages}, {E: series}, [episode], readings)[E]
    assert [(share, size) for _, share, _, size in found[KNOWN]] == [(0.0, 2), (0.0, 2), (1.0, 2)]
    assert [(share, size) for _, share, _, size in found[AUDITED]] == [(0.0, 0), (0.0, 0), (0.5, 2)]
