"""Batches over processes."""

import os
from collections.abc import Sequence

import pytest

from service.adapters.pool import PooledCoder
from service.domain.news.article import Article
from service.errors import ModelError
from service.ports import KeptCoding
from tests.fakes import article

BATCHES = [[article(f"{n}a"), article(f"{n}b")] for n in range(5)]


def read_ids(articles: Sequence[Article]) -> list[KeptCoding]:
    return [KeptCoding((), (a.id,)) for a in articles]


def read_process(articles: Sequence[Article]) -> list[KeptCoding]:
    return [KeptCoding((), (), str(os.getpid())) for _ in articles]


def die(_: Sequence[Article]) -> list[KeptCoding]:
    os._exit(1)


@pytest.mark.parametrize("processes", [1, 2])
def test_batches_come_back_in_order(processes: int) -> None:
    assert list(PooledCoder(read_ids, processes).code([])) == []
    found = list(PooledCoder(read_ids, processes).code(BATCHES))
    assert found == [read_ids(batch) for batch in BATCHES]


def test_the_work_is_done_elsewhere_unless_there_is_one_process_or_one_batch() -> None:
    here = str(os.getpid())
    assert {c.ignored for b in PooledCoder(read_process, 1).code(BATCHES) for c in b} == {here}
    assert {c.ignored for b in PooledCoder(read_process, 2).code(BATCHES[:1]) for c in b} == {here}
    assert here not in {c.ignored for b in PooledCoder(read_process, 2).code(BATCHES) for c in b}


def test_a_process_that_dies_is_told_of() -> None:
    with pytest.raises(ModelError, match="died"):
        list(PooledCoder(die, 2).code(BATCHES))
