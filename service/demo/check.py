"""Whether the demonstration did what it promised."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service.adapters.messages.compose import Composer
from service.bootstrap import Detente
from service.demo.sinks import Message
from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.rule import RuleKind, State
from service.domain.events.event import Event
from service.domain.events.signal import ArticleRole, Signal
from service.domain.risk.ledger import Channel
from service.domain.risk.subject import Subject
from service.flow import ArticleState, RowState
from service.operations.scores import reading

Outcome = list[tuple[str, bool]]
"""Promises in words, and whether they held."""
_History = Sequence[tuple[Alert, list[Transition], list[Any]]]


def check(detente: Detente, promised: dict[str, Any], messages: Sequence[Message]) -> Outcome:
    """Look at rows and sinks, not at what the programme says of itself."""
    with detente.units(read_only=True) as unit:
        history = unit.outbox.history()
        counts = unit.works.counts()
    return [
        *(outcome for crisis in promised["crises"] for outcome in _crisis(crisis, history)),
        *(outcome for retold in promised["retold"] for outcome in _retold(detente, retold)),
        *_lookalikes(detente, promised),
        *(_duplicate(detente, entry) for entry in promised["duplicates"]),
        *_deliveries(detente, history, messages),
        ("no article, alert or message was set aside as dead", not any("dead" in states for states in counts.values())),
    ]


def _crisis(crisis: dict[str, Any], history: _History) -> Iterator[tuple[str, bool]]:
    subject, name = crisis["subject"], crisis["name"]
    changes = {
        (alert.labels["kind"], t.to_state): t.at
        for alert, transitions, _ in history
        if alert.subject == subject
        for t in reversed(transitions)
    }
    expected = {
        "surge": ("the surge is told", (RuleKind.SURGE, State.FIRING)),
        "level_alert": ("an alert fires", (RuleKind.LEVEL, State.FIRING)),
        "deescalation_notice": ("the peace news is reported", (RuleKind.DEESC, State.FIRING)),
        "resolved": ("the alert is resolved", (RuleKind.LEVEL, State.RESOLVED)),
        "all_clear": ("the all-clear is given", (RuleKind.ALLCLEAR, State.RESOLVED)),
    }
    for key, (words, change) in expected.items():
        at = changes.get(change)
        since, until = (datetime.fromisoformat(crisis[key][edge]) for edge in ("from", "until"))
        shown = f" on {at:%d %B %H:%M}" if at else ""
        yield f"{name}: {words}{shown}", at is not None and since <= at <= until


def _retold(detente: Detente, retold: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    article_id, subject = retold["article"], Subject.parse(retold["subject"])
    events, booked = _booked(detente, article_id)
    between = [e for e in events if set(subject.countries) <= set(e.actors + e.recipients)]
    leads = [e for e in between if e.role is ArticleRole.LEAD]
    yield f"{article_id}: the agreement is the news", bool(leads) and leads[0].signal is Signal.DE_ESCALATION
    yield f"{article_id}: the strikes are background", _recaps_strikes(between)
    level = _level_after(detente, article_id, subject)
    low, high = retold["level"]
    yield f"{article_id}: level {level:.1f} of {subject} is between {low} and {high}", low <= level <= high
    untouched = not any(code in s.countries for code in retold["untouched"] for s in booked)
    yield f"{article_id}: {', '.join(retold['untouched'])} stay untouched", untouched
    risen = {code for s, channels in booked.items() if Channel.ESCALATION in channels for code in s.countries}
    yield f"{article_id}: no risk for {', '.join(retold['no_risk'])}", not risen & set(retold["no_risk"])


def _booked(detente: Detente, article_id: str) -> tuple[list[Event], dict[Subject, set[Channel]]]:
    """The article's events, and the subjects and sides its incidents are booked on."""
    with detente.units(read_only=True) as unit:
        events = unit.articles.events([article_id])[article_id]
        at = unit.articles.get([article_id])[article_id].published_at
        booked: dict[Subject, set[Channel]] = {}
        for written in unit.ledger.subjects():
            entries = unit.ledger.postings(written, at - timedelta(days=3), at + timedelta(days=1)).values()
            if entries:
                booked[Subject.parse(written)] = {entry.channel for entry in entries}
    return events, booked


def _level_after(detente: Detente, article_id: str, subject: Subject) -> float:
    with detente.units(read_only=True) as unit:
        at = unit.articles.get([article_id])[article_id].published_at + timedelta(hours=1)
    return reading(detente.units, subject, at, detente.gauge, detente.versions).score.level


def _recaps_strikes(events: Sequence[Event]) -> bool:
    return any(
        e.role is ArticleRole.BACKGROUND and e.signal is Signal.ESCALATION and e.type == "ASSAULT" for e in events
    )


def _lookalikes(detente: Detente, promised: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    ids = [entry["article"] for entry in promised["lookalikes"]]
    with detente.units(read_only=True) as unit:
        booked = {i: [e for e in unit.articles.events([i])[i] if e.weight > 0 and e.is_somebodys] for i in ids}
    guilty = sorted(i for i, events in booked.items() if any(e.signal is Signal.ESCALATION for e in events))
    words = f"none of {len(ids)} look-alikes raises a score" + (f" (but {', '.join(guilty)})" if guilty else "")
    yield words, not guilty


def _duplicate(detente: Detente, entry: dict[str, str]) -> tuple[str, bool]:
    with detente.units(read_only=True) as unit:
        state, reason = unit.articles.state(entry["article"])
    words = f"{entry['article']} is recognised as {entry['kind']} duplicate of {entry['of']}"
    return words, state == ArticleState.IGNORED and reason == f"{entry['kind']} duplicate of {entry['of']}"


def _deliveries(detente: Detente, history: _History, messages: Sequence[Message]) -> Iterator[tuple[str, bool]]:
    rows = {row["id"]: row for _, _, notifications in history for row in notifications}
    sent = sorted(written(row, detente) for row in rows.values() if row["state"] == RowState.SENT)
    got = sorted((m.channel, m.title, m.body.strip()) for m in messages)
    yield f"each of {len(rows)} messages was delivered, once", len(sent) == len(rows) == len(got) > 0
    yield "what arrived is what was written", sent == got


def written(row: Mapping[str, Any], detente: Detente) -> tuple[str, str, str]:
    """Channel, title and text of a delivery, as its message says."""
    with detente.units(read_only=True) as unit:
        message = unit.outbox.messages([row["message_id"]])[row["message_id"]]
        delivery = unit.outbox.notifications([row["id"]])[row["id"]]
        recipient = detente.recipient_of(unit, row["receiver"], row["channel"])
    assert recipient
    parcel = Composer()(delivery, message, recipient, None)
    return row["channel"], parcel.title, parcel.text.strip()
