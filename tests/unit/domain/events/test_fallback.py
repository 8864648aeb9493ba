"""What is made of a text of which only the signal is known."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.domain.events.attribution import attribute
from service.domain.events.dyad import dyads
from service.domain.events.extraction import Sentence, extract
from service.domain.events.fallback import coding_of
from service.domain.events.place import Mention, MentionKind
from service.domain.events.signal import ArticleRole, MentionRole, Modality, Signal
from service.pipeline.attribute import named
from service.ports import CodedArticle

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = "Las sanctions nucleares"
"""Words that the English lexicon of modes would take for its own."""


def signal(first: Signal) -> dict[str, float]:
    return {str(s): 0.8 if s is first else 0.1 for s in Signal}


def country(code: str, kind: MentionKind = MentionKind.COUNTRY) -> Mention:
    return Mention(0, 3, code, code, kind, (code,) if kind is not MentionKind.IGO else ())


def events(first: Signal, *mentions: Mention) -> list[object]:
    sentence = Sentence(0, 0, len(TEXT), TEXT, lead=True, language="es")
    coding = coding_of(signal(first), mentions)
    coded = CodedArticle((sentence,), (coding,), (mentions,), "m", "g")
    return list(attribute(extract([sentence], [coding], NOW, 0.5), named(coded)))


@pytest.mark.parametrize(
    ("first", "type_", "mode", "intensity"),
    [(Signal.ESCALATION, "THREATEN", "force", -5.0), (Signal.DE_ESCALATION, "AGREE", "deescalate", 5.0)],
)
def test_the_middle_of_its_signal_stands_for_the_type(first: Signal, type_: str, mode: str, intensity: float) -> None:
    (event,) = events(first, country("IRN"))
    assert (event.type, event.mode, event.intensity) == (type_, mode, intensity)
    assert (event.modality, event.role, event.confidence) == (Modality.ACTUAL, ArticleRole.LEAD, 0.8)


def test_neutral_makes_no_event() -> None:
    assert events(Signal.NEUTRAL, country("IRN")) == []


@pytest.mark.parametrize("first", [Signal.ESCALATION, Signal.DE_ESCALATION])
def test_two_countries_are_places_and_no_dyad(first: Signal) -> None:
    (event,) = events(first, country("IRN"), country("PAK", MentionKind.CAPITAL))
    assert (event.places, event.actors, event.recipients, dyads(event)) == (("IRN", "PAK"), (), (), ())
    assert event.is_somebodys


def test_of_three_countries_some_are_bystanders_so_none_is_moved() -> None:
    (event,) = events(Signal.ESCALATION, country("IRN"), country("PAK"), country("CHN"))
    assert not event.is_somebodys


def test_the_same_country_named_twice_is_one() -> None:
    (event,) = events(Signal.ESCALATION, *[country("IRN")] * 2, country("IRN", MentionKind.DEMONYM), country("PAK"))
    assert event.places == ("IRN", "PAK")


def test_a_city_is_the_place_and_names_it() -> None:
    city = replace(country("PAK", MentionKind.CITY), code="city:lahore", text="Lahore")
    (event,) = events(Signal.ESCALATION, city)
    assert (event.places, event.place_name) == (("PAK",), "Lahore")


@pytest.mark.parametrize("kind", [MentionKind.GROUP, MentionKind.IGO])
def test_groups_and_bodies_are_only_mentioned(kind: MentionKind) -> None:
    (event,) = events(Signal.ESCALATION, country("PAK", kind))
    assert not event.is_somebodys


def test_every_answer_is_a_share_of_one() -> None:
    coding = coding_of(signal(Signal.ESCALATION), [country("IRN"), country("UN", MentionKind.IGO)])
    parts = [coding.event_type, coding.level, coding.modality, *coding.roles]
    assert [sum(part.values()) for part in parts] == [1.0] * 5
    assert [max(r, key=r.__getitem__) for r in coding.roles] == [MentionRole.PLACE, MentionRole.MENTION]
