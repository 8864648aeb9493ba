"""Words that mix alphabets are put into one; all others stay."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.news.lookalike import unmixed
from tests.unit.domain.strategies import modest

LETTERS = st.text(st.sampled_from("aeopIranPkИраноΑνικγжß１ＩｒА𝐈 -.1"), max_size=30)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ir\u0430n", "Iran"),
        ("\u0406r\u0430n", "Iran"),
        ("Ir\u0430n's \u0420\u0430kistan", "Iran's Pakistan"),
        ("\u0440\u0430\u0443\u0440\u0430l", "paypal"),
        ("K\u0438\u0435\u0432", "\u041a\u0438\u0435\u0432"),
        ("\u0418\u0440a\u043d", "\u0418\u0440\u0430\u043d"),
        ("E\u03bb\u03bb\u03ac\u03b4\u03b1", "\u0395\u03bb\u03bb\u03ac\u03b4\u03b1"),
        ("Ir\u03b1n", "Iran"),
        ("\uff29ran", "Iran"),
        ("\U0001d408ran", "Iran"),
    ],
)
def test_a_mixed_word_is_put_into_its_own_alphabet(written: str, read: str) -> None:
    assert unmixed(written) == read
    assert len(unmixed(written)) == len(written)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Iran and Pakistan",
        "\u0420\u043e\u0441\u0441\u0438\u044f \u0438 \u0418\u0440\u0430\u043d",
        "\u0421\u0421\u0421\u0420 and USA",
        "\u0395\u03bb\u03bb\u03ac\u03b4\u03b1",
        "TGF\u03b2",
        "\u03bcTorrent",
        "\uff2e\uff21\uff34\uff2f",
        "caf\u00e9 \u0141\u00f3d\u017a",
        "\u5317\u4eacABC",
        "COVID-\u0432\u0430\u043a\u0446\u0438\u043d\u0430",
    ],
)
def test_words_of_one_alphabet_and_words_that_fit_none_stay(text: str) -> None:
    assert unmixed(text) == text


@modest
@given(LETTERS)
def test_it_keeps_places_and_does_nothing_twice(text: str) -> None:
    once = unmixed(text)
    assert len(once) == len(text)
    assert unmixed(once) == once
    assert all(a == b or unicodedata.category(a)[0] == "L" for a, b in zip(text, once, strict=True))
