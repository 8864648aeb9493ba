"""Names people type: what is meant, and what may have been meant."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from service.domain.events.geography import Geography
from service.domain.risk.subject import Subject, SubjectKind
from service.errors import NotFound

SHOWN = 5
"""Names that are listed where none is alike."""


def near(name: str, known: Collection[str]) -> str:
    """A clause that names what is like it, or what there is when it is little; empty if there is nothing to name."""
    folded = {one.casefold(): one for one in sorted(known)}
    found: Sequence[str] = get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)
    if found:
        return f"; did you mean {' or '.join(folded[one] for one in found)}?"
    if not known:
        return ""
    few = ", ".join(sorted(known)[:SHOWN])
    return f"; known {'is' if len(known) == 1 else 'are'} {few}{' …' if len(known) > SHOWN else ''}"


def check_subject(subject: Subject, geography: Geography, watchlists: Collection[str]) -> None:
    """Raises NotFound, naming what is near, for a country, region or watchlist nobody knows."""
    for code in subject.countries:
        if code not in geography.countries:
            raise NotFound(f"{subject}: {code!r} is no country code{near(code, geography.countries)}")
    written = str(subject)
    known: Collection[str]
    match subject.kind:
        case SubjectKind.REGION:
            known = [code for code in geography.places if code.startswith("region:")]
        case SubjectKind.M49:
            known = [f"m49:{number}" for number in geography.subregion_names]
        case SubjectKind.WATCH:
            known = watchlists
        case _:
            return
    if written not in known:
        raise NotFound(f"nobody knows {written}{near(written, known)}")
