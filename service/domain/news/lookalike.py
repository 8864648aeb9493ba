"""Letters that look like those of another alphabet.

The pairs are facts from Unicode's table of confusable characters (docs/data.md); one character always stands for one.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

CYRILLIC_AS_LATIN = dict(zip("АВЕКМНОРСТУХІЈЅԌԚԜаеорсухіјѕһԁԛԝѵ", "ABEKMHOPCTYXIJSGQWaeopcyxijshdqwv", strict=True))
GREEK_AS_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυϲϳ", "ABEZHIKMNOPTYXaiknopucj", strict=True))
AS_LATIN = CYRILLIC_AS_LATIN | GREEK_AS_LATIN
AS_CYRILLIC = {latin: cyrillic for cyrillic, latin in CYRILLIC_AS_LATIN.items() if cyrillic < "\u0500"}
AS_CYRILLIC |= {greek: AS_CYRILLIC[latin] for greek, latin in GREEK_AS_LATIN.items() if latin in AS_CYRILLIC}
AS_GREEK = {latin: greek for greek, latin in GREEK_AS_LATIN.items()}
AS_GREEK |= {cyrillic: AS_GREEK[latin] for cyrillic, latin in CYRILLIC_AS_LATIN.items() if latin in AS_GREEK}

LATIN, GREEK, CYRILLIC = r"A-Za-z\u00c0-\u024f", r"\u0370-\u03ff", r"\u0400-\u052f"
STYLED = r"\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d6a3"
"""Latin letters in fancy dress: full-width ones, and those of mathematics."""
_ALPHABETS: Mapping[str, tuple[re.Pattern[str], Mapping[int, str]]] = MappingProxyType(
    {
        "latin": (re.compile(f"[{LATIN}]"), str.maketrans(AS_LATIN)),
        "cyrillic": (re.compile(f"[{CYRILLIC}]"), str.maketrans(AS_CYRILLIC)),
        "greek": (re.compile(f"[{GREEK}]"), str.maketrans(AS_GREEK)),
    }
)
"""Its letters, and which of its letters those of others look like."""
_STYLED = re.compile(f"[{STYLED}]")
_ODD = re.compile(f"[{GREEK}{CYRILLIC}{STYLED}]")
_WORD = re.compile(r"[^\W\d_]+")


def unmixed(text: str) -> str:
    """The text with each word in one alphabet, as long as before.

    A word that mixes alphabets is put into the one most of its letters are of, if all others look like letters of it; a
    word that cannot be put into any, or that is of one alphabet, stays as it is.

    >>> unmixed("Irаn"), unmixed("има"), unmixed("TGFβ")
    ('Iran', 'има', 'TGFβ')
    """
    return _WORD.sub(lambda word: _own(word.group()), text) if _ODD.search(text) else text


def _own(word: str) -> str:
    if not _ODD.search(word) or not _is_mixed(word):
        return word
    undressed = _STYLED.sub(lambda letter: unicodedata.normalize("NFKC", letter.group()), word)
    counts = {name: len(letters.findall(undressed)) for name, (letters, _) in _ALPHABETS.items()}
    for name in sorted((name for name, count in counts.items() if count), key=lambda name: -counts[name]):
        letters, table = _ALPHABETS[name]
        folded = undressed.translate(table)
        if len(letters.findall(folded)) == sum(counts.values()):
            return folded
    return word


def _is_mixed(word: str) -> bool:
    """Whether letters of more than one alphabet stand in it; fancy dress is one of its own."""
    return sum(bool(found.search(word)) for found in (_STYLED, *(letters for letters, _ in _ALPHABETS.values()))) > 1
