import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.news.duplicate import (
    NEAR,
    SAME,
    bands,
    canonical_url,
    containment,
    imprint,
    is_copy,
    is_of_one_page,
    shingles,
)
from tests.unit.domain.strategies import modest

SETS = st.frozensets(st.integers(0, 9).map(str))
URLS = st.one_of(
    st.text(max_size=30),
    st.builds(
        "{}{}{}{}{}{}".format,
        st.sampled_from(["http://", "https://", "HTTP://", " https://"]),
        st.sampled_from(["www.", "www.www.", "WWW.", "user:pw@", "m.", "amp.www.", "www.m.", "mobile.", ""]),
        st.sampled_from(
            [
                "example.org",
                "Example.ORG",
                "amp.dev",
                "m.me",
                "[::1]",
                "[fe80::1%eth0]",
                "127.0.0.1",
                "[",
                "ex ample",
                "",
            ]
        ),
        st.sampled_from([":80", ":443", ":8080", ":0", ":x", ":99999", ""]),
        st.one_of(
            st.sampled_from(["/", "//", "/a/ ", "/a\u3000/", "/a;b"]),
            st.text(max_size=8).map("/{}".format),
            st.lists(st.sampled_from(["/amp", ".amp", "/", "a", ";jsessionid=1", " ", ";"]), max_size=6).map("".join),
        ),
        st.sampled_from(
            [
                "",
                "?utm_source=x",
                "?b=2&a=1",
                "?q=%ff&q=",
                "?ref=1&reference=2",
                "#part",
                "? #",
                "?7",
                "?amp",
                "?amp=1&a",
            ]
        ),
    ),
)


@modest
@given(SETS, SETS)
def test_containment_is_a_share_and_symmetric(one: frozenset[str], other: frozenset[str]) -> None:
    assert 0.0 <= containment(one, other) <= 1.0
    assert containment(one, other) == containment(other, one)


@modest
@given(SETS.filter(bool), SETS)
def test_a_set_is_wholly_contained_in_a_larger_one(one: frozenset[str], more: frozenset[str]) -> None:
    assert containment(one, one | more) == 1.0


def test_nothing_is_contained_in_nothing() -> None:
    assert containment(frozenset(), frozenset()) == 0.0


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("https://example.org/a", True),
        ("https://example.org/?p=7", True),
        ("https://example.org/", False),
        ("https://example.org/#live", False),
        ("", False),
    ],
)
def test_a_front_page_is_no_page_of_an_article(url: str, answer: bool) -> None:
    assert is_of_one_page(canonical_url(url)) is answer


@modest
@given(st.text(max_size=80))
def test_every_text_has_a_shingle(text: str) -> None:
    assert shingles(text)


def test_a_reprint_with_another_first_line_is_a_copy_and_another_story_is_not() -> None:
    story = "Pakistan and Iran agreed on Friday to ease tensions after both sides carried out strikes this week " * 2
    other = "Cheesemakers of two valleys traded shots on Friday over the name of a famous soft cheese and its recipe"
    assert is_copy(imprint(story), imprint(f"By our correspondent. {story}"))
    assert not is_copy(imprint(story), imprint(other))


def test_a_long_text_needs_less_than_a_short_one_or_one_of_the_same_house() -> None:
    whole = imprint(" ".join(f"w{chr(97 + n % 26)}{'x' * (n // 26)}" for n in range(200)))
    half = imprint(" ".join(f"{'w' if n < 130 else 'v'}{chr(97 + n % 26)}{'x' * (n // 26)}" for n in range(200)))
    assert NEAR < containment(whole.shingles, half.shingles) < SAME
    assert is_copy(whole, half)
    assert is_copy(half, whole)
    assert not is_copy(whole, half, closely=True)
    brief = imprint(" ".join(f"{'w' if n < 34 else 'v'}{chr(97 + n % 26)}{'x' * (n // 26)}" for n in range(50)))
    assert NEAR < containment(whole.shingles, brief.shingles) < SAME
    assert brief.is_short
    assert not is_copy(whole, brief)
    assert is_copy(whole, whole, closely=True)


def test_the_same_words_with_other_figures_are_no_copy() -> None:
    words = " ".join(f"w{chr(97 + n % 26)}{'x' * (n // 26)}" for n in range(200))
    today, tomorrow = imprint(f"{words} 4 17 120 9"), imprint(f"{words} 5 21 99 8")
    assert not is_copy(today, tomorrow)
    assert is_copy(today, imprint(f"{words} 4 17 99 8"))
    assert is_copy(today, imprint(f"{words} 5 21 99")), "too few to tell them apart"


def test_a_short_text_is_one_shingle() -> None:
    assert shingles("Iran strikes") == {"iran strikes"}
    assert shingles("one two three four five six") == {"one two three four five", "two three four five six"}


@modest
@given(URLS)
def test_a_canonical_address_is_its_own_canonical_address(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://www.Example.org/News/?utm_source=x&b=2&a=1#top", "https://example.org/News?a=1&b=2"),
        ("https://example.org:443/a/", "https://example.org/a"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("https://example.org/a?fbclid=1&ref=home", "https://example.org/a"),
        ("https://example.org/a?reference=7", "https://example.org/a?reference=7"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::1]/a"),
        ("https://amp.example.org/a/amp/", "https://example.org/a"),
        ("https://m.example.org/a.amp?amp", "https://example.org/a"),
        ("https://mobile.example.org/a?outputType=amp&amp=1", "https://example.org/a"),
        ("https://example.org/amp", "https://example.org/amp"),
        ("https://example.org/camp/lamp", "https://example.org/camp/lamp"),
        ("https://m.me/a", "https://m.me/a"),
        ("https://team.example.org/a", "https://team.example.org/a"),
        ("https://en.m.example.org/a", "https://en.m.example.org/a"),
        ("https://www.m.www.example.org/a", "https://example.org/a"),
        ("https://m.www./a", ""),
        ("https://amp.dev/a", "https://amp.dev/a"),
        ("https://m.1.2.3.4/a", "https://m.1.2.3.4/a"),
        ("https://example.org/a;jsessionid=0A?PHPSESSID=1&sid=7", "https://example.org/a?sid=7"),
        ("https://example.org/a?page=2", "https://example.org/a?page=2"),
        ("https://example.org/a.php?2019", "https://example.org/a.php?2019="),
        ("https://www.www.example.org", "https://example.org"),
        ("http://[::1", ""),
        ("http://example.org:port/", ""),
        ("http://www./", ""),
        ("javascript:alert(1)", ""),
        ("//example.org/a", ""),
        ("file:///etc/passwd", ""),
        ("", ""),
    ],
)
def test_canonical_url(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@modest
@given(st.lists(st.integers(0, 2**32 - 1), max_size=16).filter(lambda hashes: len(hashes) % 2 == 0))
def test_bands_fit_a_signed_column(hashes: list[int]) -> None:
    assert len(bands(hashes)) == len(hashes) // 2
    assert all(-(2**63) <= band < 2**63 for band in bands(hashes))


def test_the_same_pair_in_another_place_is_another_band() -> None:
    first, second = bands([7, 9, 7, 9])
    assert first != second


def test_an_odd_number_of_hashes_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        bands([1, 2, 3])
