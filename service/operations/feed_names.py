"""Names for feeds that nobody has named."""

import re
import unicodedata
from collections.abc import Collection

from service.domain.news.owner import host_of

LONGEST = 60
_FIRST = re.compile(r"^(?:(?:www|feeds?|rss|news)\d*\.)+(?=[^.]+\.)")
"""Parts of a host that say nothing of whose it is."""
_OTHER = re.compile(r"[^a-z0-9]+")


def name_for(title: str, url: str, taken: Collection[str]) -> str:
    """A name that no feed has, of its title, or else of its host.

    >>> name_for("The Harbour – World", "https://x.example/rss", ()), name_for("", "https://feeds.mail.example/1", ())
    ('the-harbour-world', 'mail-example')
    >>> name_for("Wire", "https://wire.example", {"wire", "wire-2"})
    'wire-3'
    """
    short = _short(title) or _short(_FIRST.sub("", host_of(url))) or "feed"
    folded = {name.casefold() for name in taken}
    numbered = (f"{short[: LONGEST - len(end)]}{end}" for end in ("", *(f"-{n}" for n in range(2, len(folded) + 3))))
    return next(name for name in numbered if name.casefold() not in folded)


def _short(text: str) -> str:
    """Letters and digits of ASCII with dashes between them; empty where it would begin with none or say too little."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    short = _OTHER.sub("-", plain).strip("-")
    if short[:1].isdigit():
        short = f"n{short}"
    is_told = sum(c.isalnum() for c in plain) * 2 >= sum(c.isalnum() for c in text)
    return short[:LONGEST].strip("-") if is_told else ""
