import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.news.article import content_hash, document
from service.domain.news.text import MAX_TEXT, clean, has_substance, normalise, word_count, words
from tests.unit.domain.strategies import modest

CYRILLIC = "".join(map(chr, range(0x410, 0x450)))
NASTY = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.characters(categories=["Cc", "Cf", "Zs", "Zl", "Zp"]),
        st.characters(min_codepoint=0x300, max_codepoint=0x36F),
        st.characters(categories=["Mn"], codec="utf-8"),
        st.sampled_from("aAäé \n\r\t'\"가각"),
    ),
    max_size=40,
)


@modest
@given(NASTY, st.integers(1, 50))
def test_cleaning_twice_changes_nothing_more(text: str, limit: int) -> None:
    once = clean(text, limit)
    assert clean(once, limit) == once


@modest
@given(NASTY)
def test_no_control_or_format_character_is_left_but_the_line_break(text: str) -> None:
    assert [c for c in clean(text) if unicodedata.category(c) in {"Cc", "Cf"} and c != "\n"] == []


def test_every_format_character_there_is_goes() -> None:
    steering = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf"]
    assert [c for c in steering if clean(f"a{c}b") != "ab"] == []


@modest
@given(NASTY, st.integers(1, 50))
def test_a_cleaned_text_is_no_longer_than_asked(text: str, limit: int) -> None:
    assert len(clean(text, limit)) <= limit


@modest
@given(NASTY)
def test_normalised_words_are_parted_by_single_blanks(text: str) -> None:
    assert normalise(text) == " ".join(words(text))


def test_marks_parted_by_an_invisible_character_are_cut_in_one_go() -> None:
    # Three marks above, a fourth from another block, and one below behind a zero-width space: putting them into
    # canonical order joins a run of four, which a second cleaning would cut.
    text = "x\u0300\u0301\u0302\u20d0\u200b\u0316"
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("dirty", "neat"),
    [
        pytest.param("Ir\u200ban", "Iran", id="zero-width space inside a name"),
        pytest.param("Iran \u202edna\u202c Pakistan", "Iran dna Pakistan", id="right-to-left override"),
        pytest.param("Iran\u061c strikes\u2067", "Iran strikes", id="arabic letter mark and isolate"),
        pytest.param("Iran\U000e0049\U000e0052 strikes", "Iran strikes", id="hidden tag characters"),
        pytest.param("soft\u00adware", "software", id="soft hyphen"),
        pytest.param("\ufeffIran", "Iran", id="byte-order mark"),
        pytest.param("a\x00b\x07c", "a b c", id="control characters"),
        pytest.param("one\r\ntwo\rthree", "one\ntwo\nthree", id="line ends of all kinds"),
        pytest.param("one \t two", "one two", id="runs of blanks"),
        pytest.param("one\n \n\n\ntwo", "one\n\ntwo", id="runs of empty lines"),
        pytest.param("  one \n two  ", "one\ntwo", id="blanks at the ends of lines"),
        pytest.param("e\u0301", "é", id="composed"),
        pytest.param("z" + "\u0300" * 10_000, "z\u0300\u0300\u0300", id="piles of marks"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_clean(dirty: str, neat: str) -> None:
    assert clean(dirty) == neat


def test_a_text_is_cut_at_its_limit_without_a_dangling_blank() -> None:
    assert clean("one two three", limit=8) == "one two"
    assert len(clean("x" * (MAX_TEXT + 1))) == MAX_TEXT


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“Iran’s  STRIKE” — now", "iran s strike now"),
        ("Straße", "strasse"),
        (CYRILLIC, CYRILLIC.lower()),
        ("...", ""),
    ],
)
def test_normalise(text: str, plain: str) -> None:
    # casefold leaves Cyrillic alone but for case: confusables are the gazetteer's concern
    assert normalise(text) == plain


@pytest.mark.parametrize(
    ("text", "some"), [("Iran strikes", True), ("Iran 2024", False), ("1 2 3", False), ("", False)]
)
def test_substance_is_two_words_with_letters(text: str, some: bool) -> None:
    assert has_substance(text) is some


def test_the_hash_sees_words_only() -> None:
    assert content_hash("Iran’s strike", "It  happened.") == content_hash("IRAN'S STRIKE", "it happened")
    assert content_hash("Iran's strike", "It happened.") != content_hash("Iran's strike", "It never happened.")


def test_a_document_is_title_blank_line_text() -> None:
    assert document("Title", "Text.") == "Title\n\nText."
    assert document("", "Text.") == "Text."


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("A truce holds", 3),
        ("大桥关闭", 2),
        ("Xi (习近平) visits Moscow", 4),
        ("ปิดสะพาน", 4),
        ("다리 폐쇄", 2),
    ],
)
def test_words_are_counted_where_no_blanks_part_them(text: str, count: int) -> None:
    assert word_count(text) == count


@pytest.mark.parametrize("text", ["大桥关闭", "橋を閉鎖した", "ปิดสะพานแล้ว", "Truce holds"])
def test_a_headline_without_blanks_has_substance(text: str) -> None:
    assert has_substance(text)


@pytest.mark.parametrize("text", ["停", "12 % 34", "Truce 12", "— 火"])
def test_one_word_has_none(text: str) -> None:
    assert not has_substance(text)
