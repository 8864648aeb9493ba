"""Who wants to hear of what: everything that changes subscribers goes through here and is written into the audit."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.subscriber import (
    CONFIRM_FOR,
    STRANGER_WAIT,
    ChannelState,
    Subscriber,
    SubscriberChannel,
    SubscriberState,
    faults,
    send_problem,
    wishes,
    with_wishes,
)
from service.errors import ConfigError, Conflict, NotFound
from service.operations.naming import near
from service.ports import Books, Clock, Destination, Enrolled, OpenBooks, Purpose, Recipient, Vault

MOST_CHANNELS = 10
SHORTEST_BEGINNING = 4
"""Characters of an id that are enough to name a subscriber."""
_NOBODY = ("0" * 16, "", "", "0")
"""What a token that is none is looked up as, so that it takes the same time as one that is."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A question whether somebody agrees. `link` is empty where there is no public page; `code` never is.

    `message` holds neither of them, as it is stored: they are made again when it is sent.
    """

    receiver: str
    channel: str
    message: Message
    link: str = field(repr=False)
    code: str = field(repr=False)

    @property
    def id(self) -> str:
        """Thirty-two hexadecimal digits, other ones each time somebody is asked."""
        said = f"{self.receiver}|{self.channel}|{self.message.thread}|{self.message.created_at.isoformat()}"
        return sha256(said.encode()).hexdigest()[:32]


class Outcome(StrEnum):
    """What became of a link that somebody followed."""

    GOOD = "good"
    DONE = "done"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


def _fresh_id() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Registry:
    """Adds, changes and forgets subscribers.

    `vault` is asked for when it is needed. `look` says where an address leads, or raises ConfigError; `complete` gives
    it the form it is sent to; `subject_fault` says why a pattern of subjects covers nothing there is. `send` takes a
    confirmation message into the transaction in which it is made, `written_to` reads what a receiver was told,
    `is_owned` says whether a subscription is that of an account.
    `public_url` is where the pages can be reached from outside, without a slash at its end, or "".
    """

    units: OpenBooks
    vault: Callable[[], Vault]
    clock: Clock
    look: Callable[[str], Destination]
    complete: Callable[[str], str]
    subject_fault: Callable[[str], str | None]
    send: Callable[[Any, Confirmation], None]
    written_to: Callable[[Any, str], Sequence[Mapping[str, Any]]]
    public_url: str = ""
    is_owned: Callable[[Any, str], bool] = lambda _unit, _id: False
    new_id: Callable[[], str] = _fresh_id

    # --- subscribers

    def add(self, changes: Mapping[str, Any], actor: str) -> Subscriber:
        """A new subscriber, who is told nothing until a channel is confirmed. Raises ConfigError."""
        new = self._checked(with_wishes(Subscriber(self.new_id(), "", self.clock.now()), changes))
        with self.units(serial=True) as unit:
            unit.subscribers.save(new)
            unit.audit.add(actor, "subscriber.add", _named(new), None, _snapshot(new))
        return new

    def change(self, subscriber_id: str, changes: Mapping[str, Any], actor: str) -> Subscriber:
        """Change what somebody wants. Raises NotFound or ConfigError."""
        with self.units(serial=True) as unit:
            old = _get(unit, subscriber_id)
            new = self._checked(with_wishes(old, changes))
            return _keep(unit, old, new, actor, "subscriber.change")

    def _checked(self, subscriber: Subscriber) -> Subscriber:
        unknown = [f"subjects: {why}" for pattern in subscriber.subjects if (why := self.subject_fault(pattern))]
        if wrong := [*faults(subscriber), *unknown]:
            raise ConfigError("\n".join(wrong))
        return subscriber

    def pause(self, subscriber_id: str, actor: str) -> Subscriber:
        """Nothing is sent until `resume`. Raises NotFound."""
        with self.units(serial=True) as unit:
            old = _get(unit, subscriber_id)
            return _keep(unit, old, replace(old, state=SubscriberState.PAUSED), actor, "subscriber.pause")

    def resume(self, subscriber_id: str, actor: str) -> Subscriber:
        """End a pause. Raises NotFound."""
        with self.units(serial=True) as unit:
            old = _get(unit, subscriber_id)
            return _keep(unit, old, _awake(old), actor, "subscriber.resume")

    def remove(self, subscriber_id: str, actor: str) -> None:
        """Forget somebody with all addresses. What was sent stays, without a name. Raises NotFound."""
        with self.units(serial=True) as unit:
            old = _get(unit, subscriber_id)
            unit.subscribers.delete(old.id)
            unit.audit.add(actor, "subscriber.remove", _named(old), _snapshot(old), None)

    def all(self) -> list[Subscriber]:
        """Every subscriber, by name."""
        with self.units(read_only=True) as unit:
            return unit.subscribers.all()

    def get(self, subscriber_id: str) -> Subscriber:
        """One of them. Raises NotFound."""
        with self.units(read_only=True) as unit:
            return _get(unit, subscriber_id)

    def find(self, written: str) -> Subscriber:
        """The one with this id, this beginning of an id, or this name. Raises NotFound or Conflict."""
        everybody = self.all()
        found = [one for one in everybody if one.id == written] or [
            one
            for one in everybody
            if one.name == written or (len(written) >= SHORTEST_BEGINNING and one.id.startswith(written))
        ]
        if not found:
            known = [name for one in everybody for name in (one.name, one.id)]
            raise NotFound(f"no subscriber has the id or name {written!r}{near(written, known)}")
        if len(found) > 1:
            raise Conflict(f"{written!r} stands for several: {', '.join(one.id for one in found)}")
        return found[0]

    def export(self, subscriber_id: str, actor: str) -> dict[str, Any]:
        """All that is kept of somebody, as plain JSON, addresses included. Raises NotFound or ConfigError."""
        with self.units(serial=True) as unit:
            one = _get(unit, subscriber_id)
            unit.audit.add(actor, "subscriber.export", _named(one), None, None)
            return {
                "id": one.id,
                "state": str(one.state),
                "created_at": one.created_at.isoformat(),
                "wishes": wishes(one),
                "channels": [self._exported(enrolled) for enrolled in unit.subscribers.enrolled(one.id)],
                "messages": [_plain(message) for message in self.written_to(unit, one.receiver)],
                "changes": [
                    {"at": e.at.isoformat(), "actor": e.actor, "action": e.action, "before": e.before, "after": e.after}
                    for e in unit.audit.entries(_named(one))
                ],
            }

    def _exported(self, enrolled: Enrolled) -> dict[str, Any]:
        channel = enrolled.channel
        return _plain(
            {
                "name": channel.name,
                "schema": channel.schema,
                "address": self._opened(enrolled)[1],
                "state": str(channel.state),
                "created_at": enrolled.created_at,
                "asked_at": enrolled.asked_at,
                "confirmed_at": channel.confirmed_at,
                "unsubscribed_at": enrolled.unsubscribed_at,
            }
        )

    # --- channels

    def add_channel(
        self, subscriber_id: str, name: str, address: str, actor: str, *, confirmed: bool = False
    ) -> Subscriber:
        """A new way to somebody. Raises NotFound, ConfigError for a bad address, Conflict.

        `confirmed` is the operator's word that the channel is the subscriber's own; of what reaches a person through a
        shared server only that person can say so.
        """
        where = self.look(address)
        if confirmed and where.is_personal:
            raise Conflict(f"a channel of the kind {where.schema} reaches a person, who alone can confirm it")
        with self.units(serial=True) as unit:
            old = _get(unit, subscriber_id)
            self._refuse_twins(unit, old, name, where)
            now = self.clock.now()
            state = ChannelState.CONFIRMED if confirmed else ChannelState.UNCONFIRMED
            channel = SubscriberChannel(name, where.schema, state, now if confirmed else None)
            sealed, fingerprint = self.vault().seal(f"{where.whom}\n{address}"), self.vault().fingerprint(where.whom)
            unit.subscribers.put(Enrolled(old.id, channel, self.new_id(), sealed, fingerprint, now))
            return _keep(unit, old, _confirmed(_get(unit, old.id)), actor, "channel.add")

    def _refuse_twins(self, unit: Books, subscriber: Subscriber, name: str, where: Destination) -> None:
        if subscriber.channel(name):
            raise Conflict(f"there is a channel {name!r} already: take another name, or remove that one first")
        if len(subscriber.channels) >= MOST_CHANNELS:
            raise Conflict(f"a subscriber has at most {MOST_CHANNELS} channels")
        same = set(self.vault().fingerprints(where.whom))
        twin = next((e for e in unit.subscribers.enrolled(subscriber.id) if e.fingerprint in same), None)
        if twin:
            raise Conflict(f"the channel {twin.channel.name!r} has the same address")

    def remove_channel(self, subscriber_id: str, name: str, actor: str) -> Subscriber:
        """Forget a channel with its address. Raises NotFound."""
        with self.units(serial=True) as unit:
            old = _get(unit, subscriber_id)
            if not unit.subscribers.remove(old.id, name):
                raise NotFound(f"there is no channel {name!r}{near(name, [c.name for c in old.channels])}")
            return _keep(unit, old, _get(unit, old.id), actor, "channel.remove")

    def recipient(self, unit: Books, receiver: str, channel: str) -> Recipient | None:
        """Who gets messages to `@ID` through a channel; None when nothing may be sent there now. Raises ConfigError.

        An unconfirmed channel has no other link than that of its question: it may lead to a stranger.
        """
        one = unit.subscribers.get(receiver.removeprefix("@"))
        asks = send_problem(one, channel, asks=True) is None
        if one is None or not (asks or send_problem(one, channel) is None):
            return None
        found = _enrolled(unit, one.id, channel)
        return Recipient(
            address=self.complete(self._opened(found)[1]),
            zone=one.zone,
            language=one.language,
            confirm_url=self._link("confirm", Purpose.CONFIRM, _parts(found)) if asks else "",
            manage_url="" if asks else self._own_page(unit, one),
            unsubscribe_url="" if asks else self._leave_link(found),
        )

    def _own_page(self, unit: Books, one: Subscriber) -> str:
        """Only for those who can sign in there."""
        return f"{self.public_url}/subscriptions/{one.id}" if self.public_url and self.is_owned(unit, one.id) else ""

    def completed(self, message: Message, channel: str) -> Message:
        """The message as it is sent: a question without a link to follow has a code, which is stored nowhere."""
        if message.reason is not MessageReason.CONFIRM or self.public_url:
            return message
        with self.units(read_only=True) as unit:
            found = _enrolled(unit, message.receiver.removeprefix("@"), channel)
            one = _get(unit, found.subscriber_id)
        code = _spaced(self.vault().codes(_parts(found))[0])
        return replace(message, note=_SAY_CODE[one.language].format(code=code, days=CONFIRM_FOR.days))

    def _opened(self, enrolled: Enrolled) -> tuple[str, str]:
        """Whom a channel reaches, and its address. They are sealed together: who is asked later is whom it was then."""
        whom, _, address = self.vault().open(enrolled.sealed).partition("\n")
        return whom, address

    def reseal(self, actor: str) -> int:
        """Encrypt every address by the newest key; returns how many there are. Raises ConfigError."""
        vault = self.vault()
        with self.units(serial=True) as unit:
            everything = unit.subscribers.enrolled()
            for old in everything:
                whom, address = self._opened(old)
                sealed, fingerprint = vault.seal(f"{whom}\n{address}"), vault.fingerprint(whom)
                unit.subscribers.put(replace(old, sealed=sealed, fingerprint=fingerprint))
            unit.audit.add(actor, "keys.rotate", "keys", None, {"addresses": len(everything)})
        return len(everything)

    # --- consent

    def ask(self, subscriber_id: str, name: str, actor: str) -> Confirmation:
        """Ask whether the person at the other end agrees; an address is asked at most once a day, whoever wants it.

        Raises NotFound; Conflict when nobody needs to be asked, or not yet again.
        """
        with self.units(serial=True) as unit:
            one = _get(unit, subscriber_id)
            enrolled = _enrolled(unit, one.id, name)
            if enrolled.channel.state is not ChannelState.UNCONFIRMED:
                raise Conflict(f"the channel {name!r} is {enrolled.channel.state}")
            now = self.clock.now()
            self._count_contact(unit, enrolled, now)
            asked = replace(enrolled, asked_at=now)
            unit.subscribers.put(asked)
            confirmation = self._confirmation(asked, now)
            unit.audit.add(actor, "channel.ask", _named(one), None, {"channel": name})
            self.send(unit, confirmation)
        return confirmation

    def _count_contact(self, unit: Books, enrolled: Enrolled, now: datetime) -> None:
        prints = self.vault().fingerprints(self._opened(enrolled)[0])
        unit.subscribers.forget_contacts(now - STRANGER_WAIT)
        last = unit.subscribers.contacted_at(prints)
        if last is not None and now < last + STRANGER_WAIT:
            until = f"{last + STRANGER_WAIT:%Y-%m-%d %H:%M}Z"
            raise Conflict(f"this address was asked less than a day ago; it can be asked again at {until}")
        unit.subscribers.set_contacted(prints[0], now)

    def _confirmation(self, enrolled: Enrolled, now: datetime) -> Confirmation:
        receiver, parts = f"@{enrolled.subscriber_id}", _parts(enrolled)
        message = Message(MessageReason.CONFIRM, receiver, now, f"confirm-{enrolled.serial}")
        link, code = self._link("confirm", Purpose.CONFIRM, parts), _spaced(self.vault().codes(parts)[0])
        return Confirmation(receiver, enrolled.channel.name, message, link, code)

    def _link(self, page: str, purpose: Purpose, parts: Sequence[str]) -> str:
        return f"{self.public_url}/{page}/{self.vault().sign(purpose, parts)}" if self.public_url else ""

    def look_at(self, token: str) -> Outcome:
        """What the link of a confirmation message would do. Changes nothing."""
        with self.units(read_only=True) as unit:
            return self._judged(unit, token)[0]

    def confirm(self, token: str) -> Outcome:
        """Somebody agrees by the link of a confirmation message. Doing it again changes nothing."""
        with self.units(serial=True) as unit:
            outcome, enrolled = self._judged(unit, token)
            if outcome is Outcome.GOOD and enrolled:
                self._agree(unit, enrolled, f"@{enrolled.subscriber_id}")
                return Outcome.DONE
            return outcome

    def _judged(self, unit: Books, token: str) -> tuple[Outcome, Enrolled | None]:
        said = self.vault().read(Purpose.CONFIRM, token)
        parts = said if said and len(said) == len(_NOBODY) else _NOBODY
        found = next((e for e in unit.subscribers.enrolled(parts[0]) if e.channel.name == parts[1]), None)
        if parts is _NOBODY:
            return Outcome.UNKNOWN, None
        if found is None or list(parts) != _parts(found) or not self._is_fresh(found):
            return Outcome.EXPIRED, None
        match found.channel.state:
            case ChannelState.UNCONFIRMED:
                return Outcome.GOOD, found
            case ChannelState.CONFIRMED:
                return Outcome.DONE, found
            case ChannelState.UNSUBSCRIBED:
                return Outcome.EXPIRED, None

    def _is_fresh(self, enrolled: Enrolled) -> bool:
        return enrolled.asked_at is not None and self.clock.now() < enrolled.asked_at + CONFIRM_FOR

    def confirm_code(self, code: str, actor: str, whose: str | None = None) -> tuple[Subscriber, str]:
        """Somebody told the code of a confirmation message, of anybody or of one. Returns who, and the channel.

        Raises NotFound.
        """
        typed = "".join(c for c in code.upper() if c.isalnum())
        with self.units(serial=True) as unit:
            for enrolled in unit.subscribers.enrolled(whose):
                open_ = enrolled.channel.state is ChannelState.UNCONFIRMED and self._is_fresh(enrolled)
                if open_ and any(_equal(typed, known) for known in self.vault().codes(_parts(enrolled))):
                    return self._agree(unit, enrolled, actor), enrolled.channel.name
        raise NotFound("no open confirmation has this code: it may be mistyped, used, or older than 7 days")

    def _agree(self, unit: Books, enrolled: Enrolled, actor: str) -> Subscriber:
        old = _get(unit, enrolled.subscriber_id)
        channel = replace(enrolled.channel, state=ChannelState.CONFIRMED, confirmed_at=self.clock.now())
        unit.subscribers.put(replace(enrolled, channel=channel))
        return _keep(unit, old, _confirmed(_get(unit, old.id)), actor, "channel.confirm")

    def _leave_link(self, enrolled: Enrolled) -> str:
        parts = (enrolled.subscriber_id, enrolled.channel.name, enrolled.serial)
        return self._link("unsubscribe", Purpose.UNSUBSCRIBE, parts)

    def may_unsubscribe(self, token: str) -> bool:
        """Whether the token of an unsubscribe link is ours, not whether anything is left to end. Changes nothing."""
        return self._leaving(token) is not None

    def unsubscribe(self, token: str, *, everything: bool = False) -> bool:
        """Somebody ends what comes through a channel, or through all. Holds from the next send on; repeating is fine.

        False for a token that is not ours. True also where there is nothing left to end.
        """
        parts = self._leaving(token)
        subscriber_id, name, serial = parts or _NOBODY[:3]
        with self.units(serial=True) as unit:
            theirs = unit.subscribers.enrolled(subscriber_id)
            if any(e.channel.name == name and e.serial == serial for e in theirs):
                leaving = [e for e in theirs if everything or e.channel.name == name]
                self._leave(unit, subscriber_id, leaving)
        return parts is not None

    def _leaving(self, token: str) -> Sequence[str] | None:
        parts = self.vault().read(Purpose.UNSUBSCRIBE, token)
        return parts if parts and len(parts) == len(_NOBODY) - 1 else None

    def _leave(self, unit: Books, subscriber_id: str, leaving: Sequence[Enrolled]) -> None:
        old = _get(unit, subscriber_id)
        for enrolled in leaving:
            if enrolled.channel.state is not ChannelState.UNSUBSCRIBED:
                channel = replace(enrolled.channel, state=ChannelState.UNSUBSCRIBED)
                unit.subscribers.put(replace(enrolled, channel=channel, unsubscribed_at=self.clock.now()))
        _keep(unit, old, _get(unit, old.id), old.receiver, "channel.unsubscribe")


def _get(unit: Books, subscriber_id: str) -> Subscriber:
    if found := unit.subscribers.get(subscriber_id):
        return found
    raise NotFound(f"no subscriber has the id {subscriber_id!r}")


def _enrolled(unit: Books, subscriber_id: str, name: str) -> Enrolled:
    theirs = unit.subscribers.enrolled(subscriber_id)
    if found := next((e for e in theirs if e.channel.name == name), None):
        return found
    raise NotFound(f"there is no channel {name!r}{near(name, [e.channel.name for e in theirs])}")


def _keep(unit: Books, old: Subscriber, new: Subscriber, actor: str, action: str) -> Subscriber:
    """Store a change and write it down, unless nothing changed."""
    if new != old:
        unit.subscribers.save(new)
        renamed = {"renamed": True} if new.name != old.name else {}
        unit.audit.add(actor, action, _named(new), _snapshot(old), {**_snapshot(new), **renamed})
    return new


def _awake(subscriber: Subscriber) -> Subscriber:
    agreed = any(channel.state is ChannelState.CONFIRMED for channel in subscriber.channels)
    return replace(subscriber, state=SubscriberState.ACTIVE if agreed else SubscriberState.PENDING)


def _confirmed(subscriber: Subscriber) -> Subscriber:
    """A first confirmed channel wakes those who wait for it; a pause stays a pause."""
    return _awake(subscriber) if subscriber.state is SubscriberState.PENDING else subscriber


def _named(subscriber: Subscriber) -> str:
    return f"subscriber:{subscriber.id}"


def _snapshot(subscriber: Subscriber) -> dict[str, Any]:
    """What the audit may keep for ever: nothing that says who somebody is."""
    wanted = {key: value for key, value in wishes(subscriber).items() if key != "name"}
    channels = {c.name: {"schema": c.schema, "state": str(c.state)} for c in subscriber.channels}
    return {"state": str(subscriber.state), **wanted, "channels": channels}


def _parts(enrolled: Enrolled) -> list[str]:
    """What a confirmation is about: asking again makes the earlier link worthless, and so does a new channel."""
    asked = int(enrolled.asked_at.timestamp()) if enrolled.asked_at else 0
    return [enrolled.subscriber_id, enrolled.channel.name, enrolled.serial, str(asked)]


def _equal(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())


def _spaced(code: str) -> str:
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}"


_SAY_CODE = {
    "en": "To confirm it, tell this code to whoever runs Detente for you, within {days} days: {code}",
    "de": "Zum Bestätigen nennen Sie binnen {days} Tagen, wer Detente für Sie betreibt, diesen Code: {code}",
}
"""Language → what is said of a code. No word comes from whoever asked: it may go to a stranger."""


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}
