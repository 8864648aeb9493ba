"""How a canary is seen, found interesting and told of: names, a rule and a route of its own, which nothing else has."""

import re
from dataclasses import replace
from datetime import timedelta

from service.domain.alerting.alert import fingerprint
from service.domain.alerting.route import Receiver, Route, Timing
from service.domain.alerting.rule import Rule, RuleKind
from service.domain.events.place import Mention, MentionKind
from service.domain.news.canary import COUNTRIES, DYAD

PATH = "canary"
RULE = Rule(
    name="canary",
    kind=RuleKind.DEESC,
    subjects=(DYAD,),
    hot_rate=0.0,
    intensity=0.0,
    labels={"canary": "true"},
)
"""Fires when a canary comes, ends without a message when it is taken back. It asks for peace: no canary is an alarm."""
ALERT = fingerprint(RULE.name, DYAD)
"""Id of the one alert there is."""
NOTE = "An article about two invented countries has gone the whole way from intake to this channel."
_AT_ONCE = Timing(group_wait=timedelta(0), group_interval=timedelta(0))
_NAMES = re.compile("|".join(COUNTRIES.values()))
_CODES = {name: code for code, name in COUNTRIES.items()}


def mentions(text: str) -> list[Mention]:
    """The invented countries in a text."""
    return [
        Mention(found.start(), found.end(), found[0], code := _CODES[found[0]], MentionKind.COUNTRY, (code,))
        for found in _NAMES.finditer(text)
    ]


def route(receiver: str) -> Route:
    """The way to a receiver, at once and past everything that may hold a message back."""
    return Route(PATH, receiver, timing=_AT_ONCE)


def unhindered(receiver: Receiver) -> Receiver:
    """The receiver without budget, digest, escalation and flood: a canary neither waits nor counts."""
    return replace(receiver, budget=None, digest=None, escalation=None, flood=None)
