"""An article as the back-test sees it."""

from dataclasses import dataclass

from service.domain.events.event import Event


@dataclass(frozen=True, slots=True)
class Item:
    """A text of a day (ordinal), its events, and the countries it names, each once, in order.

    `tone` is −1 … 1 by a lexicon of sentiment, None where no lexicon was asked.
    """

    day: int
    text: str
    events: tuple[Event, ...] = ()
    named: tuple[str, ...] = ()
    tone: float | None = None
