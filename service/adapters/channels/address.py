"""Which channel addresses we accept. Judged before Apprise sees them; a refusal never repeats the address."""

import ipaddress
import re
from urllib.parse import parse_qsl, unquote, urlsplit

ALLOWED = frozenset(
    {
        "bark", "barks", "discord", "form", "forms", "gotify", "gotifys", "json", "jsons", "mailto", "mailtos",
        "matrix", "matrixs", "mattermost", "mmost", "mmosts", "msteams", "ncfs", "nctalks", "ntfy", "ntfys",
        "opsgenie", "pagerduty", "pover", "pushover", "rocket", "rockets", "signal", "signals", "slack", "tgram",
        "twilio", "victorops", "workflows", "wxteams", "xml", "xmls", "zulip",
    }
)  # fmt: skip
"""Schemas of Apprise that only send, and only to where their address says."""
LONGEST = 2048
WEB_HOOKS = frozenset({"json", "jsons", "xml", "xmls", "form", "forms"})
_FORBIDDEN_KEYS = frozenset({"verify", "attach", "attach-as", "include", "config", "redirect"})
_SHAPE = re.compile(r"[a-z][a-z0-9]*://\S+")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")


def problem(url: str, *, allow_private: bool = False) -> str | None:
    """Why a channel's address is refused, None when it is fine.

    `allow_private` lets webhooks and mail servers on this machine and private networks be used.
    """
    if len(url) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if not _SHAPE.fullmatch(url):
        return "it does not look like schema://…"
    schema = url.partition("://")[0]
    if schema not in ALLOWED:
        return "its schema is not one of " + ", ".join(sorted(ALLOWED))
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "its host or port is malformed"
    if forbidden := sorted(
        {key.lower().lstrip("+-:") for key, _ in parse_qsl(parts.query, keep_blank_values=True)} & _FORBIDDEN_KEYS
    ):
        return f"it sets {', '.join(forbidden)}, which is not allowed"
    return _host_problem(schema, unquote(host), allow_private=allow_private)


def _host_problem(schema: str, host: str, *, allow_private: bool) -> str | None:
    literal = _literal(host)
    if literal is None and host and not _HOST.fullmatch(host):
        return "its host is malformed"
    if schema in WEB_HOOKS and not host:
        return "it names no host"
    if literal is None and _NUMBER.fullmatch(host.lower()):
        return "its host is a number in an unusual spelling"
    if not allow_private and _is_private(host.lower().rstrip("."), literal):
        return "it points into this machine or a private network (set notify.allow_private to permit that)"
    return None


def _is_private(host: str, literal: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    if literal is not None:
        return not _is_public(literal)
    return host == "localhost" or host.endswith((".localhost", ".internal", ".local"))


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        return address.is_global and address in ipaddress.ip_network("2000::/3") and not address.sixtofour
    return address.is_global and not address.is_multicast
