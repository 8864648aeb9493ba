"""How messages read, to the letter, and who gets them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting.alert import Alert, Quote, Transition, fingerprint
from service.domain.alerting.notification import GIVE_UP_AFTER, RETRY_PLAN, Notification, body, title
from service.domain.alerting.rule import Memory, RuleKind, Severity, State
from tests.unit.domain.build import NOW

AGENCY = Quote("The Agency", "https://agency.example/1", "Iran fired missiles\ninto   Pakistan.", "a1")
UNKNOWN = Quote("", "", "Jets struck back.", "a2")
ENDS = "Ends when the level has been below 28 for 3 d."


def alert(kind: RuleKind = RuleKind.LEVEL, rule: str = "level") -> Alert:
    return Alert(rule, "dyad:IRN-PAK", {"kind": str(kind)}, State.FIRING, Severity.HIGH, "", NOW, Memory())


RISEN = Transition(
    alert_id=fingerprint("level", "dyad:IRN-PAK"),
    at=NOW,
    from_state=State.PENDING,
    to_state=State.FIRING,
    severity=Severity.HIGH,
    level=70.63,
    level_before=59.2,
    reason="level 70.6 (high) is 60 or more",
    evidence=(AGENCY, UNKNOWN),
    owner_groups=4,
    confirmed=True,
)
DOUBTFUL = replace(
    RISEN,
    severity=Severity.INFO,
    confirmed=False,
    owner_groups=1,
    evidence=(AGENCY,),
    reason="level 70.6 (high) is 60 or more; unconfirmed: one owner group so far",
)
SURGED = replace(
    RISEN,
    severity=Severity.WARNING,
    level=33.8,
    level_before=3.1,
    evidence=(AGENCY,),
    owner_groups=2,
    reason="surge 4.2 is 3.7 or more: at least as much in two days as usually in 4 days",
)
PEACE = replace(
    RISEN,
    severity=Severity.INFO,
    level=51.7,
    level_before=70.6,
    evidence=(replace(AGENCY, text="Both agreed to de-escalate."),),
    owner_groups=5,
    reason="de-escalation reported (intensity +5.0), 5 owner groups",
)
OVER = replace(
    RISEN,
    to_state=State.RESOLVED,
    severity=Severity.INFO,
    level=24.6,
    level_before=25.9,
    evidence=(),
    owner_groups=0,
    reason="level 24.6 is below 28",
)
CLEAR = replace(OVER, level=18.2, level_before=19.1, reason="level 18.2 has stayed below 25 for 7 d")

GOLDEN = [
    pytest.param(
        alert(),
        RISEN,
        ENDS,
        "↑ Risk high Iran-Pakistan: high (71)",
        """\
Iran-Pakistan [dyad:IRN-PAK], 2024-01-19 18:00 UTC
Level 59.2 a day before, now 70.6 (high).
Why: level 70.6 (high) is 60 or more.

Evidence (4 independent owner groups):
- Iran fired missiles into Pakistan. (The Agency, https://agency.example/1)
- Jets struck back. (unknown publisher)

Ends when the level has been below 28 for 3 d.

Rule level. Details: detente explain-score dyad:IRN-PAK""",
        id="escalation",
    ),
    pytest.param(
        alert(),
        DOUBTFUL,
        ENDS,
        "↑ Risk (unconfirmed) Iran-Pakistan: high (71)",
        """\
Iran-Pakistan [dyad:IRN-PAK], 2024-01-19 18:00 UTC
Level 59.2 a day before, now 70.6 (high).
Why: level 70.6 (high) is 60 or more; unconfirmed: one owner group so far.

Evidence (1 independent owner group):
- Iran fired missiles into Pakistan. (The Agency, https://agency.example/1)

Ends when the level has been below 28 for 3 d.

Rule level. Details: detente explain-score dyad:IRN-PAK""",
        id="unconfirmed",
    ),
    pytest.param(
        alert(RuleKind.SURGE, "surge"),
        SURGED,
        "Resolves when the surge has stayed below 1.85 for 72 h.",
        "↑ Surge warning Iran-Pakistan: watch (34)",
        """\
Iran-Pakistan [dyad:IRN-PAK], 2024-01-19 18:00 UTC
Level 3.1 a day before, now 33.8 (watch).
Why: surge 4.2 is 3.7 or more: at least as much in two days as usually in 4 days.

Evidence (2 independent owner groups):
- Iran fired missiles into Pakistan. (The Agency, https://agency.example/1)

Resolves when the surge has stayed below 1.85 for 72 h.

Rule surge. Details: detente explain-score dyad:IRN-PAK""",
        id="surge",
    ),
    pytest.param(
        alert(RuleKind.DEESC, "deescalation"),
        PEACE,
        "",
        "↓ De-escalation reported Iran-Pakistan: elevated (52)",
        """\
Iran-Pakistan [dyad:IRN-PAK], 2024-01-19 18:00 UTC
Level 70.6 a day before, now 51.7 (elevated).
Why: de-escalation reported (intensity +5.0), 5 owner groups.

Evidence (5 independent owner groups):
- Both agreed to de-escalate. (The Agency, https://agency.example/1)

Rule deescalation. Details: detente explain-score dyad:IRN-PAK""",
        id="de-escalation",
    ),
    pytest.param(
        alert(),
        OVER,
        "",
        "↓ Resolved Iran-Pakistan: watch (25)",
        """\
Iran-Pakistan [dyad:IRN-PAK], 2024-01-19 18:00 UTC
Level 25.9 a day before, now 24.6 (watch).
Why: level 24.6 is below 28.

Rule level. Details: detente explain-score dyad:IRN-PAK""",
        id="resolved",
    ),
    pytest.param(
        alert(RuleKind.ALLCLEAR, "all-clear"),
        CLEAR,
        "",
        "All clear Iran-Pakistan: calm (18)",
        """\
Iran-Pakistan [dyad:IRN-PAK], 2024-01-19 18:00 UTC
Level 19.1 a day before, now 18.2 (calm).
Why: level 18.2 has stayed below 25 for 7 d.

Rule all-clear. Details: detente explain-score dyad:IRN-PAK""",
        id="all clear",
    ),
]


@pytest.mark.parametrize(("of", "change", "ends_when", "headline", "text"), GOLDEN)
def test_messages_read_like_this(of: Alert, change: Transition, ends_when: str, headline: str, text: str) -> None:
    assert title(of, change, "Iran-Pakistan") == headline
    assert body(of, change, "Iran-Pakistan", ends_when) == text


def test_titles_say_what_began_and_what_ended() -> None:
    surge = alert(RuleKind.SURGE, "surge")
    assert title(surge, replace(SURGED, confirmed=False), "A–B").startswith("↑ Surge (unconfirmed) A–B")
    assert title(surge, OVER, "A–B").startswith("↓ Surge over A–B"), "a LEVEL alert may go on"


def test_a_long_quote_is_cut() -> None:
    told = replace(RISEN, evidence=(replace(AGENCY, text="x" * 281),))
    line = next(row for row in body(alert(), told, "n", "").splitlines() if row.startswith("- "))
    assert line == f"- {'x' * 279}… (The Agency, https://agency.example/1)"
    whole = replace(RISEN, evidence=(replace(AGENCY, text="x" * 280),))
    assert "x" * 280 in body(alert(), whole, "n", "")


# Keys.


def message(receiver: str = "desk", channel: str = "mail", transition: str = "t") -> Notification:
    return Notification(transition, "alert", receiver, channel, "Title", "Body", NOW)


def test_the_same_news_to_the_same_channel_has_one_key() -> None:
    assert message().idem == replace(message(), title="Other", body="Other", created_at=NOW + timedelta(1)).idem
    assert len({message().idem, message("night").idem, message(channel="chat").idem, message(transition="u").idem}) == 4
    assert message().id == message().idem[:32]


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
    assert alert().id == fingerprint("level", "dyad:IRN-PAK")
    assert fingerprint("level", "dyad:IRN-PAK") != fingerprint("level", "country:IRN")
    assert len(alert().id) == 16


# When again.


def test_failed_sends_are_tried_again_ever_more_rarely_within_a_day() -> None:
    assert [wait.total_seconds() for wait in RETRY_PLAN] == [30, 120, 600, 3600, 21600]
    assert sum(RETRY_PLAN, timedelta()) * 1.2 < GIVE_UP_AFTER == timedelta(days=1)
