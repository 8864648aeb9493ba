"""Values of the domain for property tests."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st

from service.domain.events.event import Event
from service.domain.events.ontology import TYPES
from service.domain.events.signal import ArticleRole, Modality
from service.domain.news.owner import QUARANTINE
from service.domain.risk.incident import GRADES, Report
from service.domain.risk.ledger import Channel, Entry, hour_of
from tests.unit.domain.build import HOUR, NOW, event, report

modest = settings(deadline=None, max_examples=60)
"""Enough to find what is there to be found, in a second."""

COUNTRIES = ("AFG", "CHN", "IND", "IRN", "PAK", "USA")
INERT = (Modality.NEGATED, Modality.HYPOTHETICAL, Modality.HISTORICAL, Modality.FIGURATIVE)
HOSTILE = tuple(name for name, row in TYPES.items() if row.intensity < 0)
PEACEFUL = tuple(name for name, row in TYPES.items() if row.intensity > 0)

ages = st.integers(0, 100 * 24).map(lambda hours: hours * HOUR)
moments = st.integers(-14 * 24 * 60, 0).map(lambda minutes: NOW + timedelta(minutes=minutes))
credible = st.sampled_from([m for m in Modality if m not in INERT])
grades = st.sampled_from(sorted(GRADES))


@st.composite
def events(
    draw: st.DrawFn, kinds: tuple[str, ...] = HOSTILE, modalities: st.SearchStrategy[Modality] = credible
) -> Event:
    """An event between one or two countries and one or two others."""
    parties = draw(st.permutations(COUNTRIES))
    actors, recipients = draw(st.integers(1, 2)), draw(st.integers(0, 2))
    return event(
        draw(st.sampled_from(kinds)),
        sorted(parties[:actors]),
        sorted(parties[actors : actors + recipients]),
        role=draw(st.sampled_from(ArticleRole)),
        modality=draw(modalities),
        at=draw(moments),
        places=draw(st.sampled_from([(), ("PAK",), ("AFG", "IND")])),
        regions=draw(st.sampled_from([(), ("balochistan",)])),
    )


@st.composite
def tellings(draw: st.DrawFn, least: int = 1, most: int = 8) -> list[Report]:
    """Reports that share a key: the same parties and type group, told at other times, by other owners, in other roles."""
    kinds = [name for name in HOSTILE if name.startswith("ASSAULT.")]
    made = []
    for n in range(draw(st.integers(least, most))):
        told = event(
            draw(st.sampled_from(kinds)),
            role=draw(st.sampled_from(ArticleRole)),
            modality=draw(credible),
            at=draw(moments),
        )
        made.append(report(f"a{n}", told, owner=draw(st.sampled_from("uvwxyz")), grade=draw(grades)))
    return made


entries = st.builds(
    Entry,
    hour=ages.map(lambda age: hour_of(NOW - age)),
    channel=st.sampled_from(Channel),
    micro=st.integers(1, 2_000_000),
    owner=st.sampled_from(["", "agency", "daily", QUARANTINE]),
    variance=st.integers(0, 1_000_000),
)
