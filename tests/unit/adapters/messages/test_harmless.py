import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.messages.harmless import LONGEST_LINK, link_to, one_line, shortened, tame, unlinked


def test_a_text_becomes_one_clean_line() -> None:
    assert one_line("Iran\r\n\tsaid\u202e \u200bit\x00 \u2028ended\ufffe") == "Iran said it ended"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see evil.com now", "see evil․com now"),
        ("https://evil.com/a", "https:∕∕evil․com/a"),
        ("10.0.0.1", "10․0․0․1"),
        ("ask me@evil.com", "ask me＠evil․com"),
        ("3.5 % of the U.S. troops left. Then 12.25.", "3.5 % of the U․S. troops left. Then 12.25."),
    ],
)
def test_what_looks_like_an_address_leads_nowhere(text: str, expected: str) -> None:
    assert unlinked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*b* _i_ ~s~ `c` |x|", "∗b∗ ˍiˍ ∼s∼ 'c' ∣x∣"),
        ("snake_case stays", "snake_case stays"),
        ("[a](b) <!here> \\@all", "(a)(b) ‹!here› ∖＠all"),
        ("/start #tag :boom: 10:30:15 &lt; AT&T $$x$$ $5", "∕start ＃tag ꞉boom: 10:30:15 ＆lt; AT&T ＄＄x＄＄ $5"),
        ("# head", "＃ head"),
        ("--- rule", "– rule"),
        ("1. first", "1․ first"),
    ],
)
def test_signs_that_mean_something_in_chats_give_way(text: str, expected: str) -> None:
    assert tame(text) == expected


@given(st.text())
def test_taming_twice_changes_nothing_more(text: str) -> None:
    assert tame(tame(text)) == tame(text)


@given(st.text(max_size=60), st.integers(min_value=1, max_value=40))
def test_what_is_shortened_is_short_and_says_so(text: str, longest: int) -> None:
    found = shortened(text, longest)
    assert len(found) <= longest
    assert found == text or (found.endswith("…") and len(text) > longest)


def test_it_is_cut_between_words() -> None:
    assert shortened("The ministers met in Geneva again", 26) == "The ministers met in…"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "ftp://a.example/x", "data:text/html,x", "//a.example", "a.example", "", "https://",
        "https://user@a.example/", "https://a.example@b.example/", "https://a.example\\@b.example/", "https://a.example/\n",
        "https://a.example/ x", "https://[::1]/", "https://a.example:99999/", "https://a<b.example/", "https://[bad/",
        "https://a.example/\u202ex", "https://a.example/" + "x" * LONGEST_LINK,
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_no_link(url: str) -> None:
    assert link_to(url) is None


@pytest.mark.parametrize(
    ("url", "expected", "host"),
    [
        (
            "https://www.frontier.example/news/1?a=b&c=d#e",
            "https://www.frontier.example/news/1?a=b&c=d#e",
            "www.frontier.example",
        ),
        ("HTTP://A.Example:8080/x", "http://a.example:8080/x", "a.example:8080"),
        ("https://a.example/a(b)*[c]~'", "https://a.example/a%28b%29%2A%5Bc%5D%7E%27", "a.example"),
        ("https://a.example/@here%20x;y", "https://a.example/%40here%20x%3By", "a.example"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC", "xn--bcher-kva.example"),
        ("https://аpple.example/", "https://xn--pple-43d.example/", "xn--pple-43d.example"),
    ],
)
def test_a_link_is_plain_and_shows_its_true_host(url: str, expected: str, host: str) -> None:
    found = link_to(url)
    assert found is not None
    assert (found.url, found.host) == (expected, host)


@given(st.text(), st.sampled_from(["http://", "https://", "https://a.example/", "https://a.example?"]))
def test_a_link_holds_nothing_but_plain_signs(text: str, start: str) -> None:
    if link := link_to(start + text):
        assert re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?[A-Za-z0-9/%:._+,=&?#-]*", link.url)
        assert urlsplit(link.url).netloc == link.host
        assert link_to(link.url) == link
