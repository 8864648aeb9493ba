"""Weak role labels: what a name in a text does, read from the lists of actors, recipients and places.

The labels say who acted in the whole text, not which word names whom. A name gets the role of its code; that is
right for most texts and wrong where one country stands in a text in two roles.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service.domain.events.place import Mention, MentionKind
from service.domain.events.signal import MentionRole

RECIPROCAL = frozenset({"AGREE", "CONSULT", "COOPERATE"})
_PLACES = frozenset({MentionKind.REGION, MentionKind.CITY})
_ARMED = re.compile(
    r"^[- ](based |backed )?(rebels?|militants?|insurgents?|separatists?|guerrillas?|gunmen|jihadists?|militias?)\b",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\b(in|inside|across|within|over|into|from)( the| northern| southern| eastern| western)* $", re.IGNORECASE
)
_CIVIL = re.compile(
    r"^ (anti-government |opposition |pro-democracy )?(protesters?|demonstrators?|opposition|activists?|dissidents?|"
    r"civilians?|villagers?|journalists?|students?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Parties:
    """The codes of one labelled text."""

    actors: tuple[str, ...]
    recipients: tuple[str, ...]
    places: tuple[str, ...]


def parties(actors: Sequence[str], recipients: Sequence[str], places: Sequence[str], event_type: str) -> Parties:
    """The label's lists; what several do together without a recipient they do to each other."""
    if event_type in RECIPROCAL and len(actors) > 1 and not recipients:
        recipients = actors
    return Parties(tuple(actors), tuple(recipients), tuple(places))


def weak_role(text: str, mention: Mention, lists: Parties) -> MentionRole | None:
    """The role of one mention of `text`, None where the lists cannot tell."""
    if mention.kind in _PLACES:
        return MentionRole.PLACE if set(mention.countries) & set(lists.places) else None
    if _is_scene(text, mention, lists):
        return MentionRole.PLACE
    for code in _candidates(text, mention, lists):
        role = _party_role(code, lists)
        if role is not None:
            return role
    return MentionRole.MENTION


def _is_scene(text: str, mention: Mention, lists: Parties) -> bool:
    """Whether "in X" only says where, because X stands elsewhere in the text as the one who acts."""
    named_again = text.count(mention.text) > 1
    acts_at_home = mention.code in lists.actors and mention.code in lists.places
    return named_again and acts_at_home and bool(_WHERE.search(text[: mention.start]))


def _candidates(text: str, mention: Mention, lists: Parties) -> list[str]:
    """Codes the mention may stand for, the likeliest first."""
    if mention.kind is MentionKind.IGO:
        return ["IGO"]
    if mention.kind is MentionKind.GROUP:
        return [f"{home}:NSA" for home in mention.countries] + list(mention.countries) + _only_group(lists)
    return _state_candidates(text, mention, lists)


def _state_candidates(text: str, mention: Mention, lists: Parties) -> list[str]:
    """The state itself, its armed opponents or its people, by the words around its name."""
    code = mention.code
    after = text[mention.end : mention.end + 40]
    if _ARMED.match(after):
        return [f"{code}:NSA", code]
    if _CIVIL.match(after):
        return [f"{code}:CIV", code, f"{code}:NSA"]
    if mention.kind is MentionKind.DEMONYM and mention.text.endswith("s"):
        acting = (*lists.actors, *lists.recipients)
        return [c for c in (f"{code}:CIV", code, f"{code}:NSA") if c in acting] + [code]
    if _struck_at_home(code, lists) or code not in (*lists.actors, *lists.recipients, *lists.places):
        return [f"{code}:CIV", f"{code}:NSA"]
    return [code]


def _struck_at_home(code: str, lists: Parties) -> bool:
    """Whether a foreign state acts against people or groups in a country: its own government is a side then too.

    "Iran strikes militants in Pakistan" is Iran against Pakistan in the guide, whatever stands in the list.
    """
    sides = {*lists.actors, *lists.recipients}
    foreign = any(actor.isalpha() and actor not in {code, "IGO"} for actor in lists.actors)
    hit = {f"{code}:NSA", f"{code}:CIV"} & set(lists.recipients)
    return code not in sides and code in lists.places and foreign and bool(hit)


def _only_group(lists: Parties) -> list[str]:
    """The one armed group of the label: groups at home in several countries are coded by place."""
    groups = {code for code in (*lists.actors, *lists.recipients) if code.endswith(":NSA")}
    return sorted(groups) if len(groups) == 1 else []


def _party_role(code: str, lists: Parties) -> MentionRole | None:
    if code in lists.actors:
        return MentionRole.BOTH if code in lists.recipients else MentionRole.ACTOR
    if code in lists.recipients:
        return MentionRole.RECIPIENT
    return MentionRole.PLACE if code in lists.places else None


def without_overlaps(mentions: Collection[Mention]) -> list[Mention]:
    """The mentions in order, the longer kept where two overlap."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start - m.end, m.start)):
        if all(mention.end <= other.start or mention.start >= other.end for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)
