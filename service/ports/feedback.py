"""What people say of alerts, as it is stored."""

from typing import Protocol

from service.domain.alerting.feedback import Feedback
from service.ports.texts import Cursor


class Feedbacks(Protocol):
    """One word of each author on each alert."""

    def save(self, said: Feedback) -> None:
        """Keep it, in the place of what its author said of the alert before."""
        ...

    def of(self, alert_id: str, author: str) -> Feedback | None:
        """What somebody said of an alert."""
        ...

    def page(self, limit: int, alert_id: str = "", before: Cursor | None = None) -> list[Feedback]:
        """At most `limit` from before the cursor, the newest first: on all alerts or on one."""
        ...
