"""Whatever a feed writes stays text: it adds nothing to a page, a chat message or a title."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from service.adapters.messages import Context, Form, Rendered, render
from service.adapters.messages.harmless import link_to, one_line
from service.domain.alerting.alert import Quote
from service.domain.alerting.message import Message
from tests.golden.messages.cases import CASES, RISEN

PIECES = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</blockquote>", "<!--", "<![CDATA[", "&lt;b&gt;",
    "&#60;b>", "{{ 7*7 }}", "{% include 'x' %}", "](javascript:alert(1))", "[x](http://evil.example)", "![i](//evil.example/x)",
    "[x]: http://evil.example", "[x][y]", "<http://evil.example>", "https://evil.example/a", "www.evil.com", "evil.com",
    "mail@evil.com", "mailto:a@evil.com", "tg://user?id=1", "@everyone", "@here", "@channel", "@all", "<!channel>", "<!here|x>",
    "<@U024BE7LH>", "<@&1234>", "<#C024BE7LR>", "<https://evil.example|bank>", "@**all**", "#**general**", "`", "```", "**", "__",
    "*a*", "_a_", "~~a~~", "||a||", "\\", "\\@everyone", "# head", "> quote", "- item", "1. item", "---", "| a | b |", "$$x$$",
    ":boom:", "/start", "\n\n", "\r\n", "\u2028", "\u202e", "\u200b", "\x00", "\x1b[31m", "”", "“", "'", '"', "\ud800",
    "Why you get this: nobody", "Subject: x", "\nBcc: a@b.example", "U.S.", "3.5", "停火。", "ﷺ", "e\u0301",
)  # fmt: skip
"""What has broken out of a quotation somewhere."""

# Short, so that nothing is left out for want of room.
hostile = (
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), min_size=1, max_size=6)
    .map(lambda found: "".join(found)[:60])
    .filter(one_line)
)
addresses = st.one_of(
    hostile,
    hostile.map(lambda text: f"https://news.example/{text}"),
    hostile.map(lambda text: f"http://{text}.example/"),
    hostile.map(lambda text: f"javascript:{text}"),
)
few = settings(max_examples=120, deadline=None)
MARKDOWN = MarkdownIt("gfm-like")
"""With tables, raw HTML and a search for bare addresses, as chats have them."""
PLAIN = {"text", "softbreak", "text_special"}
OURS = {"https://detente.example/u/x"}
CONTEXT = Context(silence_command="detente silence add", unsubscribe_url="https://detente.example/u/x")


def message(text: str = "word", publisher: str = "word", url: str = "", *, several: bool = False) -> Message:
    """One whose every text from outside is the given one."""
    told = replace(
        RISEN,
        reason=text,
        ends_when=text,
        held=text,
        annotations={"summary": text, "runbook": text},
        quotes=(Quote(publisher, url, text, "a1"), Quote(publisher, "", text, "a2")),
    )
    items = (told, replace(told, subject="dyad:IND-PAK")) if several else (told,)
    return replace(CASES["fired"][0], items=items, note=text, why=text)


def nodes(page: str) -> list[tuple[Any, ...]]:
    """Every element with its attributes; what a text or alternative text says is left out."""
    return [
        (e.tag, *sorted((k, v) for k, v in e.attrib.items() if k != "alt"))
        for e in html.document_fromstring(page.encode()).iter()
    ]


def tokens(markdown: str) -> list[tuple[str, str]]:
    """Every piece of markup, with where a link leads."""
    found = []
    for block in MARKDOWN.parse(markdown):
        found.append((block.type, ""))
        found += [
            (token.type, str(token.attrs.get("href", ""))) for token in block.children or () if token.type not in PLAIN
        ]
    return found


@cache
def harmless(form: Form, *, several: bool, linked: str = "") -> Rendered:
    return render(message(url=linked, several=several), form, CONTEXT)


@few
@given(text=hostile, several=st.booleans())
def test_a_page_keeps_its_elements(text: str, several: bool) -> None:
    made = render(message(text, text, several=several), Form.MAIL, CONTEXT)
    assert nodes(made.html) == nodes(harmless(Form.MAIL, several=several).html)


@few
@given(url=addresses)
def test_a_page_links_to_plain_addresses_only(url: str) -> None:
    page = html.document_fromstring(render(message(url=url), Form.MAIL, CONTEXT).html.encode())
    expected = OURS | ({link.url} if (link := link_to(url)) else set())
    assert set(page.xpath("//@href")) == expected
    assert set(page.xpath("//@src")) == {"cid:chart"}


@few
@given(text=hostile, several=st.booleans())
def test_markdown_keeps_its_structure(text: str, several: bool) -> None:
    made = render(message(text, text, several=several), Form.MARKDOWN, CONTEXT)
    assert tokens(made.markdown) == tokens(harmless(Form.MARKDOWN, several=several).markdown)
    assert "@" not in made.markdown
    assert "<" not in made.markdown


@few
@given(url=addresses)
def test_markdown_links_to_plain_addresses_only(url: str) -> None:
    markdown = render(message(url=url), Form.MARKDOWN, CONTEXT).markdown
    link = link_to(url)
    expected = OURS | ({MARKDOWN.normalizeLink(link.url)} if link else set())
    assert {href for _, href in tokens(markdown) if href} == expected
    assert "@" not in markdown
    assert len(tokens(markdown)) == len(
        tokens(harmless(Form.MARKDOWN, several=False, linked="https://x.example" if link else "").markdown)
    )


SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/12315544/?mdv="
TELEGRAM_SIGNS = {"v1": r"[*_\[`]", "v2": r"[*_\[\]()~`|>]"}
"""What means something in each of its two kinds of Markdown unless a backslash stands before it."""
IMGHDR = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
"""A module that Apprise imports."""


@cache
def chat(address: str) -> Any:
    import apprise

    return apprise.Apprise.instantiate(address)


def in_chat(address: str, made: Rendered) -> str:
    """What Apprise makes of the Markdown for a chat with a markup of its own."""
    return str(chat(address).dialect_convert(made.markdown, "markdown"))


@IMGHDR
@few
@given(text=hostile, several=st.booleans())
def test_slack_is_given_no_mention_and_no_link_of_a_feed(text: str, several: bool) -> None:
    def angled(made: Rendered) -> list[str]:
        return re.findall(r"<[^>]*>?", in_chat(SLACK, made))

    found = angled(render(message(text, text, several=several), Form.MARKDOWN, CONTEXT))
    assert found == angled(harmless(Form.MARKDOWN, several=several))
    assert all(one.startswith("<https://detente.example/") for one in found)


@IMGHDR
@pytest.mark.parametrize("version", TELEGRAM_SIGNS)
@few
@given(text=hostile, several=st.booleans())
def test_telegram_is_given_the_markup_of_the_template_only(version: str, text: str, several: bool) -> None:
    def markup(made: Rendered) -> list[str]:
        return re.findall(TELEGRAM_SIGNS[version], re.sub(r"\\.", "", in_chat(TELEGRAM + version, made)))

    made = render(message(text, text, several=several), Form.MARKDOWN, CONTEXT)
    assert markup(made) == markup(harmless(Form.MARKDOWN, several=several))


@few
@given(text=hostile, form=st.sampled_from([Form.MAIL, Form.PLAIN]))
def test_no_text_begins_a_line_of_its_own(text: str, form: Form) -> None:
    def labels(made: Rendered) -> list[str]:
        return [line.partition(":")[0] if not line.startswith("-") else "-" for line in made.text.split("\n")]

    made = render(replace(message(text, text), note=""), form, CONTEXT)
    expected = render(replace(message(), note=""), form, CONTEXT)
    assert labels(made) == labels(expected)
    assert not MARKDOWN.linkify.test(made.text.replace("https://detente.example/u/x", ""))  # type: ignore[union-attr]


@few
@given(name=hostile, rule=hostile, form=st.sampled_from(Form))
def test_a_title_is_one_short_line(name: str, rule: str, form: Form) -> None:
    told = replace(RISEN, name=name, rule=rule, kind="CUSTOM")
    title = render(replace(message(), items=(told,)), form, CONTEXT).title
    assert len(title) <= 100
    assert title.splitlines() == [title]
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", title)
    assert title.startswith("↑ ")
    if form is not Form.MAIL:
        assert "@" not in title
        assert not MARKDOWN.linkify.test(title)  # type: ignore[union-attr]


@few
@given(label=hostile)
def test_a_label_cannot_leave_its_command(label: str) -> None:
    grouped = replace(message(), group={"subject": label})
    page = html.document_fromstring(render(grouped, Form.MAIL, CONTEXT).html.encode())
    assert {e.tag for e in page.xpath("//code//*")} == set()
    markdown = render(grouped, Form.MARKDOWN, CONTEXT).markdown
    assert {href for _, href in tokens(markdown) if href} == OURS
    assert "@" not in markdown


@pytest.mark.parametrize("form", Form)
def test_it_is_readable_all_the_same(form: Form) -> None:
    made = render(message('Deaths rose by 3.5 % & "more" (U.S. data)', "L'Écho"), form, CONTEXT)
    shown = html.document_fromstring(made.html.encode()).text_content() if made.html else made.markdown or made.text
    assert 'Deaths rose by 3.5 % & "more" (U․S. data)' in shown
    assert "L'Écho" in shown
