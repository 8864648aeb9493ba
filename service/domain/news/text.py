"""Cleaning of text that came from outside."""

import re
import unicodedata

MAX_TITLE = 500
MAX_TEXT = 200_000
"""Characters kept of a title and of a text; longer ones are cut."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")
_MARKS = re.compile("([\u0300-\u036f]{3})[\u0300-\u036f]+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_DATELINE = re.compile(
    r"[A-Z][A-Z.'’ -]+(/[A-Z.'’ -]+)?(, [A-Z][A-Za-z. ]+)?(, [A-Z][a-z]{2,8}\.? \d{1,2})?( \([A-Za-z .]+\))?\s*[-–—]+\s+"
)
_NOT_WORD = re.compile(r"\W+")


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """NFC, without control, bidirectional and zero-width characters, runs of blanks as one, at most `limit` characters.

    Idempotent.
    """
    cut = unicodedata.normalize("NFC", text[: limit * 2].replace("\r\n", "\n").replace("\r", "\n"))
    visible = _MARKS.sub(r"\1", _CONTROL.sub(" ", _INVISIBLE.sub("", cut)))
    lines = _BLANK_LINES.sub("\n\n", _SPACES.sub(" ", visible))
    tidy = "\n".join(line.strip() for line in lines.split("\n")).strip()
    return unicodedata.normalize("NFC", tidy[:limit].strip())


def normalise(text: str) -> str:
    """Lower-case words parted by single blanks: what two copies of a text have in common."""
    return _NOT_WORD.sub(" ", clean(text).translate(_QUOTES).casefold()).strip()


def words(text: str) -> list[str]:
    """The normalised words in order."""
    return normalise(text).split()


def has_substance(text: str) -> bool:
    """Whether there is anything to read: at least two words with letters."""
    return sum(any(c.isalpha() for c in word) for word in text.split()) >= 2  # noqa: PLR2004


def dateline(text: str) -> int:
    """The length of the place, date and agency before the first sentence, 0 without them.

    >>> text = "NAIROBI, March 15 (Kestrel) - The talks failed."
    >>> text[dateline(text):]
    'The talks failed.'
    """
    found = _DATELINE.match(text)
    return found.end() if found else 0
