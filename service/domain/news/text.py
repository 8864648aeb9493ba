"""Cleaning of text that came from outside."""

import re
import unicodedata

MAX_TITLE = 500
MAX_TEXT = 200_000
"""Characters kept of a title and of a text; longer ones are cut."""

_INVISIBLE = re.compile(
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""Format characters (Cf): what steers the direction, joins, tags or hides."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")
_MARKS = re.compile("([\u0300-\u036f]{3})[\u0300-\u036f]+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_DATELINE = re.compile(
    r"[A-Z][A-Z.'’ -]+(/[A-Z.'’ -]+)?(, [A-Z][A-Za-z. ]+)?(, [A-Z][a-z]{2,8}\.? \d{1,2})?"
    r"( \([A-Za-z .]+\))?\s*[-–—]+\s+"
)
_NOT_WORD = re.compile(r"\W+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{2}")
"""Two letters of a script that leaves no blanks between words: Thai, Lao, Burmese, Khmer, kana, Han."""


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """NFC, without control, bidirectional and zero-width characters, runs of blanks as one, at most `limit` characters.

    Idempotent.
    """
    cut = text[: limit * 2].replace("\r\n", "\n").replace("\r", "\n")
    visible = unicodedata.normalize("NFC", _CONTROL.sub(" ", _INVISIBLE.sub("", cut)))
    lines = _BLANK_LINES.sub("\n\n", _SPACES.sub(" ", _MARKS.sub(r"\1", visible)))
    tidy = "\n".join(line.strip() for line in lines.split("\n")).strip()
    return unicodedata.normalize("NFC", tidy[:limit].strip())


def normalise(text: str) -> str:
    """Lower-case words parted by single blanks: what two copies of a text have in common."""
    return _NOT_WORD.sub(" ", clean(text).translate(_QUOTES).casefold()).strip()


def words(text: str) -> list[str]:
    """The normalised words in order."""
    return normalise(text).split()


def word_count(text: str) -> int:
    """About how many words a text has; where no blanks part them, two letters count as one.

    >>> word_count("A truce holds"), word_count("停火延长")
    (3, 2)
    """
    return max(len(text.split()), len(_UNSPACED.findall(text)))


def has_substance(text: str) -> bool:
    """Whether there is anything to read: at least two words with letters."""
    return word_count(" ".join(word for word in text.split() if any(c.isalpha() for c in word))) >= 2  # noqa: PLR2004


def dateline(text: str) -> int:
    """The length of the place, date and agency before the first sentence, 0 without them.

    >>> text = "NAIROBI, March 15 (Kestrel) - The talks failed."
    >>> text[dateline(text):]
    'The talks failed.'
    """
    found = _DATELINE.match(text)
    return found.end() if found else 0
