"""The article in pages of our own, one for every way in which sites build theirs."""

import time
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.extraction import Reading, match, mean_f1, ours, pages, readings
from service.adapters.feeds.page import MOST_PAGE, read_page
from service.errors import Refusal, RefusedInput

FLOOR = 0.8
STORY = (
    "<p>The bridge was shut on Monday after shots on the far bank of the river. Nobody was hurt, the mayor said.</p>"
    * 3
)

DAYS = dict(
    line.split()
    for line in """
    ads-between 2026-02-18
    amp 2026-01-20
    arabic-rtl 2026-03-12
    author-box 2025-12-08
    bare-divs 2026-01-08
    br-paragraphs 2026-01-30
    breadcrumbs 2026-04-21
    chinese-gb18030 2026-03-20
    comments 2026-05-06
    cookie-banner 2026-03-10
    council-release 2026-02-26
    custom-elements 2026-04-09
    cyrillic 2026-04-02
    data-table 2025-12-18
    embedded-posts 2026-03-22
    gallery 2026-03-28
    government-release 2026-03-09
    hashed-classes 2026-03-17
    headline-in-image 2026-02-27
    hidden-by-style 2026-03-02
    hidden-text 2025-10-05
    json-ld 2026-03-13
    lists 2026-04-15
    live-blog 2026-04-02
    newsletter none
    paywall-teaser 2025-11-04
    print-view 2026-03-16
    related-links 2026-01-29
    table-layout 2026-03-03
    tag-soup 2026-02-12
    think-tank 2026-03-05
    utf-16 2026-01-14
    very-long 2026-03-29
    very-short 2026-05-11
    video-short 2026-02-24
    windows-1252 2026-02-03
    wordpress-sidebar 2026-02-11
    """.strip().splitlines()
)
"""When each page was published, as it stands in it."""


@cache
def read() -> list[Reading]:
    return readings(ours, pages())


def page(body: str, head: str = "", lang: str = ' lang="en"') -> bytes:
    return f"<!doctype html><html{lang}><head>{head}</head><body>{body}</body></html>".encode()


def test_there_are_at_least_thirty_pages_with_their_text() -> None:
    assert len(pages()) >= 30
    assert all(one.title and len(one.text) > 150 for one in pages())


def test_the_text_is_read_as_a_person_reads_it() -> None:
    assert mean_f1(read())[0] >= 0.95
    assert mean_f1(read()[1::2])[0] >= 0.95


def test_no_page_is_read_badly() -> None:
    assert {one.page.name: round(one.match.f1, 3) for one in read() if one.match.f1 < FLOOR} == {}


def test_what_a_page_hides_does_not_come_out() -> None:
    assert sum(b"HIDDEN" in one.page.content for one in read()) >= 2
    assert [one.page.name for one in read() if one.shows_hidden] == []


def test_titles_are_right() -> None:
    assert sum(one.is_title_right for one in read()) >= 0.9 * len(read())


@pytest.mark.parametrize("name", ["windows-1252", "utf-16", "cyrillic", "chinese-gb18030", "arabic-rtl", "tag-soup"])
def test_encodings_are_read(name: str) -> None:
    (one,) = (p for p in pages() if p.name == name)
    found = read_page(one.content, "")
    assert found["title"] == one.title
    assert one.text.split("\n\n")[1][:40] in found["text"]
    assert "\ufffd" not in found["text"]


def test_the_day_of_publication_is_found() -> None:
    found = {page.name: (read_page(page.content, "")["published_at"] or "none")[:10] for page in pages()}
    assert found == DAYS


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("amp", ("The Daily Ferry", "2026-01-20T16:05:00+00:00", "en", "2026-01-20T17:30:00+00:00")),
        ("related-links", ("Morning Express", "2026-01-29T21:44:00+05:30", "en-IN", "2026-01-30T00:12:00+05:30")),
        ("cyrillic", ("Речной вестник", "2026-04-02T12:30:00+03:00", "ru", None)),
        ("windows-1252", ("", "2026-02-03", "fr", None)),
        ("think-tank", ("Institute for Border Studies", "2026-03-05T08:00:00+00:00", "en", None)),
        ("table-layout", ("", "2026-03-03", "", None)),
        ("newsletter", ("", None, "", None)),
    ],
)
def test_a_page_says_who_when_and_in_what_language(name: str, facts: tuple[str, str | None, str, str | None]) -> None:
    (one,) = (p for p in pages() if p.name == name)
    found = read_page(one.content, "")
    assert (found["publisher"], found["published_at"], found["language"], found.get("modified_at")) == facts


@pytest.mark.parametrize(
    ("canonical", "address", "url"),
    [
        ("https://paper.example/a", "https://www.paper.example/a?utm=1", "https://paper.example/a"),
        ("/a", "https://paper.example/b", "https://paper.example/a"),
        ("https://tracking.example/a", "https://paper.example/a", "https://paper.example/a"),
        ("javascript:alert(1)", "https://paper.example/a", "https://paper.example/a"),
        ("https://[broken", "https://paper.example/a", "https://paper.example/a"),
        ("https://paper.example/a", "", "https://paper.example/a"),
    ],
)
def test_a_canonical_link_counts_on_its_own_host_only(canonical: str, address: str, url: str) -> None:
    content = page(f"<article><h1>A bridge</h1>{STORY}</article>", f'<link rel="canonical" href="{canonical}">')
    assert read_page(content, address)["url"] == url


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none !important">{}</p>',
        '<p style="COLOR: #FFF">{}</p>',
        '<div style="background:#000"><p style="color:black;background-color:black">{}</p></div>',
        '<p style="font-size:0em">{}</p>',
        '<div style="max-height:0;overflow:hidden"><p>{}</p></div>',
        '<p style="position:absolute;left:-99em">{}</p>',
        '<p class="a ghost">{}</p>',
        '<p id="gone">{}</p>',
        "<p hidden>{}</p>",
        '<p aria-hidden="true">{}</p>',
        "<noscript><p>{}</p></noscript>",
        "<template><p>{}</p></template>",
        "<script>document.write('<p>{}</p>')</script>",
        "<!-- <p>{}</p> -->",
    ],
)
def test_hidden_text_is_no_news(hidden: str) -> None:
    secret = "Rockets fell on the capital in the night and the government fled. " * 3
    head = "<style>@import url(x.css); .ghost, #gone {display:none}</style>"
    found = read_page(page(f"<article><h1>A bridge</h1>{STORY}{hidden.format(secret)}{STORY}</article>", head), "")
    assert "Rockets" not in found["text"]
    assert "The bridge was shut" in found["text"]


@pytest.mark.parametrize(
    "shown",
    [
        '<div style="background:#123"><p style="color:#fff">{}</p></div>',
        '<div style="background-image:url(a.jpg)"><p style="color:white">{}</p></div>',
        '<p style="opacity:0;transform:translateY(20px)">{}</p>',
        '<p class="printless">{}</p>',
        '<p class="fade">{}</p>',
        '<p style="overflow:hidden;width:100%">{}</p>',
    ],
)
def test_what_only_looks_hidden_in_the_source_is_read(shown: str) -> None:
    told = "The mayor of the town asked both sides to keep away from the market. " * 3
    head = "<style>@media print{.printless{display:none}} .fade{opacity:0}</style>"
    found = read_page(page(f"<article><h1>A bridge</h1>{STORY}{shown.format(told)}{STORY}</article>", head), "")
    assert "The mayor of the town asked" in found["text"]


def test_a_wrapper_named_like_furniture_keeps_its_article() -> None:
    found = read_page(page(f'<div class="with-sidebar has-ads"><div class="share-price">{STORY}</div></div>'), "")
    assert "The bridge was shut" in found["text"]


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ('<meta property="og:title" content="A bridge is shut">', "<h1>The Long View</h1>", "A bridge is shut"),
        ("<title>A bridge is shut | The Long View</title>", "<h1>The Long View</h1><h1>A bridge is shut</h1>", "A bridge is shut"),
        ("<title>The Long View</title>", "<h1>A bridge is shut</h1>", "A bridge is shut"),
        ("<title>Ceasefire - what comes next | The Long View</title>", "", "Ceasefire - what comes next"),
        ('<title>A bridge</title><meta property="og:title" content="A bridge is shut">', "<h1 hidden>War</h1>", "A bridge is shut"),
    ],
)  # fmt: skip
def test_the_headline_is_the_one_the_page_speaks_of(head: str, body: str, title: str) -> None:
    assert read_page(page(body + STORY, head), "")["title"] == title


@pytest.mark.parametrize(
    "data",
    [
        "{",
        "[" * 5000,
        '{"@type": 7, "datePublished": {}}',
        '{"@type": "Article", "datePublished": "0001-01-01"}',
        "null",
    ],
)
def test_odd_data_in_a_page_are_passed_over(data: str) -> None:
    content = page(f"<h1>A bridge</h1>{STORY}", f'<script type="application/ld+json">{data}</script>')
    assert read_page(content, "")["published_at"] is None


def test_a_year_in_the_mark_of_copyright_is_no_day() -> None:
    assert read_page(page(f"<h1>A bridge</h1>{STORY}<footer>© 2019 Paper</footer>"), "")["published_at"] is None


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", Refusal.EMPTY),
        (b" \n", Refusal.EMPTY),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Refusal.BINARY),
        (b"%PDF-1.7\n" + bytes(range(1, 32)) * 4, Refusal.BINARY),
        (b"<html><body></body></html>", Refusal.NO_TEXT),
        (b"<!-- only this -->", Refusal.NO_TEXT),
        (b"<html><body><p hidden>Nobody sees these words.</p></body></html>", Refusal.NO_TEXT),
    ],
)
def test_what_is_no_page_is_refused(content: bytes, refusal: Refusal) -> None:
    with pytest.raises(RefusedInput) as refused:
        read_page(content, "")
    assert refused.value.refusal == refusal


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("iso-8859-1", "cp1252"), ("utf-8", "cp1252"), ("windows-1252", "utf-8"), ("nonsense", "cp1252"), ("hex", "cp1252"),
     ("gb2312", "gb18030"), ("iso-2022-jp", "iso2022_jp"), ("utf-16", "utf-8"), ("x", "utf-16"), ("x", "utf-16-le"),
     ("x", "utf-8-sig")],
)  # fmt: skip
def test_a_charset_is_found(declared: str, encoding: str) -> None:
    words = "国境の橋が月曜日に閉鎖された。" if encoding in {"gb18030", "iso2022_jp"} else "Café “Été” is shut. "
    text = page(f"<h1>{words}</h1><p>{words * 30}</p>", f'<meta charset="{declared}">').decode()
    assert words.strip() in read_page(text.encode(encoding), "")["text"]


def test_of_a_large_page_the_beginning_is_read() -> None:
    content = page(f"<h1>A bridge</h1>{STORY}<!--" + "é" * MOST_PAGE + f"-->{STORY.replace('bridge', 'tunnel')}")
    began = time.monotonic()
    found = read_page(content, "")
    assert "The bridge was shut" in found["text"]
    assert "tunnel" not in found["text"]
    assert time.monotonic() - began < 10


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text("<>/=\"' ahp1divstyle:;{}.#&!-", max_size=300).map(str.encode)))
def test_no_bytes_are_a_crash(content: bytes) -> None:
    try:
        found = read_page(content, "https://paper.example/a")
    except RefusedInput as refused:
        assert refused.refusal in {Refusal.EMPTY, Refusal.BINARY, Refusal.NO_TEXT}
    else:
        assert found["text"]


def test_the_measure_knows_what_is_missing_and_what_is_too_much() -> None:
    assert match("a b c d e f", "a b c d e f").f1 == 1
    assert match("a b c d e f", "a b c d e f g h i").precision == 1
    assert match("a b c d e f", "a b c d e f g h i").recall == 0.5
    assert match("f e d c b a", "a b c d e f").f1 == 0
    assert match("", "a b c d").f1 == 0
    assert match("停火延长了", "停火延长").recall == 1
