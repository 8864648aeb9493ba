"""Names in configuration files must be those of subjects there are: countries, regions, sub-regions, watchlists."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import filter as matching
from itertools import combinations

from service.config.load import Places
from service.config.schema import PublishersFile, RulesFile, WatchlistsFile
from service.domain.risk.subject import Subject, SubjectKind
from service.operations.naming import near

STANDARD = "ISO 3166-1 alpha-3, XKX for Kosovo"


@dataclass(frozen=True, slots=True)
class Names:
    """What subjects can be called: alpha-3 codes, slugs of regions, UN M49 codes, names of watchlists."""

    countries: Collection[str]
    regions: Collection[str] = ()
    subregions: Collection[str] = ()
    watchlists: Collection[str] = ()

    def of(self, kind: SubjectKind) -> Sequence[str]:
        """The names of this kind of subject, in order."""
        match kind:
            case SubjectKind.COUNTRY:
                return sorted(self.countries)
            case SubjectKind.DYAD:
                return list(map("-".join, combinations(sorted(self.countries), 2)))
            case SubjectKind.REGION:
                return sorted(self.regions)
            case SubjectKind.M49:
                return sorted(self.subregions)
            case SubjectKind.WATCH:
                return sorted(self.watchlists)


def unknown_in_rules(rules: RulesFile, places: Places, names: Names) -> list[str]:
    """Mistakes in the subjects of rules: names nobody knows, and patterns that cover nothing."""
    return [
        places.name(("rules", n, key, m), f"rule {rule.name}: {why}")
        for n, rule in enumerate(rules.rules)
        for key, patterns in (("subjects", rule.subjects), ("except_subjects", rule.except_subjects))
        for m, pattern in enumerate(patterns)
        for why in unknown_in_pattern(pattern, names)
    ]


def unknown_in_watchlists(file: WatchlistsFile, places: Places, names: Names) -> list[str]:
    """Mistakes in the subjects of watchlists."""
    return [
        places.name(("watchlists", n, "subjects", m), f"watchlist {entry.name}: {why}")
        for n, entry in enumerate(file.watchlists)
        for m, subject in enumerate(entry.subjects)
        for why in unknown_in_pattern(subject, names)
    ]


def unknown_in_publishers(file: PublishersFile, places: Places, known: Collection[str]) -> list[str]:
    """Mistakes in the countries of publishers."""
    return [
        places.name(("publishers", n, "country"), f"{publisher.country!r} is no country code ({STANDARD})")
        for n, publisher in enumerate(file.publishers)
        if publisher.country and publisher.country not in known
    ]


def unknown_in_pattern(pattern: str, names: Names) -> Iterator[str]:
    """Mistakes in one subject, or pattern over subjects."""
    if any(c in pattern for c in "*?["):
        yield from _covers_nothing(pattern, names)
        return
    subject = Subject.parse(pattern)
    for code in subject.countries:
        if code not in names.countries:
            yield f"{pattern!r} names {code!r}, which is no country code ({STANDARD})"
    if not subject.countries and subject.name not in names.of(subject.kind):
        known = [f"{subject.kind}:{name}" for name in names.of(subject.kind)]
        yield f"{pattern!r} is no {_CALLED[subject.kind]} there is{near(pattern, known)}"


def _covers_nothing(pattern: str, names: Names) -> Iterator[str]:
    """`kind:*` is whatever there is, now or later; any narrower pattern is meant to cover something."""
    kind, _, name = pattern.partition(":")
    if name in {"", "*"}:
        return
    kinds = list(SubjectKind) if kind == "*" else [SubjectKind(kind)]
    if not any(matching(names.of(one), name) for one in kinds):
        what = "subject" if kind == "*" else _COVERED[SubjectKind(kind)]
        yield f"{pattern!r} covers no {what}"


_CALLED = {
    SubjectKind.REGION: "region",
    SubjectKind.M49: "sub-region",
    SubjectKind.WATCH: "watchlist",
}
_COVERED = {
    SubjectKind.COUNTRY: f"country there is ({STANDARD})",
    SubjectKind.DYAD: f"two countries there are ({STANDARD}, in alphabetical order)",
    SubjectKind.REGION: "region there is",
    SubjectKind.M49: "sub-region there is (UN M49)",
    SubjectKind.WATCH: "watchlist there is (watchlists.yaml)",
}
