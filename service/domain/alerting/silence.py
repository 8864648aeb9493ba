"""What people have asked not to hear of for a while."""

from dataclasses import dataclass
from datetime import datetime

from service.domain.alerting.matcher import Matcher, matches


@dataclass(frozen=True, slots=True)
class Silence:
    """No message about alerts with such labels in [`starts_at`, `ends_at`), or until it was expired by hand.

    Raises ValueError where it would end before it starts, or hold for every alert there is.
    """

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    author: str
    comment: str
    created_at: datetime
    expired_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at:
            raise ValueError("a silence must end after it starts")
        if matches(self.matchers, {}):
            raise ValueError("a silence needs a matcher that an empty label does not satisfy, or it would hold for all")


def is_active(silence: Silence, at: datetime) -> bool:
    """Whether it holds at a moment."""
    over_at = silence.ends_at if silence.expired_at is None else min(silence.ends_at, silence.expired_at)
    return silence.starts_at <= at < over_at
