"""A process beside this one: it does one thing at a time, is kept warm for a while, and is killed when it is slow."""

import multiprocessing
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from threading import Lock, Timer
from typing import Any, Generic, TypeVar

from service.errors import DetenteError, ModelError, TooOften

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
WITHIN, IDLE = 20.0, 300.0
"""Seconds that one piece of work may take, a cold start among them, and that a child without work is kept."""
AGAIN = 3.0
"""Seconds after which one who came while it was busy may try again."""
_MARGIN = 5.0
"""Seconds by which a child outlives the time in which it is asked: nothing is sent to one that is just leaving."""


class Companion(Generic[Asked, Answer]):
    """Implements `ports.Aside`: `work` is done by a child of this process, which lives as long as it at most.

    `work` must be picklable. The child is started afresh, not forked, when there is something to do.
    """

    def __init__(self, work: Callable[[Asked], Answer], within: float = WITHIN, idle: float = IDLE) -> None:
        self._work, self._within, self._idle = work, within, idle
        self._busy = Lock()
        self._child: _Child | None = None

    def __call__(self, asked: Asked) -> Answer:
        """The answer. Raises TooOften while there is other work, ModelError where it took too long or went wrong."""
        if not self._busy.acquire(blocking=False):
            raise TooOften("another text is being read: try again in a few seconds", AGAIN)
        try:
            answer: Answer = self._ask(asked)
        finally:
            self._busy.release()
        return answer

    def close(self) -> None:
        """End the child, in the middle of its work if it must be."""
        if child := self._child:
            child.kill()
        with self._busy:
            self._drop()

    def _ask(self, asked: Asked) -> Any:
        child = self._warm()
        try:
            is_good, answer = child.ask(asked, self._within)
        except ModelError:
            self._drop()
            raise
        if not is_good:
            raise ModelError(answer)
        return answer

    def _warm(self) -> "_Child":
        if self._child and not self._child.is_fresh(self._idle):
            self._drop()
        self._child = self._child or _Child(self._work, self._idle + _MARGIN)
        return self._child

    def _drop(self) -> None:
        if self._child:
            self._child.end()
        self._child = None


class _Child:
    """A process and our end of the pipe to it."""

    def __init__(self, work: Callable[[Any], Any], idle: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, work, idle), daemon=True)
        self._process.start()
        theirs.close()
        self._used_at = time.monotonic()

    def is_fresh(self, idle: float) -> bool:
        return self._process.is_alive() and time.monotonic() - self._used_at < idle

    def ask(self, asked: object, within: float) -> tuple[bool, Any]:
        """(whether it went well, the answer or what went wrong). Raises ModelError once the child is gone."""
        began, alarm = time.monotonic(), Timer(within, self._process.kill)
        alarm.start()
        try:
            self._pipe.send(asked)
            said: tuple[bool, Any] = self._pipe.recv()
        except (EOFError, OSError):
            is_late = time.monotonic() - began >= within
            raise ModelError(_late(within) if is_late else "the reading process died") from None
        finally:
            alarm.cancel()
            self._used_at = time.monotonic()
        return said

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self.kill()
        self._process.join()
        self._pipe.close()


def _late(within: float) -> str:
    return f"it was not read within {within:g} seconds and was given up: try a shorter text, or once more"


def _serve(pipe: Connection, work: Callable[[Any], Any], idle: float) -> None:
    """Answer until nothing comes for a while, or nobody is there to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the process that asks, whose end we see
    while pipe.poll(idle):
        try:
            asked = pipe.recv()
        except EOFError:
            return
        pipe.send(_done(work, asked))


def _done(work: Callable[[Any], Any], asked: object) -> tuple[bool, Any]:
    try:
        return True, work(asked)
    except DetenteError as error:
        return False, str(error)
    except Exception as error:  # noqa: BLE001  whoever waits is told, and the child goes on
        return False, f"it could not be read ({type(error).__name__})"
