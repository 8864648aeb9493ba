"""The worker's side of reading content from outside: it is read in a jail, and what comes back is not believed."""

import atexit
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from service.adapters.feeds.files import from_mapping, parse_time
from service.adapters.jail.jail import Busy, CutOff, Jail, NotStarted
from service.domain.news.article import Article, Flag
from service.domain.news.completion import Page
from service.domain.news.text import MAX_TITLE, clean
from service.errors import ReaderUnavailable, Refusal, RefusedInput
from service.ports import Refused

WORK = "service.adapters.feeds.parsers:Reader"
READ_WITHIN = 10.0
"""Seconds in which anything must be read."""
AT_ONCE = 2
PATIENCE = 5.0
"""Seconds until a turn must have come: with it and a fetch before, a task stays within its 40 s."""
OF_WORDS = frozenset({Flag.LOOKALIKES, Flag.CUT})
"""What is odd about the words of a page, whatever is known of its date."""
MOST = 1000
"""Items and refusals of a feed that are looked at."""
_MINUTES = range(1, 366 * 24 * 60)
"""How long a feed may ask to be left alone."""


@dataclass(frozen=True, slots=True)
class Feedful:
    """What a feed holds: articles, what was refused of it, and for how long it wants to be left alone."""

    items: tuple[Article, ...]
    refused: tuple[Refused, ...] = ()
    ttl: timedelta | None = None


class JailedReader:
    """Reads by the table of `parsers`. Threads may read at once, `at_once` of them; the others wait for a turn."""

    def __init__(self, within: float = READ_WITHIN, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self.within, self.patience, self.jail = within, patience, Jail(WORK, at_once)

    def read(self, kind: str, content: bytes, **given: Any) -> Mapping[str, Any]:
        """What the parser of a kind says of content of at most 16 MiB. Raises RefusedInput or ReaderUnavailable."""
        request = {"kind": kind, "given": given}
        try:
            said = self.jail.run(request, content, self.within, self.patience)
        except Busy:
            raise ReaderUnavailable(f"nothing could be read for {self.patience:g} s: too much is being read") from None
        except NotStarted:
            raise ReaderUnavailable("no process to read in could be started") from None
        except CutOff as cut:
            raise RefusedInput(Refusal.HOSTILE, _ended(cut.after, self.within)) from None
        return _heard(said)

    def feed(self, content: bytes, headers: Mapping[str, str], where: str, publisher: str, now: datetime) -> Feedful:
        """A feed's items as articles. `where` is its address. Raises RefusedInput or ReaderUnavailable."""
        said = self.read("feed", content, headers=_telling(headers), address=where)
        name = publisher or _text(said, "title")
        items: list[Article] = []
        refused = [Refused(f"{where} {place}".strip(), refusal, why) for place, refusal, why in _notes(said)]
        for number, item in enumerate(_list(said, "items"), 1):
            try:
                items.append(from_mapping({**item, "publisher": name}, now))
            except RefusedInput as error:
                refused.append(Refused(f"{where} item {number}", error.refusal, str(error)))
        return Feedful(tuple(items), tuple(refused), _pause(said))

    def article(self, content: bytes, now: datetime) -> Article:
        """The article in a page that is kept as a file. Raises RefusedInput or ReaderUnavailable."""
        said = dict(self.read("page", content, address=""))
        if _moment(said.get("published_at"), now) is None:
            said["published_at"] = None
        return from_mapping(said, now)

    def page(self, content: bytes, address: str, now: datetime, charset: str = "") -> Page:
        """The article on a page. Raises RefusedInput, also where it holds none, or ReaderUnavailable."""
        said = dict(self.read("page", content, address=address, charset=charset))
        published = _moment(said.pop("published_at", None), now)
        article = from_mapping(said, now)
        odd = tuple(flag for flag in article.flags if flag in OF_WORDS)
        return Page(article.title, article.text, published, article.language, article.url, odd)

    def close(self) -> None:
        """End the reading processes."""
        self.jail.close()


@lru_cache(maxsize=1)
def shared_reader() -> JailedReader:
    """One for all who read in this process; it is closed when the process ends."""
    reader = JailedReader()
    atexit.register(reader.close)
    return reader


def _ended(after: float, within: float) -> str:
    if after >= within:
        return f"reading it took longer than {within:g} s"
    return f"reading it brought the reading process down after {after:.1f} s"


def _heard(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was read. Raises RefusedInput."""
    if isinstance(said.get("read"), dict):
        return dict(said["read"])
    try:
        refusal, message = said["refused"]
        raise RefusedInput(Refusal(refusal), _sentence(message))
    except (KeyError, TypeError, ValueError):
        raise _nonsense() from None


def _nonsense() -> RefusedInput:
    return RefusedInput(Refusal.HOSTILE, "reading it gave an answer that is none")


def _sentence(message: Any) -> str:
    return clean(str(message), MAX_TITLE).replace("\n", " ")


def _telling(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that say how to read what came with them."""
    small = {name.lower(): value for name, value in headers.items()}
    return {name: small[name] for name in ("content-type", "content-language") if name in small}


def _list(said: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = said.get(name)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise _nonsense()
    return found[:MOST]


def _notes(said: Mapping[str, Any]) -> list[tuple[str, Refusal, str]]:
    try:
        notes = said["refused"][:MOST]
        return [(_sentence(place), Refusal(why), _sentence(message)) for place, why, message in notes]
    except (KeyError, TypeError, ValueError):
        raise _nonsense() from None


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _moment(value: Any, now: datetime) -> datetime | None:
    try:
        return parse_time(value, now) if value else None
    except RefusedInput:
        return None


def _pause(said: Mapping[str, Any]) -> timedelta | None:
    minutes = said.get("ttl_minutes")
    return timedelta(minutes=minutes) if isinstance(minutes, int) and minutes in _MINUTES else None
