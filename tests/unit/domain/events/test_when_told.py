"""Parts of a day, and times told by the day before them in the article: made up, judged by hand, a third of them traps."""

from datetime import UTC, date, datetime

import pytest

from service.domain.events.when import Precision, said

THURSDAY = datetime(2024, 5, 16, 15, tzinfo=UTC)
"""When all of them are published."""
SATURDAY = date(2024, 5, 11)
"""The day that the article told last."""


def told(text: str, before: date | None) -> str | None:
    (answer,) = said([text], THURSDAY, before)
    return f"{answer.last} {answer.precision}" if answer else None


PARTS = [
    ("Jets hit the port at dawn.", "2024-05-16 day"),
    ("Shells fell on the town before dawn.", "2024-05-16 day"),
    ("Gunmen stormed the post shortly after midnight.", "2024-05-16 day"),
    ("Drones struck the refinery in the early hours.", "2024-05-16 day"),
    ("Rockets hit the airfield overnight.", "2024-05-16 day"),
    ("In the middle of the night police raided the newspaper.", "2024-05-16 day"),
    ("Rebels attacked the convoy on Monday night.", "2024-05-13 day"),
    ("Rebels attacked the convoy before dawn on Monday.", "2024-05-13 day"),
    ("Rebels attacked the convoy in the early hours of Monday.", "2024-05-13 day"),
    ("On the night of 12 May rebels attacked the convoy.", "2024-05-12 day"),
    ("Missiles hit Odesa overnight on Tuesday.", "2024-05-14 day"),
    ("At noon on Sunday the border was closed.", "2024-05-12 day"),
    ("The truce will take effect at midnight on Friday.", "2024-05-17 day"),
    ("The border was closed the day before yesterday.", "2024-05-14 day"),
    ("The ministers will meet the day after tomorrow.", "2024-05-18 day"),
    ("Two men were shot in the night to Wednesday.", "2024-05-15 day"),
]


@pytest.mark.parametrize(("text", "expected"), PARTS)
def test_parts_of_a_day(text: str, expected: str) -> None:
    assert told(text, None) == expected


@pytest.mark.parametrize(("text", "expected"), PARTS)
def test_parts_of_a_day_do_not_hang_on_what_was_told_before(text: str, expected: str) -> None:
    assert told(text, SATURDAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two days later Pakistan struck back.", "2024-05-13 day"),
        ("Pakistan struck back a day later.", "2024-05-12 day"),
        ("Hours later Pakistan recalled its ambassador.", "2024-05-11 day"),
        ("Moments later a second bomb went off.", "2024-05-11 day"),
        ("Six hours later the army sealed the border.", "2024-05-11 day"),
        ("Pakistan struck back 48 hours later.", "2024-05-13 day"),
        ("That evening the president declared an emergency.", "2024-05-11 day"),
        ("Later that day the army sealed the border.", "2024-05-11 day"),
        ("The same night rebels fired on the barracks.", "2024-05-11 day"),
        ("The next day police arrested the editor.", "2024-05-12 day"),
        ("Police arrested the editor the following morning.", "2024-05-12 day"),
        ("The day after, police arrested the editor.", "2024-05-12 day"),
        ("The day before, the army had shelled the village.", "2024-05-10 day"),
        ("Militants had burned the school the night before.", "2024-05-10 day"),
        ("The previous day a mine had killed two soldiers.", "2024-05-10 day"),
        ("A week earlier the two armies had exchanged fire.", "2024-05-04 week"),
        ("Three days earlier, rebels had taken the bridge.", "2024-05-08 day"),
        ("Two months before, the envoy had been expelled.", "2024-03-12 month"),
        ("The army said on Wednesday that two days earlier its jets had hit a convoy.", "2024-05-13 day"),
        ("The next day, Sunday, police arrested the editor.", "2024-05-12 day"),
        ("Three days later, on 14 May, police arrested the editor.", "2024-05-14 day"),
        ("Iran struck on Tuesday and a day later Pakistan struck back.", "2024-05-14 day"),
        ("On Tuesday, hours later, the army sealed the border.", "2024-05-14 day"),
    ],
)
def test_words_that_hang_on_the_day_told_before(text: str, expected: str) -> None:
    assert told(text, SATURDAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hours later Pakistan recalled its ambassador.", "2024-05-16 day"),
        ("That evening the president declared an emergency.", "2024-05-16 day"),
        ("The day before, the army had shelled the village.", "2024-05-15 day"),
        ("A week earlier the two armies had exchanged fire.", "2024-05-09 week"),
        ("Two days earlier, a bomb had gone off in the market.", "2024-05-14 day"),
        ("Two days later Pakistan struck back.", None),
        ("The next day police arrested the editor.", None),
    ],
)
def test_without_a_day_told_before_it_is_publication(text: str, expected: str | None) -> None:
    assert told(text, None) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Two weeks later Pakistan struck back.",
        "The truce came two days later than planned.",
        "Sooner or later the rebels would strike.",
        "The army shelled the village two days before the vote.",
        "Rebels struck hours after the truce had begun.",
        "Police freed a man who had been arrested two days earlier.",
        "Nothing has moved on the front since that day.",
        "Days later the army sealed the border.",
        "Years later the two sides made peace.",
        'A witness said: "Two days later they burned the school."',
        "The army has bombed the town from that day on.",
        "Rebels struck the same day that the envoy left.",
        "The police freed the men arrested a day earlier.",
        "By the following day the town had fallen.",
        "The army says the overnight fire has ruined the depot.",
        "Talks resume but are put off until tomorrow.",
        "The two men arrested by police two days earlier were freed.",
        "The army repelled an attack like the next day's raid.",
    ],
)
def test_what_does_not_date_the_act(text: str) -> None:
    assert told(text, SATURDAY) is None


def test_each_sentence_is_read_against_the_last_day_told_before_it() -> None:
    texts = [
        "Iran and Pakistan traded fire.",
        "Iran struck a camp on Saturday.",
        "Two days later Pakistan struck back.",
        "Nobody was hurt.",
        "The ministers will meet on Monday.",
        "Hours later the border was closed.",
        "Iran struck on Tuesday and a day later Pakistan struck back.",
        "That night the border was opened again.",
    ]
    days = [answer and answer.last.day for answer in said(texts, THURSDAY)]
    assert days == [None, 11, 13, None, 20, 13, 14, 15]


def test_no_more_than_a_day_is_claimed_for_an_hour() -> None:
    (answer,) = said(["Jets hit the port at dawn."], THURSDAY)
    assert answer is not None
    assert answer.precision is Precision.DAY
