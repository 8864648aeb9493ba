"""An article as the back-test sees it."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.domain.events.event import Event
from service.domain.news.owner import NOT_ASSESSED
from service.domain.risk.incident import Report


@dataclass(frozen=True, slots=True)
class Item:
    """A text of a day (ordinal), its events, and the countries it names, each once, in order.

    `tone` is −1 … 1 by a lexicon of sentiment, None where no lexicon was asked. `id` must be its own where events are
    to be booked; `owner` and `grade` are those of its publisher.
    """

    day: int
    text: str
    events: tuple[Event, ...] = ()
    named: tuple[str, ...] = ()
    tone: float | None = None
    id: str = ""
    owner: str = "a publisher"
    grade: str = NOT_ASSESSED

    @property
    def reports(self) -> Iterator[Report]:
        """What its events report."""
        return (
            Report(f"{self.id}#{n}", self.id, self.owner, self.grade, event)
            for n, event in enumerate(self.events)
            if event.is_somebodys
        )
