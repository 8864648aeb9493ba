"""Ten whole articles coded event by event: how far today's reading reaches. Floors, not targets; the score is printed."""

import json
from collections import Counter
from pathlib import Path

import pytest

from service.bootstrap import Detente
from training.articles import compare, read, summary

ARTICLES = Path(__file__).parents[3] / "shared" / "data" / "articles.jsonl"


@pytest.fixture(scope="module")
def total() -> Counter[str]:
    if not ARTICLES.exists():
        pytest.skip("the coded articles are not part of the repository; they stand in ../shared/data")
    detente, sums = Detente(), Counter[str]()
    for line in ARTICLES.read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        sums += compare(gold, read(detente, gold))
    return sums


def test_the_score_is_shown(total: Counter[str], capfd: pytest.CaptureFixture[str]) -> None:
    with capfd.disabled():
        print(f"\n{ARTICLES.name}: {summary(total)}")  # noqa: T201  the score is meant to be read


def test_nearly_all_leads_have_the_right_direction(total: Counter[str]) -> None:
    assert total["lead_right"] >= 8


def test_the_subjects_move_the_right_way(total: Counter[str]) -> None:
    assert total["subjects_right"] >= 0.75 * total["subjects"]


def test_few_bystanders_gain_risk(total: Counter[str]) -> None:
    assert total["still_right"] >= 0.75 * total["still"]
