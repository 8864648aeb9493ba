"""What all tasks share: the service they work for, the log context, and the edge at which errors stop."""

from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Any

import structlog
from celery import Task as CeleryTask

from service.bootstrap import Detente
from service.errors import DetenteError

log = structlog.get_logger()


@cache
def detente() -> Detente:
    """This process's service."""
    return Detente()


class NudgedTask(CeleryTask):  # type: ignore[misc]  # Celery's classes have no types
    """A task whose failure changes nothing in Celery: the row says what happened and when to try again."""

    abstract = True
    typing = True

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Run by the configuration as it is now, log, and let no error out."""
        with structlog.contextvars.bound_contextvars(task=self.name):
            self._guarded(lambda: self.run(*args, **kwargs))

    def _guarded(self, run: Callable[[], Any]) -> None:
        began = monotonic()
        try:
            detente().renew()
            done = run()
        except DetenteError as error:
            log.warning("task failed", error=type(error).__name__, detail=str(error)[:300])
        except Exception:
            log.exception("task failed unexpectedly")
        else:
            if done:
                log.info("task done", rows=done, seconds=round(monotonic() - began, 3))
