"""What people say of alerts."""

from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select

from service.adapters.storage.listings import earlier
from service.adapters.storage.schema import feedback
from service.domain.alerting.feedback import Feedback, Verdict
from service.ports import Cursor


class SqlFeedbacks:
    """Implements `ports.Feedbacks`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def save(self, said: Feedback) -> None:
        """Whoever speaks again takes the earlier word back."""
        mine = (feedback.c.alert_id == said.alert_id, feedback.c.author == said.author)
        self.connection.execute(delete(feedback).where(*mine))
        self.connection.execute(insert(feedback).values({**asdict(said), "verdict": str(said.verdict)}))

    def of(self, alert_id: str, author: str) -> Feedback | None:
        """By the index on both."""
        mine = (feedback.c.alert_id == alert_id, feedback.c.author == author)
        row = self.connection.execute(select(feedback).where(*mine)).one_or_none()
        return Feedback(**{**row._asdict(), "verdict": Verdict(row.verdict)}) if row else None

    def page(self, limit: int, alert_id: str = "", before: Cursor | None = None) -> list[Feedback]:
        """The newest first."""
        chosen = select(feedback).where(earlier(feedback.c.at, feedback.c.id, before))
        if alert_id:
            chosen = chosen.where(feedback.c.alert_id == alert_id)
        rows = self.connection.execute(chosen.order_by(feedback.c.at.desc(), feedback.c.id.desc()).limit(limit))
        return [Feedback(**{**row._asdict(), "verdict": Verdict(row.verdict)}) for row in rows]
