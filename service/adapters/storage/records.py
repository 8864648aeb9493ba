"""Domain values as plain JSON and back. Written so that an unknown key is ignored and a missing one has a default."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from service.domain.alerting.alert import Quote
from service.domain.alerting.message import Item, Message, MessageReason
from service.domain.alerting.rule import Memory, Severity, State
from service.domain.events.casualties import Casualty
from service.domain.events.casualty_words import Harm
from service.domain.events.clause import Link
from service.domain.events.coding import Coding
from service.domain.events.event import Event
from service.domain.events.extraction import Sentence
from service.domain.events.place import Mention, MentionKind
from service.domain.events.quantities import Bound
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.ports import CodedArticle

Json = dict[str, Any]
EPOCH = datetime.fromtimestamp(0, UTC)


def event_to_json(event: Event) -> Json:
    """An event as JSON values."""
    return {**asdict(event), "at": event.at.isoformat()}


def event_from_json(body: Mapping[str, Any]) -> Event:
    """The event `event_to_json` wrote."""
    return Event(
        **{
            **body,
            "signal": Signal(body["signal"]),
            "modality": Modality(body["modality"]),
            "role": ArticleRole(body["role"]),
            "actors": tuple(body["actors"]),
            "recipients": tuple(body["recipients"]),
            "places": tuple(body["places"]),
            "regions": tuple(body["regions"]),
            "at": datetime.fromisoformat(body["at"]),
            "words": tuple((start, end, weight) for start, end, weight in body["words"]),
            "casualties": tuple(_casualty(c) for c in body.get("casualties", ())),
            "attributed_to": tuple(body.get("attributed_to", ())),
        }
    )


def _casualty(c: Mapping[str, Any]) -> Casualty:
    return Casualty(**{**c, "harm": Harm(c["harm"]), "bound": Bound(c["bound"])})


def sentences_to_json(coded: CodedArticle) -> list[Json]:
    """A coded article, one object a sentence. The sentence vectors are not kept."""
    return [
        {
            "sentence": asdict(sentence),
            "coding": {
                "signal": dict(coding.signal),
                "event_type": dict(coding.event_type),
                "level": dict(coding.level),
                "modality": dict(coding.modality),
                "roles": [dict(roles) for roles in coding.roles],
                "words": [list(word) for word in coding.words],
            },
            "mentions": [asdict(mention) for mention in mentions],
        }
        for sentence, coding, mentions in zip(coded.sentences, coded.codings, coded.mentions, strict=True)
    ]


def coded_from_json(sentences: list[Json], model_version: str, gazetteer_version: str) -> CodedArticle:
    """The coded article `sentences_to_json` wrote, without sentence vectors."""
    return CodedArticle(
        sentences=tuple(_sentence(s["sentence"]) for s in sentences),
        codings=tuple(_coding(s["coding"]) for s in sentences),
        mentions=tuple(tuple(_mention(m) for m in s["mentions"]) for s in sentences),
        model_version=model_version,
        gazetteer_version=gazetteer_version,
    )


def _sentence(s: Json) -> Sentence:
    """Older rows say only whether a part tells of an outcome."""
    link = s.get("link", Link.OUTCOME if s.get("outcome") else Link.NONE)
    known = {field.name for field in fields(Sentence)} & s.keys()
    return Sentence(**{**{name: s[name] for name in known}, "link": Link(link)})


def _coding(c: Json) -> Coding:
    words = tuple((start, end, weight) for start, end, weight in c["words"])
    return Coding(c["signal"], c["event_type"], c["level"], c["modality"], tuple(c["roles"]), words=words)


def _mention(m: Json) -> Mention:
    return Mention(**{**m, "kind": MentionKind(m["kind"]), "countries": tuple(m["countries"])})


def memory_to_json(memory: Memory) -> Json:
    """What a rule remembers, as JSON values."""
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(memory).items()}


def memory_from_json(body: Mapping[str, Any]) -> Memory:
    """The memory `memory_to_json` wrote."""
    times = {
        k: datetime.fromisoformat(body[k]) if body.get(k) else None
        for k in ("since", "last_true_at", "fired_at", "resolved_at")
    }
    return Memory(**{**body, **times, "state": State(body["state"])})


def quotes_from_json(body: list[Json]) -> tuple[Quote, ...]:
    """Evidence sentences."""
    return tuple(Quote(**quote) for quote in body)


def message_to_json(message: Message) -> Json:
    """The content of a message as JSON values."""
    items = [
        {
            **asdict(i),
            "at": i.at.isoformat(),
            "since": i.since.isoformat(),
            "curve": [[t.isoformat(), v] for t, v in i.curve],
        }
        for i in message.items
    ]
    return {**asdict(message), "created_at": message.created_at.isoformat(), "items": items}


def message_from_json(body: Mapping[str, Any]) -> Message:
    """The message `message_to_json` wrote; one of before has a note alone."""
    known = {field.name for field in fields(Message)} & body.keys()
    return Message(
        **{
            **{name: body[name] for name in known},
            "reason": MessageReason(body["reason"]),
            "created_at": datetime.fromisoformat(body["created_at"]) if "created_at" in body else EPOCH,
            "items": tuple(_item(item) for item in body.get("items", ())),
        }
    )


def _item(body: Mapping[str, Any]) -> Item:
    known = {field.name for field in fields(Item)} & body.keys()
    return Item(
        **{
            **{name: body[name] for name in known},
            "state": State(body["state"]),
            "before": State(body["before"]),
            "severity": Severity(body["severity"]),
            "at": datetime.fromisoformat(body["at"]),
            "since": datetime.fromisoformat(body["since"]),
            "quotes": quotes_from_json(body["quotes"]),
            "curve": tuple((datetime.fromisoformat(at), level) for at, level in body["curve"]),
        }
    )
