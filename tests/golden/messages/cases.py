"""One message for each reason, as people may get it: the texts in this folder are what becomes of them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import exp, sin
from zoneinfo import ZoneInfo

from service.adapters.messages import Context
from service.domain.alerting.alert import Quote
from service.domain.alerting.message import Item, Message, MessageReason
from service.domain.alerting.rule import Severity, State

AT = datetime(2024, 1, 17, 14, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)

OPERATOR = Context(silence_command="detente silence add")
SUBSCRIBER = Context(
    base_url="https://detente.example",
    manage_url="https://detente.example/s/InN1YnNjcmliZXIi.ZafX3w.manage",
    unsubscribe_url="https://detente.example/u/InN1YnNjcmliZXIi.ZafX3w.leave",
    zone=ZoneInfo("Asia/Karachi"),
)


def _curve() -> tuple[tuple[datetime, float], ...]:
    """Fourteen days by six hours: calm, and a rise in the last two."""
    start = AT - timedelta(days=14)
    rise = [0.0] * 48 + [51.93 * (1 - exp(-n / 3)) for n in range(9)]
    return tuple((start + 6 * n * HOUR, 20 + 5 * sin(n / 5) + more) for n, more in enumerate(rise))


QUOTES = (
    Quote("The Frontier", "https://www.frontier.example/news/1806?page=1&view=all", "Iran struck what it called bases of militants in Balochistan.", "a1"),
    Quote("Coast Agency", "https://en.coast-agency.example/news/85356", "“The strike was a response”, the ministry said; 2 children were killed.", "a2"),
    Quote("", "ftp://files.example/report", "Pakistan recalled its ambassador [from Tehran] *at once* & for good.", "a3"),
)  # fmt: skip

RISEN = Item(
    alert_id="5d41402abc4b2a76",
    rule="level",
    kind="LEVEL",
    subject="dyad:IRN-PAK",
    name="Iran–Pakistan",
    state=State.FIRING,
    before=State.PENDING,
    at=AT,
    since=AT,
    severity=Severity.HIGH,
    confirmed=True,
    level=63.42,
    level_before=24.9,
    reason="level 63.4 (high) is 60 or more",
    low=55.1,
    high=70.8,
    confidence=0.5,
    owners=3,
    quotes=QUOTES,
    ends_when="Resolves when the level has stayed below 45 for 72 h.",
    annotations={"summary": "Tension on the border", "description": "Ask the desk for South Asia before 18:00."},
    curve=_curve(),
)
STIRRED = Item(
    alert_id="7d793037a0760186",
    rule="surge",
    kind="SURGE",
    subject="dyad:ISR-LBN",
    name="Israel–Lebanon",
    state=State.FIRING,
    before=State.FIRING,
    at=AT - 5 * HOUR,
    since=AT - 30 * HOUR,
    severity=Severity.WARNING,
    confirmed=False,
    level=47.5,
    level_before=44.0,
    reason="surge 5.6 is 1.5 times the 3.7 told before, or more: at least as much in two days as usually in 5 days",
    confidence=0.25,
    owners=1,
    quotes=(
        Quote(
            "L'Écho du Port", "https://today.echo.example/article/1365", "Shells fell near the village at dawn.", "b1"
        ),
    ),
    held="muted",
)
CALMED = Item(
    alert_id="9e107d9d372bb682",
    rule="level",
    kind="LEVEL",
    subject="dyad:ARM-AZE",
    name="Armenia–Azerbaijan",
    state=State.RESOLVED,
    before=State.FIRING,
    at=AT - HOUR,
    since=AT - HOUR,
    severity=Severity.INFO,
    confirmed=True,
    level=24.2,
    level_before=26.0,
    reason="level 24.2 is below 28",
    low=20.0,
    high=28.4,
    confidence=0.67,
    owners=6,
    quotes=(Quote("Armenpress", "https://armenpress.am/eng/news/1128", "Both sides withdrew from the heights.", "c1"),),
)
CLEARED = Item(
    alert_id="e4d909c290d0fb1c",
    rule="all-clear",
    kind="ALLCLEAR",
    subject="dyad:ARM-AZE",
    name="Armenia–Azerbaijan",
    state=State.RESOLVED,
    before=State.PENDING,
    at=AT,
    since=AT,
    severity=Severity.INFO,
    confirmed=False,
    level=11.8,
    level_before=12.4,
    reason="level 11.8 has stayed below 25 for 7 d",
)
TALKED = Item(
    alert_id="37b51d194a7513e4",
    rule="peace",
    kind="DEESC",
    subject="dyad:IRN-PAK",
    name="Iran–Pakistan",
    state=State.FIRING,
    before=State.INACTIVE,
    at=AT + 52 * HOUR,
    since=AT + 52 * HOUR,
    severity=Severity.WARNING,
    confirmed=False,
    level=57.9,
    level_before=63.0,
    reason="de-escalation reported (intensity +5.2), 4 owner groups",
    owners=4,
    quotes=(Quote("APP", "https://www.app.com.pk/news/2024/01", "The two ministers agreed to de-escalate.", "d1"),),
    held="budget",
)


def _message(reason: MessageReason, *items: Item, after: timedelta = timedelta(minutes=2), **more: object) -> Message:
    latest = max((item.at for item in items), default=AT)
    known: dict[str, object] = {
        "thread": "3a6eb0790f39ac87c94f3856b2dd2c5d",
        "receiver": "desk",
        "why": 'route.routes[0]: severity=~"high|critical"',
    }
    return Message(reason=reason, created_at=latest + after, items=items, **(known | more))  # type: ignore[arg-type]


GROUP = {"subject": "dyad:IRN-PAK"}
SUBSCRIBED = "your subscription to dyad:IRN-PAK"

CASES: Mapping[str, tuple[Message, Context]] = {
    "fired": (_message(MessageReason.FIRED, RISEN, group=GROUP), OPERATOR),
    "fired_late": (
        _message(MessageReason.FIRED, RISEN, group=GROUP, why=SUBSCRIBED),
        Context(**{name: getattr(SUBSCRIBER, name) for name in Context.__slots__} | {"late": timedelta(minutes=47)}),
    ),
    "fired_german": (
        _message(MessageReason.FIRED, RISEN, group=GROUP),
        Context(silence_command="detente silence add", zone=ZoneInfo("Europe/Berlin"), language="de"),
    ),
    "fired_three": (_message(MessageReason.FIRED, CALMED, STIRRED, RISEN), OPERATOR),
    "changed": (_message(MessageReason.CHANGED, STIRRED), OPERATOR),
    "resolved": (_message(MessageReason.RESOLVED, CALMED), OPERATOR),
    "all_clear": (_message(MessageReason.RESOLVED, CLEARED), SUBSCRIBER),
    "repeat": (_message(MessageReason.REPEAT, RISEN, after=24 * HOUR, group=GROUP), OPERATOR),
    "digest": (_message(MessageReason.DIGEST, TALKED, STIRRED, RISEN, why=SUBSCRIBED), SUBSCRIBER),
    "digest_german": (
        _message(MessageReason.DIGEST, TALKED, STIRRED, RISEN),
        Context(zone=ZoneInfo("Europe/Berlin"), language="de-AT"),
    ),
    "flood": (_message(MessageReason.FLOOD, STIRRED, CALMED, RISEN, TALKED), OPERATOR),
    "escalated": (_message(MessageReason.ESCALATED, RISEN, after=timedelta(minutes=32), group=GROUP), OPERATOR),
    "confirm": (
        _message(MessageReason.CONFIRM, why=""),
        Context(confirm_url="https://detente.example/c/InN1YnNjcmliZXIi.ZafX3w.confirm"),
    ),
    "test": (_message(MessageReason.TEST, why="", note="Sent by detente channels test."), OPERATOR),
    "heartbeat": (
        _message(MessageReason.HEARTBEAT, why="receiver desk", note="The last article came at 14:12 UTC."),
        OPERATOR,
    ),
}
