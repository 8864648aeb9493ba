"""The back-test as a whole, on a small invented past."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from service.domain.evaluation.baseline import BASELINES, NEEDS_TONE
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.reading import Item
from service.domain.events.event import Event
from service.domain.events.signal import Signal
from service.domain.risk.score import Scale
from service.domain.risk.subject import Subject
from service.operations.backtest import LEVEL, OURS, all_series, backtest, items_of, watch
from service.ports import KeptCoding
from tests.fakes import article, owner_of
from tests.unit.domain.build import GEOGRAPHY, event

E, D = Signal.ESCALATION, Signal.DE_ESCALATION
BEGIN = date(2019, 1, 1)


def day(n: int) -> int:
    return (BEGIN + timedelta(n)).toordinal()


def episode(name: str, n: int, pair: str, signal: Signal = E) -> Episode:
    start = BEGIN + timedelta(n)
    return Episode(name, start, start + timedelta(5), signal, Subject.parse(pair), name)


def item(n: int, *events: Event, tone: float | None = -0.5) -> Item:
    told = tuple(replace(e, at=datetime.combine(BEGIN + timedelta(n), time(12), UTC)) for e in events)
    return Item(day(n), "The army's attack failed.", told, ("IRN", "PAK"), tone, id=f"day {n}")


QUIET = [item(n, event("ACCUSE.disapprove", ["USA"], ["CHN"])) for n in range(0, 800, 10)]
PAST = [*QUIET, item(300, event()), item(302, event("AGREE.deescalate", ["IRN", "PAK"], [])), item(600, event())]
KNOWN = [
    episode("E1", 300, "dyad:IRN-PAK"),
    episode("D1", 302, "dyad:IRN-PAK", D),
    episode("E2", 600, "dyad:IRN-PAK"),
    episode("E3", 610, "dyad:ISR-SYR"),
    episode("E4", 620, "country:SDN"),
    episode("E5", 20, "dyad:IRN-PAK"),
]


def test_the_known_episodes_are_caught_missed_and_left_out_as_they_should() -> None:
    found = backtest(PAST, KNOWN, Scale(), GEOGRAPHY, [0.02], with_tone=True)
    assert found is not None
    period = found.reported
    assert (period.first, period.last) == (BEGIN + timedelta(90), BEGIN + timedelta(790))  # E5 starts too early
    ours = period.verdicts[OURS]
    assert (ours[E][0.02].hits, ours[E][0.02].missed) == (("E1", "E2"), ("E3",))
    assert (ours[D][0.02].hits, ours[D][0.02].delay) == (("D1",), 0.0)
    assert period.left_out == ("E4",)
    assert set(period.verdicts) == {OURS, LEVEL, *BASELINES}
    assert OURS not in period.p
    assert period.p[LEVEL][E][0.02] == 1.0
    assert (found.tuned, found.skipped) == (None, ())


def test_years_up_to_the_turn_are_told_apart() -> None:
    found = backtest(PAST, KNOWN, Scale(), GEOGRAPHY, [0.02], 2019, with_tone=False)
    assert found is not None
    assert found.tuned is not None
    assert [e.id for e in found.tuned.episodes[E]] == ["E1"]
    assert found.tuned.last == date(2019, 12, 31)
    assert found.reported.first == date(2020, 1, 1)
    assert [e.id for e in found.reported.episodes[E]] == ["E2", "E3"]
    assert D not in found.reported.verdicts[OURS]  # no peace is known in the later years
    assert found.skipped == tuple(sorted(NEEDS_TONE))
    assert NEEDS_TONE.isdisjoint(found.reported.verdicts)


@pytest.mark.parametrize("known", [[], [KNOWN[4]], [KNOWN[5]]])
def test_without_an_episode_to_catch_there_is_nothing_to_compare(known: list[Episode]) -> None:
    assert backtest(PAST, known, Scale(), GEOGRAPHY, [0.02], with_tone=False) is None


def test_every_method_gives_series_for_both_directions() -> None:
    for name, series in all_series(PAST, Scale(), GEOGRAPHY, with_tone=True):
        assert set(series) == {E, D}, name
        for points in (p for of in series.values() for p in of.values()):
            assert [p.day for p in points] == sorted({p.day for p in points}), name


def test_methods_on_countries_watch_both() -> None:
    assert watch("EARS C2")(KNOWN[0]) == ["country:IRN", "country:PAK"]
    assert watch(OURS)(KNOWN[0]) == ["dyad:IRN-PAK"]


def test_tone_is_asked_only_of_texts_that_name_a_country() -> None:
    told, asked = [article("a"), article("b")], list[str]()

    def tone(text: str) -> float:
        asked.append(text)
        return -0.25

    codings = [KeptCoding((event(),), ("IRN",)), KeptCoding(())]
    first, second = items_of(told, codings, owner_of, tone)
    assert (first.tone, second.tone, len(asked)) == (-0.25, None, 1)
    assert first.day == told[0].published_at.date().toordinal()
    assert first.events == codings[0].events
    assert (first.id, first.owner, first.grade) == ("a", "Reuters", "A")
    assert items_of(told, codings, owner_of, None)[0].tone is None
