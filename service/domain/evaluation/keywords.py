"""The search of the Geopolitical Risk index, built again from its published description.

Caldara and Iacoviello, "Measuring Geopolitical Risk", American Economic Review 112(4), 2022, Table 1: eight categories
of word sets, met in one text or within two words of each other; a text with an excluded word is dropped. The search
knows no de-escalation; `calms` mirrors it with words of ours, so that there is something to compare with.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

_SETS = {
    "war": "war conflict hostilities revolution* insurrection uprising revolt coup geopolitical",
    "peace": "peace truce armistice treaty parley",
    "military": "military troops missile* arms weapon* bomb* warhead*",
    "terror": "terror* guerrilla* hostage*",
    "fighter": "allie* enem* insurgen* foe* army navy aerial troops rebels",
    "threat": (
        "threat* warn* fear* risk* concern* danger* doubt* crisis troubl* disput* tension* imminen* inevitable footing "
        "menace* brink scare peril*"
    ),
    "disruption": "threat* menace* reject* peril* boycott* disrupt*",
    "buildup": "buildup* build-up* sanction* blockad* embargo quarantine ultimatum mobiliz*",
    "beginning": "begin* start* declar* begun began outbreak broke_out breakout proclamation launch*",
    "fight": "advance* attack* strike* drive* shell* offensive invasion invad* clash* raid* launch*",
    "terror act": "attack act bomb* kill* strike* hijack*",
    "excluded": (
        "movie* film* museum* anniversar* obituar* memorial* arts book books memoir* price_war game story history "
        "veteran* tribute* sport music racing cancer real_estate mafia trial tax"
    ),
    "atom": (
        "nuclear_war* atomic_war* nuclear_missile* nuclear_bomb* atomic_bomb* h-bomb* hydrogen_bomb* nuclear_test "
        "nuclear_weapon*"
    ),
    "calm": (
        "ceasefire* cease-fire* truce armistice peace accord treaty talks prisoner* embassy ambassador* sanction* "
        "embargo blockade troops forces soldiers drills exercise* hotline border*"
    ),
    "ease": (
        "agree* sign* accept* extend* renew* resum* restor* reopen* lift* eas* suspend* withdr* pull* releas* free* "
        "swap* exchang* cancel* halt* end* return* revive* scrap*"
    ),
}
_NEAR = (
    ("war", "threat"),
    ("peace", "disruption"),
    ("terror", "threat"),
    ("war", "beginning"),
    ("fighter", "fight"),
    ("terror", "terror act"),
)
_TOGETHER = (("military", "buildup"), ("threat", "atom"))
_DISTANCE = 2
_WORD = re.compile(r"[a-z][\w'-]*")
_PATTERNS = {
    name: re.compile("|".join(re.escape(m).replace(r"\*", r"[\w'-]*").replace("_", " ") for m in members.split()))
    for name, members in _SETS.items()
}
_FIRSTS = frozenset(m.partition("_")[0] for members in _SETS.values() for m in members.split() if "_" in m)
"""Words with which a member of two words begins."""


def raises_risk(text: str) -> bool:
    """Whether the index would count the text."""
    places = _places(text)
    if "excluded" in places:
        return False
    near = any(_are_near(places, *pair) for pair in _NEAR)
    return near or any(one in places and other in places for one, other in _TOGETHER)


def calms(text: str) -> bool:
    """Whether a text the index would not count tells of something calming."""
    return _are_near(_places(text), "calm", "ease") and not raises_risk(text)


def _places(text: str) -> Mapping[str, list[int]]:
    """Set → where its members stand in the text, in words; a member of two words stands where its first does."""
    words = [word.removesuffix("'s") for word in _WORD.findall(text.lower())]
    found: defaultdict[str, list[int]] = defaultdict(list)
    for i, word in enumerate(words):
        names = _sets_of(word) | (
            _sets_of(f"{word} {words[i + 1]}") if i + 1 < len(words) and word in _FIRSTS else set()
        )
        for name in names:
            found[name].append(i)
    return found


def _are_near(places: Mapping[str, list[int]], one: str, other: str) -> bool:
    return any(0 < abs(i - j) <= _DISTANCE for i in places.get(one, ()) for j in places.get(other, ()))


@cache
def _sets_of(written: str) -> frozenset[str]:
    """The sets that a word, or two words, belong to."""
    return frozenset(name for name, pattern in _PATTERNS.items() if pattern.fullmatch(written))
