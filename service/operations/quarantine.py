"""Publishers that were seen and nobody has decided on."""

from dataclasses import dataclass
from datetime import datetime

from service.domain.news.owner import Owners, label_of, name_key
from service.ports import Units


@dataclass(frozen=True, slots=True)
class Stranger:
    """An undecided publisher: its latest name, how many articles came from it, and when the last one came."""

    name: str
    articles: int
    last_seen: datetime


def strangers(units: Units, owners: Owners) -> list[Stranger]:
    """All of them as the table is now, the most frequent first; spellings of one name are one publisher."""
    found: dict[str, Stranger] = {}
    with units(read_only=True) as unit:
        for publisher, url, at in unit.articles.origins():
            if owners.known(publisher, url) is None:
                name = label_of(publisher, url)
                key = name_key(name) or name
                first = found.get(key, Stranger(name, 0, at))
                found[key] = Stranger(first.name, first.articles + 1, first.last_seen)
    return sorted(found.values(), key=lambda s: (-s.articles, s.name))
