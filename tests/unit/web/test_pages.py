"""The page of one article: well formed, harmless whatever the article holds, its marks where the events are."""

from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.events.event import Event
from service.domain.events.extraction import Sentence, uneventful
from service.domain.events.place import Mention, MentionKind
from service.domain.events.signal import MentionRole, Modality, Signal
from service.domain.news.article import Article
from service.operations.highlight import Name, passages
from service.operations.preview import Coded, Preview, label
from service.ports import CodedArticle
from service.web.marking import SIGNS
from service.web.pages import explain_page
from tests.unit.domain.build import NOW, coding, event, roles

VOID = {"meta", "br", "hr", "img", "link", "input"}
TITLE = "Iran struck Pakistan"
STRIKE = "Iran fired missiles at Pakistan, killing nine people."
BETWEEN = " It was cold. "
AGREE = "Both sides then agreed to talk."
VERSIONS = {"model": "m 1", "gazetteer": "g 1"}


class Page(HTMLParser):
    """A page that was read; fails when a tag is left open or closed twice."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str]]] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, list[tuple[str, dict[str, str]]]]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute of {tag} stands twice"
        here = (tag, {name: value or "" for name, value in attrs})
        self.tags.append(here)
        if tag not in VOID:
            self.open.append(here)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((data, list(self.open)))

    def within(self, tag: str, *, without: str = "", **attributes: str) -> str:
        """The text inside elements of this tag and attributes, less that of elements of the class `without`."""
        return "".join(
            data
            for data, around in self.texts
            if any(t == tag and attributes.items() <= a.items() for t, a in around)
            and not any(without and without in a.get("class", "").split() for _, a in around)
        )

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def preview(
    title: str, text: str, events: Sequence[Event] = (), mentions: Sequence[tuple[Mention, MentionRole]] = ()
) -> Preview:
    """A preview whose names all stand in one sentence, the whole document."""
    article = Article("a1", title, text, "", "", NOW, NOW)
    whole = Sentence(0, 0, len(article.document), article.document, lead=True)
    said = replace(coding(), roles=tuple(roles(role) for _, role in mentions))
    answer = CodedArticle((whole,), (said,), (tuple(m for m, _ in mentions),), "m 1", "g 1")
    coded = Coded(tuple(events), (), uneventful(whole, said, NOW), answer, "en")
    return Preview(article, coded, label(events), events[0].signal if events else Signal.NEUTRAL, (), ())


def placed(told: Event, document: str, words: str, *weights: tuple[str, float]) -> Event:
    start = document.index(words)
    spans = ((document.index(w, start), weight, w) for w, weight in weights)
    return replace(
        told,
        start=start,
        end=start + len(words),
        text=words,
        words=tuple((at, at + len(w), weight) for at, weight, w in spans),
    )


def a_case() -> Preview:
    text = STRIKE + BETWEEN + AGREE
    document = f"{TITLE}\n\n{text}"
    events = [
        placed(event(), document, TITLE, ("struck", 0.5)),
        placed(event(), document, STRIKE, ("missiles", 0.2), ("killing", 0.6), ("fired", -0.1)),
        placed(event("AGREE.deescalate", ("IRN", "PAK"), ()), document, AGREE, ("agreed", 0.7)),
    ]
    at = document.index("Iran fired")
    pak = document.index("Pakistan", at)
    names = [
        (Mention(at, at + 4, "Iran", "IRN", MentionKind.COUNTRY, ("IRN",)), MentionRole.ACTOR),
        (Mention(pak, pak + 8, "Pakistan", "PAK", MentionKind.COUNTRY, ("PAK",)), MentionRole.RECIPIENT),
    ]
    return preview(TITLE, text, events, names)


def test_marks_are_where_the_events_are() -> None:
    case = a_case()
    page = Page(explain_page(case, VERSIONS))
    marks = page.all("mark")
    assert [(int(m["data-start"]), int(m["data-end"])) for m in marks] == [(e.start, e.end) for e in case.coded.events]
    assert [m["class"] for m in marks] == ["escalation", "escalation", "de-escalation"]
    for mark, told in zip(marks, case.coded.events, strict=True):
        assert page.within("mark", id=mark["id"]) == told.text


def test_the_text_is_there_as_it_is() -> None:
    case = a_case()
    page = Page(explain_page(case, VERSIONS))
    shown = page.within("div", without="tag", **{"class": "text"})
    assert shown == case.article.text
    assert page.within("h1", without="tag") == TITLE
    assert page.within("title") == TITLE


def test_words_stand_out_by_their_weight_and_names_say_their_part() -> None:
    page = Page(explain_page(a_case(), VERSIONS))
    spans = {page.within("span", **s): (s["class"], s["title"]) for s in page.all("span") if "title" in s}
    assert spans["killing"] == ("word for w3", "weight +0.60")
    assert spans["missiles"] == ("word for w1", "weight +0.20")
    assert spans["fired"] == ("word against w1", "weight -0.10")
    assert spans["Iran"] == ("name", "IRN: does it")
    assert spans["Pakistan"] == ("name", "PAK: to whom it is done")


def test_a_sign_and_a_word_tell_directions_apart_where_colours_do_not() -> None:
    page = Page(explain_page(a_case(), VERSIONS))
    tags = [page.within("a", **a) for a in page.all("a") if a["href"].startswith("#event-")]
    assert tags == ["▲ 1 escalation", "▲ 2 escalation", "▼ 3 de-escalation"]
    assert len(set(SIGNS.values())) == len(Signal)


def test_the_table_has_a_row_for_each_event() -> None:
    case = a_case()
    page = Page(explain_page(case, VERSIONS))
    assert [a["id"] for a in page.all("tr") if "id" in a] == ["event-1", "event-2", "event-3"]
    assert "IRN → PAK" in page.within("tr", id="event-2")
    assert "killing +0.60" in page.within("tr", id="event-2")
    assert "IRN+PAK" in page.within("tr", id="event-3")


def test_every_link_leads_to_something_on_the_page() -> None:
    page = Page(explain_page(a_case(), VERSIONS))
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(set(ids)) == len(ids)
    assert {a["href"] for a in page.all("a")} == {f"#{i}" for i in ids}


@pytest.mark.parametrize("title", ["", "Nothing happened"])
def test_an_article_without_events(title: str) -> None:
    html = explain_page(preview(title, "The weather was mild."), VERSIONS)
    page = Page(html)
    assert "No event was found" in html
    assert page.all("mark") == page.all("table") == []
    assert page.within("h1") == (title or "(no title)")
    assert page.within("div", **{"class": "text"}) == "The weather was mild."


def test_it_asks_nothing_of_anybody() -> None:
    html = explain_page(a_case(), VERSIONS)
    page = Page(html)
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "form", "base"} == set()
    assert not [a for _, a in page.tags if {"src", "style", "onclick", "onload"} & set(a)]
    assert "url(" not in html
    assert "@import" not in html
    assert "://" not in html


def test_it_suits_light_dark_and_narrow_screens() -> None:
    html = explain_page(a_case(), VERSIONS)
    assert "prefers-color-scheme: dark" in html
    assert "width=device-width" in html
    assert "@media (max-width: 45rem)" in html
    labels = [a["data-label"] for a in Page(html).all("td")]
    assert labels[:3] == ["no.", "signal", "type"]


def test_it_tells_who_says_it() -> None:
    case = a_case()
    told = [replace(e, quoted=True, attributed_to=("PAK", "UN")) for e in case.coded.events]
    page = explain_page(replace(case, coded=replace(case.coded, events=tuple(told))), VERSIONS)
    assert page.count('<td data-label="said by">PAK+UN, quoted</td>') == len(told)


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</mark></div></title></style><b>",
    "&lt;b&gt; &amp; &#60;script&#62; &nbsp",
    "<!-- --> <![CDATA[ ]]> <?php ?>",
    "{{ 7 * 7 }} {% raw %} {# #}",
    "safe\u202egnp.exe\u202c \u2066x\u2069",
    "nul\0 bell\x07 esc\x1b[31m \x85 \ufffe",
    "half \ud800 pair",
]


@pytest.mark.parametrize("nasty", HOSTILE)
def test_whatever_the_article_holds_is_text(nasty: str) -> None:
    text = f"Iran {nasty} struck."
    document = f"{nasty}\n\n{text}"
    told = placed(event(), document, text, (nasty, 0.5))
    at = document.index("Iran")
    name = Mention(at, at + 4, "Iran", nasty, MentionKind.COUNTRY, ())
    told = replace(told, regions=(nasty,), place_name=nasty)
    html = explain_page(preview(nasty, text, [told], [(name, MentionRole.ACTOR)]), {"model": nasty})
    plain = Page(explain_page(preview("x", "Iran x struck.", [placed(event(), "x\n\nIran x struck.", "Iran x struck.", ("x", 0.5))],
                                      [(Mention(3, 7, "Iran", "x", MentionKind.COUNTRY, ()), MentionRole.ACTOR)]), {"model": "x"}))  # fmt: skip
    page = Page(html)
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags], "the article adds no element"
    assert [set(a) for _, a in page.tags] == [set(a) for _, a in plain.tags], "nor an attribute"
    assert html.encode("utf-8")
    assert not any(sign in html for sign in "\u202e\u202c\u2066\u2069\0\x07\x1b\x85\ufffe")
    shown = page.within("mark")
    assert len(shown) == len(text), "each sign keeps its place"
    assert all(b in {a, "\ufffd"} for a, b in zip(text, shown, strict=True))


# How the text is cut.


TEXT = "abcdefghij"
SPANS = st.tuples(st.integers(0, 10), st.integers(0, 10)).map(lambda s: (min(s), max(s)))


@given(st.lists(SPANS, max_size=4), st.lists(SPANS, max_size=4), st.lists(SPANS, max_size=4), SPANS)
def test_passages_are_the_whole_text_whatever_overlaps(
    sentences: list[tuple[int, int]], words: list[tuple[int, int]], names: list[tuple[int, int]], part: tuple[int, int]
) -> None:
    told = [replace(event(), start=a, end=b, words=tuple((c, d, 0.5) for c, d in words)) for a, b in sentences]
    found = passages(TEXT, *part, told, [Name(a, b, "IRN", MentionRole.ACTOR) for a, b in names])
    assert "".join(piece.text for p in found for piece in p.pieces) == TEXT[part[0] : part[1]]
    assert all("".join(piece.text for piece in p.pieces) == TEXT[p.start : p.end] for p in found)
    for passage in found:
        if passage.event is not None:
            assert told[passage.event].start <= passage.start < passage.end <= told[passage.event].end
        assert all(piece.weight == 0 for piece in passage.pieces) or passage.event is not None


def test_what_counts_nothing_is_marked_as_such() -> None:
    text = "Iran struck in 2014."
    told = placed(event(modality=Modality.HISTORICAL, signal=Signal.NEUTRAL, intensity=0.0), text, text)
    page = Page(explain_page(preview("", text, [told]), VERSIONS))
    assert page.all("mark")[0]["class"] == "neutral"
    assert "● neutral" in page.within("tr", id="event-1")
