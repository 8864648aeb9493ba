"""Addresses that content from outside names."""

from urllib.parse import urlsplit

from service.domain.news.duplicate import canonical_url

LONGEST_LINK = 2000
"""Characters; a longer address is dropped, as one that is cut would lead elsewhere."""


def web_link(address: str) -> str:
    """The address, blanks in it encoded, if it leads to a web page and holds no name or password; otherwise "".

    >>> web_link("https://example.org/a?b=1"), web_link("//example.org"), web_link("https://bank.example@evil.example/")
    ('https://example.org/a?b=1', '', '')
    """
    link = address.strip().replace(" ", "%20")
    if len(link) > LONGEST_LINK or not link.isprintable() or not canonical_url(link):
        return ""
    return "" if "@" in urlsplit(link).netloc else link
