"""The shape of what somebody subscribes to, as it comes from outside. What it means is judged by the domain."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from service.config.schema import Name, Strict, SubjectPattern
from service.domain.alerting.rule import RuleKind, Severity
from service.domain.alerting.subscriber import DigestEvery

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def _time(written: str) -> str:
    if not _TIME.fullmatch(written):
        raise ValueError("must be a time of day such as 07:00, up to 23:59")
    return written


TimeOfDay = Annotated[str, AfterValidator(_time)]


class QuietEntry(Strict):
    """A span of quiet hours."""

    begins: TimeOfDay = Field(alias="from")
    until: TimeOfDay
    weekdays: tuple[Weekday, ...] = ()


class SubscriptionForm(Strict):
    """What somebody wants; what is not given stays as it is."""

    name: str = ""
    subjects: tuple[SubjectPattern, ...] = ()
    with_dyads: bool = True
    least: Severity = Severity.WARNING
    kinds: tuple[RuleKind, ...] = ()
    zone: str = "UTC"
    language: str = "en"
    quiet: tuple[QuietEntry, ...] = ()
    budget_per_day: int | None = None
    budget_per_week: int | None = None
    digest: DigestEvery = DigestEvery.NONE
    digest_at: TimeOfDay = "08:00"
    digest_on: Weekday = "mon"
    at_once: Severity = Severity.HIGH

    @property
    def changes(self) -> dict[str, Any]:
        """What was given, in the form of `wishes`."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"paused"})


class ChangeForm(SubscriptionForm):
    """The same for somebody who is there already; `paused` begins or ends a pause."""

    paused: bool | None = None


class ChannelForm(Strict):
    """A channel of a subscriber. `confirmed` says that the operator vouches for it."""

    name: Name
    address: Annotated[str, Field(min_length=1)]
    confirmed: bool = False
