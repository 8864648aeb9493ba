"""When a sentence says its act happened, on sentences made up and judged by hand; half of them are traps."""

from datetime import UTC, date, datetime, timedelta, timezone
from time import perf_counter

import pytest

from service.domain.events.when import Precision, Said, said

THURSDAY = datetime(2024, 5, 16, 15, tzinfo=UTC)
"""When all of them are published."""

PLAIN = [
    ("Iran struck a camp in Pakistan today.", "2024-05-16 day"),
    ("Missiles hit the port of Odesa overnight.", "2024-05-16 day"),
    ("Rebels seized the town yesterday, the army said.", "2024-05-15 day"),
    ("Two soldiers were killed last night when a mine went off.", "2024-05-15 day"),
    ("India expelled two diplomats on Tuesday.", "2024-05-14 day"),
    ("Warplanes bombed the airport early on Monday.", "2024-05-13 day"),
    ("The army said on Wednesday that its jets had hit a convoy.", "2024-05-15 day"),
    ("The army said on Wednesday that its jets had hit a convoy on Sunday.", "2024-05-12 day"),
    ("The envoy left the capital Thursday.", "2024-05-16 day"),
    ("Turkey shelled two villages on Saturday, killing nine people.", "2024-05-11 day"),
    ("On Friday the rebels broke the truce.", "2024-05-10 day"),
    ("Late on Sunday, gunmen attacked a bus near Kano.", "2024-05-12 day"),
    ("Peru recalled its ambassador last Tuesday.", "2024-05-14 day"),
    ("Last Thursday the two armies exchanged fire.", "2024-05-09 day"),
    ("Serbia put its army on alert two days ago.", "2024-05-14 day"),
    ("Ten days ago the militia abducted four engineers.", "2024-05-06 day"),
    ("Three hours ago the border was closed.", "2024-05-16 day"),
    ("A week ago the president declared a state of emergency.", "2024-05-09 week"),
    ("Two weeks ago Ecuador froze the accounts of three banks.", "2024-05-02 week"),
    ("Rockets were fired at the base last week.", "2024-05-12 week"),
    ("Earlier this week the coast guard rammed a supply boat.", "2024-05-16 week"),
    ("Armenia handed over eight prisoners earlier this month.", "2024-05-16 month"),
    ("Chad closed the crossing last month.", "2024-04-30 month"),
    ("In March the navy boarded a tanker.", "2024-03-31 month"),
    ("Iran test-fired a missile in May.", "2024-05-16 month"),
    ("Troops stormed the palace on 12 May.", "2024-05-12 day"),
    ("On May 12 troops stormed the palace.", "2024-05-12 day"),
    ("Kenya sealed the border on Apr. 28.", "2024-04-28 day"),
    ("Pyongyang fired two missiles into the sea on May 4.", "2024-05-04 day"),
    ("The two sides signed a truce on 3rd May.", "2024-05-03 day"),
    ("Jets bombed the town on May 9, 2024, officials said.", "2024-05-09 day"),
    ("Israel bombed a consulate on 1 April 2024.", "2024-04-01 day"),
    ("The ministers will meet on Monday.", "2024-05-20 day"),
    ("Sudan and Chad are to open talks next week.", "2024-05-26 week"),
    ("The presidents will sign the treaty on 3 June.", "2024-06-03 day"),
    ("Russia plans to hold nuclear drills on May 21.", "2024-05-21 day"),
    ("Colombia will withdraw its troops from the river tomorrow.", "2024-05-17 day"),
    ("The exercise is due to begin in July.", "2024-07-31 month"),
    ("Poland will close two crossings next Tuesday.", "2024-05-21 day"),
    ("The army said on Tuesday it would pull back from the ridge.", "2024-05-14 day"),
    ("The foreign minister said on Monday that talks would resume on Saturday.", "2024-05-18 day"),
    ("After the raid, Japan lodged a protest on Tuesday.", "2024-05-14 day"),
    ("Four police officers died in an ambush on Sunday.", "2024-05-12 day"),
    ("Ukraine shot down nine drones on Tuesday night.", "2024-05-14 day"),
    ("Malaysia summoned the ambassador this morning.", "2024-05-16 day"),
    ("Militants have this week burned three schools.", "2024-05-16 week"),
]

TRAPS = [
    ("The minister condemned Friday's attack.", None),
    ("The two sides are bound by the 12 May agreement.", None),
    ("Serbia rejected the May 12 deal.", None),
    ("Kosovo tore up the agreement of 12 May.", None),
    ("The army fired on crowds who had gathered on Tuesday.", None),
    ("Jets bombed a base, which rebels had taken on Sunday.", None),
    ('"We will strike on Monday," the general told his troops.', None),
    ("The president said: “Yesterday was a day of shame.”", None),
    ("In May 12 soldiers were killed on the border.", "2024-05-16 month"),
    ("Five people were hurt on the anniversary of the coup on 12 May.", None),
    ("Police fired tear gas at crowds marking the uprising of May 4.", None),
    ("The two armies clashed for the first time since Monday.", None),
    ("Egypt will keep the crossing shut until Tuesday.", None),
    ("Mali recalled its envoy after clashes on Saturday.", None),
    ("Mali recalled its envoy on Tuesday after clashes on Saturday.", "2024-05-14 day"),
    ("Troops handed over two rangers captured on May 7.", None),
    ("The court freed three men arrested on Sunday.", None),
    ("Troops captured the town on Tuesday.", "2024-05-14 day"),
    ("Police fired at worshippers after Friday prayers.", None),
    ("Cambodia accused Thai soldiers of laying mines on Monday.", None),
    ("Thailand condemned the shelling of a school on Monday.", None),
    ("On Tuesday Iran struck and on Wednesday Pakistan answered.", None),
    ("May says the army will stay.", None),
    ("The soldiers began to march 12 miles to the border.", None),
    ("A 12-year-old boy was killed.", None),
    ("Gunmen killed the commander, who was born on 4 May 1971.", None),
    ("The 16 January Brigade attacked a checkpoint.", None),
    ("Shooting broke out at a Black Friday sale.", None),
    ("The Sunday Times said that troops were massing.", None),
    ("Protesters block the road every Monday.", None),
    ("Troops patrol the quarter on Fridays.", None),
    ("Rebels from the April 6 Movement stormed the ministry.", None),
    ("Iran has enriched uranium since April.", None),
    ("Days ago the two armies had clashed.", None),
    ("The ceasefire that was signed on 3 May has collapsed.", None),
    ("China rejected a ruling by the court (issued on 9 May).", None),
    ("More than two months ago nobody spoke of war.", None),
    ("Today's raid is the third in a row.", None),
    ("Last week's strikes brought the two to the brink.", None),
    ("The blockade will start from Monday.", None),
    ("The rebels rejected the Tuesday deadline.", None),
    ("The army warned it could strike before Saturday.", None),
    ("Israel bombed 7 October suspects in a camp.", None),
    ("Hamas led the 7 October attack.", None),
    ("He fired 30 March violets and 2 May poles.", None),
    ("If shelling goes on, talks on Monday make no sense.", None),
    ("The deal, agreed on Friday, was broken within hours.", None),
    ("Talks scheduled for Monday were called off.", None),
    ("The general, due in Paris on Monday, called off the raid.", None),
    ("Iran and Iraq fought a war in May 1982.", "1982-05-31 month"),
    ("Tanks rolled into the city on 4 June 1989.", "1989-06-04 day"),
    ("The port will be shut starting Monday.", None),
    ("The navy found the boat that went missing on Sunday.", None),
    ("The rebels have held the town over the last week.", None),
]
"""Dates of something else, words that look like dates, sentences with two; and a few that only look like those."""


def _in_words(answer: Said | None) -> str | None:
    return answer and f"{answer.last} {answer.precision}"


@pytest.mark.parametrize(("text", "expected"), [*PLAIN, *TRAPS])
def test_time_said(text: str, expected: str | None) -> None:
    assert _in_words(said([text], THURSDAY)[0]) == expected


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Gunmen on motorcycles killed 11 farmers in Zamfara state on Sunday, police said.", "2023-11-05"),
        ("Azerbaijan's forces opened fire at Armenian positions early Monday.", "2023-11-06"),
        ("A car bomb went off outside a police station in Mogadishu on Saturday evening.", "2023-11-04"),
        ("Lebanon's army said that it had dismantled a launcher on Friday.", "2023-11-03"),
        ("Moscow withdrew its ratification of the test ban treaty last week.", "2023-11-05"),
        ("Nicaragua expelled the Red Cross three days ago.", "2023-11-04"),
        ("On 25 October, Greek and Turkish ministers met in Ankara.", "2023-10-25"),
        ("Houthi forces fired a ballistic missile at Eilat on Oct. 31.", "2023-10-31"),
        ("The junta announced in October that it had lost a base.", "2023-10-31"),
        ("Chile and Bolivia will reopen their border post on Thursday.", "2023-11-09"),
        ("Rwanda's president is to visit Kinshasa next month.", "2023-12-31"),
        ("Burkina Faso's army attacked the village of Zaongo on November 5, killing 70 people.", "2023-11-05"),
        ("Ukrainian drones struck a shipyard in Kerch over the weekend.", None),
        ("Spain rejected Monday's statement.", None),
        ("Israel has bombed Gaza since the 7 October attack.", None),
        ("The court heard that the men, arrested on Thursday, had planned a raid.", None),
        ("A general killed in a blast on Friday was buried.", None),
        ("The UN said two peacekeepers wounded on Saturday had died.", None),
        ("Ten years after the coup of 3 July, Egypt freed a dissident.", None),
        ("They agreed to extend the truce by two days.", None),
        ("Guatemala's police cleared roads blocked since Oct. 2.", None),
        ("Korea's navy will hold a drill between Monday and Friday.", None),
        ("Kosovo police arrested a man suspected of the September 24 attack.", None),
    ],
)
def test_time_said_in_another_week(text: str, day: str | None) -> None:
    answer = said([text], datetime(2023, 11, 7, 9, tzinfo=UTC))[0]  # a Tuesday
    assert (answer and str(answer.last)) == day


@pytest.mark.parametrize(
    ("published", "day"),
    [
        ("2024-05-16T15:59", "2024-05-10"),
        ("2024-05-16T16:00", "2024-05-16"),
        ("2024-05-17T01:00", "2024-05-17"),
        ("2024-05-18T01:00", "2024-05-17"),
    ],
)
def test_tomorrows_weekday_is_today_further_east_late_in_the_day(published: str, day: str) -> None:
    moment = datetime.fromisoformat(published).replace(tzinfo=UTC)
    assert said(["Rebels broke the truce on Friday."], moment)[0] == Said(date.fromisoformat(day), Precision.DAY)


def test_days_are_those_of_utc_wherever_it_is_published() -> None:
    east = datetime(2024, 5, 17, 1, tzinfo=timezone(timedelta(hours=9)))
    assert said(["Rebels broke the truce today."], east)[0] == Said(date(2024, 5, 16), Precision.DAY)


@pytest.mark.parametrize("text", ["Troops stormed the palace on 31 June.", "Troops stormed the palace on May 39."])
def test_a_day_that_is_not_in_the_calendar_is_none(text: str) -> None:
    assert said([text], THURSDAY)[0] is None


@pytest.mark.parametrize(
    ("published", "text", "day"),
    [
        ("2025-01-03", "Jets bombed the port on Dec. 30.", "2024-12-30"),
        ("2025-01-03", "Jets bombed the port last month.", "2024-12-31"),
        ("2025-01-03", "Jets bombed the port in December.", "2024-12-31"),
        ("2025-12-30", "The two will sign on 3 January.", "2026-01-03"),
        ("2025-12-30", "The two will sign next month.", "2026-01-31"),
        ("2025-12-30", "The two will sign in February.", "2026-02-28"),
        ("2024-02-29", "Troops stormed the palace on 29 February.", "2024-02-29"),
        ("2025-02-27", "Troops stormed the palace on 29 February.", "2024-02-29"),
    ],
)
def test_the_turn_of_the_year(published: str, text: str, day: str) -> None:
    moment = datetime.fromisoformat(published).replace(hour=12, tzinfo=UTC)
    answer = said([text], moment)[0]
    assert answer is not None
    assert answer.last == date.fromisoformat(day)


@pytest.mark.parametrize("text", [text for text, expected in PLAIN if expected[:10] <= "2024-05-16"])
def test_what_is_not_ahead_is_never_dated_after_publication(text: str) -> None:
    for days in range(400):
        moment = THURSDAY + timedelta(days=days)
        answer = said([text], moment)[0]
        assert answer
        assert answer.last <= moment.date()


@pytest.mark.parametrize("text", ["Jets bombed the port on 9 May 2031.", "Jets bombed the port in May 2031."])
def test_a_coming_year_without_a_word_of_what_is_ahead_is_none(text: str) -> None:
    assert said([text], THURSDAY)[0] is None


def test_a_long_sentence_is_read_in_no_time() -> None:
    text = "The army signed captured agreed in at by " * 500 + "on Monday."
    started = perf_counter()
    said([text], THURSDAY)
    assert perf_counter() - started < 1
