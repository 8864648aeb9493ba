"""Find out who did what to whom, where."""

from collections.abc import Sequence

from service.domain.events.attribution import attribute as attribute_events
from service.domain.events.event import Event
from service.domain.events.pairs import PairReader
from service.domain.events.parties import Named, name_roles
from service.flow import ArticleState, Task
from service.ports import Claim, CodedArticle, Queue, Units


def attribute(claims: Sequence[Claim], units: Units, queue: Queue, reader: PairReader | None = None) -> list[Claim]:
    """Give the stored events their parties, join repeated tellings, and hand the articles on to be scored.

    `reader` weighs the sides of an event a second time. An article without any event ends here as `ignored`.
    """
    fresh = [c for c in claims if c.state == ArticleState.EXTRACTED]
    with units() as unit:
        ids = [c.id for c in fresh]
        events, codings = unit.articles.events(ids), unit.articles.codings(ids)
        unit.works.finish([c for c in fresh if not events[c.id]], ArticleState.IGNORED, "no event")
        done = unit.works.finish([c for c in fresh if events[c.id]], ArticleState.ATTRIBUTED)
        for claim in done:
            unit.articles.save_events(claim.id, told(events[claim.id], codings[claim.id], reader))
        if done:
            unit.after_commit(lambda: queue.nudge(Task.ASSESS, [c.id for c in done]))
    return done


def told(events: Sequence[Event], coded: CodedArticle, reader: PairReader | None = None) -> list[Event]:
    """The events of an article with their parties."""
    return attribute_events(events, named(coded), {s.index: s.link for s in coded.sentences}, reader)


def named(coded: CodedArticle) -> dict[int, list[Named]]:
    """Sentence index → the names in it with their likeliest roles."""
    return {
        sentence.index: name_roles(mentions, coding.roles)
        for sentence, coding, mentions in zip(coded.sentences, coded.codings, coded.mentions, strict=True)
    }
