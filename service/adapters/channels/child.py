"""What a sending process does: one message, through one channel, once. It is killed when it takes too long."""

import logging
import re
import socket
from collections.abc import Mapping
from ipaddress import ip_network
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import requests

from service.adapters.channels import mail, web, webhook
from service.adapters.channels.address import WEB_HOOKS
from service.adapters.channels.guard import Guard
from service.adapters.channels.verdict import Exchange, answer, verdict
from service.adapters.clock import SystemClock
from service.adapters.jail.work import Limits
from service.adapters.net.addresses import Reach

if TYPE_CHECKING:
    import ssl

    import apprise

MAILS = frozenset({"mailto", "mailtos"})
RENDERED = frozenset({"discord", "matrix", "matrixs", "rocket", "rockets", "slack", "tgram", "workflows", "wxteams"})
"""Schemas for which Apprise turns Markdown into what the service shows."""
UNTOUCHED = frozenset({"mmost", "mmosts", "zulip"})
"""Schemas whose service shows Markdown, though Apprise takes it for plain text."""
FORMATTED = frozenset({"bark", "barks", "gotify", "gotifys", "ntfy", "ntfys"})
"""Schemas that show Markdown when their address says so."""
CONNECT_WITHIN, READ_WITHIN, MAIL_WITHIN = 5, 10, 20
"""Seconds for a connection, a piece of an HTTP reply, and a mail server's reply."""
TAKEN = range(200, 300)
_PING = re.compile(r"@(?=\W{0,2}(everyone|here|channel|all|room|topic|stream)\b)|<(?=[!@#])", re.IGNORECASE)
_HELD_APART = "\u200b"


class Sender:
    """Implements `jail.work.Work`: all that is the same for every send, made once by the process that forks."""

    limits = Limits()

    def __init__(self) -> None:
        import apprise  # noqa: PLC0415  0.5 s

        logging.getLogger("apprise").disabled = True  # it writes addresses into its messages, at every level
        self.apprise = apprise
        self.asset = apprise.AppriseAsset(
            http_redirects=False,
            app_id="Detente",
            app_desc="Detente",
            secure_logging=True,
            storage_mode="memory",
            async_mode=False,
            interpret_escapes=False,
            interpret_emojis=False,
            pgp_autogen=False,
            pem_autogen=False,
            allow_templates=False,
            service_timeout=0,  # the deadline is kept from outside, by a signal nothing can catch
        )
        self.trusted: ssl.SSLContext = web.trusted()
        mail.remember_own_name()
        self._warm_up()

    def _warm_up(self) -> None:
        """Load all that is loaded when it is first used: a rehearsal, to a port of our own where nobody listens."""
        formats = self.apprise.NotifyFormat
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            here = f"127.0.0.1:{deaf.getsockname()[1]}"
            for address in (f"json://{here}", f"mailto://{here}/?from=a@example.org&to=b@example.org&mode=insecure"):
                box = self.apprise.Apprise(asset=self.asset)
                box.add(_with_options(address, address.partition(":")[0]))
                box.notify(title="a", body="*a*", body_format=formats.MARKDOWN)
        sample = {"key": "a", "data": {}}
        webhook.request(_signed(sample), f"webhook://127.0.0.1/?secret=whsec_{'a' * 32}", SystemClock().now())

    def failed(self, error: BaseException, /) -> dict[str, Any]:
        """What went wrong is told by its kind alone: the message may hold the address."""
        return answer(f"the send failed inside ({type(error).__name__})", unknown=True)

    def do(self, request: Mapping[str, Any], chart: bytes, /) -> dict[str, Any]:
        """Send a parcel, with its chart to an address; the answer as `verdict` gives it."""
        address: str = request["address"]
        schema = address.partition("://")[0].lower()
        exchange = Exchange()
        if schema in webhook.SCHEMES:
            Guard(exchange, _reach(request), is_mail=False).install()
            web.install(exchange, self.trusted, schema, {})
            return verdict(exchange, taken=_post(webhook.request(_signed(request), address, SystemClock().now())))
        box = self.apprise.Apprise(asset=self.asset)
        if not box.add(_with_options(address, schema, request["markdown"])):
            return answer("the channel's address was not understood", permanent=True)
        Guard(exchange, _reach(request), is_mail=schema in MAILS).install()
        if schema in MAILS:
            mail.install(_letter(request, chart), exchange)
        else:
            extra = {"Idempotency-Key": request["key"]} if schema in WEB_HOOKS else {}
            web.install(exchange, self.trusted, schema, extra)
        title, body, form = self._content(request, schema)
        taken = bool(box.notify(title=title, body=body, body_format=form))
        return verdict(exchange, taken=taken)

    def _content(self, request: Mapping[str, Any], schema: str) -> tuple[str, str, "apprise.NotifyFormat | None"]:
        """(title, body, what Apprise is to take the body for)."""
        formats = self.apprise.NotifyFormat
        title, text, markdown = request["title"], request["text"], request["markdown"]
        if schema in MAILS:
            return title, request["html"] or text, formats.HTML if request["html"] else formats.TEXT
        if schema in WEB_HOOKS:
            return title, text, formats.TEXT
        title = without_pings(title)
        if not markdown or schema not in RENDERED | UNTOUCHED | FORMATTED:
            return title, without_pings(text), formats.TEXT
        return title, without_pings(markdown), None if schema in UNTOUCHED else formats.MARKDOWN


def without_pings(text: str) -> str:
    """Whatever a chat service would read as a call to everybody is held apart by a mark nobody sees."""
    return _PING.sub(lambda found: found.group(0) + _HELD_APART, text)


def _with_options(address: str, schema: str, markdown: str = "") -> str:
    """The address with our time limits and form, where it does not say its own; plain text is not read as Markdown."""
    wished = {"cto": str(MAIL_WITHIN if schema in MAILS else CONNECT_WITHIN), "rto": str(READ_WITHIN)}
    if schema in FORMATTED and markdown:
        wished |= {"format": "markdown"}
    elif schema == "tgram":
        wished |= {"format": "html"}
    for name, value in wished.items():
        if f"{name}=" not in address:
            address += f"{'&' if '?' in address else '?'}{name}={value}"
    return address


def _reach(request: Mapping[str, Any]) -> Reach:
    return Reach(request["allow_private"], tuple(ip_network(written) for written in request["allow"]))


def _signed(request: Mapping[str, Any]) -> webhook.Message:
    return SimpleNamespace(key=request["key"], data=request["data"])


def _post(signed: webhook.Post) -> bool:
    """Whether the channel took it; how it failed is in the exchange."""
    within = (CONNECT_WITHIN, READ_WITHIN)
    try:
        answered = requests.post(
            signed.url, data=signed.body, headers=signed.headers, timeout=within, allow_redirects=False
        )
    except requests.RequestException:
        return False
    return answered.status_code in TAKEN


def _letter(request: Mapping[str, Any], chart: bytes) -> mail.Letter:
    names = ("key", "thread", "title", "text", "html", "unsubscribe")
    return mail.Letter(**{name: request[name] for name in names}, chart=chart, at=SystemClock().now())
