"""Signed webhooks: the library that receivers use verifies them, and a secret that is none is refused without an echo."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from service.adapters.channels import webhook
from service.adapters.channels.address import problem
from service.adapters.net.addresses import Reach
from service.domain.alerting.message import MessageReason

SECRET = "whsec_" + b64encode(b"\xfb\xff" * 16).decode()
OLD = "whsec_" + b64encode(b"the secret of before, long").decode().rstrip("=")
NEW_YORK = timezone(timedelta(hours=-5))


@dataclass(frozen=True)
class Parcel:
    key: str = "msg-0123abcd"
    data: Mapping[str, Any] = field(
        default_factory=lambda: {"reason": "fired", "created_at": "2026-03-01T12:00:00Z", "items": ["“Ö” <b>\u2028"]}
    )


def now() -> datetime:
    return datetime.now(UTC)


def test_the_secret_of_the_test_needs_care() -> None:
    assert "+" in SECRET, "a plus in a query is often taken for a blank"
    assert "/" in SECRET
    assert "=" in SECRET


def test_a_receiver_can_verify_what_is_posted() -> None:
    post = webhook.request(Parcel(), f"webhooks://hooks.example.org:8443/in/x?team=a%20b&secret={SECRET}&n=1", now())
    assert post.url == "https://hooks.example.org:8443/in/x?team=a%20b&n=1"
    assert post.headers["webhook-id"] == "msg-0123abcd"
    assert post.headers["Content-Type"] == "application/json"
    got = Webhook(SECRET).verify(post.body, dict(post.headers))
    assert got == {"type": "alert.fired", "timestamp": "2026-03-01T12:00:00Z", "data": dict(Parcel().data)}
    assert SECRET not in repr(post)


def test_what_was_changed_or_signed_with_another_secret_is_refused() -> None:
    post = webhook.request(Parcel(), f"webhook://hooks.example.org?secret={SECRET}", now())
    assert post.url == "http://hooks.example.org/"
    for body, headers, secret in (
        (post.body + b" ", post.headers, SECRET),
        (post.body, {**post.headers, "webhook-id": "other"}, SECRET),
        (post.body, {**post.headers, "webhook-timestamp": str(int(now().timestamp()) - 1)}, SECRET),
        (post.body, post.headers, OLD),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, dict(headers))


def test_while_secrets_change_both_verify() -> None:
    address = f"webhooks://hooks.example.org/?secret={SECRET}&secret={OLD}"
    assert problem(address) is None
    post = webhook.request(Parcel(), address, now())
    for secret in (SECRET, OLD):
        assert Webhook(secret).verify(post.body, dict(post.headers))
    assert len(post.headers["webhook-signature"].split(" ")) == 2


def test_an_attempt_is_signed_anew_and_says_the_same() -> None:
    address = f"webhooks://hooks.example.org/?secret={SECRET}"
    first, second = (webhook.request(Parcel(), address, now() + timedelta(hours=n)) for n in (0, 6))
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    here = datetime(2026, 3, 1, 12, tzinfo=UTC)
    there = webhook.request(Parcel(), address, here.astimezone(NEW_YORK))
    assert there == webhook.request(Parcel(), address, here), "the clock's zone does not matter"
    assert there.headers["webhook-timestamp"] == "1772366400"


@pytest.mark.parametrize("reason", [*map(str, MessageReason), "", "made up <b>"])
def test_the_type_says_why(reason: str) -> None:
    parcel = Parcel(data={"reason": reason})
    post = webhook.request(parcel, f"webhook://h.example?secret={SECRET}", datetime(2026, 3, 1, tzinfo=UTC))
    said = json.loads(post.body)
    alerts = {
        "fired": "fired",
        "changed": "changed",
        "resolved": "resolved",
        "repeat": "repeated",
        "escalated": "escalated",
    }
    named = reason if reason in set(MessageReason) else "message"
    assert said["type"] == (f"alert.{alerts[reason]}" if reason in alerts else named)
    assert said["timestamp"] == "2026-03-01T00:00:00+00:00"


@pytest.mark.parametrize("schema", ["webhook", "webhooks"])
def test_a_good_address_is_accepted(schema: str) -> None:
    assert problem(f"{schema}://hooks.example.org/path?secret={SECRET}") is None
    assert problem(f"{schema}://hooks.example.org/path?secret={SECRET.replace('+', '%2B')}") is None
    assert problem(f"{schema}://127.0.0.1:9/?secret={SECRET}") is not None
    assert problem(f"{schema}://127.0.0.1:9/?secret={SECRET}", reach=Reach(allow_private=True)) is None


def coded(length: int) -> str:
    return "whsec_" + b64encode(b"C" * length).decode()


@pytest.mark.parametrize(
    "rest",
    [
        "hooks.example.org/CANARY",
        "hooks.example.org/?token=CANARY",
        "hooks.example.org/#secret=" + SECRET,
        "hooks.example.org/?secret=",
        "hooks.example.org/?secret=CANARY",
        "hooks.example.org/?secret=whsec_CANARY!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
        "hooks.example.org/?secret=whsec_CANARYééééééééééééééééééééééééééééééééé",
        "hooks.example.org/?secret=" + coded(23),
        "hooks.example.org/?secret=" + coded(65),
        "hooks.example.org/?secret=" + coded(32).removeprefix("whsec_"),
        "hooks.example.org/?" + "&".join([f"secret={SECRET}"] * 6),
        f"hooks.example.org/?secret={SECRET}&secret=CANARY",
        f"user:CANARY@hooks.example.org/?secret={SECRET}",
        f"CANARY@hooks.example.org/?secret={SECRET}",
        f"/?secret={SECRET}",
        f"hooks.example.org:CANARY/?secret={SECRET}",
        f"169.254.169.254/?secret={SECRET}",
        f"2130706433/?secret={SECRET}",
    ],
)
def test_a_bad_address_is_refused_without_an_echo(rest: str) -> None:
    for schema in ("webhook", "webhooks"):
        why = problem(f"{schema}://{rest}")
        assert why
        assert "CANARY" not in why
        assert SECRET[6:] not in why


@pytest.mark.parametrize("length", [24, 32, 64])
def test_secrets_may_be_so_long(length: int) -> None:
    assert problem(f"webhooks://hooks.example.org/?secret={coded(length)}") is None
