"""Corrections say so in few ways."""

import pytest

from service.domain.news.correction import is_correction


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("CORRECTED: Two hurt in Herat", "Words."),
        ("Correction: Herat story", "Words."),
        ("CORRECTED-Two hurt in Herat", "Words."),
        ("RETRACTION: Herat story", "Words."),
        ("Two hurt in Herat", "HERAT (Reuters) - (Corrects number of hurt in paragraph 2) Two were hurt."),
        ("Two hurt in Herat", "(This story corrects the number of hurt)\nTwo were hurt."),
        ("", "Correction to this story: two were hurt, not ten."),
        ("Two hurt", "Two were hurt.\nCorrection: March 5, 2026: an earlier version said ten."),
    ],
)
def test_a_correction_says_so(title: str, text: str) -> None:
    assert is_correction(title, text)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Court corrects border map", "It is wrong."),
        ("Corrections officers strike", "They strike."),
        ("Iran: correction of course", "Iran called for a correction: of course."),
        ("Troops withdrawn", "Withdrawn troops are home."),
        ("", ""),
    ],
)
def test_news_of_corrections_is_none(title: str, text: str) -> None:
    assert not is_correction(title, text)
