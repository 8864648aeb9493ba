"""Addresses of pages about one thing, and of what lies elsewhere."""

from urllib.parse import quote, urlsplit


def subject_page(subject: str) -> str:
    """The page of a written subject, as `dyad:IRN-PAK`."""
    return f"/subjects/{quote(subject, safe=':')}"


def article_page(article_id: str) -> str:
    """The page of an article, whatever signs its id holds."""
    return f"/articles/{quote(article_id, safe='')}"


def alert_page(alert_id: str) -> str:
    """The page of an alert."""
    return f"/alerts/{quote(alert_id, safe='')}"


def outside(url: str) -> tuple[str, str]:
    """(address, host) of a link that leads elsewhere; both empty for one that no page may hold."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "", ""
    is_plain = url.isprintable() and "\\" not in url and " " not in url and not parts.username
    return (url, host) if parts.scheme in {"http", "https"} and host and is_plain else ("", "")
