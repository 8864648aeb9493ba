"""Country codes in configuration files must be those of countries we know."""

from collections.abc import Collection, Iterator
from fnmatch import filter as matching
from itertools import combinations

from service.config.load import Places
from service.config.schema import PublishersFile, RulesFile
from service.domain.risk.subject import Subject, SubjectKind

STANDARD = "ISO 3166-1 alpha-3, XKX for Kosovo"


def unknown_in_rules(rules: RulesFile, places: Places, known: Collection[str]) -> list[str]:
    """Mistakes in the subjects of rules: codes nobody knows, and patterns that cover nothing."""
    return [
        places.name(("rules", n, "subjects", m), f"rule {rule.name}: {why}")
        for n, rule in enumerate(rules.rules)
        for m, pattern in enumerate(rule.subjects)
        for why in _unknown(pattern, known)
    ]


def unknown_in_publishers(file: PublishersFile, places: Places, known: Collection[str]) -> list[str]:
    """Mistakes in the countries of publishers."""
    return [
        places.name(("publishers", n, "country"), f"{publisher.country!r} is no country code ({STANDARD})")
        for n, publisher in enumerate(file.publishers)
        if publisher.country and publisher.country not in known
    ]


def _unknown(pattern: str, known: Collection[str]) -> Iterator[str]:
    if not any(c in pattern for c in "*?["):
        for code in Subject.parse(pattern).countries:
            if code not in known:
                yield f"{pattern!r} names {code!r}, which is no country code ({STANDARD})"
        return
    kind, _, name = pattern.partition(":")
    names = sorted(known)
    if kind == SubjectKind.COUNTRY and not matching(names, name):
        yield f"{pattern!r} covers no country there is ({STANDARD})"
    if kind == SubjectKind.DYAD and not matching(map("-".join, combinations(names, 2)), name):
        yield f"{pattern!r} covers no two countries there are ({STANDARD}, in alphabetical order)"
