from dataclasses import replace
from datetime import timedelta

import pytest

from service.adapters.messages import Context, event_at
from service.adapters.messages.page import LATE, page_of
from service.domain.alerting.message import Item, Message, MessageReason
from service.domain.alerting.rule import State
from tests.golden.messages.cases import AT, CALMED, CASES, CLEARED, HOUR, OPERATOR, RISEN, STIRRED, SUBSCRIBER, TALKED

FIRED = CASES["fired"][0]


def told(item: Item, message: Message = FIRED, context: Context = OPERATOR) -> dict[str, str]:
    """What a message about one alert says, by label."""
    (block,) = page_of(replace(message, items=(item,)), context).blocks
    return {fact.label: fact.value for fact in block.facts}


def test_a_message_is_late_only_past_a_quarter_of_an_hour() -> None:
    assert page_of(FIRED, replace(OPERATOR, late=LATE)).intro == ()
    (line,) = page_of(FIRED, replace(OPERATOR, late=LATE + timedelta(minutes=1))).intro
    assert line == (
        "Late: it happened on Wed 17 Jan 2024, 14:30 (UTC), this was sent on Wed 17 Jan 2024, 14:46 (UTC), 16 min later."
    )


@pytest.mark.parametrize("reason", [MessageReason.DIGEST, MessageReason.REPEAT, MessageReason.ESCALATED])
def test_what_is_old_by_nature_is_not_called_late(reason: MessageReason) -> None:
    intro = page_of(replace(FIRED, reason=reason), replace(OPERATOR, late=HOUR)).intro
    assert not any(line.startswith("Late") for line in intro)


def test_the_event_is_the_first_of_all() -> None:
    assert event_at(replace(FIRED, items=(RISEN, STIRRED, CALMED))) == AT - 5 * HOUR
    assert event_at(replace(FIRED, items=())) == FIRED.created_at


@pytest.mark.parametrize(
    ("item", "reason", "expected"),
    [
        (RISEN, MessageReason.FIRED, "firing since Wed 17 Jan 2024, 14:30 (UTC); it was pending before"),
        (RISEN, MessageReason.REPEAT, "still firing since Wed 17 Jan 2024, 14:30 (UTC), for 2 min"),
        (
            STIRRED,
            MessageReason.CHANGED,
            "firing since Tue 16 Jan 2024, 08:30 (UTC); this changed on Wed 17 Jan 2024, 09:30 (UTC)",
        ),
        (CALMED, MessageReason.REPEAT, "over since Wed 17 Jan 2024, 13:30 (UTC); it was firing before"),
        (CLEARED, MessageReason.RESOLVED, "given on Wed 17 Jan 2024, 14:30 (UTC)"),
        (TALKED, MessageReason.FIRED, "reported on Fri 19 Jan 2024, 18:30 (UTC)"),
    ],
)
def test_it_says_since_when(item: Item, reason: MessageReason, expected: str) -> None:
    assert told(item, replace(FIRED, reason=reason))["State"] == expected


def test_the_interval_is_told_in_words_where_there_is_one() -> None:
    assert told(RISEN)["Level"] == "24.9 → 63.4 (high) within a day, now between 55 and 71 with 80 % probability"
    assert told(replace(RISEN, low=None))["Level"] == "24.9 → 63.4 (high) within a day"


@pytest.mark.parametrize(
    ("confidence", "owners", "expected"),
    [
        (0.25, 1, "low (25 %), 1 independent owner group"),
        (0.4, 2, "medium (40 %), 2 independent owner groups"),
        (0.65, 6, "high (65 %), 6 independent owner groups"),
        (0.1, 0, "low (10 %), no independent owner group"),
        (None, 3, "3 independent owner groups"),
        (None, 0, None),
    ],
)
def test_confidence_comes_in_words_with_its_owner_groups(
    confidence: float | None, owners: int, expected: str | None
) -> None:
    assert told(replace(RISEN, confidence=confidence, owners=owners)).get("Confidence") == expected


def test_empty_parts_are_left_out() -> None:
    bare = replace(RISEN, reason="", ends_when="", held="", annotations={}, curve=(), quotes=())
    assert list(told(bare)) == ["Level", "State", "Confidence", "Rule"]


def test_annotations_come_as_text_under_their_names() -> None:
    said = told(replace(RISEN, annotations={"summary": "Look\nhere", "runbook": "See the wiki"}))
    assert (said["Summary"], said["runbook"]) == ("Look here", "See the wiki")


def test_one_alert_has_three_sentences_and_several_have_one_each() -> None:
    (alone,) = page_of(FIRED, OPERATOR).blocks
    several = page_of(replace(FIRED, items=(RISEN, CALMED)), OPERATOR).blocks
    assert len(alone.quotes) == 3
    assert [len(block.quotes) for block in several] == [1, 1]


def test_a_digest_has_one_block_for_a_subject_with_the_net_change() -> None:
    blocks = page_of(CASES["digest"][0], SUBSCRIBER).blocks
    assert [block.headline for block in blocks] == [
        "↓ Iran–Pakistan: de-escalation reported, elevated (58)",
        "↑ Israel–Lebanon: surge, elevated (48), unconfirmed",
    ]
    assert [fact.value for fact in blocks[0].facts] == [
        "24.9 → 57.9 (elevated)",
        "Wed 17 Jan 2024, 19:30 (UTC+05:00): level firing",
        "Fri 19 Jan 2024, 23:30 (UTC+05:00): peace firing, held back: the budget of messages was spent",
    ]


def test_the_command_that_mutes_names_the_group() -> None:
    grouped = replace(FIRED, group={"subject": "dyad:IRN-PAK", "rule": 'the "level"'})
    foot = page_of(grouped, OPERATOR).foot
    assert foot.commands[0] == (
        "Mute it with",
        """detente silence add 'rule="the \\"level\\""' 'subject="dyad:IRN-PAK"'""",
    )


def test_no_command_mutes_what_has_nothing_in_common() -> None:
    foot = page_of(replace(FIRED, group={}, items=(RISEN, CALMED)), OPERATOR).foot
    assert foot.commands == ()


def test_readers_without_a_command_line_get_links() -> None:
    foot = page_of(CASES["fired_late"][0], SUBSCRIBER).foot
    assert foot.commands == ()
    assert [(label, link.url) for label, link in foot.links] == [
        ("How it came to this", "https://detente.example/api/v1/alerts/5d41402abc4b2a76/why"),
        ("Change what you get", SUBSCRIBER.manage_url),
        ("Unsubscribe", SUBSCRIBER.unsubscribe_url),
    ]


def test_without_an_address_of_our_own_there_is_no_broken_link() -> None:
    foot = page_of(FIRED, Context()).foot
    assert foot.links == ()
    assert foot.commands == ()


def test_only_an_asked_for_address_is_to_be_confirmed() -> None:
    context = Context(confirm_url="https://detente.example/c/x")
    confirm = page_of(replace(FIRED, reason=MessageReason.CONFIRM, items=()), context).confirm
    assert confirm is not None
    assert confirm.url == "https://detente.example/c/x"
    assert page_of(FIRED, context).confirm is None


def test_the_picture_is_told_in_words_too() -> None:
    assert page_of(FIRED, OPERATOR).chart_text == (
        "Level over 14 d: from 20.0 to 63.4, at most 63.4. Stripes from below: calm, watch, elevated, high, severe."
    )
    assert page_of(replace(FIRED, items=(CALMED,)), OPERATOR).chart_text == ""


def test_an_old_state_that_is_not_firing_is_over() -> None:
    assert told(replace(RISEN, state=State.RESOLVED, before=State.FIRING))["State"].startswith("over since")
