"""Colours of the pages, read from the stylesheet: legible, and bands in one order from light to dark."""

import re

import pytest

from service.domain.risk.score import Band
from service.web.assets import STATIC

SHEET = (STATIC / "detente.css").read_text(encoding="utf-8")
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", SHEET)
} | {"on-accent": ("#ffffff", "#ffffff")}
THEMES = (0, 1)
TEXTS = [
    *[
        (text, back)
        for text in ("ink", "faint", "link", "up", "down", "flat", "good", "bad")
        for back in ("page", "raised")
    ],
    *[("ink", back) for back in ("up-back", "down-back", "flat-back", "good-back", "bad-back", "sea")],
    *[("faint", back) for back in ("flat-back",)],
    ("bad", "bad-back"),
    ("on-accent", "accent"),
]


def luminance(colour: str) -> float:
    """As in WCAG 2.2, 0 … 1."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "back"), TEXTS)
def test_texts_can_be_read(text: str, back: str, theme: int) -> None:
    assert contrast(COLOURS[text][theme], COLOURS[back][theme]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["border", "focus"])
def test_edges_and_the_focus_can_be_seen(name: str, theme: int) -> None:
    assert contrast(COLOURS[name][theme], COLOURS["page"][theme]) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_a_higher_band_differs_in_lightness_alone(theme: int) -> None:
    """Whoever sees no colours sees the order."""
    steps = [luminance(COLOURS[f"band-{band}"][theme]) for band in Band]
    assert steps == sorted(steps, reverse=theme == 0)
    pairs = zip(Band, list(Band)[1:], strict=False)
    assert min(contrast(COLOURS[f"band-{a}"][theme], COLOURS[f"band-{b}"][theme]) for a, b in pairs) >= 1.25


def test_the_stylesheet_stays_small_and_asks_for_nothing() -> None:
    assert len(SHEET.encode()) < 20_000
    assert "url(" not in SHEET
    assert "@import" not in SHEET


def test_every_name_of_a_colour_is_known() -> None:
    assert set(re.findall(r"var\(--([a-z-]+)\)", SHEET)) <= set(COLOURS) | {"gap", "zoom"}
