"""Names for feeds that nobody has named."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.operations.feed_names import name_for


@pytest.mark.parametrize(
    ("title", "url", "name"),
    [
        ("BBC News – World", "https://feeds.bbci.co.uk/news", "bbc-news-world"),
        ("Le Monde : À la une", "", "le-monde-a-la-une"),
        ("新华网", "https://www.news.cn/rss", "news-cn"),
        ("24 Horas", "https://24.example", "n24-horas"),
        ("", "https://rss.feeds2.wire.example:8443/x", "wire-example"),
        ("", "https://news.example/x", "news-example"),
        ("", "https://192.0.2.7/x", "n192-0-2-7"),
        ("", "https://", "feed"),
        ("x" * 200, "", "x" * 60),
    ],
)
def test_a_name_tells_whose_it_is(title: str, url: str, name: str) -> None:
    assert name_for(title, url, ()) == name


@given(st.text(max_size=90), st.lists(st.sampled_from(["a", "A-2", "feed", "feed-2", "x" * 60]), unique=True))
def test_a_name_is_always_sound_and_free(title: str, taken: list[str]) -> None:
    name = name_for(title, "", taken)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,59}", name)
    assert name.casefold() not in {one.casefold() for one in taken}
    assert name_for(title, "", [*taken, name]) != name
