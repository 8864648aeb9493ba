"""Read models of silences and acknowledgements, shared by the command line and the API."""

from collections.abc import Sequence

from service.domain.alerting.alert import Alert
from service.domain.alerting.silence import Silence
from service.operations.present import Json, moment


def silence(s: Silence, state: str, quiet: Sequence[Alert] = ()) -> Json:
    """A silence, and the ids of the firing alerts it keeps quiet."""
    return {
        "id": s.id,
        "state": state,
        "matchers": [str(matcher) for matcher in s.matchers],
        "starts_at": moment(s.starts_at),
        "ends_at": moment(s.expired_at or s.ends_at),
        "author": s.author,
        "comment": s.comment,
        "created_at": moment(s.created_at),
        "alerts": [alert.id for alert in quiet],
    }


def acknowledged(a: Alert, author: str) -> Json:
    """An alert that somebody has taken on."""
    return {"id": a.id, "rule": a.rule, "subject": a.subject, "acknowledged_by": author}
