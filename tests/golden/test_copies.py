"""Copies made of shared texts are found, and what only looks like one is not."""

from pathlib import Path
from random import Random

import pytest

from bench.copies import COPIES, bulletin, follow_up
from bench.duplicates import SEED, figures, is_found, pairs_of, triples_of
from service.domain.news.duplicate import imprint, is_copy

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.skipif(
    not (DATA / "portal_2002_2023.jsonl.gz").exists(), reason="the shared data is not beside this checkout"
)
def test_recall_and_precision_are_what_was_published() -> None:
    random = Random(SEED)
    pairs = list(pairs_of(triples_of(DATA, 80, random), random))
    found = figures(pairs, [is_found(pair) for pair in pairs], 1)
    assert found["recall"][0] >= 0.95
    assert found["precision"][0] >= 0.95
    assert set(COPIES) < set(found["taken for copies"])


def test_bulletins_of_two_days_are_two() -> None:
    days = [imprint(bulletin(Random(n)).document) for n in range(30)]
    alike = sum(is_copy(one, other) for n, one in enumerate(days) for other in days[:n])
    assert alike <= 4, "of 435 pairs"


def test_a_report_is_no_copy_of_itself_once_most_of_it_is_new() -> None:
    one = bulletin(Random(1))
    later = follow_up(one, [" ".join(f"fresh{n}x{m}" for m in range(40)) for n in range(9)], 1 / 3, Random(1))
    assert not is_copy(imprint(one.document), imprint(later.document))
