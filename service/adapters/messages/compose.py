"""A message in the form its channel takes, as it is handed over."""

from dataclasses import dataclass
from datetime import UTC, timedelta

from service.adapters.messages.headline import title as titled
from service.adapters.messages.language import DEFAULT, Language
from service.adapters.messages.page import Context
from service.adapters.messages.render import Form, render
from service.domain.alerting.interval import zone_named
from service.domain.alerting.message import Message
from service.domain.alerting.notification import Notification
from service.operations.present_message import message_json
from service.ports import Parcel, Recipient

MAIL = frozenset({"mailto", "mailtos"})
MARKDOWN = frozenset(
    {"discord", "matrix", "matrixs", "mmost", "mmosts", "ntfy", "ntfys", "rocket", "rockets", "slack", "tgram", "zulip"}
)
"""Schemas whose channels show Markdown, or for which Apprise turns it into what they show."""


@dataclass(frozen=True, slots=True)
class Composer:
    """Forms messages. `base_url` is where the service can be reached from outside, empty where it cannot."""

    base_url: str = ""
    silence_command: str = "detente silence add"

    def __call__(self, row: Notification, message: Message, to: Recipient, late: timedelta | None) -> Parcel:
        """The message as the channel of this recipient gets it; `late` is said in it."""
        context = Context(
            base_url=self.base_url,
            confirm_url=to.confirm_url,
            manage_url=to.manage_url,
            unsubscribe_url=to.unsubscribe_url,
            silence_command="" if to.manage_url else self.silence_command,
            late=late,
            zone=zone_named(to.zone),
            language=to.language,
        )
        found = render(message, form_of(to.address), context)
        return Parcel(
            key=row.idem,
            thread=message.thread,
            receiver=row.receiver,
            channel=row.channel,
            title=found.title,
            text=found.text,
            markdown=found.markdown,
            html=found.html,
            chart=found.chart,
            unsubscribe=to.unsubscribe_url,
            data=message_json(message),
        )


def form_of(address: str) -> Form:
    """What the channel of an address shows."""
    schema = address.partition("://")[0].lower()
    if schema in MAIL:
        return Form.MAIL
    return Form.MARKDOWN if schema in MARKDOWN else Form.PLAIN


def title(message: Message) -> str:
    """What a message is called in lists."""
    return titled(message, Language.of(DEFAULT, UTC))
