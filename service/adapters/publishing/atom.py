"""Atom feeds (RFC 4287) of transitions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID, uuid5

from service.adapters.publishing.xml import Element, clean, web_address
from service.ports import Published

MEDIA_TYPE = "application/atom+xml"
CAP_TYPE = "application/cap+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
IDS = UUID("5d0b9c4e-6f0a-5b1e-9c55-0d3a7f1c2b64")
"""Ids of entries and feeds are made from it: it must never change, or readers take old entries for new ones."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries was changed."""


@dataclass(frozen=True, slots=True)
class Item:
    """A transition as an entry: a line, a text, and where to read on.

    `link` leads to what the entry is about, of the media type `kind`; `cap` to its CAP message, empty for none.
    """

    published: Published
    headline: str
    text: str
    link: str
    kind: str
    cap: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What a feed says of itself. `key` says which feed it is, whatever its address; `following` is its next page."""

    key: str
    title: str
    address: str
    following: str = ""


def feed(head: Head, items: Sequence[Item]) -> bytes:
    """The feed as UTF-8. What stands in it alone decides its bytes."""
    made = Element(NAMESPACE, "feed")
    made.add("id", _urn(head.key))
    made.add("title", head.title)
    made.add("updated", _time(max((item.published.transition.at for item in items), default=NEVER)))
    made.open("author").add("name", "Detente")
    made.open("link", rel="self", href=head.address, type=MEDIA_TYPE)
    if head.following:
        made.open("link", rel="next", href=head.following, type=MEDIA_TYPE)
    for item in items:
        _fill(made.open("entry"), item)
    return made.bytes()


def _urn(key: str) -> str:
    return uuid5(IDS, key).urn


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _fill(entry: Element, item: Item) -> None:
    change = item.published.transition
    entry.add("id", _urn(change.id))
    entry.add("title", item.headline)
    entry.add("updated", _time(change.at))
    entry.add("published", _time(change.at))
    entry.add("summary", change.reason)
    entry.add("content", item.text)
    entry.open("link", rel="alternate", href=item.link, type=item.kind)
    if item.cap:
        entry.open("link", rel="related", href=item.cap, type=CAP_TYPE)
    for address in dict.fromkeys(web_address(said.url) for said in change.evidence):
        if address:
            entry.open("link", rel="via", href=address)
    for name, value in _labels(item.published).items():
        scheme = f"urn:detente:label:{quote(name)}"
        entry.open("category", term=value, scheme=scheme, label=f"{name}: {value}")


def _labels(published: Published) -> dict[str, str]:
    change = published.transition
    said = {
        **published.alert.labels,
        "rule": published.alert.rule,
        "severity": str(change.severity),
        "state": str(change.to_state),
        "confirmed": str(change.confirmed).lower(),
    }
    return {name: value for name, value in said.items() if clean(value)}
