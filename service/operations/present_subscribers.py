"""Subscribers and the audit as plain JSON, for the command line and HTTP alike. No address, no token."""

from datetime import datetime
from typing import Any

from service.domain.alerting.subscriber import Subscriber, wishes
from service.domain.audit import AuditEntry


def subscriber(one: Subscriber) -> dict[str, Any]:
    """What somebody subscribed to, and how far their channels are."""
    return {
        "id": one.id,
        **wishes(one),
        "state": str(one.state),
        "created_at": one.created_at.isoformat(),
        "channels": [
            {"name": c.name, "schema": c.schema, "state": str(c.state), "confirmed_at": _moment(c.confirmed_at)}
            for c in one.channels
        ],
    }


def entry(written: AuditEntry) -> dict[str, Any]:
    """One change."""
    return {
        "number": written.number,
        "at": written.at.isoformat(),
        "actor": written.actor,
        "action": written.action,
        "subject": written.subject,
        "before": written.before,
        "after": written.after,
        "hash": written.hashed,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
