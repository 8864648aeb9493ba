"""Titles: the arrow, the subject and the band, for a lock screen."""

from collections.abc import Sequence

from service.adapters.messages.harmless import one_line, shortened
from service.adapters.messages.language import Language
from service.domain.alerting.message import Item, Message, MessageReason
from service.domain.alerting.rule import Severity, State

LONGEST_TITLE = 100
"""Characters. Telephones show the first forty or so."""
_LONGEST_RULE = 30
_DOWNWARD = frozenset({"DEESC", "ALLCLEAR"})
_FEEDS = "SILENCE"
_OWN = "CUSTOM"
"""A rule whose name says what it watches."""
_NEVER_CONFIRMED = frozenset({*_DOWNWARD, _FEEDS})
_WITHOUT_ALERTS = frozenset({MessageReason.CONFIRM, MessageReason.TEST, MessageReason.HEARTBEAT})


def loudest_first(items: Sequence[Item]) -> list[Item]:
    """By severity, what fires before what is over, then by level."""
    order = list(Severity)
    return sorted(items, key=lambda i: (-order.index(i.severity), i.state is not State.FIRING, -i.level, i.name))


def title(message: Message, language: Language) -> str:
    """One line of at most `LONGEST_TITLE` characters; a long name gives way before the band does."""
    if message.reason in _WITHOUT_ALERTS:
        return language.say(f"title.{message.reason}")
    if not message.items:
        return language.say("title.empty", reason=message.reason)
    first = _told_first(message)
    name = one_line(first.name)
    found = _title(message, first, name, language)
    if len(found) > LONGEST_TITLE:
        room = max(1, len(name) - (len(found) - LONGEST_TITLE))
        found = _title(message, first, shortened(name, room), language)
    return shortened(found, LONGEST_TITLE)


def _told_first(message: Message) -> Item:
    """The loudest; in a digest what its subject has come to since."""
    first = loudest_first(message.items)[0]
    if message.reason is not MessageReason.DIGEST:
        return first
    return max((item for item in message.items if item.subject == first.subject), key=lambda item: item.at)


def _title(message: Message, first: Item, name: str, language: Language) -> str:
    found, n = headline(first, language, name), len(message.items)
    match message.reason:
        case MessageReason.DIGEST | MessageReason.FLOOD:
            return language.count(f"title.{message.reason}", n, title=found)
        case MessageReason.REPEAT | MessageReason.ESCALATED:
            found = language.say(f"title.{message.reason}", title=found)
    return language.say("title.more", title=found, n=n - 1) if n > 1 else found


def headline(item: Item, language: Language, name: str = "") -> str:
    """Direction, name, what is the matter, band and level in whole numbers."""
    name, arrow, what = name or one_line(item.name), _arrow(item), _what(item, language)
    if item.kind == _FEEDS:
        return language.say("title.feeds", arrow=arrow, name=name, what=what)
    level = language.say("level", band=language.band(item.level), now=language.position(item.level, 0))
    key = "title.what" if what else "title.level"
    found = language.say(key, arrow=arrow, name=name, what=what, level=level)
    firing = item.state is State.FIRING and item.kind not in _NEVER_CONFIRMED
    return language.say("title.unconfirmed", title=found) if firing and not item.confirmed else found


def _arrow(item: Item) -> str:
    resolved = item.state is State.RESOLVED
    if item.kind == _FEEDS:
        return "●" if resolved else "○"
    falls = item.kind == _OWN and item.level < item.level_before
    return "↓" if resolved or falls or item.kind in _DOWNWARD else "↑"


def _what(item: Item, language: Language) -> str:
    """What is the matter beside the level; empty for a level that is high."""
    kind = item.kind.lower()
    if item.state is State.RESOLVED and item.kind not in _DOWNWARD:
        over = language.say(f"over.{kind}" if language.has(f"over.{kind}") else "over")
        return f"{shortened(one_line(item.rule), _LONGEST_RULE)} {over}" if item.kind == _OWN else over
    if item.kind == _OWN:
        return shortened(one_line(item.rule), _LONGEST_RULE)
    return language.say(f"what.{kind}") if language.has(f"what.{kind}") else ""
