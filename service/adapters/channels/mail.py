"""Mails of our own making, sent over Apprise's connection. Only for sending processes."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from hashlib import sha256
from typing import Any

from service.adapters.channels.verdict import Exchange, Part, Trouble

CHART = "chart"
"""The name by which HTML refers to the chart: `<img src="cid:chart">`."""
LONGEST_SUBJECT = 200
_UNFOLDED = policy.SMTP.clone(max_line_length=0)
"""Addresses in List-Unsubscribe and References must not be cut, nor encoded to be cut."""
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]([A-Za-z0-9._-]{0,126}[A-Za-z0-9_-])?")
_NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f\s]+")
_VERBS: Mapping[str, Part] = {
    "auth": Part.LOGIN,
    "mail": Part.SENDER,
    "rcpt": Part.ADDRESS,
    "data": Part.MESSAGE,
}
_SMALL_TALK = frozenset({"ehlo", "quit", "rset", "noop"})
"""Commands whose refusal says nothing about a message."""
_KNOWN = _SMALL_TALK | _VERBS.keys() | {"helo", "starttls"}
"""What else is sent is an answer to a question, such as a password."""
_ERROR = 400


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands in a mail, whoever gets it."""

    key: str
    thread: str
    title: str
    text: str
    html: str
    chart: bytes
    unsubscribe: str
    at: datetime


def compose(
    letter: Letter, sender: tuple[str, str], to: str, copies: Mapping[str, str], headers: Mapping[str, str]
) -> bytes:
    """The mail: text, with HTML beside it where there is some, and the chart within the HTML.

    `sender` is a name and an address, `to` and the values of `copies` (Cc, Reply-To) are header values.
    """
    domain = sender[1].rpartition("@")[2] or "localhost"
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = formataddr((_one_line(sender[0]) or "Detente", sender[1]))
    mail["To"] = to
    mail["Subject"] = _one_line(letter.title)[:LONGEST_SUBJECT]
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = message_id(letter.key, domain)
    for name, value in {**_thread(letter, domain), **copies, **_unsubscription(letter)}.items():
        mail[name] = value
    mail["Auto-Submitted"] = "auto-generated"
    for name, value in headers.items():
        if name not in mail:
            mail[name] = _one_line(value)
    mail.set_content(letter.text, cte="quoted-printable")
    if letter.html:
        _add_html(mail, letter)
    return mail.as_bytes(policy=_UNFOLDED)


def _add_html(mail: EmailMessage, letter: Letter) -> None:
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.chart:
        html: Any = mail.get_payload(1)
        html.add_related(letter.chart, "image", "png", cid=f"<{CHART}>", disposition="inline", filename="chart.png")


def message_id(key: str, domain: str) -> str:
    """The same for the same key, so that a mail sent twice is seen once."""
    local = key if _PLAIN_ID.fullmatch(key) and ".." not in key else sha256(key.encode()).hexdigest()[:40]
    return f"<{local}@{domain}>"


def _thread(letter: Letter, domain: str) -> dict[str, str]:
    if not letter.thread:
        return {}
    root = message_id(f"thread-{letter.thread}", domain)
    return {"References": root, "In-Reply-To": root}


def _unsubscription(letter: Letter) -> dict[str, str]:
    if not letter.unsubscribe:
        return {}
    link = f"<{_NOT_PRINTED.sub('', letter.unsubscribe)}>"
    return {"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _one_line(text: str) -> str:
    return _NOT_PRINTED.sub(" ", text).strip()


def install(letter: Letter, exchange: Exchange) -> None:
    """From now on mails of this process are ours, and what mail servers answer is remembered."""
    from apprise.plugins.email import EmailMessage as Prepared  # noqa: PLC0415  loaded only where messages are sent
    from apprise.plugins.email import NotifyEmail  # noqa: PLC0415

    def prepare(
        *, from_addr: Any, to: Any, cc: Any, bcc: Any, reply_to: Any, headers: Any, **rest: Any
    ) -> Iterator[Any]:
        is_plain = rest.get("notify_format") == "text"
        for name, address in to:
            copies = {"Cc": _listed(cc - bcc - {address}, rest), "Reply-To": _listed(reply_to - {address}, rest)}
            shown = formataddr((_one_line(name or ""), address))
            mail = compose(
                letter if not is_plain else _as_text(letter),
                (from_addr[0] or "", from_addr[1]),
                shown,
                {header: value for header, value in copies.items() if value},
                headers,
            )
            yield Prepared(recipient=address, to_addrs=[address, *(cc | bcc) - {address}], body=mail)

    NotifyEmail.prepare_emails = staticmethod(prepare)
    _listen(exchange)


def remember_own_name() -> None:
    """How this machine greets mail servers is looked up once, not for every mail."""
    name = socket.getfqdn()
    socket.getfqdn = lambda name_of="": name_of or name  # type: ignore[assignment]


def _as_text(letter: Letter) -> Letter:
    return Letter(letter.key, letter.thread, letter.title, letter.text, "", b"", letter.unsubscribe, letter.at)


def _listed(addresses: set[str], rest: Mapping[str, Any]) -> str:
    names = rest.get("names") or {}
    return ", ".join(formataddr((_one_line(names.get(address) or ""), address)) for address in sorted(addresses))


def _listen(exchange: Exchange) -> None:
    """Connections of smtplib tell `exchange` of every refusal."""

    class Listening:
        verb = ""

        def putcmd(self, cmd: str, args: str = "") -> None:
            self.verb = cmd.lower() if cmd.lower() in _KNOWN else self.verb
            super().putcmd(cmd, args)  # type: ignore[misc]

        def getreply(self) -> tuple[int, bytes]:
            try:
                code, text = super().getreply()  # type: ignore[misc]
            except OSError as error:
                _note_silence(self.verb, error, exchange)
                raise
            if code >= _ERROR and self.verb not in _SMALL_TALK:
                exchange.answered(_VERBS.get(self.verb, Part.GREETING), code)
            return code, text

        def starttls(self, **options: Any) -> Any:
            try:
                return super().starttls(**options)  # type: ignore[misc]
            except (OSError, RuntimeError):
                if exchange.trouble is None and exchange.code is None:
                    exchange.broke(Trouble.TLS)
                raise

        def _get_socket(self, *arguments: Any) -> Any:
            try:
                return super()._get_socket(*arguments)  # type: ignore[misc]
            except ssl.SSLError:
                exchange.broke(Trouble.TLS)
                raise

    smtplib.SMTP = type("SMTP", (Listening, smtplib.SMTP), {})  # type: ignore[misc, assignment]
    smtplib.SMTP_SSL = type("SMTP_SSL", (Listening, smtplib.SMTP_SSL), {})  # type: ignore[misc, assignment]


def _note_silence(verb: str, error: OSError, exchange: Exchange) -> None:
    """Once the message has gone over, silence may mean that it was taken. A refusal before it still counts."""
    if verb != "quit" and exchange.code is None:
        late = isinstance(error.__context__, TimeoutError)
        exchange.broke(Trouble.TIMEOUT if late else Trouble.BROKEN, handed_over=verb == "data")
