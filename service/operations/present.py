"""Read models: the JSON shapes that the command line and the API share."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from service.domain.alerting.alert import Alert, Transition
from service.domain.events.casualties import Casualty
from service.domain.events.event import Event
from service.domain.events.place import Mention
from service.domain.events.quantities import Bound
from service.domain.events.signal import ArticleRole
from service.domain.news.article import Article
from service.operations.feed_health import FeedHealth
from service.operations.preview import Coded, Preview
from service.operations.scores import Explained, Reading
from service.operations.status import Status

Json = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with a Z."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def event(e: Event) -> Json:
    """An event of `explain --json`."""
    return {
        "text": e.text,
        "start": e.start,
        "end": e.end,
        "sentence": e.sentence,
        "signal": str(e.signal),
        "type": e.type,
        "mode": e.mode,
        "actors": list(e.actors),
        "recipients": list(e.recipients),
        "places": list(e.where),
        "regions": list(e.regions),
        "place_name": e.place_name,
        "modality": str(e.modality),
        "role": str(e.role),
        "level": e.level,
        "intensity": e.intensity,
        "confidence": round(e.confidence, 4),
        "at": moment(e.at),
        "words": [list(word) for word in e.words],
        "quoted": e.quoted,
        "attributed_to": list(e.attributed_to),
        "casualties": [{**asdict(c), "harm": str(c.harm), "bound": str(c.bound)} for c in e.casualties],
    }


def source(e: Event) -> str:
    """Whose words state an event: "IRN, quoted", "IRN", "quoted", or nothing."""
    return ", ".join(filter(None, ("+".join(e.attributed_to), "quoted" if e.quoted else "")))


def casualties(e: Event) -> str:
    """The figures of an event in words: "killed at least 12 (civilians), wounded 30 (people)"."""
    return ", ".join(_casualty(c) for c in e.casualties)


def _casualty(c: Casualty) -> str:
    bound = "" if c.bound is Bound.EXACT else f"{c.bound} "
    return f"{c.harm} {bound}{c.count} ({c.unit}){' so far' if c.cumulative else ''}"


def preview(p: Preview, versions: Mapping[str, str]) -> Json:
    """`explain --json`. Offsets count in title, blank line and text.

    Of an article that no model reads nothing is known but why, and the names in it: signal and label are null.
    """
    ignored = p.coded.ignored
    return {
        "title": p.article.title,
        "language": p.coded.language,
        **({"ignored": ignored, "names": [_name(name) for name in p.coded.names]} if ignored else {}),
        "lead_signal": None if ignored else str(p.lead_signal),
        "label": None if ignored else p.label,
        "events": [event(e) for e in p.coded.events],
        "undecided": [
            {
                "text": u.text,
                "start": u.start,
                "end": u.end,
                "signal": str(u.signal),
                "confidence": round(u.confidence, 4),
            }
            for u in p.coded.undecided
        ],
        "subjects": [
            {
                "subject": m.subject,
                "level_before": round(m.level_before, 2),
                "level_after": round(m.level_after, 2),
                "direction": m.direction,
            }
            for m in p.movements
        ],
        "alerts": [{**asdict(a), "state": str(a.state)} for a in p.prospects],
        "versions": dict(versions),
    }


def _name(mention: Mention) -> Json:
    return {"text": mention.text, "start": mention.start, "end": mention.end, "code": mention.code}


def classification(coded: Coded) -> Json:
    """One line of `classify`: the event that decides, or what the model said of the lead when there is none.

    An article that no model reads has an error instead.
    """
    deciding = deciding_event(coded.events)
    told = deciding or coded.uneventful
    if told is None:
        return {"error": coded.ignored}
    coding = coded.answer.codings[told.sentence]
    return {
        "signal": str(told.signal),
        "confidence": round(coding.signal[told.signal], 4),
        "probabilities": {name: round(value, 4) for name, value in coding.signal.items()},
        "event_type": told.type,
        "modality": str(told.modality) if deciding else _likeliest(coding.modality),
        "level": told.level,
        "intensity": told.intensity,
        "actors": list(told.actors),
        "recipients": list(told.recipients),
        "places": list(told.where),
        "abstained": bool(coded.undecided) and deciding is None,
    }


def _likeliest(probabilities: Mapping[str, float]) -> str:
    return max(probabilities, key=probabilities.__getitem__)


def deciding_event(events: Sequence[Event]) -> Event | None:
    """The first lead event; without one the heaviest."""
    leads = [e for e in events if e.role is ArticleRole.LEAD]
    return leads[0] if leads else max(events, key=lambda e: (e.mass, -e.start), default=None)


def reading(r: Reading) -> Json:
    """One entry of `scores --json`. `band` is "unknown" where it is quiet because most feeds are silent."""
    s = r.score
    return {
        "subject": r.subject,
        "at": moment(r.at),
        "level": round(s.level, 2),
        "band": "unknown" if r.is_deaf else str(s.band),
        "surprise": None if r.surprise is None else round(r.surprise, 2),
        "confidence": round(r.confidence, 3),
        "freshness": round(r.freshness, 3),
        "interval": [round(s.low, 2), round(s.high, 2)],
        **{name: getattr(s, name) for name in ("e", "d", "e_24h", "e_30d", "d_24h", "d_30d")},
        "versions": dict(r.versions),
    }


def explained(x: Explained) -> Json:
    """`explain-score --json`."""
    return {
        **reading(x.reading),
        "contributions": contributions(x),
    }


def contributions(x: Explained) -> list[Json]:
    """What the incidents add, the largest first."""
    return [
        {
            "incident": c.incident_id,
            "article_ids": sorted({r.article_id for r in x.incidents[c.incident_id].reports}),
            "events": [event(r.event) for r in x.incidents[c.incident_id].best_by_owner],
            "share": c.share,
            "points": c.points,
            "level_without": round(c.without, 2),
        }
        for c in x.contributions
    ]


def article(a: Article, standing: tuple[str, str], events: Sequence[Event]) -> Json:
    """An article, where it stands, and its events."""
    return {
        "id": a.id,
        "title": a.title,
        "publisher": a.publisher,
        "url": a.url,
        "published_at": moment(a.published_at),
        "state": standing[0],
        "reason": standing[1],
        "credit": a.credit,
        "flags": [str(flag) for flag in a.flags],
        "events": [event(e) for e in events],
    }


def alert(a: Alert, transitions: Sequence[Transition], notifications: Sequence[Mapping[str, Any]]) -> Json:
    """One entry of `alerts --json`."""
    return {
        "id": a.id,
        "rule": a.rule,
        "labels": dict(a.labels),
        "state": str(a.state),
        "since": moment(a.since),
        "severity": str(a.severity),
        "reason": a.reason,
        "annotations": dict(a.annotations),
        "evidence": [asdict(quote) for quote in a.evidence],
        "owner_groups": a.owner_groups,
        "history": [transition(t) for t in transitions],
        "notifications": [notification(n) for n in notifications],
    }


def notification(n: Mapping[str, Any]) -> Json:
    """What became of a message, from its row."""
    return {
        "receiver": n["receiver"],
        "channel": n["channel"],
        "status": n["state"],
        "at": moment(n["updated_at"]),
        "attempt": n["attempt"],
        "title": n["title"],
        "error": n["last_error"],
    }


def transition(t: Transition) -> Json:
    """A change of an alert."""
    return {
        "at": moment(t.at),
        "from": str(t.from_state),
        "to": str(t.to_state),
        "severity": str(t.severity),
        "level": round(t.level, 2),
        "level_before": round(t.level_before, 2),
        "reason": t.reason,
        "confirmed": t.confirmed,
        "owner_groups": t.owner_groups,
        "evidence": [asdict(quote) for quote in t.evidence],
    }


def moved(t: Transition, a: Alert) -> Json:
    """A line of `replay`."""
    return {
        "at": moment(t.at),
        "alert": a.id,
        "rule": a.rule,
        "subject": a.subject,
        "from": str(t.from_state),
        "to": str(t.to_state),
        "severity": str(t.severity),
        "confirmed": t.confirmed,
        "level": round(t.level, 2),
        "reason": t.reason,
    }


def feed(one: FeedHealth) -> Json:
    """How a feed fares."""
    return {
        "id": one.id,
        "url": one.url,
        "publisher": one.publisher,
        "kind": str(one.kind),
        "state": str(one.state),
        "last_ok_at": moment(one.last_ok_at),
        "last_new_at": moment(one.last_new_at),
        "lag_seconds": _seconds(one.lag),
        "due_at": moment(one.due_at),
        "failures": one.failures,
        "interval_seconds": _seconds(one.interval),
        "articles": one.articles,
        "moved_to": one.moved_to,
        "note": one.note,
    }


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def status(s: Status, versions: Mapping[str, str]) -> Json:
    """`status --json`."""
    return {
        "ready": not s.problems,
        "problems": s.problems,
        "warnings": list(s.warnings),
        "rows": {kind: dict(states) for kind, states in s.rows.items()},
        "queued": dict(s.queued),
        "unread": dict(s.unread),
        "floods": [{"owner": owner, "day": day.isoformat()} for owner, day in s.floods],
        "oldest_due_at": moment(s.oldest_due_at),
        "last_sweep_at": moment(s.last_sweep_at),
        "last_evaluation_at": moment(s.last_evaluation_at),
        "canary": s.canary
        and {"sent_at": moment(s.canary.sent_at), "state": str(s.canary.whereabouts), "seconds": s.canary.seconds},
        "feeds": [feed(one) for one in s.feeds],
        "versions": dict(versions),
    }
