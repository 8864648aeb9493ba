"""What people say of alerts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """Whether an alert was worth it."""

    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One word on an alert: the last of its author. `transition_id` is the change it was about, empty for none."""

    id: str
    alert_id: str
    transition_id: str
    verdict: Verdict
    author: str
    comment: str
    at: datetime
