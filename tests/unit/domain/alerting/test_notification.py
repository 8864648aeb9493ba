"""Keys of notifications, transitions and alerts, and when a send is tried again."""

from dataclasses import replace
from datetime import timedelta

from service.domain.alerting.alert import Transition, fingerprint
from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.notification import GIVE_UP_AFTER, RETRY_PLAN, Notification, Outgoing, urgency_of
from service.domain.alerting.rule import Severity, State
from tests.unit.domain.build import NOW

RISEN = Transition(
    alert_id=fingerprint("level", "dyad:IRN-PAK"),
    at=NOW,
    from_state=State.PENDING,
    to_state=State.FIRING,
    severity=Severity.HIGH,
    level=70.63,
    level_before=59.2,
    reason="level 70.6 (high) is 60 or more",
    evidence=(),
    owner_groups=4,
    confirmed=True,
)


def test_the_same_message_to_the_same_channel_has_one_key() -> None:
    one = Notification("m1", "desk", "mail", NOW)
    assert one.idem == replace(one, created_at=NOW + timedelta(days=1), urgency=3).idem
    assert one.id == one.idem[:32]
    others = {replace(one, **{name: "x"}).idem for name in ("message_id", "receiver", "channel")}
    assert len(others | {one.idem}) == 4


def test_a_message_goes_to_each_channel_and_the_loudest_first() -> None:
    message = Message(MessageReason.TEST, "desk", NOW, "t")
    made = Outgoing("m1", message, "title", ("mail", "chat")).notifications(NOW)
    assert [(n.receiver, n.channel) for n in made] == [("desk", "mail"), ("desk", "chat")]
    assert sorted(Severity, key=urgency_of) == list(Severity)


def test_a_transition_has_the_same_id_whoever_finds_it() -> None:
    assert replace(RISEN, level=1.0, reason="other", evidence=()).id == RISEN.id
    others = [
        replace(RISEN, at=NOW + timedelta(seconds=1)),
        replace(RISEN, to_state=State.RESOLVED),
        replace(RISEN, severity=Severity.CRITICAL),
        replace(RISEN, alert_id="other"),
    ]
    assert len({RISEN.id, *(change.id for change in others)}) == 5


def test_an_alert_is_known_by_rule_and_subject() -> None:
    assert fingerprint("level", "dyad:IRN-PAK") != fingerprint("level", "country:IRN")
    assert len(fingerprint("level", "dyad:IRN-PAK")) == 16


# When again.


def test_failed_sends_are_tried_again_ever_more_rarely_within_a_day() -> None:
    assert [wait.total_seconds() for wait in RETRY_PLAN] == [30, 120, 600, 3600, 21600]
    assert sum(RETRY_PLAN, timedelta()) * 1.2 < GIVE_UP_AFTER == timedelta(days=1)
