"""User and password that stand in a configured address."""

from base64 import b64encode
from urllib.parse import unquote_to_bytes, urlsplit


def parted(url: str) -> tuple[str, dict[str, str]]:
    """The address without them, and the header that says them. One that is odd is left as it is, to be refused."""
    try:
        netloc = urlsplit(url).netloc
    except ValueError:
        return url, {}
    said, at, host = netloc.partition("@")
    if not at or "@" in host or "\\" in netloc or f"//{netloc}" not in url:
        return url, {}
    user, _, password = said.partition(":")
    both = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
    return url.replace(netloc, host, 1), {"authorization": f"Basic {b64encode(both).decode()}"}
