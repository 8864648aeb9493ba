"""What a message shows, in words and in order, before a template lays it out. Nothing here is escaped yet."""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby

from service.adapters.messages.harmless import Link, link_to, one_line, shortened
from service.adapters.messages.headline import headline, loudest_first
from service.adapters.messages.language import DEFAULT, Language
from service.adapters.messages.sparkline import sparkline
from service.domain.alerting.message import Item, Message, MessageReason
from service.domain.alerting.rule import State
from service.domain.risk.score import Band, band

LATE = timedelta(minutes=15)
"""A message that is later than this says so."""
QUOTES = 3
"""Sentences shown of an alert that comes alone."""
_LONGEST = 280
"""Characters of a sentence, a reason, an annotation."""
_LONGEST_PUBLISHER, _LONGEST_LABEL, _LONGEST_COMMAND, _LONGEST_NOTE = 60, 30, 250, 500
_LONGEST_OWN_LINK = 400
_ANNOTATIONS = 6
_TRUSTED, _DOUBTED = 0.65, 0.4
"""Confidence from which it is called high, and below which it is called low: six owner groups, fewer than two."""
_INNER = str.maketrans({"“": "‘", "”": "’", "„": "‚"})
"""Quotation marks inside quotation marks: no sentence can look as if it ended before it does."""
_NEWS = frozenset({MessageReason.FIRED, MessageReason.CHANGED, MessageReason.RESOLVED, MessageReason.FLOOD})
"""Reasons that promise to be quick. The others tell of what is old by their nature."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the reader's side adds: links (empty where there are none), time zone and language.

    `silence_command` is what an operator types before matchers, such as "detente silence add"; empty for readers who
    have no command line. `late` is how long after `event_at` the message goes out.
    """

    base_url: str = ""
    confirm_url: str = ""
    manage_url: str = ""
    unsubscribe_url: str = ""
    silence_command: str = ""
    late: timedelta | None = None
    zone: tzinfo = UTC
    language: str = DEFAULT


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of an alert. The minor ones go first where there is no room."""

    label: str
    value: str
    minor: bool = False
    trend: bool = False


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence and who printed it."""

    text: str
    publisher: str
    link: Link | None


@dataclass(frozen=True, slots=True)
class Block:
    """An alert, or in a digest all that happened on a subject."""

    headline: str
    band: Band
    facts: Sequence[Fact]
    quotes: Sequence[Quoted]


@dataclass(frozen=True, slots=True)
class Foot:
    """Why it came and what to do against it. `commands` and `links` are pairs of a label and a command or link."""

    why: str
    commands: Sequence[tuple[str, str]]
    links: Sequence[tuple[str, Link]]


@dataclass(frozen=True, slots=True)
class Page:
    """All of a message but its title."""

    language: Language
    intro: Sequence[str]
    confirm: Link | None
    blocks: Sequence[Block]
    foot: Foot
    chart_text: str


def event_at(message: Message) -> datetime:
    """When the first thing it tells of happened."""
    return min((item.at for item in message.items), default=message.created_at)


def page_of(message: Message, context: Context) -> Page:
    """Everything the templates show."""
    language = Language.of(context.language, context.zone)
    items = loudest_first(message.items)
    return Page(
        language=language,
        intro=tuple(_intro(message, context, language)),
        confirm=link_to(context.confirm_url, _LONGEST_OWN_LINK) if message.reason is MessageReason.CONFIRM else None,
        blocks=tuple(_blocks(message, items, language)),
        foot=_foot(message, items, context, language),
        chart_text=_chart_text(items[0], language) if len(items) == 1 else "",
    )


def _intro(message: Message, context: Context, language: Language) -> Iterable[str]:
    reason, since = message.reason, event_at(message)
    if reason in {MessageReason.DIGEST, MessageReason.FLOOD}:
        yield language.count(f"intro.{reason}", len(message.items), since=language.moment(since))
    elif language.has(f"intro.{reason}"):
        yield language.say(f"intro.{reason}", span=language.span(message.created_at - since))
    if context.late is not None and context.late > LATE and reason in _NEWS:
        event, sent = language.moment(since), language.moment(since + context.late)
        yield language.say("late", event=event, sent=sent, span=language.span(context.late))
    if message.note:
        yield shortened(one_line(message.note), _LONGEST_NOTE)


def _blocks(message: Message, items: Sequence[Item], language: Language) -> Iterable[Block]:
    if message.reason is MessageReason.DIGEST:
        return [_subject_block(group, language) for group in _by_subject(items)]
    if len(items) == 1:
        return [_block(items[0], _all_facts(items[0], message, language), QUOTES, language)]
    return [_block(item, _few_facts(item, message, language), 1, language) for item in items]


def _block(item: Item, facts: Iterable[Fact], quotes: int, language: Language) -> Block:
    return Block(headline(item, language), band(item.level), tuple(facts), _quoted(item, quotes, language))


def _by_subject(items: Sequence[Item]) -> list[list[Item]]:
    """In the order of their loudest; within a subject the oldest first."""
    place: dict[str, int] = {}
    for item in items:
        place.setdefault(item.subject, len(place))
    ordered = sorted(items, key=lambda item: (place[item.subject], item.at))
    return [list(group) for _, group in groupby(ordered, key=lambda item: item.subject)]


def _subject_block(group: Sequence[Item], language: Language) -> Block:
    """The net change, and each change with why it waited."""
    first, last = group[0], group[-1]
    net = Fact(language.say("fact.level"), _change("level.net", first.level_before, last.level, language))
    changes = [Fact(language.say("fact.change"), _held_change(item, language)) for item in group]
    told = next((item for item in loudest_first(group) if item.quotes), last)
    return Block(headline(last, language), band(last.level), (net, *changes), _quoted(told, 1, language))


def _all_facts(item: Item, message: Message, language: Language) -> Iterable[Fact]:
    yield from _few_facts(item, message, language)
    if line := sparkline(item.curve):
        trend = language.say("trend", line=line, span=language.span(item.curve[-1][0] - item.curve[0][0]))
        yield Fact(language.say("fact.trend"), trend, trend=True)
    yield from _said("fact.reason", item.reason, language)
    if item.owners or item.confidence is not None:
        yield Fact(language.say("fact.trust"), _trust(item, language))
    yield from _said("fact.ends", item.ends_when, language)
    for name, text in list(item.annotations.items())[:_ANNOTATIONS]:
        label = language.say(f"fact.{name}") if language.has(f"fact.{name}") else one_line(name)
        yield Fact(shortened(label, _LONGEST_LABEL), shortened(one_line(text), _LONGEST), minor=True)
    severity = language.say(f"severity.{item.severity}")
    yield Fact(language.say("fact.rule"), language.say("rule", rule=one_line(item.rule), severity=severity), minor=True)


def _few_facts(item: Item, message: Message, language: Language) -> Iterable[Fact]:
    level = _change("level.day", item.level_before, item.level, language)
    if item.low is not None and item.high is not None:
        low, high = language.number(item.low, 0), language.number(item.high, 0)
        level += ", " + language.say("level.interval", low=low, high=high)
    yield Fact(language.say("fact.level"), level)
    yield Fact(language.say("fact.state"), _state(item, message, language))
    yield from _said("fact.held", _held(item, language), language)


def _said(key: str, text: str, language: Language) -> Iterable[Fact]:
    if text:
        yield Fact(language.say(key), shortened(one_line(text), _LONGEST))


def _change(key: str, before: float, now: float, language: Language) -> str:
    return language.say(key, before=language.number(before), now=language.position(now), band=language.band(now))


def _state(item: Item, message: Message, language: Language) -> str:
    at, before = language.moment(item.since), language.say(f"state.{item.before}")
    if item.kind == "DEESC":
        return language.say("since.noticed", at=language.moment(item.at))
    if item.kind == "ALLCLEAR":
        return language.say("since.cleared", at=language.moment(item.at))
    if item.state is not State.FIRING:
        return language.say("since.resolved", at=language.moment(item.at), before=before)
    if message.reason in {MessageReason.REPEAT, MessageReason.ESCALATED}:
        return language.say("since.still", at=at, span=language.span(message.created_at - item.since))
    if item.before is State.FIRING:
        return language.say("since.changed", at=at, changed=language.moment(item.at))
    return language.say("since.firing", at=at, before=before)


def _held_change(item: Item, language: Language) -> str:
    known = {"at": language.moment(item.at), "rule": one_line(item.rule), "state": language.say(f"state.{item.state}")}
    if not item.held:
        return language.say("change", **known)
    return language.say("change.held", **known, why=shortened(one_line(_held(item, language)), _LONGEST))


def _held(item: Item, language: Language) -> str:
    """Why it comes later, in words."""
    key = f"held.{item.held}"
    return language.say(key) if language.has(key) else item.held


def _trust(item: Item, language: Language) -> str:
    owners = language.count("owners", item.owners) if item.owners else language.say("owners.none")
    if item.confidence is None:
        return owners
    word = "high" if item.confidence >= _TRUSTED else "low" if item.confidence < _DOUBTED else "medium"
    percent = language.number(100 * item.confidence, 0)
    return language.say("trust", word=language.say(f"trust.{word}"), percent=percent, owners=owners)


def _quoted(item: Item, most: int, language: Language) -> tuple[Quoted, ...]:
    return tuple(
        Quoted(
            shortened(one_line(quote.text), _LONGEST).translate(_INNER),
            shortened(one_line(quote.publisher), _LONGEST_PUBLISHER) or language.say("publisher.unknown"),
            link_to(quote.url),
        )
        for quote in item.quotes[:most]
    )


def _foot(message: Message, items: Sequence[Item], context: Context, language: Language) -> Foot:
    return Foot(
        why=f"{language.say('why')}: {shortened(one_line(message.why), _LONGEST)}" if message.why else "",
        commands=tuple(_commands(message, items, context, language)),
        links=tuple(_links(items, context, language)),
    )


def _commands(
    message: Message, items: Sequence[Item], context: Context, language: Language
) -> Iterable[tuple[str, str]]:
    if not context.silence_command or not items:
        return
    held_by_none = message.reason is MessageReason.TEST
    if not held_by_none and (matchers := _matchers(message.group, items)):
        command = f"{context.silence_command} {shlex.join(matchers)}"
        if len(command) <= _LONGEST_COMMAND:
            yield language.say("mute"), command
    if len(items) == 1 and not context.base_url:
        yield language.say("details"), shlex.join(["detente", "why", items[0].alert_id])


def _matchers(group: Mapping[str, str], items: Sequence[Item]) -> list[str]:
    """Those that hold for all of the message; none where it is of several subjects in no group."""
    labels = dict(group) if group else {"subject": items[0].subject} if len({i.subject for i in items}) == 1 else {}
    return [f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in sorted(labels.items())]


def _links(items: Sequence[Item], context: Context, language: Language) -> Iterable[tuple[str, Link]]:
    details = f"{context.base_url.rstrip('/')}/api/v1/alerts/{items[0].alert_id}/why" if len(items) == 1 else ""
    urls = {"details": details, "manage": context.manage_url, "unsubscribe": context.unsubscribe_url}
    for key, url in urls.items():
        if link := link_to(url, _LONGEST_OWN_LINK):
            yield language.say(key), link


def _chart_text(item: Item, language: Language) -> str:
    if len(item.curve) < 2:  # noqa: PLR2004
        return ""
    levels = [level for _, level in item.curve]
    return language.say(
        "chart",
        span=language.span(item.curve[-1][0] - item.curve[0][0]),
        first=language.number(levels[0]),
        last=language.number(levels[-1]),
        highest=language.number(max(levels)),
        bands=", ".join(language.say(f"band.{named}") for named in Band),
    )
