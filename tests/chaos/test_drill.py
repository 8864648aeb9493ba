"""The fault drill in its short form; `make drill` runs the long one."""

from pathlib import Path

import pytest

from tests.chaos.drill import drilled, is_up
from tests.e2e.harness import wait_for
from tests.postgres import Cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ALERTS = 75
"""Each makes a message for each of four channels."""


def test_300_messages_survive_kills_an_emptied_broker_and_a_writers_death_on_sqlite(tmp_path: Path) -> None:
    with drilled(tmp_path / "home") as drill:
        drill.bring(ALERTS)
        drill.wait_until_taken(40)
        drill.kill_deliverer()
        drill.empty_broker()
        drill.wait_until_taken(120)
        drill.kill_writer()
        drill.kill_deliverer()
        drill.settle(120)
        drill.check()


def test_300_messages_survive_a_kill_and_crashes_of_redis_the_api_and_postgresql(
    tmp_path: Path, cluster: Cluster
) -> None:
    cluster.create("drill").dispose()
    with drilled(tmp_path / "home", {"DETENTE_DATABASE_URL": cluster.url("drill")}) as drill:
        drill.bring(ALERTS)
        drill.wait_until_taken(40)
        drill.kill_deliverer()
        drill.kill_broker()
        drill.kill_api()
        drill.wait_until_taken(120)
        drill.crash_database(cluster.crash, cluster.start)
        drill.settle(120)
        drill.check()
        wait_for(lambda: is_up(drill.service), 30, "the interface did not come back")
