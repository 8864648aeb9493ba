"""A message as JSON, held against the form that receivers were promised."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from service.domain.alerting.alert import Quote
from service.domain.alerting.message import Item, Message, MessageReason
from service.domain.alerting.rule import Severity, State
from service.operations.present_message import message_json
from tests.fakes import NOON

GOLDEN = Path(__file__).parents[2] / "golden" / "message.json"
ITEM = Item(
    alert_id="10feff9824351bc0",
    rule="level",
    kind="LEVEL",
    subject="dyad:IRN-PAK",
    name="Iran–Pakistan",
    state=State.FIRING,
    before=State.PENDING,
    at=NOON,
    since=NOON - timedelta(hours=1),
    severity=Severity.HIGH,
    confirmed=True,
    level=63.12345,
    level_before=10.5,
    reason="level 63.1 (high) is 60 or more",
    low=51.2345,
    high=70.0,
    confidence=0.66666,
    owners=2,
    quotes=(Quote("Wire", "https://wire.example/1", "Iran attacked “Pakistan”.", "a1"),),
    ends_when="Ends when the level is below 50 for 3 d.",
    annotations={"summary": "High"},
    curve=((NOON - timedelta(days=1), 10.5), (NOON, 63.123)),
    held="quiet hours until 07:00",
)
MESSAGE = Message(
    MessageReason.FIRED, "desk", NOON, "t1", (ITEM,), {"subject": "dyad:IRN-PAK"}, why="route.routes[0]", note=""
)


def test_the_form_is_the_promised_one() -> None:
    assert message_json(MESSAGE) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_a_message_about_nothing_and_what_is_not_known() -> None:
    plain = message_json(Message(MessageReason.TEST, "desk", NOON, "t", note="A test."))
    assert (plain["items"], plain["note"], plain["severity"]) == ([], "A test.", "info")
    bare = replace(ITEM, low=None, high=None, confidence=None, quotes=(), curve=())
    shown = message_json(Message(MessageReason.RESOLVED, "desk", NOON, "t", (bare,)))["items"][0]
    assert (shown["interval"], shown["confidence"], shown["curve"], shown["evidence"]) == (None, None, [], [])
    json.dumps(shown, allow_nan=False)
