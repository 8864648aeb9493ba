"""What stands in a mail: its bytes in, plain values out. Runs in the reading process."""

import re
from collections.abc import Callable, Mapping, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from service.adapters.feeds.announced import web_address
from service.adapters.feeds.page import read_page
from service.domain.news.text import has_substance
from service.errors import Refusal, RefusedInput

SHARE = 3
"""The text of the HTML part counts unless the plain part is so many times longer."""
_FORGED, _VOUCHED = (
    re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE),
    re.compile(r"\bdmarc\s*=\s*pass\b", re.IGNORECASE),
)
_ON_THE_WEB = re.compile(
    r"\b((view|read|open|see)\b.{0,30}\b(online|browser|web)|(web|online) ?version|im browser|online ansehen"
    r"|(en|version en) ligne|navigateur|navegador|versi[oó]n (web|en l[ií]nea))\b",
    re.IGNORECASE,
)
_LONGEST_LABEL = 80
_LINE_END = re.compile(r"\r\n?")


def read_letter(content: bytes, _given: Mapping[str, Any]) -> dict[str, Any]:
    """title, text, language, published_at (ISO 8601 or ""), url of the version on the web and sender, "" where unknown.

    `sender` is the domain of the From address, and only where the mail server says that it has been checked (DMARC).
    Attachments are left alone. Raises RefusedInput, also for a mail whose sender was checked and is another.
    """
    if not content.strip():
        raise RefusedInput(Refusal.EMPTY, "the mail is empty")
    message = message_from_bytes(content, policy=policy.default)
    checked = _header(message, "Authentication-Results")
    if _FORGED.search(checked):
        raise RefusedInput(Refusal.UNSUPPORTED, "the mail server says that it does not come from its sender")
    markup = _part(message, "html")
    text, language = _text(markup, _part(message, "plain"))
    return {
        "title": _header(message, "Subject"),
        "text": text,
        "language": language or _header(message, "Content-Language"),
        "published_at": _date(message),
        "url": _archived(message) or _on_the_web(markup),
        "sender": _domain(message) if _VOUCHED.search(checked) else "",
    }


def _text(markup: str, plain: str) -> tuple[str, str]:
    """(text, language). Raises RefusedInput when neither part has words."""
    found: Mapping[str, Any] = {}
    try:
        found = read_page(markup.encode("utf-8-sig", "replace"), "")
    except RefusedInput:
        if not has_substance(plain):
            raise
    text = str(found.get("text") or "")
    is_short = len(text) * SHARE < len(plain) and has_substance(plain)
    return (plain, "") if is_short else (text, str(found.get("language") or ""))


def _part(message: EmailMessage, kind: str) -> str:
    """The text of the first part of a kind that is no attachment, "" without one."""
    part = message.get_body((kind,)) if message.is_multipart() or message.get_content_subtype() == kind else None
    if part is None:
        return ""
    try:
        content = part.get_content()
    except (LookupError, ValueError, AttributeError):
        payload = part.get_payload(decode=True)
        content = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return _LINE_END.sub("\n", content) if isinstance(content, str) else ""


def _tried(read: Callable[[], Any]) -> Any:
    """What a header says, None where the library fails on it, which it does in many ways when one is odd enough."""
    try:
        return read()
    except Exception:  # noqa: BLE001  what is odd about a header is no reason to refuse a mail
        return None


def _header(message: EmailMessage, name: str) -> str:
    """The first of a name."""
    said: str | None = _tried(lambda: str(message.get(name, "")))
    return said or ""


def _date(message: EmailMessage) -> str:
    moment = _tried(lambda: message["Date"].datetime)
    return moment.isoformat() if moment else ""


def _domain(message: EmailMessage) -> str:
    """Of the one sender; "" where there are several or none."""
    senders: Sequence[Any] = _tried(lambda: message["From"].addresses) or ()
    return str(senders[0].domain).lower() if len(senders) == 1 else ""


def _archived(message: EmailMessage) -> str:
    return _web(_header(message, "Archived-At").strip(" <>"))


def _on_the_web(markup: str) -> str:
    """Where a link leads that says so: "View this mail in your browser"."""
    try:
        tree = document_fromstring(markup.encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError):
        return ""
    links = ((" ".join(link.text_content().split()), link.get("href", "")) for link in tree.iter("a"))
    marked = (_web(url) for label, url in links if len(label) <= _LONGEST_LABEL and _ON_THE_WEB.search(label))
    return next(filter(None, marked), "")


def _web(url: str) -> str:
    try:
        return web_address(url)
    except RefusedInput:
        return ""
