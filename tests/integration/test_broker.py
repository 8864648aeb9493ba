"""What the service says of a broker that is away, does not let it in, or throws messages away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from service.adapters.queue.celery_queue import CeleryQueue, make_app
from service.bootstrap import Detente
from service.daemon import Daemon
from service.errors import ConfigError
from service.flow import Task
from service.operations.status import problems
from service.ports import BrokerTrouble
from tests.e2e.harness import free_port, start_redis, wait_for
from tests.fakes import World


@pytest.fixture
def port() -> Iterator[int]:
    """Of a Redis that runs."""
    port = free_port()
    server = start_redis(port)
    try:
        wait_for(lambda: trouble(f"redis://127.0.0.1:{port}/0") is None, 20, "redis does not answer")
        yield port
    finally:
        server.kill()
        server.wait()


def trouble(url: str) -> BrokerTrouble | None:
    return CeleryQueue(make_app(url, 40)).trouble()


def configure(port: int, **settings: str) -> None:
    with redis.Redis(port=port) as client:
        for name, value in settings.items():
            client.config_set(name.replace("_", "-"), value)


def test_a_broker_that_is_well_has_no_trouble(port: int, tmp_path: Path) -> None:
    assert trouble(f"redis://127.0.0.1:{port}/0") is None
    configure(port, maxmemory_policy="volatile-lru")
    assert trouble(f"redis://127.0.0.1:{port}/0") is None, "queues have no time to live, so nothing of them is evicted"
    assert trouble(f"filesystem://{tmp_path}/broker") is None


def test_a_broker_that_is_away() -> None:
    assert trouble(f"redis://127.0.0.1:{free_port()}/0") is BrokerTrouble.AWAY


@pytest.mark.parametrize("login", ["", ":wrong-hush@", "somebody:wrong-hush@"])
def test_a_broker_that_does_not_let_us_in(port: int, login: str) -> None:
    configure(port, requirepass="right-hush")
    assert trouble(f"redis://{login}127.0.0.1:{port}/0") is BrokerTrouble.REFUSES
    assert trouble(f"redis://:right-hush@127.0.0.1:{port}/0") is None


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-lfu", "allkeys-random"])
def test_a_broker_that_throws_messages_away_is_refused_at_the_start(port: int, tmp_path: Path, policy: str) -> None:
    configure(port, maxmemory_policy=policy)
    url = f"redis://127.0.0.1:{port}/0"
    assert trouble(url) is BrokerTrouble.EVICTS
    daemon = Daemon(Detente(None, {"data_dir": tmp_path, "broker_url": url}), api=False)
    with pytest.raises(ConfigError, match="noeviction"):
        daemon.start()
    assert daemon.children == []


def test_the_service_is_not_ready_without_its_broker(world: World) -> None:
    with world.units() as unit:
        unit.marks.set("swept")
    assert problems(world.units, world.queue, lambda: True) == []
    world.queue.away = True
    assert not world.queue.nudge(Task.ASSESS, [])
    assert problems(world.units, world.queue, lambda: True) == [str(BrokerTrouble.AWAY)]
