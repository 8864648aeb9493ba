"""Files nobody wishes for: each refusal names its place and reason, and nothing else stops."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.feeds.files import LARGEST, from_mapping, parse_json, parse_time, read_bytes, read_file
from service.domain.news.article import Article, Flag
from service.domain.news.text import MAX_TEXT, MAX_TITLE, clean
from service.errors import Refusal, RefusedInput
from service.ports import Refused

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = {"id": "good", "text": "Iran and Pakistan agreed to talk."}


def read(content: bytes, kind: str = ".jsonl", folder: Path | None = None) -> tuple[list[Article], list[Refused]]:
    if folder is None:
        found = list(read_bytes(content, kind, "here", NOW))
    else:
        path = folder / f"file{kind}"
        path.write_bytes(content)
        found = list(read_file(path, NOW))
    return [i for i in found if isinstance(i, Article)], [i for i in found if isinstance(i, Refused)]


def line(**values: Any) -> bytes:
    return json.dumps({**GOOD, **values}).encode()


@pytest.mark.parametrize(
    ("kind", "content", "refusal"),
    [
        (".txt", b"", Refusal.EMPTY),
        (".txt", b" \r\n\t ", Refusal.EMPTY),
        (".html", b"", Refusal.EMPTY),
        (".json", b"", Refusal.EMPTY),
        (".xml", b"", Refusal.EMPTY),
        (".json", b"[]", Refusal.EMPTY),
        (".jsonl", b"", Refusal.EMPTY),
        (".jsonl", b" \n\r\n", Refusal.EMPTY),
        (".rss", b'<rss version="2.0"><channel><title>W</title></channel></rss>', Refusal.EMPTY),
        (".txt", bytes(range(256)) * 20, Refusal.BINARY),
        (".txt", b"\x7fELF\x02\x01\x01\x00\x00", Refusal.BINARY),
        (".html", b"\x89PNG\r\n\x1a\n\x00\x00", Refusal.BINARY),
        (".pdf", b"%PDF-1.7\x00\x01", Refusal.BINARY),
        (".pdf", b"plain enough", Refusal.UNSUPPORTED),
        (".txt", "Größe und mehr".encode("cp1252"), Refusal.BAD_ENCODING),
        (".txt", b"!!! ??? 123", Refusal.NO_TEXT),
        (".html", b"<html><head><title>x</title></head><body><script>var a</script></body></html>", Refusal.NO_TEXT),
        (".html", b"<!doctype html>", Refusal.NO_TEXT),
        (".json", b'{"text": NaN}', Refusal.BAD_JSON),
        (".json", b'{"text": "a b", "x": Infinity}', Refusal.BAD_JSON),
        (".json", b'{"text": "a b", "text": "c d"}', Refusal.BAD_JSON),
        (".json", b'{"text": "a b"', Refusal.BAD_JSON),
        (".json", b'"just a string"', Refusal.BAD_JSON),
        (".json", b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", Refusal.BAD_JSON),
        (".json", b'{"x": ' + b"9" * 5000 + b"}", Refusal.BAD_JSON),
        (".xml", b"<html><body>No feed at all</body></html>", Refusal.NOT_A_FEED),
        (".rss", b"this is prose", Refusal.NOT_A_FEED),
    ],
)
def test_a_file_that_is_none_is_refused_with_place_and_reason(kind: str, content: bytes, refusal: Refusal) -> None:
    articles, refused = read(content, kind)
    assert articles == []
    assert [(r.where, r.refusal) for r in refused] == [("here", refusal)]
    assert refused[0].message


BAD_LINES = [
    (b"{", Refusal.BAD_JSON),
    (b"nonsense", Refusal.BAD_JSON),
    (b"[1, 2]", Refusal.BAD_JSON),
    (b"null", Refusal.BAD_JSON),
    (b'{"text": NaN}', Refusal.BAD_JSON),
    (b'{"id": "x", "id": "y", "text": "a b"}', Refusal.BAD_JSON),
    (b'{"x": ' + b"[" * 3000 + b"]" * 3000 + b"}", Refusal.BAD_JSON),
    (b'{"id": "x"}', Refusal.MISSING_FIELD),
    (b'{"id": "x", "text": ""}', Refusal.MISSING_FIELD),
    (b'{"id": "x", "text": null}', Refusal.MISSING_FIELD),
    (b'{"id": "x", "text": 7}', Refusal.MISSING_FIELD),
    (b'{"id": "x", "text": ["a b"]}', Refusal.MISSING_FIELD),
    (b'{"id": "x", "text": "\\u200b\\u202e\\u0000"}', Refusal.MISSING_FIELD),
    (b'{"id": "x", "text": "2026"}', Refusal.NO_TEXT),
    (b'{"id": true, "text": "some words"}', Refusal.BAD_ID),
    (b'{"id": 1.5, "text": "some words"}', Refusal.BAD_ID),
    (b'{"id": "a b", "text": "some words"}', Refusal.BAD_ID),
    (b'{"id": "' + b"x" * 201 + b'", "text": "some words"}', Refusal.BAD_ID),
    (b'{"id": "\\ud800", "text": "some words"}', Refusal.BAD_ID),
    (b'{"id": "", "text": "some words"}', Refusal.BAD_ID),
    (b'{"id": ["x"], "text": "some words"}', Refusal.BAD_ID),
    (b'{"id": "a\\u0000b", "text": "some words"}', Refusal.BAD_ID),
    (b'{"id": "a\\u200bb", "text": "some words"}', Refusal.BAD_ID),
    (b'{"id": "a\\nb", "text": "some words"}', Refusal.BAD_ID),
    (line(id="x", published_at="yesterday"), Refusal.BAD_DATE),
    (line(id="x", published_at=1772366400), Refusal.BAD_DATE),
    (line(id="x", published_at="1" * 100_000), Refusal.BAD_DATE),
    (line(id="x", published_at="0001-01-01T00:00:00+23:59"), Refusal.BAD_DATE),
    (line(id="x", published_at="-2026-01-01"), Refusal.BAD_DATE),
    (line(id="x", published_at="1900-01-01"), Refusal.BAD_DATE),
    (b"caf\xe9 words", Refusal.BAD_ENCODING),
    (b"\x00\x01\x02", Refusal.BINARY),
    (line(), Refusal.DUPLICATE_ID),
    (line(text="The same id with quite another text."), Refusal.DUPLICATE_ID),
    (b'{"text": "' + b"a b " * (LARGEST // 4) + b'"}', Refusal.TOO_LARGE),
]


@pytest.mark.parametrize(("bad", "refusal"), BAD_LINES, ids=[f"{n}-{r}" for n, (_, r) in enumerate(BAD_LINES)])
def test_a_bad_line_is_refused_with_its_number_and_the_others_go_on(
    bad: bytes, refusal: Refusal, tmp_path: Path
) -> None:
    content = b"\n".join([line(), b"", bad, line(id="last", text="And there was more news.")])
    articles, refused = read(content, folder=tmp_path)
    assert [a.id for a in articles] == ["good", "last"]
    assert [(r.where, r.refusal) for r in refused] == [(f"{tmp_path / 'file.jsonl'}:3", refusal)]
    assert refused[0].message
    assert len(refused[0].message) < 300


def test_a_bad_entry_of_a_list_is_refused_with_its_number() -> None:
    articles, refused = read(json.dumps([GOOD, 7, {**GOOD, "id": "last"}]).encode(), ".json")
    assert [a.id for a in articles] == ["good", "last"]
    assert [(r.where, r.refusal) for r in refused] == [("here:2", Refusal.BAD_JSON)]


@pytest.mark.parametrize("depth", [50, 300, 450, 600, 900, 950, 980, 1000, 5000])
def test_depth_is_a_refusal_or_nothing_but_never_a_crash(depth: int) -> None:
    nested = b'{"id": "deep", "text": "some words", "x": ' + b"[" * depth + b"]" * depth + b"}"
    for content, kind in ((nested, ".json"), (b"[" + nested + b"]", ".json"), (nested, ".jsonl")):
        articles, refused = read(content, kind)
        assert len(articles) + len(refused) == 1
        assert {r.refusal for r in refused} <= {Refusal.BAD_JSON}


def test_unknown_keys_and_missing_titles_are_fine() -> None:
    article = from_mapping({"text": "Iran and Pakistan talked.", "x": {"deep": [1]}, "title": None}, NOW)
    assert (article.title, article.publisher, article.url, article.published_at) == ("", "", "", NOW)
    assert article.document == "Iran and Pakistan talked."


@pytest.mark.parametrize(
    "given", ["doc#7", "a?b=c&d", "(x)", "Ä-日本", "https://x.example/a,b", "%s{}'\"\\", "x" * 200, 7]
)
def test_an_id_may_be_any_visible_characters(given: str | int) -> None:
    assert from_mapping({**GOOD, "id": given}, NOW).id == str(given)


def test_an_id_of_our_own_does_not_depend_on_time_or_order() -> None:
    data = {"text": "Iran and Pakistan talked."}
    assert from_mapping(data, NOW).id == from_mapping(data, NOW + timedelta(days=1)).id
    assert from_mapping(data, NOW).id != from_mapping({**data, "title": "Another"}, NOW).id


def test_a_single_line_of_a_megabyte_is_cut_quickly() -> None:
    began = time.monotonic()
    (article,), refused = read(b"word " * 200_000, ".txt")
    assert refused == []
    assert len(article.text) <= MAX_TEXT
    assert time.monotonic() - began < 2


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "big.txt").open("wb") as big:
        big.truncate(20 * 2**20)
    (refused,) = read_file(tmp_path / "big.txt", NOW)
    assert isinstance(refused, Refused)
    assert refused.refusal == Refusal.TOO_LARGE
    assert [r.refusal for r in read_file(tmp_path / "none.txt", NOW) if isinstance(r, Refused)] == [Refusal.UNREADABLE]
    assert [r.refusal for r in read_file(tmp_path, NOW) if isinstance(r, Refused)]


def test_markup_and_invisible_characters_in_titles_are_text_without_tricks() -> None:
    data = {
        "title": "<script>alert(1)</script>\u202eTfeL\u202c\u200b\x1b[31m\nline",
        "text": "Ir\u200ban and\u00ad Pak\u2060istan.\x00\x07 {{7*7}} %s",
    }
    article = from_mapping(data, NOW)
    assert article.title == "<script>alert(1)</script>TfeL [31m line"
    assert article.text == "Iran and Pakistan. {{7*7}} %s"


def test_a_title_of_twenty_megabytes_is_cut_quickly() -> None:
    began = time.monotonic()
    article = from_mapping({"title": "x\u0301y " * (20 * 2**20 // 5), "text": "Some words here."}, NOW)
    assert len(article.title) <= MAX_TITLE
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example", "/x"]
)
def test_a_link_that_is_none_of_the_web_is_dropped(url: str) -> None:
    assert from_mapping({**GOOD, "url": url}, NOW).url == ""


def test_lone_surrogates_become_readable_text() -> None:
    (article,), _ = read(b'{"id": "x", "text": "Iran \\ud800 and \\udc00 Pakistan", "title": "\\ud83d\\ude80 go up"}')
    assert article.text.encode()
    assert article.title == "\U0001f680 go up"


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-01T12:00:00Z", NOW),
        ("2026-03-01T17:00:00+05:00", NOW),
        ("2026-03-01 12:00", NOW),
        ("Sun, 01 Mar 2026 12:00:00 GMT", NOW),
        ("", NOW),
        (None, NOW),
        ("9999-12-31T23:59:59Z", NOW),
        ("2036-03-01T12:00:00Z", NOW),
        ("2026-02-28", NOW - timedelta(hours=36)),
    ],
)
def test_times_are_read_and_the_future_is_now(written: str | None, moment: datetime) -> None:
    assert parse_time(written, NOW) == moment


@given(
    st.one_of(
        st.text(max_size=70), st.from_regex(r"\A[A-Za-z]{3}, [0-9]{1,5} [A-Z][a-z]{2} [0-9]{0,9}[ :0-9+-]{0,20}\Z")
    )
)
def test_no_date_is_a_crash(written: str) -> None:
    try:
        found = parse_time(written, NOW)
    except RefusedInput as refused:
        assert refused.refusal == Refusal.BAD_DATE
    else:
        assert found.tzinfo is not None
        assert datetime(1980, 1, 1, tzinfo=UTC) <= found <= NOW + timedelta(hours=1)


@given(st.binary(max_size=300), st.sampled_from([".txt", ".json", ".jsonl", ".xml", ".rss", ""]))
def test_no_bytes_are_a_crash(content: bytes, kind: str) -> None:
    for item in read_bytes(content, kind, "here", NOW):
        assert isinstance(item, Article | Refused)


def json_values() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))


@given(
    st.dictionaries(st.sampled_from(["id", "text", "title", "published_at", "publisher", "url", "x"]), json_values())
)
def test_no_object_is_a_crash(data: dict[str, Any]) -> None:
    try:
        article = from_mapping(data, NOW)
    except RefusedInput as refused:
        assert str(refused)
    else:
        assert article.document.encode()
        assert clean(article.text) == article.text


def test_depth_in_a_request_is_a_refusal() -> None:
    with pytest.raises(RefusedInput, match="too deeply"):
        parse_json(b"[" * 100_000)


@pytest.mark.parametrize("written", ["en", "pt-BR", "zh_Hans_CN", "sr-Latn"])
def test_a_declared_language_is_kept(written: str) -> None:
    assert from_mapping({**GOOD, "language": written}, NOW).language == written


@pytest.mark.parametrize(
    "written", [None, 7, ["fr"], {"a": 1}, "", "English", "français", "x" * 99, "en; DROP", "\ud800"]
)
def test_what_is_no_language_tag_is_left_out(written: object) -> None:
    assert from_mapping({**GOOD, "language": written}, NOW).language == ""


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ('<html lang="fr-FR">', "fr-FR"),
        ("<HTML class=a LANG=es dir=ltr>", "es"),
        ("<html xml:lang='de'>", ""),
        ("<html hreflang='de'>", ""),
        ("<html>", ""),
    ],
)
def test_a_page_declares_its_language(tag: str, language: str) -> None:
    body = "<article><h1>A bridge</h1><p>The bridge was shut on Monday after shots on the far bank.</p></article>"
    (article,), _ = read(
        f"<!doctype html>{tag}<head><title>A bridge</title></head><body>{body}</body></html>".encode(), ".html"
    )
    assert article.language == language


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        ({"published_at": "2026-03-01T12:00:00Z"}, ()),
        ({}, (Flag.UNDATED,)),
        ({"published_at": ""}, (Flag.UNDATED,)),
        ({"published_at": "2036-03-01"}, (Flag.FUTURE,)),
        ({"published_at": "2026-03-01T12:30:00Z"}, ()),
        ({"published_at": "2026-03-01", "url": "https://a.example/2019/03/05/x"}, (Flag.OLD,)),
        ({"published_at": "2026-03-01", "url": "https://a.example/2026/02/28/x"}, ()),
        ({"published_at": "2026-03-01", "text": "KABUL, March 5, 2019 - Talks went on."}, (Flag.OLD,)),
        ({"published_at": "2026-03-01", "title": "Ir\u0430n talks"}, (Flag.LOOKALIKES,)),
        ({"published_at": "2026-03-01", "text": "Talks with Ir\u0430n went on."}, (Flag.LOOKALIKES,)),
        ({"published_at": "2026-03-01", "title": "word " * 120}, (Flag.CUT,)),
        ({"published_at": "2026-03-01", "text": "word " * 50_000}, (Flag.CUT,)),
        ({"title": "Ir\u0430n " * 120}, (Flag.UNDATED, Flag.LOOKALIKES, Flag.CUT)),
    ],
)
def test_what_is_odd_about_an_article_is_flagged(given: dict[str, str], flags: tuple[Flag, ...]) -> None:
    article = from_mapping({"text": "Talks went on.", **given}, NOW)
    assert article.flags == flags
    assert "\u0430" not in article.document


def test_an_older_date_in_the_address_counts() -> None:
    found = from_mapping({"text": "Talks went on.", "url": "https://a.example/2019/mar/05/x"}, NOW)
    assert found.published_at == datetime(2019, 3, 5, 12, tzinfo=UTC)
    assert found.flags == (Flag.UNDATED, Flag.OLD)


def test_a_publisher_is_named_in_one_alphabet() -> None:
    assert from_mapping({"text": "Talks went on.", "publisher": "R\u0435uters"}, NOW).publisher == "Reuters"


@pytest.mark.parametrize("written", ["1" * 100_000, "0", "-1", "0001-01-01", "soon"])
def test_an_explicit_bad_date_is_still_refused(written: str) -> None:
    with pytest.raises(RefusedInput) as refused:
        from_mapping({"text": "Talks went on.", "published_at": written}, NOW)
    assert refused.value.refusal == Refusal.BAD_DATE
