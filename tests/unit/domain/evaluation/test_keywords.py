"""The index's keywords, one sentence for each category and for what it leaves out."""

import pytest

from service.domain.evaluation.keywords import calms, raises_risk


@pytest.mark.parametrize(
    "text",
    [
        "Fears of war grow in the capital.",
        "The rebels reject the peace offer.",
        "Missiles are moved to the border as sanctions bite.",
        "The danger of an accident with the hydrogen bombs is small, he says.",
        "The threat of terrorism remains.",
        "War broke out at dawn.",
        "The army's attack failed.",
        "A terrorist attack kills nine.",
    ],
)
def test_each_category_is_counted(text: str) -> None:
    assert raises_risk(text)
    assert not calms(text)


@pytest.mark.parametrize(
    "text",
    [
        "A film about the army's attack opens today.",
        "A price war begins between grocers.",
        "Real estate falls as war begins.",
        "War is described in a long report on how it begins.",
        "Farmers plant wheat.",
        "",
    ],
)
def test_excluded_and_distant_words_are_not(text: str) -> None:
    assert not raises_risk(text)


def test_the_mirror_image_calms() -> None:
    assert calms("A ceasefire is agreed.")
    assert calms("Ambassadors return to the capital.")
    assert not calms("The ceasefire, which took nine long years, ends nothing at all here, they agree.")
    assert not calms("The army's attack failed, and a ceasefire is agreed.")
