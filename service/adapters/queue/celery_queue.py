"""Nudges through Celery, by task name only."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import AuthenticationError

from service.errors import ConfigError
from service.flow import Task
from service.ports import BrokerTrouble

log = structlog.get_logger()


class CeleryQueue:
    """Implements `ports.Queue`. A nudge that fails is dropped: the sweeper repeats it."""

    def __init__(self, app: Celery) -> None:
        self.app = app

    def nudge(self, task: Task, ids: Sequence[str]) -> bool:
        """Say that these rows are due. False when the broker did not take it."""
        try:
            self.app.send_task(task_name(task), args=[list(ids)], queue=str(task), retry=False, ignore_result=True)
        except (OperationalError, OSError) as error:
            log.warning("nudge dropped", task=str(task), rows=len(ids), error=type(error).__name__)
            return False
        return True

    def depth(self, task: Task) -> int:
        """Messages waiting, 0 when that cannot be known."""
        try:
            with self.app.connection_for_write() as connection:
                client = getattr(connection.default_channel, "client", None)
                return int(client.llen(str(task))) if client is not None else 0
        except (OperationalError, OSError, *connection_errors(self.app)):
            return 0

    def trouble(self) -> BrokerTrouble | None:
        """One question, asked anew each time; a broker of files has no troubles we know of."""
        try:
            with self.app.connection_for_write() as connection:
                client = getattr(connection.default_channel, "client", None)
                policy = str(client.info("memory").get("maxmemory_policy", "")) if client is not None else ""
        except (OperationalError, OSError, *connection_errors(self.app)) as error:
            return BrokerTrouble.REFUSES if _is_refusal(error) else BrokerTrouble.AWAY
        return BrokerTrouble.EVICTS if policy.startswith("allkeys-") else None


def _is_refusal(error: BaseException | None) -> bool:
    """Whether the broker's client, beneath what Celery made of it, says that it was not let in."""
    while error is not None:
        if isinstance(error, AuthenticationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def connection_errors(app: Celery) -> tuple[type[Exception], ...]:
    """What the broker's client raises when it is away."""
    with app.connection_for_write() as connection:
        return tuple(connection.connection_errors)


def task_name(task: Task) -> str:
    """The Celery name of a task."""
    return f"detente.{task}"


def make_app(broker_url: str, time_limit: int) -> Celery:
    """The Celery application every process uses, with the settings that make a message a mere nudge.

    `time_limit` is the number of seconds after which a task's child process is killed.
    """
    transport = "filesystem://" if broker_url.startswith("filesystem:") else broker_url
    app = Celery("detente", broker=transport, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        result_backend=None,
        task_ignore_result=True,
        task_acks_late=False,
        task_publish_retry=False,
        task_default_queue=str(Task.ASSESS),
        task_time_limit=time_limit,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=5000,
        worker_max_memory_per_child=700_000,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(broker_url),
        timezone="UTC",
        enable_utc=True,
    )
    return app


def _transport_options(broker_url: str) -> dict[str, Any]:
    """For Redis, time-outs that notice a dead connection; for `filesystem:///folder`, that folder."""
    if not broker_url.startswith("filesystem:"):
        return {
            "socket_timeout": 5,
            "socket_connect_timeout": 3,
            "socket_keepalive": True,
            "health_check_interval": 25,
            # A producer asks twice at most: with the defaults each nudge to a broker that is away costs six seconds.
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.1,
            "interval_max": 0.2,
        }
    folder = Path(urlsplit(broker_url).path)
    try:
        (folder / "control").mkdir(parents=True, exist_ok=True)
        (folder / "messages").mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigError(f"the broker's folder of messages cannot be made: {error.strerror}") from None
    messages = str(folder / "messages")
    return {
        "data_folder_in": messages,
        "data_folder_out": messages,
        "control_folder": str(folder / "control"),
        "store_processed": False,
        "polling_interval": 0.02,
    }
