"""What stands in a page but is no part of its article: what nobody sees, and the furniture around the text."""

import re
from collections.abc import Iterator, Mapping

from lxml.html import HtmlElement

_STYLES_READ = 300_000
"""Characters of a page's own style sheets that are read."""
_MOST_OF_PAGE = 1 / 3
"""Share of the page's running text from which a block is never furniture, and may be the whole article."""
_KEPT = frozenset({"html", "body", "main", "head"})
_UNSEEN_TAGS = frozenset({"template", "noscript"})
_FURNITURE_TAGS = frozenset({"nav", "aside", "footer", "form", "button", "figcaption", "dialog", "iframe", "video"})
_FURNITURE_ROLES = frozenset(
    {"navigation", "contentinfo", "complementary", "search", "dialog", "alertdialog", "banner"}
)
_FURNITURE_WORDS = frozenset(
    """
    about ad ads adslot advert advertisement advertising author bio breadcrumb breadcrumbs byline
    caption cmp comments consent cookie cookies credit credits date dates disqus footer footnotes gdpr
    menu meta nav navbar newsletter outbrain pager pagination paywall popular promo pullquote
    recommended related share sharing sidebar signup sponsor sponsored subscribe subscription taboola
    tags timestamp toc toolbar trending upsell
    """.split()  # noqa: SIM905  a list of sixty quoted words is harder to read
)
"""Words of class and id that say what a block is for."""
_LINK_BLOCKS = ("p", "ul", "ol", "div", "section", "td", "li")
_LINKED = 0.6
"""Share of a block's letters that stand in links from which it is a list of links."""
_CARDS = ("div", "article", "section", "li")
_HEADINGS = ("h2", "h3", "h4", "h5")
_CARD_TEXT = 160
"""Letters that the teaser of another article has at most."""
_RULE_EDGE = re.compile(r"[{}]")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SIMPLE = re.compile(r"[.#][A-Za-z_-][\w-]*")
_WORD = re.compile(r"[A-Za-z]+")
_NUMBER = re.compile(r"-?\d*\.?\d+")
_FAR = -400
"""Pixels beyond the edge from which a block is out of sight."""
_PAPER = frozenset({"white", "#fff", "#ffffff", "rgb(255,255,255)"})
_MOVES = ("transform", "transition", "animation")
_SHEETS_LEAVE = ("opacity",)
"""What style sheets hide only until a script fades it in."""


Styles = Mapping[str, Mapping[str, str]]


def drop_hidden(tree: HtmlElement) -> None:
    """Take out what a reader would not see: hidden by attribute, by style or by the page's own style sheet."""
    styles = _sheets(tree)
    for element in [e for e in tree.iter() if isinstance(e.tag, str) and e.tag not in _KEPT]:
        if _is_marked_hidden(element) or _is_styled_away(_style_of(element, styles), element, styles):
            _drop(element)
    for element in tree.iter():
        # trafilatura takes every style with the word hidden in it, such as `overflow: hidden`, for hidden text.
        element.attrib.pop("style", None)


def drop_furniture(tree: HtmlElement) -> None:
    """Take out links, boxes and captions around the text. A block with a third of it, or with the headline, stays."""
    running = _running(tree)
    for element in [e for e in tree.iter() if isinstance(e.tag, str) and e.tag not in _KEPT]:
        if (_is_furniture(element) or _is_links(element) or _is_note_mark(element)) and not _carries(element, running):
            _drop(element)
    for card in [e for e in tree.iter(*_CARDS) if _is_card(e) and any(map(_is_card, _neighbours(e)))]:
        _drop(card)


def scope_of(tree: HtmlElement, title: str) -> HtmlElement:
    """The page, without what stands outside of the one article that has the headline in it."""
    running = _running(tree)
    for heading in tree.iter("h1"):
        if _plain(heading).casefold() == title.casefold():
            article = next(heading.iterancestors("article"), None)
            if article is not None and _running(article) > _MOST_OF_PAGE * running:
                _keep_only(article)
            break
    return tree


def _keep_only(element: HtmlElement) -> None:
    """Take out the siblings of an element and of what it stands in, up to the body."""
    while element.tag != "body" and element.getparent() is not None:
        parent = element.getparent()
        for other in list(parent):
            if other is not element:
                _drop(other)
        element = parent


def _drop(element: HtmlElement) -> None:
    """Take an element out; the text behind it stays."""
    if element.getparent() is not None:
        element.drop_tree()


def _plain(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _running(tree: HtmlElement) -> int:
    """Letters of text that stands in no link, script or style."""
    return sum(
        len(text.strip())
        for element in tree.iter()
        if isinstance(element.tag, str) and element.tag not in {"script", "style", "a", "head", "title", "option"}
        for text in (element.text, *(child.tail for child in element))
        if text
    )


def _is_furniture(element: HtmlElement) -> bool:
    if element.tag in _FURNITURE_TAGS or element.get("role", "").lower() in _FURNITURE_ROLES:
        return True
    named = f"{element.get('class', '')} {element.get('id', '')}"
    return not _FURNITURE_WORDS.isdisjoint(word.lower() for word in _WORD.findall(named))


def _is_links(element: HtmlElement) -> bool:
    """Whether a block is mostly links."""
    if element.tag not in _LINK_BLOCKS:
        return False
    linked = sum(len(_plain(link)) for link in element.iter("a"))
    return linked > 0 and linked > _LINKED * len(_plain(element))


def _is_note_mark(element: HtmlElement) -> bool:
    """Whether it is the raised number that leads to a footnote."""
    return element.tag == "sup" and next(element.iter("a"), None) is not None


def _is_card(element: HtmlElement) -> bool:
    """Whether a block is the teaser of another article: a heading that is a link, and a line or two."""
    if element.tag not in _CARDS or next(element.iter("h1"), None) is not None:
        return False
    linked = any(
        next(heading.iter("a"), None) is not None or next(heading.iterancestors("a"), None) is not None
        for heading in element.iter(*_HEADINGS)
    )
    return linked and _running(element) <= _CARD_TEXT


def _neighbours(element: HtmlElement) -> Iterator[HtmlElement]:
    yield from filter(lambda other: other is not None, (element.getprevious(), element.getnext()))


def _carries(element: HtmlElement, running: int) -> bool:
    return next(element.iter("h1"), None) is not None or _running(element) > _MOST_OF_PAGE * running


def _is_marked_hidden(element: HtmlElement) -> bool:
    return (
        element.tag in _UNSEEN_TAGS
        or (element.get("hidden") is not None and element.get("hidden") != "until-found")
        or element.get("aria-hidden", "").lower() == "true"
        or element.get("layout") == "nodisplay"
        or (element.tag == "dialog" and element.get("open") is None)
    )


def _is_styled_away(style: Mapping[str, str], element: HtmlElement, styles: Styles) -> bool:
    return bool(style) and (
        style.get("display") == "none"
        or style.get("visibility") in {"hidden", "collapse"}
        or (_is_nothing(style.get("opacity")) and not any(move in style for move in _MOVES))
        or _is_nothing(style.get("font-size"))
        or _has_no_room(style)
        or _is_out_of_sight(style)
        or _is_ink_like_paper(style, element, styles)
    )


def _is_nothing(value: str | None) -> bool:
    """Whether a length or share is nought."""
    found = _NUMBER.match(value or "")
    return found is not None and float(found[0]) == 0


def _has_no_room(style: Mapping[str, str]) -> bool:
    sizes = ("height", "max-height", "width", "max-width")
    return style.get("overflow", "").startswith(("hidden", "clip")) and any(_is_nothing(style.get(s)) for s in sizes)


def _is_out_of_sight(style: Mapping[str, str]) -> bool:
    placed = ("left", "top", "right") if style.get("position") in {"absolute", "fixed"} else ()
    pushed = any(_pixels(style.get(edge)) <= _FAR for edge in (*placed, "text-indent"))
    return pushed or style.get("clip", "").replace("px", "").startswith(("rect(0", "rect(1,1,1,1"))


def _pixels(value: str | None) -> float:
    found = _NUMBER.match(value or "")
    if found is None:
        return 0
    return float(found[0]) * (16 if (value or "").endswith("em") else 1)


def _is_ink_like_paper(style: Mapping[str, str], element: HtmlElement, styles: Styles) -> bool:
    """Whether text has the colour of what it stands on; where no ground is named, that is white."""
    ink = style.get("color", "")
    if not ink or ink == "inherit":
        return False
    ground = next(filter(None, (_ground(e, styles) for e in (element, *element.iterancestors()))), "white")
    return ink in {"transparent", ground} or (ink in _PAPER and ground in _PAPER)


def _ground(element: HtmlElement, styles: Styles) -> str:
    style = _style_of(element, styles)
    if "background-image" in style:
        return "image"
    return style.get("background-color") or style.get("background") or element.get("bgcolor", "").lower()


def _style_of(element: HtmlElement, styles: Styles) -> dict[str, str]:
    """The declarations of an element: those of its classes and id in the page's sheets, then its own."""
    found: dict[str, str] = {}
    if styles:
        names = [f".{name}" for name in element.get("class", "").split()]
        for name in (*names, f"#{element.get('id', '')}"):
            found |= styles.get(name, {})
    return found | _declarations(element.get("style", ""))


def _sheets(tree: HtmlElement) -> dict[str, dict[str, str]]:
    """Class or id -> declarations, of the plain rules of the style sheets that stand in the page."""
    found: dict[str, dict[str, str]] = {}
    written = " ".join(
        sheet.text or "" for sheet in tree.iter("style") if not sheet.get("media", "").startswith("print")
    )
    for selectors, body in _rules(_CSS_COMMENT.sub("", written[:_STYLES_READ])):
        declared = {k: v for k, v in _declarations(body).items() if k not in _SHEETS_LEAVE}
        for selector in map(str.strip, selectors.split(",")):
            if declared and _SIMPLE.fullmatch(selector):
                found.setdefault(selector, {}).update(declared)
    return found


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Selectors and body of the rules that stand in no block such as `@media`."""
    depth, begin, selectors = 0, 0, ""
    for edge in _RULE_EDGE.finditer(css):
        if edge[0] == "{":
            if depth == 0:
                selectors = css[begin : edge.start()].rpartition(";")[2].strip()
            depth += 1
        else:
            depth = max(depth - 1, 0)
            if depth == 0 and not selectors.startswith("@"):
                yield selectors, css[begin : edge.start()]
        begin = edge.end()


def _declarations(style: str) -> dict[str, str]:
    """Property -> value, both in small letters, without blanks and `!important`."""
    pairs = (part.partition(":") for part in style.lower().split(";"))
    return {
        name.strip(): "".join(value.replace("!important", "").split())
        for name, _, value in pairs
        if name.strip() and value
    }
