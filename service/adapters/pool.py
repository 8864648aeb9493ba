"""Work over several processes."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from service.domain.news.article import Article
from service.errors import ModelError
from service.ports import KeptCoding

Read = Callable[[Sequence[Article]], list[KeptCoding]]


class PooledCoder:
    """Implements `ports.Coder`: batches go to as many processes as there are cores, and come back in order.

    `read` must be picklable; each process loads its model when it gets its first batch. Children are started afresh,
    not forked, because a model that runs threads must not be forked.
    """

    def __init__(self, read: Read, processes: int) -> None:
        self._read, self._processes = read, processes

    def code(self, batches: Sequence[Sequence[Article]]) -> Iterator[list[KeptCoding]]:
        """The codings of each batch. Raises ModelError, also when a process dies."""
        if self._processes == 1 or len(batches) <= 1:
            yield from map(self._read, batches)
            return
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(self._processes, len(batches)), mp_context=context) as pool:
            try:
                yield from pool.map(self._read, batches)
            except BrokenProcessPool:
                raise ModelError("a coding process died; perhaps it had too little memory") from None
            finally:
                pool.shutdown(cancel_futures=True)
