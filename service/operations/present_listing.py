"""Read models of what is read page by page, and of what people say of alerts."""

from service.domain.alerting.feedback import Feedback
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
