"""Subjects by what people type: names, codes, and their beginnings."""

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from unicodedata import combining, normalize

from service.domain.risk.subject import Subject, SubjectKind

MOST = 50
"""Subjects found at most."""
ALIKE = 5
"""Subjects proposed where none is found."""
LIKENESS = 0.6
"""How like two names must be, 0 … 1, for one to be proposed for the other."""


def find(query: str, names: Mapping[str, str], levels: Mapping[str, float]) -> list[str]:
    """Subjects in whose name or code every word of the query begins a word; what is meant exactly, then the highest.

    `names` has what subjects are called, `levels` where those stand that have a level. Empty for an empty query.
    """
    words = _words(query)
    meant = set(exactly(query, names))
    found = [subject for subject, name in names.items() if words and _has_all(words, _words(f"{subject} {name}"))]
    return sorted({*found, *meant}, key=lambda s: (s not in meant, -levels.get(s, 0.0), names.get(s, ""), s))[:MOST]


def exactly(query: str, names: Mapping[str, str]) -> list[str]:
    """Subjects that are called or written just so, or have this code; of two countries the dyad."""
    words = _words(query)
    found = [s for s, name in names.items() if words in (_words(s), _words(name), _words(s.partition(":")[2]))]
    return found or _dyad(words, names)


def alike(query: str, names: Mapping[str, str]) -> list[str]:
    """Subjects whose name or code is like what was typed, the likest first."""
    wanted = " ".join(_words(query.partition(":")[2] or query))
    called: dict[str, list[str]] = {}
    for subject, name in names.items():
        for said in {" ".join(_words(name)), " ".join(_words(subject.partition(":")[2]))}:
            called.setdefault(said, []).append(subject)
    close = get_close_matches(wanted, called, n=ALIKE, cutoff=LIKENESS)
    return list(dict.fromkeys(subject for said in close for subject in sorted(called[said])))[:ALIKE]


def _dyad(words: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """The dyad of two countries that are named one after the other, whether anything was told of it or not."""
    countries: dict[tuple[str, ...], str] = {}
    for subject, name in names.items():
        if subject.startswith(f"{SubjectKind.COUNTRY}:"):
            code = Subject.parse(subject).name
            countries |= {tuple(_words(name)): code, tuple(_words(code)): code}
    cuts = ((tuple(words[:n]), tuple(words[n:])) for n in range(1, len(words)))
    pairs = ((countries[one], countries[other]) for one, other in cuts if one in countries and other in countries)
    return [str(Subject.dyad(one, other)) for one, other in pairs if one != other]


def _words(text: str) -> list[str]:
    plain = "".join(sign for sign in normalize("NFKD", text) if not combining(sign))
    return re.findall(r"\w+", plain.casefold().replace("_", " "))


def _has_all(words: Sequence[str], parts: Collection[str]) -> bool:
    return all(any(part.startswith(word) for part in parts) for word in words)
