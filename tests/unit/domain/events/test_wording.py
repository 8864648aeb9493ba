"""Words without which no act is told."""

import pytest

from service.domain.events.wording import may_be, may_tell


@pytest.mark.parametrize(
    "text",
    ["Guards clashed.", "The two armies' commanders met.", "It re-opened the crossings.", "ENVOYS WALKED OUT of talks"],
)
def test_a_word_of_conflict_or_peace_may_tell_an_act(text: str) -> None:
    assert may_tell(text)


@pytest.mark.parametrize(
    "text", ["In Paju, hotel bookings went up.", "Dates and pasta would be cheaper soon.", "The bark was warm.", ""]
)
def test_without_one_nothing_is_told(text: str) -> None:
    assert not may_tell(text)


@pytest.mark.parametrize(
    ("root", "text", "answer"),
    [
        ("RETREAT", "The army left the valley.", True),
        ("RETREAT", "The bombs had been dropped by the army.", False),
        ("REJECT", "The peace is thin.", False),
        ("REJECT", "Baku refused to talk.", True),
        ("AGREE", "The dispute had clogged the road.", False),
        ("ASSAULT", "Soldiers took down the loudspeakers.", False),
        ("ASSAULT", "Soldiers shelled the town.", True),
        ("MOBILIZE", "The peace is thin.", True),
    ],
)
def test_an_act_of_a_root_has_one_of_its_words(root: str, text: str, answer: bool) -> None:
    assert may_be(root, text) is answer
