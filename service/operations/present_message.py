"""A message as plain JSON: what programs get in place of words."""

from dataclasses import asdict

from service.domain.alerting.message import Item, Message
from service.operations.present import Json, moment


def message_json(message: Message) -> Json:
    """The whole content of a message. Times are ISO 8601 in UTC, levels 0 … 100; what is not known is null."""
    return {
        "reason": str(message.reason),
        "receiver": message.receiver,
        "created_at": moment(message.created_at),
        "thread": message.thread,
        "severity": str(message.severity),
        "group": dict(message.group),
        "why": message.why,
        "note": message.note,
        "items": [_item(item) for item in message.items],
    }


def _item(item: Item) -> Json:
    known = item.low is not None and item.high is not None
    return {
        "alert": item.alert_id,
        "rule": item.rule,
        "kind": item.kind,
        "subject": item.subject,
        "name": item.name,
        "from": str(item.before),
        "to": str(item.state),
        "at": moment(item.at),
        "since": moment(item.since),
        "severity": str(item.severity),
        "confirmed": item.confirmed,
        "level": round(item.level, 2),
        "level_before": round(item.level_before, 2),
        "interval": [round(item.low or 0.0, 2), round(item.high or 0.0, 2)] if known else None,
        "confidence": None if item.confidence is None else round(item.confidence, 3),
        "owner_groups": item.owners,
        "reason": item.reason,
        "evidence": [asdict(quote) for quote in item.quotes],
        "ends_when": item.ends_when,
        "annotations": dict(item.annotations),
        "curve": [[moment(at), round(level, 2)] for at, level in item.curve],
        "held": item.held,
    }
