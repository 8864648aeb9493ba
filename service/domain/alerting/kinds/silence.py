"""SILENCE: the feeds that usually tell of a subject are dark. That is no calm: it is not known what happens."""

from service.domain.alerting.kinds.holding import condition_false, condition_true
from service.domain.alerting.rule import Decision, Ears, Facts, Memory, ReasonKind, Rule, span

SHOWN = 5
"""Feeds that are named; the others are counted."""


def decide(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    """News about our own ears needs nobody to confirm it."""
    ears = facts.ears
    if ears is None or not ears.feeds:
        none = "no feed that is polled told of it in 30 d"
        return condition_false(rule, memory, facts, ReasonKind.NO_FEED, none)
    if ears.dark_for is not None and ears.dark_for < rule.stale:
        heard = f"its feeds are heard: the last good poll was {span(ears.dark_for)} ago, less than {span(rule.stale)}"
        return condition_false(rule, memory, facts, ReasonKind.HEARD, heard)
    reason = f"{_dark(ears, rule)}: what looks calm may only be unheard"
    return condition_true(rule, memory, facts, 1, reason, rule.severity, confirmed=True)


def _dark(ears: Ears, rule: Rule) -> str:
    names = ", ".join(ears.feeds[:SHOWN]) + (f" and {len(ears.feeds) - SHOWN} more" if len(ears.feeds) > SHOWN else "")
    feeds = "the feed that usually tells" if len(ears.feeds) == 1 else "all feeds that usually tell"
    had = "has had" if len(ears.feeds) == 1 else "have had"
    return f"{feeds} of it ({names}) {had} no good poll for {span(rule.stale)} or longer"
