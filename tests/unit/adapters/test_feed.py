"""Feeds as they are found in the wild, and as an enemy would write them."""

import time
from datetime import UTC, datetime

import pytest

from service.adapters.feeds.reader import shared_reader
from service.adapters.feeds.syndicated import MOST_ITEMS
from service.domain.news.article import Article
from service.domain.news.text import MAX_TITLE
from service.errors import Refusal, RefusedInput
from service.ports import Refused

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def parse(content: bytes | str, headers: dict[str, str] | None = None) -> tuple[list[Article], list[Refused]]:
    raw = content.encode() if isinstance(content, str) else content
    found = shared_reader().feed(raw, headers or {}, "wire", "Wire", NOW)
    return list(found.items), list(found.refused)


def item(n: object = 1, title: str = "", body: str = "", extra: str = "") -> str:
    return (
        f"<item><title>{title or f'Iran news number {n}'}</title><description>{body or f'Pakistan said {n}.'}</description>"
        f"<link>https://wire.example/{n}</link>{extra}</item>"
    )


def rss(*items: str, head: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    return f'{head}<rss version="2.0"><channel><title>Wire</title>{"".join(items)}</channel></rss>'


def test_rss_and_atom_are_read() -> None:
    dated = item(1, extra="<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>")
    (article,), refused = parse(rss(dated))
    assert refused == []
    assert (article.title, article.text, article.publisher) == ("Iran news number 1", "Pakistan said 1.", "Wire")
    assert (article.url, article.published_at) == ("https://wire.example/1", datetime(2026, 3, 1, 10, tzinfo=UTC))
    atom = (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>W</title><entry><title>Iran moves</title>'
        '<link href="https://wire.example/a"/><updated>2026-03-01T09:00:00+05:00</updated>'
        '<content type="html">&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two &amp;amp; three.&lt;/p&gt;</content></entry></feed>'
    )
    (article,), _ = parse(atom)
    assert article.text == "One.\n\nTwo & three."
    assert article.published_at == datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "date",
    ["yesterday", "Thu, 99 Foo 2026", "1" * 100_000, "31 Dec 9999 23:59:59 GMT", "0000-00-00", "2036-01-01"],
)
def test_a_bad_date_counts_as_now(date: str) -> None:
    articles, refused = parse(rss(item(1, extra=f"<pubDate>{date}</pubDate>"), item(2)))
    assert refused == []
    assert [a.published_at for a in articles] == [NOW, NOW]


@pytest.mark.parametrize(
    "head", ['<?xml version="1.0" encoding="utf-8"?>', "<?xml version='1.0' encoding='UTF-8'?>", ""]
)
def test_a_wrong_byte_spoils_one_character_only(head: str) -> None:
    raw = rss(item(1, body="Zürich XX said so."), head=head).encode().replace(b"XX", b"caf\xe9 \x93quoted\x94")
    (article,), _ = parse(raw)
    assert "Zürich caf" in article.text
    assert "said so" in article.text
    assert "Ã" not in article.text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("declared", [True, False])
def test_a_feed_in_utf_16_is_read(encoding: str, declared: bool) -> None:
    head = '<?xml version="1.0" encoding="utf-16"?>' if declared else '<?xml version="1.0"?>'
    (article,), _ = parse(rss(item(1, title="Zürich und Teheran"), head=head).encode(encoding))
    assert article.title == "Zürich und Teheran"


def test_a_feed_whose_encoding_stands_in_the_header_only() -> None:
    raw = rss(item(1, title="Zürich und Teheran"), head="").encode("iso-8859-1")
    (article,), _ = parse(raw, {"content-type": "text/xml; charset=iso-8859-1"})
    assert article.title == "Zürich und Teheran"


@pytest.mark.parametrize("encoding", ["zlib_codec", "idna", "utf-7", "nonsense", "rot13", "unicode_escape"])
def test_a_strange_encoding_is_no_crash(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    try:
        articles, _ = parse(rss(item(1), head=head))
    except RefusedInput as refused:
        assert refused.refusal == Refusal.NOT_A_FEED
    else:
        assert [a.title for a in articles] in ([], ["Iran news number 1"])


def test_a_truncated_feed_gives_the_items_so_far() -> None:
    whole = rss(item(1), item(2), item(3))
    articles, _ = parse(whole[: whole.index("<title>Iran news number 3") + 10])
    assert [a.title for a in articles[:2]] == ["Iran news number 1", "Iran news number 2"]


def test_only_so_many_items_are_taken() -> None:
    articles, refused = parse(rss(*(item(n) for n in range(2000))))
    assert len(articles) + len(refused) == MOST_ITEMS == 500


def test_a_bad_item_is_refused_with_its_number_and_the_others_go_on() -> None:
    articles, refused = parse(rss(item(1), item(2, title="...", body="123"), item(3)))
    assert len(articles) == 2
    assert [(r.where, r.refusal) for r in refused] == [("wire item 2", Refusal.NO_TEXT)]


def test_billion_laughs_are_refused_at_once() -> None:
    entities = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    raw = f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]>' + rss(item(1, title="x &m; y z"), head="")
    began = time.monotonic()
    try:
        articles, _ = parse(raw)
    except RefusedInput:
        articles = []
    assert time.monotonic() - began < 1
    assert all(len(a.title) < MAX_TITLE for a in articles)


def test_no_file_is_read_through_an_entity() -> None:
    raw = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(
        item(1, title="Iran &x; news"), head=""
    )
    try:
        articles, _ = parse(raw)
    except RefusedInput:
        articles = []
    assert "root:" not in repr(articles)


def test_a_path_is_no_feed() -> None:
    with pytest.raises(RefusedInput) as caught:
        parse("/etc/passwd")
    assert caught.value.refusal == Refusal.NOT_A_FEED


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html;base64,PHNjcmlwdD4=", "file:///etc/passwd", "//evil.example/x", "x y"],
)
def test_a_link_that_is_none_of_the_web_is_dropped(link: str) -> None:
    raw = rss(f"<item><title>Iran news today</title><description>Words.</description><link>{link}</link></item>")
    (article,), _ = parse(raw)
    assert article.url == ""


def test_markup_becomes_text_once() -> None:
    title = "&lt;script&gt;alert(1)&lt;/script&gt;Iran &lt;b&gt;strikes&lt;/b&gt; &lt;svg onload=x&gt; now"
    (article,), _ = parse(
        rss(item(1, title=title, body="&lt;img src=x onerror=alert(1)&gt;Some &amp;amp;lt;b&amp;amp;gt; words"))
    )
    assert "<" not in article.title
    assert "onload" not in article.title
    assert "onerror" not in article.text
    assert article.text.startswith("Some")


def test_invisible_characters_are_gone() -> None:
    (article,), _ = parse(
        rss(item(1, title="Ir\u200ban \u202egnp.exe\u202c moves", body="Some \u2066words\u2069 here."))
    )
    assert article.title == "Iran gnp.exe moves"
    assert article.text == "Some words here."


def test_a_huge_title_is_cut() -> None:
    (article,), _ = parse(rss(item(1, title="Iran moves " * 100_000)))
    assert len(article.title) <= MAX_TITLE


def test_items_without_a_guid_have_an_id_by_what_they_say() -> None:
    first, _ = parse(rss(item(1), item(2)))
    again, _ = parse(rss(item(2), item(1)))
    assert {a.id for a in first} == {a.id for a in again}
    assert len({a.id for a in first}) == 2


def test_nul_bytes_are_no_crash() -> None:
    raw = rss(item(1)).encode().replace(b"number", b"num\x00ber")
    try:
        articles, _ = parse(raw)
    except RefusedInput:
        articles = []
    assert all("\x00" not in a.document for a in articles)


def test_the_declared_language_is_the_items_or_the_feeds() -> None:
    (article,), _ = parse(rss(item(1)).replace("<title>Wire", "<language>fr-FR</language><title>Wire"))
    assert article.language == "fr-FR"
    (article,), _ = parse(rss(item(1)))
    assert article.language == ""
    atom = (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es"><title>W</title>'
        '<entry xml:lang="pt"><title>Ponte fechada ontem</title></entry><entry><title>Puente cerrado ayer</title></entry></feed>'
    )
    assert [article.language for article in parse(atom)[0]] == ["pt", "es"]


def test_a_declaration_that_is_none_is_no_reason_to_refuse() -> None:
    (article,), refused = parse(
        rss(item(1)).replace("<title>Wire", "<language>the King's English</language><title>Wire")
    )
    assert (article.language, refused) == ("", [])
