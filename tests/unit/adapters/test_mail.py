"""Mails as a mail server gets them: read back whole, the same at every attempt, in one thread, with a way out."""

from base64 import b64decode
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest

from service.adapters.channels.apprise_notifier import AppriseNotifier
from service.adapters.channels.mail import message_id
from service.ports import Parcel
from tests.sinks import Mailbox, mail_server

PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
WAY_OUT = "https://detente.example.org/unsubscribe/" + "t0ken-" * 40
TEXT = "Level 20.1 a day before, now 63.\n.\nBcc: other@example.org\n" + "Größe — 🕊 " * 30
HTML = '<p>Level <b>63</b></p><img src="cid:chart" alt="level">' + "<p>Größe</p>" * 30


@pytest.fixture(scope="module")
def notifier() -> Iterator[AppriseNotifier]:
    made = AppriseNotifier(allow_private=True)
    yield made
    made.close()


def full(**changes: object) -> Parcel:
    fields = {
        "key": "0123456789abcdef",
        "thread": "group-1",
        "receiver": "desk",
        "channel": "mail",
        "title": "↑ Risk high\r\nBcc: victim@example.org",
        "text": TEXT,
        "html": HTML,
        "chart": PIXEL,
        "unsubscribe": WAY_OUT,
    }
    return Parcel(**{**fields, **changes})  # type: ignore[arg-type]


def send(notifier: AppriseNotifier, box: Mailbox, *parcels: Parcel, options: str = "") -> None:
    with mail_server(box) as port:
        address = (
            f"mailto://127.0.0.1:{port}/?mode=insecure&from=Early%20warning%20<detente@example.org>&to=desk@example.org"
        )
        assert all(notifier.send(parcel, address + options).ok for parcel in parcels)


def test_a_mail_has_text_html_and_the_chart_within_the_html(notifier: AppriseNotifier) -> None:
    box = Mailbox()
    send(notifier, box, full())
    (mail,) = box.mails
    assert mail.get_content_type() == "multipart/alternative"
    text, related = mail.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert text.get_content().replace("\r\n", "\n").strip() == TEXT.strip()
    assert related.get_content_type() == "multipart/related"
    html, chart = related.iter_parts()
    assert html.get_content().strip() == HTML
    assert (chart.get_content_type(), chart["Content-ID"], chart.get_content()) == ("image/png", "<chart>", PIXEL)
    assert chart.get_content_disposition() == "inline"


def test_headers_say_who_what_when_and_how_to_stop_it(notifier: AppriseNotifier) -> None:
    box = Mailbox()
    send(notifier, box, full())
    (mail,) = box.mails
    assert mail["From"] == "Early warning <detente@example.org>"
    assert mail["To"] == "desk@example.org"
    assert mail["Subject"] == "↑ Risk high Bcc: victim@example.org"
    assert mail["Bcc"] is None
    assert box.recipients == [["desk@example.org"]]
    assert parsedate_to_datetime(mail["Date"])
    assert mail["Message-ID"] == "<0123456789abcdef@example.org>"
    assert mail["References"] == mail["In-Reply-To"] == "<thread-group-1@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] is None
    raw = box.raw[0].decode()
    assert f"List-Unsubscribe: <{WAY_OUT}>\r\n" in raw, "whole, in one line, as it is"
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


def test_a_repeat_is_the_same_mail_and_another_message_joins_the_thread(notifier: AppriseNotifier) -> None:
    box = Mailbox()
    send(notifier, box, full(), full(), full(key="other"))
    first, again, other = box.mails
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["References"] == other["References"]


def test_a_mail_of_text_alone_is_one_part_without_a_way_out_it_does_not_have(notifier: AppriseNotifier) -> None:
    box = Mailbox()
    send(notifier, box, full(html="", chart=b"", unsubscribe="", thread=""))
    (mail,) = box.mails
    assert mail.get_content_type() == "text/plain"
    assert mail["List-Unsubscribe"] is mail["List-Unsubscribe-Post"] is mail["References"] is None


def test_an_address_may_wish_for_text_and_name_copies_and_headers(notifier: AppriseNotifier) -> None:
    box = Mailbox()
    options = "&format=text&cc=second@example.org&bcc=third@example.org&reply=desk2@example.org&+X-Team=a%0d%0aBcc:%20x@example.org"
    send(notifier, box, full(), options=options)
    (mail,) = box.mails
    assert mail.get_content_type() == "text/plain"
    assert (mail["Cc"], mail["Reply-To"], mail["Bcc"]) == ("second@example.org", "desk2@example.org", None)
    assert mail["X-Team"] == "a Bcc: x@example.org"
    assert sorted(box.recipients[0]) == ["desk@example.org", "second@example.org", "third@example.org"]


@pytest.mark.parametrize("key", ["a b", "a|b", "é", "a..b", ".a", "x" * 300, "a>b\r\nBcc: c"])
def test_any_key_makes_one_valid_id(key: str) -> None:
    made = message_id(key, "example.org")
    assert made == message_id(key, "example.org")
    assert made.removeprefix("<").removesuffix("@example.org>").isalnum()
