"""What is handed to a channel: the forms it takes, the same key, and the content for programs where one reads it."""

from datetime import timedelta

import pytest

from service.adapters.messages.compose import Composer
from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.notification import Notification
from service.operations.present_message import message_json
from service.ports import Parcel, Recipient
from tests.fakes import NOON

MESSAGE = Message(MessageReason.TEST, "desk", NOON, "group 1", note="A test.")
ROW = Notification("m1", "desk", "main", NOON)


def composed(address: str, late: timedelta | None = None) -> Parcel:
    return Composer()(ROW, MESSAGE, Recipient(address), late)


def test_key_and_thread_come_from_the_outbox() -> None:
    parcel = composed("json://example.org/x")
    assert (parcel.key, parcel.thread, parcel.receiver, parcel.channel) == (ROW.idem, "group 1", "desk", "main")


@pytest.mark.parametrize(
    ("address", "markdown", "html"),
    [
        ("mailtos://u:p@example.org", False, True),
        ("SLACK://a/b/c", True, False),
        ("ntfy://example.org/t", True, False),
        ("json://example.org/x", False, False),
    ],
)
def test_each_channel_gets_the_forms_it_shows(address: str, markdown: bool, html: bool) -> None:
    parcel = composed(address)
    assert (bool(parcel.markdown), bool(parcel.html)) == (markdown, html)
    assert parcel.title


def test_programs_get_the_content_itself() -> None:
    assert composed("webhooks://example.org/x?secret=whsec_x").data == message_json(MESSAGE)
