"""Read models of what is read page by page, and of what people say of alerts."""

from collections.abc import Mapping

from service.domain.alerting.feedback import Feedback
from service.operations.chronicle import Series
from service.operations.present import Json, event, moment
from service.ports import Shelved, StoredEvent


def shelved(one: Shelved) -> Json:
    """An article without its text."""
    return {
        "id": one.id,
        "title": one.title,
        "publisher": one.publisher,
        "url": one.url,
        "published_at": moment(one.published_at),
        "state": one.state,
        "reason": one.reason,
    }


def told(one: StoredEvent) -> Json:
    """An event and the article it is from."""
    return {
        **event(one.event),
        "id": one.id,
        "article": one.article_id,
        "publisher": one.publisher,
        "url": one.url,
        "published_at": moment(one.published_at),
    }


def series(found: Series, versions: Mapping[str, str]) -> Json:
    """How a subject's level went."""
    return {
        "subject": found.subject,
        "began_at": moment(found.began_at),
        "points": [
            {
                "at": moment(m.at),
                "level": round(m.level, 2),
                "low": round(m.low, 2),
                "high": round(m.high, 2),
                "e": m.e,
                "d": m.d,
            }
            for m in found.moments
        ],
        "versions": dict(versions),
    }


def feedback(one: Feedback) -> Json:
    """What somebody said of an alert."""
    return {
        "id": one.id,
        "alert": one.alert_id,
        "transition": one.transition_id or None,
        "verdict": str(one.verdict),
        "author": one.author,
        "comment": one.comment,
        "at": moment(one.at),
    }
