"""Who stands behind a text: publishers by name and by address, and the groups they belong to."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

QUARANTINE = "quarantined publishers"
"""The one owner group of all publishers nobody has decided on: any number of them is one voice."""
NOT_ASSESSED: Final = "F"
_BEST_FIRST = "ABCFDE"
"""Grades by how far they are believed; what nobody has assessed stands between C and D."""
NAMELESS = "unknown"
"""How a text is called that has neither publisher nor address."""
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})")
_VIA = re.compile(r"\s+via\s+", re.IGNORECASE)
_ARTICLE = re.compile(r"\Athe\s+(?=\S)")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner group a text counts for, how far it is believed (grade A … F), and whether anybody decided so."""

    group: str
    grade: str
    is_quarantined: bool = False


QUARANTINED = Owner(QUARANTINE, NOT_ASSESSED, is_quarantined=True)


@dataclass(frozen=True, slots=True)
class Listed:
    """A publisher somebody decided on. `aliases` are other names it is credited by; `domains` are bare hosts.

    Reports of an agency are printed by others.
    """

    name: str
    owner: str
    grade: str
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    is_agency: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """What its names are found by."""
        return tuple(name_key(name) for name in (self.name, *self.aliases))


def name_key(name: str) -> str:
    """What two spellings of one name share: no case, no accents, no punctuation or spaces, no leading "The".

    Empty for a name without a letter or digit.
    """
    plain = _ARTICLE.sub("", unicodedata.normalize("NFKC", name).casefold().strip().replace("&", " and "))
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if c.isalnum() or _is_foreign_mark(c))


def _is_foreign_mark(c: str) -> bool:
    """Whether this is a mark that makes another letter, as in Indic scripts; accents on Latin letters are none."""
    return unicodedata.category(c) in {"Mn", "Mc"} and not "\u0300" <= c <= "\u036f"


def host_of(url: str) -> str:
    """The host of an address, in lower case; empty where a browser could read another one, or none."""
    try:
        host = urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""
    return "" if "\\" in url else host.rstrip(".")


def is_host(written: str) -> bool:
    """Whether this could be the name of a host, as `news.bbc.co.uk`."""
    return bool(_HOST.fullmatch(written.lower()))


class Owners:
    """Finds the owner of a text by what it says of its publisher and address. Pure; built once.

    `publishers` are decided on, of several with one name or domain the last; so are the `feeds`, names of publishers
    that configured feeds carry, of grade F where the table does not have them. With `quarantine` all others share one
    group; without it each is an owner of its own, of grade F.
    """

    def __init__(self, publishers: Sequence[Listed], feeds: Iterable[str] = (), *, quarantine: bool = True) -> None:
        self._quarantine = quarantine
        groups: dict[str, str] = {}
        self._by_name: dict[str, Owner] = {}
        self._by_domain: dict[str, Owner] = {}
        self._agencies: frozenset[str] = frozenset()
        for publisher in publishers:
            group = groups.setdefault(name_key(publisher.owner), publisher.owner)
            owner = Owner(group, publisher.grade)
            keys = {key for key in publisher.keys if key}
            self._by_name |= dict.fromkeys(keys, owner)
            self._agencies = self._agencies | keys if publisher.is_agency else self._agencies - keys
            self._by_domain |= dict.fromkeys(publisher.domains, owner)
        for name in feeds:
            if name_key(name) and self._named(name) is None:
                self._by_name[name_key(name)] = Owner(name, NOT_ASSESSED)

    def __call__(self, publisher: str, url: str, credit: str = "") -> Owner:
        """The owner of a text of this publisher at this address; either may be empty.

        The name decides before the address. "X via Y" is the text of X, whoever Y is. What a known publisher credits to
        an agency is the agency's voice, believed no more than either of the two; a credit lifts nobody out of
        quarantine.
        """
        if known := self.known(publisher, url):
            agency = self._by_name[name_key(credit)] if name_key(credit) in self._agencies else None
            return _for(agency, known)
        return QUARANTINED if self._quarantine else Owner(label_of(publisher, url), NOT_ASSESSED)

    def known(self, publisher: str, url: str) -> Owner | None:
        """The owner, None where nobody has decided. What "X via Y" says of itself the address of Y cannot mend."""
        found = self._named(publisher)
        if found is None and _first_of(publisher) == publisher:
            return _within(host_of(url), self._by_domain)
        return found

    def _named(self, publisher: str) -> Owner | None:
        """By the whole name, by the host it may be, and at last as what an agency gave to another."""
        for name in dict.fromkeys((publisher, _first_of(publisher))):
            host = name.lower() if is_host(name) else ""
            if found := self._by_name.get(name_key(name)) or _within(host, self._by_domain):
                return found
        return None


def label_of(publisher: str, url: str) -> str:
    """How a text's publisher is called where it has to be called something: by its name, its host, or "unknown"."""
    return _first_of(publisher).strip() or host_of(url) or NAMELESS


def _for(agency: Owner | None, printer: Owner) -> Owner:
    """Whose voice a text is that one prints for the other."""
    if agency is None or agency.group == printer.group:
        return printer
    return Owner(agency.group, max(agency.grade, printer.grade, key=_BEST_FIRST.index))


def _first_of(publisher: str) -> str:
    """X of "X via Y"; a name without it stays as it is."""
    return _VIA.split(publisher, maxsplit=1)[0]


def _within(host: str, domains: Mapping[str, Value]) -> Value | None:
    """What is known of a host or of the nearest domain above it: `news.bbc.co.uk` lies in `bbc.co.uk`."""
    return next((domains[above] for above in _upwards(host) if above in domains), None)


def _upwards(host: str) -> Iterator[str]:
    labels = host.split(".")
    return (".".join(labels[n:]) for n in range(len(labels)))
