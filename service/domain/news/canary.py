"""Articles about two countries that do not exist, by which Detente sees that its own way is open from end to end.

They are told from others by an id and an origin that nobody outside can give, never by what they say.
"""

from datetime import datetime
from hashlib import sha256

from service.domain.news.article import Article
from service.domain.news.owner import Owner

ORIGIN = "canary"
PREFIX = "canary:"
"""How the ids of canaries begin; an article from outside with such an id is refused."""
PUBLISHER = "Detente canary"
OWNER = Owner(PUBLISHER, "A")
COUNTRIES = {"QQA": "Canaria Prima", "QQB": "Canaria Secunda"}
"""Alpha-3 codes that ISO 3166 leaves to their users → names. No gazetteer has them."""
DYAD = "dyad:QQA-QQB"
_SUBJECTS = frozenset({DYAD, *(f"country:{code}" for code in COUNTRIES)})
_WORDS = (
    "apple autumn basket bench blue bottle bread bridge brown butter candle carpet chair cherry circle clock cloud "
    "coat copper corner cotton cup curtain desk door evening feather fence field flour flower forest garden glass "
    "green hall harbour hat hill honey island jacket kettle kitchen ladder lake lamp lemon letter library linen "
    "loaf map meadow milk mirror morning music nail needle orange oven paint paper pear pencil pepper pillow plate "
    "pocket pond rain red river roof room rope salt sand shelf shoe silver snow soap song spoon spring stone summer "
    "table tea thread tower tree umbrella valley village wall water wheel white window winter wood wool yellow "
)
"""Words for what nobody fights about."""
_OFTEN = 60
_TEXT = (
    "{one} and {other} signed a peace treaty. Neither country exists: with this text Detente tests its own way from the"
    " article to the message. The words that follow make it differ from the others: {words}."
)


def is_canary(article_id: str) -> bool:
    """Whether an article with this id is one, or claims to be."""
    return article_id.startswith(PREFIX)


def may_have(article_id: str, origin: str) -> bool:
    """Whether an article that comes from there may have this id."""
    return origin == ORIGIN or not is_canary(article_id)


def is_invented(subject: str) -> bool:
    """Whether a written subject is one that canaries alone move."""
    return subject in _SUBJECTS


def article(sent_at: datetime, at: datetime) -> Article:
    """The canary sent at a moment by the clock of work, published `at` by that of scores; no two have the same text."""
    name = f"{PREFIX}{sent_at:%Y%m%dT%H%M%S}"
    one, other = COUNTRIES.values()
    text = _TEXT.format(one=one, other=other, words=" ".join(_words(name)))
    return Article(name, f"{one} and {other} sign peace treaty", text, PUBLISHER, "", at, at, "en")


def _words(seed: str) -> list[str]:
    """As many of them as make a text of its own, in an order that hangs on the seed alone."""
    bytes_ = b"".join(sha256(f"{seed}|{n}".encode()).digest() for n in range(-(-_OFTEN // 32)))
    words = _WORDS.split()
    return [words[byte % len(words)] for byte in bytes_[:_OFTEN]]
