"""A file of episodes: what is read, and what is said of bad lines."""

from datetime import date

import pytest

from service.domain.evaluation.episode import between, read_episodes
from service.domain.events.signal import Signal

HEADER = "id,start,end,kind,iso3_a,iso3_b,region,label,confidence\n"
COUNTRIES = frozenset({"IRN", "PAK", "SDN"})


def test_a_line_is_an_episode_of_a_dyad_or_of_one_country() -> None:
    lines = [
        HEADER,
        "E1,2024-01-16,2024-01-19,escalation,PAK,IRN,Balochistan,Strikes,high\n",
        "D1,2024-01-19,2024-01-20,deescalation,IRN,PAK,Balochistan,Calls,high\n",
        "E2,2023-04-15,2023-05-20,escalation,SDN,,Sudan,War,high\n",
    ]
    episodes, mistakes = read_episodes(lines, COUNTRIES)
    assert mistakes == []
    assert [str(e.subject) for e in episodes] == ["dyad:IRN-PAK", "dyad:IRN-PAK", "country:SDN"]
    assert [e.signal for e in episodes] == [Signal.ESCALATION, Signal.DE_ESCALATION, Signal.ESCALATION]
    assert episodes[0].start == date(2024, 1, 16)
    assert [e.id for e in between(episodes, date(2024, 1, 16), date(2024, 1, 18))] == ["E1"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("E1,2024-13-01,2024-01-19,escalation,PAK,IRN,,x,high", "start is '2024-13-01'; write a day as 2016-04-02"),
        ("E1,2024-01-16,,escalation,PAK,IRN,,x,high", "end is ''; write a day"),
        ("E1,2024-01-16,2024-01-15,escalation,PAK,IRN,,x,high", "it ends on 2024-01-15, before it starts"),
        ("E1,2024-01-16,2024-01-19,war,PAK,IRN,,x,high", "the kind is 'war'; it must be escalation or deescalation"),
        ("E1,2024-01-16,2024-01-19,escalation,PAK,XYZ,,x,high", "'XYZ' is no ISO 3166-1 alpha-3 code of a country"),
        ("E1,2024-01-16,2024-01-19,escalation,PAK,PAK,,x,high", "PAK stands on both sides"),
        (",2024-01-16,2024-01-19,escalation,PAK,IRN,,x,high", "there is no id"),
        ("E1,2024-01-16", "end is ''"),
        ("E0,2024-01-16,2024-01-19,escalation,PAK,IRN,,x,high", "the id E0 stands on an earlier line"),
    ],
)
def test_a_bad_line_is_told_of_by_its_number_and_the_others_go_on(line: str, said: str) -> None:
    good = "E{},2024-01-16,2024-01-19,escalation,PAK,IRN,,x,high\n"
    episodes, mistakes = read_episodes([HEADER, good.format(0), line + "\n", good.format(9)], COUNTRIES)
    assert [e.id for e in episodes] == ["E0", "E9"]
    assert len(mistakes) == 1
    assert mistakes[0].startswith(f"line 3: {said}")


@pytest.mark.parametrize("content", [[], ["id,start,end\n", "E1,2024-01-16,2024-01-19\n"]])
def test_a_file_without_the_columns_says_which(content: list[str]) -> None:
    episodes, mistakes = read_episodes(content, COUNTRIES)
    assert episodes == []
    assert "kind, iso3_a, iso3_b, label" in mistakes[0]
