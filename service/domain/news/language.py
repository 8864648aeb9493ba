"""Which language a text is in: from its script, from what its publisher declares, and from what a recogniser says."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from service.domain.news.article import Article

ENGLISH = "en"
UNKNOWN = "und"
"""The code of a text in a script we know no language of."""

LEAD = 600
"""Characters of the text that are looked at beside the title."""

_LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "LATIN": "en af az bs ca cs cy da de es et eu fi fr ga gl ha hr hu id is it ku lt lv ms mt nl no om pl pt ro "
        "sk sl so sq sr sv sw tk tl tr uz vi",
        "CYRILLIC": "ru be bg kk ky mk mn sr tg uk uz",
        "ARABIC": "ar fa ps ug ur",
        "DEVANAGARI": "hi mr ne",
        "BENGALI": "bn as",
        "HEBREW": "he",
        "CJK": "zh",
        "KANA": "ja",
        "HANGUL": "ko",
        "GREEK": "el",
        "ARMENIAN": "hy",
        "GEORGIAN": "ka",
        "ETHIOPIC": "am",
        "THAI": "th",
        "LAO": "lo",
        "KHMER": "km",
        "MYANMAR": "my",
        "GURMUKHI": "pa",
        "GUJARATI": "gu",
        "ORIYA": "or",
        "TAMIL": "ta",
        "TELUGU": "te",
        "KANNADA": "kn",
        "MALAYALAM": "ml",
        "SINHALA": "si",
    }
)
"""Script, by the first word of its letters' Unicode names → the languages written in it, the commonest first."""

LANGUAGES_OF: Mapping[str, tuple[str, ...]] = MappingProxyType({s: tuple(v.split()) for s, v in _LANGUAGES.items()})
LANGUAGES = frozenset(language for group in LANGUAGES_OF.values() for language in group)
"""Every language that can be told, as ISO 639-1 codes."""

_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl", "sh": "sr", "mo": "ro", "prs": "fa", "cmn": "zh"}
"""Codes that others use for a language of ours."""
_TAG = re.compile(r"([A-Za-z]{2,3})([-_][A-Za-z0-9_-]*)?")

_KANA = frozenset({"HIRAGANA", "KATAKANA"})
_DENSE = frozenset({"CJK", "KANA", "HANGUL"})
_DENSITY = 2
"""A letter of a dense script says about as much as two of an alphabet."""
_LEAST_KANA = 0.05
"""Share of kana among Han characters and kana from which a text is Japanese."""

FEWEST = 20
"""Letters below which nobody can tell languages of one script apart."""
SHORT = 80
"""Letters below which a text is short: a headline, where names weigh more than words."""
DOUBT, DOUBT_IN_SHORT = 0.1, 0.01
"""Probability beside that of the likeliest language below which the expected one is given up.

Of 19,786 English lines of news none falls below 0.09, and none of 60 characters or more below 0.43; headlines made of
little but names go down to 0.012. Most headlines in other languages stay below 0.004, even where two kindred languages
share the probability.
"""

Shares = Mapping[str, float]
"""Language → probability."""


def primary(tag: str) -> str:
    """The language of a declared tag such as `en-GB`; "" for one that names no language of ours.

    >>> primary("pt-BR"), primary("EN_us"), primary("nb"), primary("x-default"), primary("")
    ('pt', 'en', 'no', '', '')
    """
    found = _TAG.fullmatch(tag.strip())
    code = found[1].lower() if found else ""
    code = _SAME.get(code, code)
    return code if code in LANGUAGES else ""


def opening(article: Article) -> str:
    """Title and lead: what a language is told by. A title alone holds too many names."""
    return f"{article.title}\n{article.text[:LEAD]}".strip()


def decide(text: str, declared: str, guess: Callable[[str], Shares]) -> str:
    """The language of a text.

    `declared` is the tag its publisher gives it, or "". `guess` is asked only when the script leaves a choice and the
    text is long enough; it answers with the probability (0 … 1) of each language it knows.

    What is declared is expected if the text has a script of that language; otherwise English for Latin letters, and the
    commonest language of any other script. The recogniser overrules it only where it gives it next to no chance.
    """
    script, letters = _script(text)
    said = primary(declared)
    if not letters:
        return said or ENGLISH
    languages = LANGUAGES_OF.get(script, ())
    if len(languages) <= 1:
        return languages[0] if languages else UNKNOWN
    expected = said if said in languages else languages[0]
    if letters < FEWEST:
        return expected
    shares = guess(text)
    likeliest = max(languages, key=lambda language: shares.get(language, 0.0))
    least = (DOUBT if letters >= SHORT else DOUBT_IN_SHORT) * shares.get(likeliest, 0.0)
    return expected if shares.get(expected, 0.0) >= least else likeliest


def _script(text: str) -> tuple[str, int]:
    """The script most letters are in, and how many letters there are."""
    counts: Counter[str] = Counter()
    for char, times in Counter(text).items():
        if char.isalpha():
            counts[unicodedata.name(char, "?").split()[0].partition("-")[0]] += times
    kana = sum(counts.pop(name, 0) for name in _KANA)
    if kana >= _LEAST_KANA * (kana + counts["CJK"]) and kana:
        counts["KANA"] = kana + counts.pop("CJK", 0)
    weighed = {script: n * (_DENSITY if script in _DENSE else 1) for script, n in counts.items()}
    return max(weighed, key=lambda s: (weighed[s], s), default=""), sum(weighed.values())
