"""The curve as a picture and as a row of blocks."""

import struct
import zlib
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from service.adapters.messages.chart import HEIGHT, WIDTH, chart
from service.adapters.messages.sparkline import WIDTH as BLOCKS
from service.adapters.messages.sparkline import sparkline
from tests.golden.messages.cases import RISEN

START = datetime(2024, 1, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


def curve(*levels: float) -> tuple[tuple[datetime, float], ...]:
    return tuple((START + n * HOUR, level) for n, level in enumerate(levels))


def pixels(png: bytes) -> npt.NDArray[np.uint8]:
    """Read back what we write: one IDAT chunk, true colour, rows as the difference to the row above."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (8, 2)
    length = struct.unpack(">I", png[33:37])[0]
    assert struct.unpack(">I", png[41 + length : 45 + length])[0] == zlib.crc32(png[37 : 41 + length])
    rows = np.frombuffer(zlib.decompress(png[41 : 41 + length]), np.uint8).reshape(height, 1 + 3 * width)
    assert set(rows[:, 0]) == {2}
    return np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8).reshape(height, width, 3)


def darkest_row(picture: npt.NDArray[np.uint8], column: int) -> int:
    return int(picture[:, column].sum(axis=1).argmin())


def test_a_chart_is_small_and_sharp() -> None:
    png = chart(RISEN.curve)
    assert pixels(png).shape == (2 * HEIGHT, 2 * WIDTH, 3)
    assert len(png) < 25_000


def test_the_line_stands_where_the_level_is() -> None:
    picture = pixels(chart(curve(25, 25, 75, 75)))
    assert darkest_row(picture, 100) == pytest.approx(0.75 * 280, abs=4)
    assert darkest_row(picture, 1000) == pytest.approx(0.25 * 280, abs=4)


def test_its_end_is_marked() -> None:
    picture = pixels(chart(curve(50, 50)))
    dark = (picture.sum(axis=2) < 200).sum(axis=0)
    assert dark[560] <= 8
    assert dark[1092] >= 16


@pytest.mark.parametrize("levels", [(0.0, 0.0), (100.0, 100.0), (-3.0, 120.0)])
def test_the_ends_of_the_scale_stay_in_the_picture(levels: tuple[float, ...]) -> None:
    assert (pixels(chart(curve(*levels))).sum(axis=2) < 200).any()


def test_there_are_five_stripes() -> None:
    left = pixels(chart(curve(50, 50)))[:, 3]
    assert len(np.unique(left, axis=0)) == 5


@pytest.mark.parametrize("few", [(), curve(40), ((START, 1.0), (START, 2.0))])
def test_no_length_of_time_has_no_picture(few: tuple[tuple[datetime, float], ...]) -> None:
    assert chart(few) == b""
    assert sparkline(few) == ""


def test_blocks_stand_for_levels_on_the_whole_scale() -> None:
    assert sparkline(curve(0, 12.5, 50, 99, 100, 130, -1)) == "▁▂▅█████"[:6] + "▁"


def test_blocks_are_in_steps_of_equal_time_and_keep_peaks() -> None:
    levels = [10.0] * 480
    levels[100] = 90.0
    found = sparkline(curve(*levels))
    assert len(found) == BLOCKS
    assert found == "▁" * 5 + "█" + "▁" * 18


def test_a_gap_keeps_the_level_before_it() -> None:
    assert sparkline((*curve(10, 60), (START + 10 * HOUR, 20))) == "▅▅▂"
