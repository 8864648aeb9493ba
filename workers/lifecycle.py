"""What happens when a worker starts and stops."""

import sys
import threading
from typing import Any

import structlog
from celery.signals import setup_logging, worker_process_init, worker_ready, worker_shutting_down

from service.adapters.telemetry.logs import configure
from service.errors import DetenteError
from service.flow import Task
from service.operations.sweep import is_late
from workers.base import detente

log = structlog.get_logger()
_stopping = threading.Event()


@setup_logging.connect
def _configure_logs(**_: Any) -> None:
    configure(detente().settings.log_level, sys.stdout)


@worker_process_init.connect
def _forget_parents_service(**_: Any) -> None:
    """A child must not share the parent's database connections."""
    detente.cache_clear()


@worker_ready.connect
def _watch(**_: Any) -> None:
    threading.Thread(target=_sweep_if_beat_does_not, name="sweeper", daemon=True).start()


@worker_shutting_down.connect
def _stop_watching(**_: Any) -> None:
    _stopping.set()


def _sweep_if_beat_does_not() -> None:
    """Each worker's main process looks after forgotten work too, so that beat is no single point of failure."""
    service = detente()
    tick, evaluations = service.settings.tick, service.settings.evaluate_every
    while not _stopping.wait(tick.total_seconds()):
        try:
            if is_late(service.units, "swept", tick * 2):
                service.sweep()
            if is_late(service.units, "evaluated", evaluations * 2):
                service.queue.nudge(Task.ASSESS, [])
        except DetenteError as error:
            log.warning("sweep failed", error=type(error).__name__, detail=str(error)[:300])
