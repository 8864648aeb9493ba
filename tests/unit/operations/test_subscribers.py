"""Subscribers from the first word to the last: consent, budget of questions, leaving, forgetting, and who did it."""

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from service.adapters.storage.memory import MemoryUnits
from service.adapters.vault import Vault
from service.domain.alerting.message import MessageReason
from service.domain.alerting.subscriber import ChannelState, Subscriber, SubscriberState
from service.domain.audit import verify
from service.errors import ConfigError, Conflict, NotFound
from service.operations.present_subscribers import entry, subscriber
from service.operations.subscribers import MOST_CHANNELS, Confirmation, Outcome, Registry
from service.pipeline.consent import subscription_problem
from service.ports import Books, Destination, Purpose, Recipient
from tests.contract.conftest import plain
from tests.fakes import NOON, FakeClock

DAY = timedelta(days=1)
OPERATOR = "cli:ops"
MAILBOX, HOOK = "newsroom-CANARY@example.org", "jsons://CANARY.example.org/token"
SITE = "https://alerts.example.org"


def look(address: str) -> Destination:
    if "REFUSED" in address:
        raise ConfigError("the address is refused: it says so")
    is_personal = "://" not in address
    return Destination("mailtos" if is_personal else "jsons", address.lower(), is_personal)


@dataclass
class Office:
    """A registry on books in memory, and what it sent."""

    clock: FakeClock = field(default_factory=FakeClock)
    sent: list[Confirmation] = field(default_factory=list)
    public_url: str = SITE
    keys: tuple[str, ...] = ("k" * 40,)

    def __post_init__(self) -> None:
        self.units = MemoryUnits(self.clock.now)
        self.registry = Registry(
            self.units,
            lambda: Vault(self.keys),
            self.clock,
            look,
            lambda address: f"whole:{address}",
            fault,
            self._send,
            lambda _, receiver: [{"to": receiver, "at": NOON}],
            self.public_url,
        )

    def _send(self, _unit: Books, confirmation: Confirmation) -> None:
        self.sent.append(confirmation)

    def problem(self, who: Subscriber, channel: str = "mail", *, asks: bool = False) -> str | None:
        with self.units() as unit:
            return subscription_problem(unit, who.receiver, channel, asks=asks)

    def asked(self, address: str = MAILBOX) -> Subscriber:
        """Somebody with a mailbox who was asked."""
        one = self.registry.add({"name": "Newsroom", "subjects": ["country:IRN"]}, OPERATOR)
        self.registry.add_channel(one.id, "mail", address, OPERATOR)
        self.registry.ask(one.id, "mail", OPERATOR)
        return self.registry.get(one.id)

    def agreed(self) -> Subscriber:
        one = self.asked()
        assert self.registry.confirm(self.token) is Outcome.DONE
        return self.registry.get(one.id)

    @property
    def token(self) -> str:
        return self.sent[-1].link.rpartition("/")[2]

    def leaving(self, one: Subscriber, channel: str = "mail") -> str:
        found = self.recipient(one, channel)
        assert found
        assert found.unsubscribe_url.startswith(f"{SITE}/unsubscribe/")
        return found.unsubscribe_url.rpartition("/")[2]

    def recipient(self, one: Subscriber, channel: str = "mail") -> Recipient | None:
        with self.units() as unit:
            return self.registry.recipient(unit, one.receiver, channel)

    def actions(self) -> list[tuple[str, str]]:
        with self.units() as unit:
            entries = unit.audit.entries()
        assert verify(entries).broken is None
        return [(e.actor, e.action) for e in entries]


def fault(pattern: str) -> str | None:
    return f"{pattern!r}: nobody knows it" if "QQQ" in pattern else None


@pytest.fixture
def office() -> Office:
    return Office()


# --- a life


def test_nothing_is_sent_before_somebody_agrees(office: Office) -> None:
    one = office.asked()
    assert (one.state, one.channels[0].state) == (SubscriberState.PENDING, ChannelState.UNCONFIRMED)
    assert office.problem(one) == "the subscriber is pending"
    assert office.problem(one, asks=True) is None
    assert office.registry.look_at(office.token) is Outcome.GOOD
    assert office.problem(one) is not None, "looking at the link changes nothing"
    assert office.registry.confirm(office.token) is Outcome.DONE
    one = office.registry.get(one.id)
    assert (one.state, one.channels[0].confirmed_at) == (SubscriberState.ACTIVE, NOON)
    assert office.problem(one) is None
    assert office.problem(one, asks=True) == "the channel is confirmed"
    assert office.registry.look_at(office.token) is Outcome.DONE
    assert office.registry.confirm(office.token) is Outcome.DONE
    assert office.actions() == [
        (OPERATOR, "subscriber.add"),
        (OPERATOR, "channel.add"),
        (OPERATOR, "channel.ask"),
        (one.receiver, "channel.confirm"),
    ]


def test_the_question_holds_no_word_of_whoever_asks(office: Office) -> None:
    one = office.registry.add({"name": "BUY THIS"}, OPERATOR)
    office.registry.add_channel(one.id, "cheap-pills", MAILBOX, OPERATOR)
    asked = office.registry.ask(one.id, "cheap-pills", OPERATOR)
    assert office.sent == [asked]
    assert (asked.receiver, asked.message.receiver, asked.message.reason) == (
        one.receiver,
        one.receiver,
        MessageReason.CONFIRM,
    )
    assert asked.link.startswith(f"{SITE}/confirm/")
    found = office.recipient(one, "cheap-pills")
    assert found == Recipient(f"whole:{MAILBOX}", confirm_url=asked.link)
    assert "CANARY" not in repr(found)
    assert office.registry.completed(asked.message, "cheap-pills") == asked.message
    assert "BUY" not in repr(asked.message)
    assert "pills" not in repr(asked.message)
    for secret in (asked.link, asked.code):
        assert secret not in repr(asked) + repr(asked.message), "the message is stored"


def test_only_who_can_sign_in_is_shown_the_way_to_their_page(office: Office) -> None:
    one = office.agreed()
    found = office.recipient(one)
    assert found
    assert found.manage_url == ""
    office.registry = replace(office.registry, is_owned=lambda _, subscriber_id: subscriber_id == one.id)
    found = office.recipient(one)
    assert found
    assert found.manage_url == f"{SITE}/subscriptions/{one.id}"
    office.registry = replace(office.registry, public_url="")
    found = office.recipient(one)
    assert found
    assert found.manage_url == ""


def test_without_public_pages_there_is_a_code_for_the_operator(office: Office) -> None:
    office = Office(public_url="")
    one = office.asked()
    confirmation = office.sent[-1]
    assert confirmation.link == ""
    assert (office.recipient(one), confirmation.message.note) == (Recipient(f"whole:{MAILBOX}"), "")
    assert office.registry.completed(confirmation.message, "mail").note.endswith(confirmation.code)
    office.registry.change(one.id, {"language": "de"}, OPERATOR)
    assert "nennen Sie binnen 7 Tagen" in office.registry.completed(confirmation.message, "mail").note
    typed = confirmation.code.lower().replace("-", " ")
    assert office.registry.confirm_code(typed, OPERATOR) == (office.registry.get(one.id), "mail")
    assert office.problem(one) is None
    with pytest.raises(NotFound, match="no open confirmation"):
        office.registry.confirm_code(typed, OPERATOR)
    assert office.recipient(one) == Recipient(f"whole:{MAILBOX}", language="de")


@pytest.mark.parametrize("code", ["", "AAAAA-AAAAA", "ä", "x" * 500])
def test_a_code_that_is_none_confirms_nothing(office: Office, code: str) -> None:
    one = office.asked()
    with pytest.raises(NotFound):
        office.registry.confirm_code(code, OPERATOR)
    assert office.problem(one) is not None


def test_a_link_and_a_code_are_good_for_seven_days(office: Office) -> None:
    one = office.asked()
    office.clock.moment = NOON + timedelta(days=7) - timedelta(seconds=1)
    assert office.registry.look_at(office.token) is Outcome.GOOD
    office.clock.moment = NOON + timedelta(days=7)
    assert office.registry.look_at(office.token) is Outcome.EXPIRED
    assert office.registry.confirm(office.token) is Outcome.EXPIRED
    with pytest.raises(NotFound):
        office.registry.confirm_code(office.sent[-1].code, OPERATOR)
    assert office.problem(one) is not None


def test_asking_again_makes_the_earlier_link_worthless(office: Office) -> None:
    one = office.asked()
    first = office.token
    office.clock.moment += DAY
    office.registry.ask(one.id, "mail", OPERATOR)
    assert office.registry.confirm(first) is Outcome.EXPIRED
    assert office.registry.confirm(office.token) is Outcome.DONE


def test_a_link_is_about_this_channel_and_no_later_one_of_its_name(office: Office) -> None:
    one = office.agreed()
    confirm, leave = office.token, office.leaving(one)
    office.registry.remove_channel(one.id, "mail", OPERATOR)
    office.registry.add_channel(one.id, "mail", "else@example.org", OPERATOR)
    assert office.registry.confirm(confirm) is Outcome.EXPIRED
    assert office.registry.unsubscribe(leave) is True, "who clicks is told it is done"
    assert office.registry.get(one.id).channels[0].state is ChannelState.UNCONFIRMED


@pytest.mark.parametrize(
    "make",
    [
        lambda o, one: Vault(o.keys).sign(Purpose.UNSUBSCRIBE, [one.id, "mail", "x", "1"]),
        lambda o, one: "x",
        lambda o, one: "",
        lambda o, one: "." * 900,
    ],
)
def test_a_token_of_another_kind_confirms_nothing(office: Office, make: Callable[[Office, Subscriber], str]) -> None:
    one = office.asked()
    token = make(office, one)
    assert office.registry.look_at(token) is Outcome.UNKNOWN
    assert office.registry.confirm(token) is Outcome.UNKNOWN
    assert office.problem(one) is not None


def test_a_well_signed_token_of_another_length_is_none(office: Office) -> None:
    one = office.agreed()
    vault = Vault(office.keys)
    for parts in ([], [one.id], [one.id, "mail"], [one.id, "mail", "x", "y", "z"]):
        assert office.registry.confirm(vault.sign(Purpose.CONFIRM, parts)) is Outcome.UNKNOWN
        assert office.registry.unsubscribe(vault.sign(Purpose.UNSUBSCRIBE, parts)) is False


# --- one question a day


def test_an_address_is_asked_once_a_day_whoever_wants_it(office: Office) -> None:
    one = office.asked()
    other = office.registry.add({"name": "Outpost"}, OPERATOR)
    office.registry.add_channel(other.id, "post", MAILBOX.upper(), OPERATOR)
    for who, name in ((one, "mail"), (other, "post")):
        with pytest.raises(Conflict, match="less than a day ago") as caught:
            office.registry.ask(who.id, name, OPERATOR)
        assert "CANARY" not in str(caught.value)
    office.clock.moment = NOON + DAY - timedelta(seconds=1)
    with pytest.raises(Conflict):
        office.registry.ask(other.id, "post", OPERATOR)
    office.clock.moment = NOON + DAY
    office.registry.ask(other.id, "post", OPERATOR)
    with pytest.raises(Conflict):
        office.registry.ask(one.id, "mail", OPERATOR)
    assert len(office.sent) == 2


def test_neither_forgetting_nor_new_keys_shorten_the_wait(office: Office) -> None:
    one = office.asked()
    office.registry.remove(one.id, OPERATOR)
    office.keys = ("n" * 40, *office.keys)
    office.registry.reseal(OPERATOR)
    with pytest.raises(Conflict, match="less than a day ago"):
        office.asked()
    assert len(office.sent) == 1


def test_who_agreed_or_left_is_not_asked(office: Office) -> None:
    one = office.agreed()
    office.clock.moment += 2 * DAY
    with pytest.raises(Conflict, match="is confirmed"):
        office.registry.ask(one.id, "mail", OPERATOR)
    office.registry.unsubscribe(office.leaving(one))
    with pytest.raises(Conflict, match="is unsubscribed"):
        office.registry.ask(one.id, "mail", OPERATOR)
    with pytest.raises(NotFound, match="did you mean mail"):
        office.registry.ask(one.id, "mial", OPERATOR)
    assert len(office.sent) == 1


# --- leaving


def test_leaving_holds_from_the_next_send_on_and_can_be_repeated(office: Office) -> None:
    one = office.agreed()
    token = office.leaving(one)
    assert office.registry.may_unsubscribe(token)
    assert office.problem(one) is None, "looking changes nothing"
    for _ in range(3):
        assert office.registry.unsubscribe(token)
        assert office.problem(one) == "the channel is unsubscribed"
    assert office.registry.confirm(office.token) is Outcome.EXPIRED, "an old link brings nobody back"
    assert office.actions()[-1] == (one.receiver, "channel.unsubscribe")
    assert [a for _, a in office.actions()].count("channel.unsubscribe") == 1


def test_leaving_one_channel_leaves_the_others_and_all_means_all(office: Office) -> None:
    one = office.agreed()
    office.registry.add_channel(one.id, "hook", HOOK, OPERATOR, confirmed=True)
    token = office.leaving(one)
    office.registry.unsubscribe(token)
    assert (office.problem(one), office.problem(one, "hook")) == ("the channel is unsubscribed", None)
    office.registry.unsubscribe(token, everything=True)
    assert office.problem(one, "hook") == "the channel is unsubscribed"


def test_the_link_works_years_later_and_after_everything_is_forgotten(office: Office) -> None:
    one = office.agreed()
    token = office.leaving(one)
    office.clock.moment += 3000 * DAY
    office.registry.remove(one.id, OPERATOR)
    assert office.registry.may_unsubscribe(token)
    assert office.registry.unsubscribe(token) is True
    assert office.registry.unsubscribe(token, everything=True) is True


def test_only_our_links_are_good(office: Office) -> None:
    one = office.agreed()
    for token in (office.token, "x", ""):
        assert not office.registry.may_unsubscribe(token)
        assert office.registry.unsubscribe(token, everything=True) is False
    assert office.problem(one) is None


# --- operators


def test_the_operator_can_vouch_for_a_hook_and_not_for_a_person(office: Office) -> None:
    one = office.registry.add({"name": "Desk"}, OPERATOR)
    with pytest.raises(Conflict, match="who alone can confirm"):
        office.registry.add_channel(one.id, "mail", MAILBOX, OPERATOR, confirmed=True)
    active = office.registry.add_channel(one.id, "hook", HOOK, OPERATOR, confirmed=True)
    assert (active.state, office.problem(active, "hook")) == (SubscriberState.ACTIVE, None)
    assert office.sent == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "name: "),
        ({"zone": "Mars/Base"}, "zone: 'Mars/Base'"),
        ({"subjects": ["country:QQQ"]}, "subjects: 'country:QQQ': nobody knows it"),
        ({"quiet": [{"from": "08:00", "until": "08:00"}]}, "quiet: 08:00-08:00"),
        ({"language": "de", "budget_per_day": 0}, "language: .*\nbudget_per_day: |budget_per_day: "),
    ],
)
def test_a_bad_wish_is_refused_and_nothing_is_kept(office: Office, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        office.registry.add({"name": "Newsroom", **changes}, OPERATOR)
    assert office.registry.all() == []
    one = office.registry.add({"name": "Newsroom"}, OPERATOR)
    with pytest.raises(ConfigError, match=said):
        office.registry.change(one.id, changes, OPERATOR)
    assert office.registry.get(one.id) == one
    assert len(office.actions()) == 1


def test_channels_cannot_be_had_twice(office: Office) -> None:
    one = office.asked()
    with pytest.raises(Conflict, match="there is a channel 'mail' already"):
        office.registry.add_channel(one.id, "mail", HOOK, OPERATOR)
    with pytest.raises(Conflict, match="the channel 'mail' has the same address"):
        office.registry.add_channel(one.id, "post", MAILBOX, OPERATOR)
    office.keys = ("n" * 40, *office.keys)
    with pytest.raises(Conflict, match="the same address"):
        office.registry.add_channel(one.id, "post", MAILBOX, OPERATOR)
    with pytest.raises(ConfigError, match="refused"):
        office.registry.add_channel(one.id, "post", "REFUSED", OPERATOR)
    for n in range(MOST_CHANNELS - 1):
        office.registry.add_channel(one.id, f"hook{n}", f"{HOOK}{n}", OPERATOR)
    with pytest.raises(Conflict, match="at most"):
        office.registry.add_channel(one.id, "more", f"{HOOK}/more", OPERATOR)


def test_a_pause_keeps_everything_and_ends(office: Office) -> None:
    one = office.agreed()
    assert office.registry.pause(one.id, OPERATOR).state is SubscriberState.PAUSED
    assert office.problem(one) == "the subscriber is paused"
    office.registry.add_channel(one.id, "hook", HOOK, OPERATOR, confirmed=True)
    assert office.registry.get(one.id).state is SubscriberState.PAUSED
    assert office.registry.resume(one.id, OPERATOR).state is SubscriberState.ACTIVE
    assert office.registry.resume(one.id, OPERATOR).state is SubscriberState.ACTIVE
    assert [a for _, a in office.actions()].count("subscriber.resume") == 1, "what changes nothing is not written down"


def test_a_pause_before_consent_ends_in_waiting_for_it(office: Office) -> None:
    one = office.asked()
    office.registry.pause(one.id, OPERATOR)
    assert office.registry.resume(one.id, OPERATOR).state is SubscriberState.PENDING


def test_somebody_is_found_by_id_beginning_or_name(office: Office) -> None:
    one, other = (office.registry.add({"name": name}, OPERATOR) for name in ("Embassy", "Newsroom"))
    assert office.registry.find("Embassy") == office.registry.find(one.id) == office.registry.find(one.id[:6]) == one
    with pytest.raises(NotFound, match="did you mean Newsroom"):
        office.registry.find("Newsrom")
    with pytest.raises(NotFound):
        office.registry.find(one.id[:3])
    office.registry.change(other.id, {"name": "Embassy"}, OPERATOR)
    with pytest.raises(Conflict, match="stands for several"):
        office.registry.find("Embassy")


@pytest.mark.parametrize(
    "use",
    [
        lambda r: r.change("nobody", {}, OPERATOR),
        lambda r: r.pause("nobody", OPERATOR),
        lambda r: r.resume("nobody", OPERATOR),
        lambda r: r.remove("nobody", OPERATOR),
        lambda r: r.export("nobody", OPERATOR),
        lambda r: r.ask("nobody", "mail", OPERATOR),
        lambda r: r.add_channel("nobody", "mail", HOOK, OPERATOR),
        lambda r: r.remove_channel("nobody", "mail", OPERATOR),
    ],
)
def test_nobody_is_told_of(office: Office, use: Callable[[Registry], object]) -> None:
    with pytest.raises(NotFound):
        use(office.registry)
    with office.units() as unit:
        assert office.registry.recipient(unit, "@nobody", "mail") is None
    assert office.actions() == []


def test_a_receiver_of_the_configuration_needs_no_consent(office: Office) -> None:
    with office.units() as unit:
        assert subscription_problem(unit, "desk", "mail") is None
        assert subscription_problem(unit, "@0011223344556677", "mail") == "the subscriber is gone"


# --- what is kept


def test_the_address_comes_back_for_sending_and_in_the_export_only(office: Office) -> None:
    one = office.agreed()
    found = office.recipient(one)
    assert found
    assert (found.address, found.confirm_url) == (f"whole:{MAILBOX}", "")
    exported = office.registry.export(one.id, OPERATOR)
    assert exported["channels"][0]["address"] == MAILBOX
    assert exported["wishes"]["name"] == "Newsroom"
    assert exported["messages"] == [{"to": one.receiver, "at": NOON.isoformat()}]
    assert [change["action"] for change in exported["changes"]][:2] == ["subscriber.add", "channel.add"]
    assert json.loads(json.dumps(exported)) == exported
    with office.units() as unit:
        said = repr(unit.subscribers.enrolled()) + repr([entry(e) for e in unit.audit.entries()])
    shown = json.dumps(subscriber(one)) + repr(one) + repr(office.registry) + said
    assert "CANARY" not in shown + repr(plain(office.units))
    assert "Newsroom" not in said, "the audit stays, so it must not say who"


@pytest.mark.parametrize("where", ["vault", "send"])
def test_a_traceback_holds_no_address_and_no_link(office: Office, where: str) -> None:
    one = office.registry.add({"name": "Newsroom"}, OPERATOR)
    office.registry.add_channel(one.id, "mail", MAILBOX, OPERATOR)
    seen: list[Confirmation] = []

    def broken(_unit: Books, confirmation: Confirmation) -> None:
        seen.append(confirmation)
        raise RuntimeError(f"the server is gone: {confirmation}")

    registry = replace(office.registry, send=broken)
    if where == "vault":
        office.keys = ("n" * 40,)
    with pytest.raises((RuntimeError, ConfigError)) as caught:
        registry.ask(one.id, "mail", OPERATOR)
    said = "".join(traceback.format_exception(caught.value))
    assert len(seen) == (where == "send")
    for secret in ("CANARY", "k" * 40, *(s for c in seen for s in (c.code, c.link))):
        assert secret not in said


def test_forgetting_leaves_nothing_but_the_record_that_it_was_done(office: Office) -> None:
    one = office.agreed()
    office.registry.remove(one.id, OPERATOR)
    assert office.registry.all() == []
    with office.units() as unit:
        assert unit.subscribers.enrolled() == []
        kept = json.dumps([entry(e) for e in unit.audit.entries()])
    assert "CANARY" not in kept
    assert "Newsroom" not in kept
    assert office.actions()[-1] == (OPERATOR, "subscriber.remove")
    assert office.problem(one) == "the subscriber is gone"


def test_a_new_name_is_written_down_without_the_name(office: Office) -> None:
    one = office.registry.add({"name": "Newsroom"}, OPERATOR)
    office.registry.change(one.id, {"name": "CANARY"}, OPERATOR)
    with office.units() as unit:
        last = unit.audit.entries()[-1]
    assert last.after is not None
    assert last.after["renamed"] is True
    assert "CANARY" not in json.dumps(entry(last))


def test_new_keys_seal_everything_anew(office: Office) -> None:
    one = office.agreed()
    old = office.keys
    token = office.leaving(one)
    office.keys = ("n" * 40, *old)
    assert office.registry.reseal(OPERATOR) == 1
    assert office.registry.may_unsubscribe(token), "links of before stay good as long as the old key is kept"
    office.keys = ("n" * 40,)
    assert office.recipient(one)
    assert not office.registry.may_unsubscribe(token)
    office.keys = old
    with pytest.raises(ConfigError, match="sealed by another key"):
        office.recipient(one)


# --- any life


class Life(RuleBasedStateMachine):
    """Whatever happens in whatever order: sent is only to who agreed, after the last time they left or were paused."""

    def __init__(self) -> None:
        super().__init__()
        self.office = Office()
        self.links: list[str] = []
        self.open: dict[str, tuple[str, Any]] = {}
        """Channel → the link that can bring consent, and when it was sent."""
        self.leaves: list[tuple[str, str]] = []
        self.asked_at: list[Any] = []
        self.begin()

    names = st.sampled_from(["mail", "post"])

    def begin(self) -> None:
        self.one = self.office.registry.add({"name": "Newsroom"}, OPERATOR)
        self.paused = False
        self.agreed: dict[str, bool] = {}
        self.open.clear()

    @rule(name=names, hook=st.sampled_from([False, False, True]))
    def add_channel(self, name: str, hook: bool) -> None:
        address = f"{HOOK}/{name}" if hook else f"{name}-{MAILBOX}"
        try:
            self.office.registry.add_channel(self.one.id, name, address, OPERATOR, confirmed=hook)
        except Conflict:
            assert name in self.agreed
        else:
            self.agreed[name] = hook
            with self.office.units() as unit:
                (kept,) = [e for e in unit.subscribers.enrolled(self.one.id) if e.channel.name == name]
            self.leaves.append((name, self.office.registry._leave_link(kept).rpartition("/")[2]))
            if not hook:
                self.ask(name)

    @rule(name=names)
    def ask(self, name: str) -> None:
        before = len(self.office.sent)
        try:
            self.office.registry.ask(self.one.id, name, OPERATOR)
        except (Conflict, NotFound):
            assert len(self.office.sent) == before
        else:
            assert not self.agreed[name]
            self.links.append(self.office.token)
            self.open[name] = self.office.token, self.office.clock.now()
            self.asked_at.append((name, self.office.clock.now()))

    @rule(data=st.data())
    def follow(self, data: st.DataObject) -> None:
        """One of the last links that were sent, whatever has become of it."""
        if self.links:
            link, now = data.draw(st.sampled_from(self.links[-3:])), self.office.clock.now()
            good = [name for name, (sent, at) in self.open.items() if sent == link and now < at + 7 * DAY]
            assert self.office.registry.confirm(link) is (Outcome.DONE if good else Outcome.EXPIRED)
            self.agreed |= dict.fromkeys(good, True)

    @rule(data=st.data(), everything=st.booleans())
    def leave(self, data: st.DataObject, everything: bool) -> None:
        """One of the last links to leave, of forgotten channels too."""
        if self.leaves:
            name, token = data.draw(st.sampled_from(self.leaves[-4:]))
            current = dict(self.leaves).get(name) == token and name in self.agreed
            assert self.office.registry.unsubscribe(token, everything=everything)
            if current:
                for gone in list(self.agreed) if everything else [name]:
                    self.agreed[gone] = False
                    self.open.pop(gone, None)

    @rule(name=names)
    def remove_channel(self, name: str) -> None:
        if self.agreed.pop(name, None) is not None:
            self.open.pop(name, None)
            self.office.registry.remove_channel(self.one.id, name, OPERATOR)

    @rule(paused=st.booleans())
    def rest(self, paused: bool) -> None:
        self.paused = paused
        (self.office.registry.pause if paused else self.office.registry.resume)(self.one.id, OPERATOR)

    @rule(sure=st.integers(0, 5))
    def forget(self, sure: int) -> None:
        if sure == 5:
            self.office.registry.remove(self.one.id, OPERATOR)
            assert self.sendable() == set()
            self.begin()

    @rule(hours=st.integers(1, 200))
    def wait(self, hours: int) -> None:
        self.office.clock.moment += timedelta(hours=hours)

    def sendable(self) -> set[str]:
        fit = {name for name in ("mail", "post") if self.office.problem(self.one, name) is None}
        found = {name: self.office.recipient(self.one, name) for name in ("mail", "post")}
        assert fit == {name for name, to in found.items() if to and to.unsubscribe_url}
        return fit

    @invariant()
    def only_who_agreed_is_sent_to(self) -> None:
        agreed = {name for name, yes in self.agreed.items() if yes}
        found = self.sendable()
        assert found <= agreed
        if self.paused:
            assert found == set()
        elif self.office.registry.get(self.one.id).state is SubscriberState.ACTIVE:
            assert found == agreed

    @invariant()
    def nobody_is_asked_twice_a_day(self) -> None:
        for name in ("mail", "post"):
            times = [at for asked, at in self.asked_at if asked == name]
            assert all(later - earlier >= DAY for earlier, later in pairwise(times))

    @invariant()
    def the_record_is_whole(self) -> None:
        self.office.actions()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
