"""Which channel addresses we accept. Judged before Apprise sees them; a refusal never repeats the address."""

import ipaddress
import re
from urllib.parse import unquote, urlsplit

from service.adapters.channels import webhook
from service.adapters.net.addresses import PUBLIC, Address, Reach

FIXED = frozenset({"discord", "opsgenie", "pagerduty", "pover", "slack", "tgram", "twilio", "victorops", "wxteams"})
"""Schemas of services with one address: what stands where others have a host is a token."""
HOSTED = frozenset(
    {
        "bark", "barks", "form", "forms", "gotify", "gotifys", "json", "jsons", "mailto", "mailtos", "matrix",
        "matrixs", "mmost", "mmosts", "nctalks", "ntfy", "ntfys", "rocket", "rockets", "signal", "signals",
        "workflows", "xml", "xmls", "zulip",
    }
)  # fmt: skip
"""Schemas that send to the host their address names."""
ALLOWED = FIXED | HOSTED
"""Schemas of Apprise that only send, and only to where their address says."""
OWN = frozenset(webhook.SCHEMES)
"""Schemas that we send to ourselves."""
LONGEST = 2048
WEB_HOOKS = frozenset({"json", "jsons", "xml", "xmls", "form", "forms"}) | OWN
_FORBIDDEN_KEYS = frozenset(
    {"verify", "attach", "attach-as", "include", "config", "redirect", "template", "pgp", "pgpprv", "pgppub", "wkd"}
)
"""Options that turn off a check, read a file, fetch something, or promise a secrecy that our mails do not have."""
_HOST_KEYS = frozenset({"smtp", "host", "hostname"})
"""Options that send to another host than the one in the address."""
_SHAPE = re.compile(r"[a-z][a-z0-9]*://\S+")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")


def problem(url: str, *, reach: Reach = PUBLIC) -> str | None:
    """Why a channel's address is refused, None when it is fine.

    `reach` may let webhooks and mail servers on this machine and private networks be used.
    """
    if len(url) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if not _SHAPE.fullmatch(url):
        return "it does not look like schema://…"
    schema = url.partition("://")[0]
    if schema not in ALLOWED | OWN:
        return "its schema is not one of " + ", ".join(sorted(ALLOWED | OWN))
    options = _options(url)
    if forbidden := sorted({key for key, _ in options} & _FORBIDDEN_KEYS):
        return f"it sets {', '.join(forbidden)}, which is not allowed"
    if schema in FIXED:
        return None
    why = _hosts_problem(schema, url, options, reach)
    return why or (webhook.problem(url) if schema in OWN else None)


def _hosts_problem(schema: str, url: str, options: list[tuple[str, str]], reach: Reach) -> str | None:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "its host or port is malformed"
    hosts = [unquote(host), *(value for key, value in options if key in _HOST_KEYS)]
    found = (_host_problem(schema, name, reach) for name in hosts)
    return next((why for why in found if why), None)


def _options(url: str) -> list[tuple[str, str]]:
    """The options as Apprise reads them: parted by & or ;, also behind a #, in any case and with blanks around."""
    pairs = (pair.partition("=") for pair in re.split(r"[?&;#]", url)[1:])
    return [(unquote(key).strip().lower().lstrip("+-:").strip(), unquote(value).strip()) for key, _, value in pairs]


def _host_problem(schema: str, host: str, reach: Reach) -> str | None:
    literal = _literal(host)
    if literal is None and host and not _HOST.fullmatch(host):
        return "its host is malformed"
    if schema in WEB_HOOKS and not host:
        return "it names no host"
    if literal is None and _NUMBER.fullmatch(host.lower()):
        return "its host is a number in an unusual spelling"
    if _is_private(host.lower().rstrip("."), literal, reach):
        return (
            "it points into this machine or a private network "
            "(set notify.allow_networks, or notify.allow_private for all, to permit that)"
        )
    return None


def _is_private(host: str, literal: Address | None, reach: Reach) -> bool:
    """As far as the text tells: where a name leads is looked at when it is dialled."""
    if literal is not None:
        return not reach.permits(literal)
    is_inner = host == "localhost" or host.endswith((".localhost", ".internal", ".local"))
    return is_inner and not (reach.allow_private or reach.allow)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
