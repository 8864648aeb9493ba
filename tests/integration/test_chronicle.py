"""A subject's chronicle is read from the database, and drawn."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service.adapters import charts
from service.bootstrap import Detente
from service.cli.charting import chart
from service.domain.events.signal import Signal
from service.domain.risk.subject import Subject
from service.errors import ConfigError, NotFound
from service.flow import Task
from service.operations.chronicle import Chronicle, chronicle, series
from service.operations.scores import reading
from tests.fakes import NOON, World, article

PAIR = Subject.dyad("IRN", "PAK")
DAY = timedelta(days=1)


def bring(world: World, name: str, text: str = "") -> None:
    world.ingest(*(article(f"{name}{n}", text and f"{text}\n{name} {n} " * 40, publisher=f"Wire {n}") for n in (1, 2)))
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    world.evaluate()


def read(world: World, since: timedelta | None, until: timedelta) -> Chronicle:
    return chronicle(world.units, PAIR, since and NOON + since, NOON + until, world.gauge)


def test_level_incidents_and_alerts_of_a_span_are_told(world: World) -> None:
    bring(world, "a")
    found = read(world, -DAY, DAY)
    assert (found.subject, found.since, found.until) == ("dyad:IRN-PAK", NOON - DAY, NOON + DAY)
    assert [(mark.at, mark.signal) for mark in found.marks] == [(NOON, Signal.ESCALATION)]
    assert found.marks[0].mass > 0
    assert [(f.rule, f.since, f.until) for f in found.firings] == [("level", NOON, None)]
    before = [m for m in found.moments if m.at < NOON]
    assert {m.level for m in before} == {0.0}
    last = found.moments[-1]
    told = reading(world.units, PAIR, NOON + DAY, world.gauge, {}).score
    assert (last.level, last.low, last.high) == (told.level, told.low, told.high)
    assert last.low < last.level < last.high


def test_a_series_tells_level_and_sides_as_scores_do(world: World) -> None:
    bring(world, "a")
    told = series(world.units, PAIR, NOON - DAY, NOON + 3 * DAY, world.gauge, points=5)
    assert (told.subject, told.began_at) == ("dyad:IRN-PAK", NOON)
    assert [m.at for m in told.moments] == [NOON + n * DAY for n in range(-1, 4)]
    for moment in told.moments:
        score = reading(world.units, PAIR, moment.at, world.gauge, {}).score
        for name in ("level", "low", "high", "e", "d"):
            assert getattr(moment, name) == pytest.approx(getattr(score, name), rel=1e-12)
    assert told.moments[1].e > told.moments[2].e > told.moments[0].e == 0.0


def test_a_watchlist_has_a_series_and_an_unknown_one_has_none(world: World) -> None:
    bring(world, "a")
    gauge = replace(world.gauge, watchlists={"watch:pair": (str(PAIR),)})
    mine, theirs = (
        series(world.units, Subject.parse(written), NOON, NOON + DAY, gauge, step=DAY).moments
        for written in ("watch:pair", str(PAIR))
    )
    assert [m.e for m in mine] == pytest.approx([m.e for m in theirs])
    with pytest.raises(NotFound, match="watch:other"):
        series(world.units, Subject.parse("watch:other"), NOON, NOON + DAY, gauge)


def test_without_a_beginning_it_begins_on_the_day_of_the_first_news(world: World) -> None:
    bring(world, "a")
    assert read(world, None, 9 * DAY).since == NOON.replace(hour=0)


def test_what_lies_outside_of_the_span_is_left_out(world: World) -> None:
    bring(world, "a")
    with pytest.raises(NotFound, match="nothing was reported on dyad:IRN-PAK from 2026-02-27 to 2026-02-28"):
        read(world, -2 * DAY, -DAY)
    with pytest.raises(NotFound, match="dyad:CHN-IND"):
        chronicle(world.units, Subject.dyad("CHN", "IND"), None, NOON, world.gauge)


def test_it_is_drawn_as_a_small_picture(world: World) -> None:
    pytest.importorskip("matplotlib", reason="the extra charts is not installed")
    bring(world, "a")
    drawn = charts.png(read(world, -DAY, DAY), "Iran–Pakistan")
    assert drawn.startswith(b"\x89PNG")
    assert len(drawn) < 120_000
    assert drawn == charts.png(read(world, -DAY, DAY), "Iran–Pakistan")
    assert drawn != charts.png(read(world, None, DAY), "Iran–Pakistan")


def test_without_matplotlib_it_says_what_to_install(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(world, "a")
    monkeypatch.setattr(charts, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'detente\[charts\]'"):
        charts.png(read(world, -DAY, DAY), "Iran–Pakistan")


def test_the_command_writes_the_picture(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="the extra charts is not installed")
    bring(world, "a")
    detente, path = Detente(None, {"data_dir": tmp_path}), tmp_path / "iran.png"
    chart(detente, "dyad:IRN-PAK", "2026-02-28", "2026-03-02", path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert capsys.readouterr().out == f"{path}: 1 incident, 1 alert\n"
    with pytest.raises(ConfigError, match=r"--out: .*nowhere.*No such file or directory"):
        chart(detente, "dyad:IRN-PAK", "2026-02-28", "2026-03-02", tmp_path / "nowhere" / "iran.png")
