"""A small picture of a curve for mails, as PNG, without a drawing library: no text, so it needs no font."""

import struct
import zlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT = 560, 140
"""Points; drawn with twice as many pixels, for fine screens."""
_SCALE = 2
_STRIPES = ("F4F6F8", "E8F0F4", "FCF2DC", "FADFC8", "F3C9C6")
"""Bands from calm to severe."""
_INK, _PAPER = "1F2A37", "FFFFFF"
_SHADE = 0.12
"""How much of the ink lies below the line."""
_MARGIN = 14.0
"""Points kept free left and right of the line, so that the mark at its end is whole."""
_HALF_LINE, _DOT, _RING = 1.3, 5.0, 2.0
"""Points: half the width of the line, the radius of the mark at its end and the width of the ring around it."""
_TOP = 100.0

_Grid = npt.NDArray[np.float32]


@lru_cache(maxsize=64)
def chart(curve: tuple[tuple[datetime, float], ...]) -> bytes:
    """A PNG of 1120 × 280 pixels: the bands as stripes, the level over them, a mark at its end; empty below two points.

    The same curve gives the same bytes; the last ones are kept, as a message goes to many readers.
    """
    if len(curve) < 2 or curve[-1][0] <= curve[0][0]:  # noqa: PLR2004
        return b""
    width, height = WIDTH * _SCALE, HEIGHT * _SCALE
    columns = np.arange(width, dtype=np.float32) + 0.5
    rows = (np.arange(height, dtype=np.float32) + 0.5)[:, None]
    times, levels = _along(curve, width), np.clip([level for _, level in curve], 0.0, _TOP)
    line = ((1 - np.interp(columns, times, levels) / _TOP) * (height - 2 * _SCALE) + _SCALE).astype(np.float32)
    inside = (columns >= times[0]) & (columns <= times[-1])
    below = rows - line
    steepness = np.sqrt(1 + np.gradient(line) ** 2)
    picture = _stripes(height, width)
    _paint(picture, _INK, _SHADE * np.clip(below + 0.5, 0, 1) * inside)
    _paint(picture, _INK, np.clip(_HALF_LINE * _SCALE + 0.5 - np.abs(below) / steepness, 0, 1) * inside)
    reach = int((_DOT + _RING + 1) * _SCALE)
    middle = float(np.clip(line[int(times[-1])], reach, height - reach))
    near = slice(int(times[-1]) - reach, int(times[-1]) + reach)
    away = np.hypot(columns[near] - times[-1], rows - middle)
    _paint(picture[:, near], _PAPER, np.clip((_DOT + _RING) * _SCALE + 0.5 - away, 0, 1))
    _paint(picture[:, near], _INK, np.clip(_DOT * _SCALE + 0.5 - away, 0, 1))
    return _png((picture + 0.5).astype(np.uint8))


def _along(curve: Sequence[tuple[datetime, float]], width: int) -> npt.NDArray[np.float64]:
    """Where the points stand from left to right, in pixels."""
    start, length = curve[0][0], curve[-1][0] - curve[0][0]
    margin = _MARGIN * _SCALE
    return np.array([margin + (at - start) / length * (width - 2 * margin) for at, _ in curve])


def _stripes(height: int, width: int) -> _Grid:
    colours = np.array([_colour(stripe) for stripe in reversed(_STRIPES)])
    which = np.arange(height) * len(_STRIPES) // height
    return np.repeat(colours[which][:, None, :], width, axis=1)


def _paint(picture: _Grid, written: str, cover: npt.NDArray[Any]) -> None:
    """Mix a colour in where `cover` (0 … 1 for each pixel) says so."""
    touched = np.nonzero(cover)
    picture[touched] += (_colour(written) - picture[touched]) * cover[touched][:, None]


def _colour(written: str) -> _Grid:
    return np.array(list(bytes.fromhex(written)), dtype=np.float32)


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Eight bits for red, green and blue; each row told as the difference to the row above, which packs well."""
    height, width, _ = pixels.shape
    above = np.vstack([np.zeros((1, width, 3), np.uint8), pixels[:-1]])
    rows = np.hstack([np.full((height, 1), 2, np.uint8), (pixels - above).reshape(height, -1)])
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
