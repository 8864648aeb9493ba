"""One fault at a time, on what sends and on its queues. `make drill` runs them."""

import json
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import redis
from celery import Celery
from sqlalchemy import select, update

from service.adapters.storage.schema import notification
from service.ports import BrokerTrouble
from tests.chaos.drill import CHANNELS, Drill, drilled, family_of, freeze, is_up, set_up, tell
from tests.chaos.proxy import proxied
from tests.chaos.recorder import LOOPBACK, Manner, recording
from tests.chaos.seed import markers_in
from tests.e2e.harness import ROOT, free_port, many_articles, start_redis, wait_for
from tests.postgres import Cluster

pytestmark = [pytest.mark.drill, pytest.mark.timeout(400)]


def pids(drill: Drill) -> set[int]:
    return {process.pid for process in drill.service.workers()}


def largest(drill: Drill) -> int:
    """Bytes of memory of the largest process of the workers."""
    sizes = [0]
    for main in drill.service.workers():
        for process in family_of(main):
            with suppress(psutil.NoSuchProcess):  # sends come and go
                sizes.append(process.memory_info().rss)
    return max(sizes)


def seconds_until_done(drill: Drill, at_most: float) -> float:
    began = time.monotonic()
    wait_for(drill.is_done, at_most, f"not all was sent: {drill.states()}")
    return time.monotonic() - began


# --- between two steps


@pytest.mark.parametrize("channel", ["hook-a", "mail-a"])
def test_a_kill_between_the_channels_answer_and_our_note_doubles_that_one_message(tmp_path: Path, channel: str) -> None:
    with drilled(tmp_path / "home", channels=(channel,)) as drill:
        drill.recorder.behave(channel, Manner("kill", times=1))
        drill.bring(1)
        wait_for(lambda: len(drill.recorder.taken()) == 1, 30, "nothing was sent")
        drill.settle(100)
        first, second = drill.recorder.taken()
        assert markers_in(first.text) == markers_in(second.text) == set(drill.markers)


def test_what_is_committed_and_never_nudged_is_swept(tmp_path: Path) -> None:
    with drilled(tmp_path / "home") as drill:
        drill.bring(2, nudged=False)
        assert seconds_until_done(drill, 30) < 15
        drill.check()


# --- beat


def test_workers_sweep_while_beat_is_frozen(tmp_path: Path) -> None:
    with drilled(tmp_path / "home") as drill:
        beat = drill.service.child(" beat ")
        beat.suspend()
        drill.service.empty_broker()
        drill.bring(2, nudged=False)
        assert seconds_until_done(drill, 60) < 30
        beat.resume()
        drill.check()


def test_a_second_beat_doubles_nothing(tmp_path: Path) -> None:
    with drilled(tmp_path / "home") as drill:
        like = drill.service.child(" beat ")
        command = [*like.cmdline()[:-1], str(tmp_path / "second-beat")]
        with subprocess.Popen(command, env=like.environ(), cwd=ROOT, stdout=subprocess.DEVNULL) as second:
            time.sleep(5)
            drill.bring(20)
            drill.settle(60)
            second.terminate()
        assert drill.check()["duplicates"] == 0


# --- workers


def test_a_worker_stopped_for_longer_than_its_lease_changes_nothing_when_it_comes_back(tmp_path: Path) -> None:
    with drilled(tmp_path / "home") as drill:
        drill.add_deliverer()
        drill.recorder.behave("*", Manner(delay=1.0))
        wait_for(lambda: len(drill.deliverers()) > 1, 30, "the second worker does not run")
        drill.bring(10)
        drill.wait_until_taken(2)
        drill.stop_deliverer()
        drill.settle(150)
        drill.check()


def test_a_worker_stopped_and_killed_leaves_its_work_to_the_sweeper(tmp_path: Path) -> None:
    """A stopped worker takes one more message from the broker, which is lost with it."""
    with drilled(tmp_path / "home") as drill:
        victims = freeze(drill.deliverers()[0])
        drill.bring(5)
        time.sleep(1)
        tell(victims, signal.SIGKILL)
        assert seconds_until_done(drill, 120) < 60
        assert drill.check()["duplicates"] == 0


# --- the broker


@contextmanager
def on_redis(home: Path, port: int, at: int) -> Iterator[tuple[Drill, list[subprocess.Popen[bytes]]]]:
    """A service whose broker is a Redis of the test's own on `port`, reached at the port `at`."""
    servers = [start_redis(port)]
    try:
        with drilled(home, {"DETENTE_BROKER_URL": f"redis://{LOOPBACK}:{at}/0"}) as drill:
            yield drill, servers
    finally:
        for server in servers:
            server.kill()
            server.wait()


@pytest.mark.parametrize("delay", [0.05, 4.0], ids=["idle", "busy"])
def test_a_broker_away_for_30_seconds_is_found_again_without_a_restart(tmp_path: Path, delay: float) -> None:
    port = free_port()
    with on_redis(tmp_path / "home", port, port) as (drill, servers):
        before = pids(drill)
        drill.recorder.behave("*", Manner(delay=delay))
        drill.bring(1)
        time.sleep(2)
        servers[-1].kill()
        servers[-1].wait()
        drill.bring(2)
        time.sleep(30)
        servers.append(start_redis(port))
        drill.recorder.behave("*", Manner())
        drill.bring(1)
        assert seconds_until_done(drill, 90) < 45
        assert pids(drill) == before
        assert drill.check()["duplicates"] == 0


def test_work_goes_on_15_seconds_after_the_broker_was_emptied(tmp_path: Path) -> None:
    port = free_port()
    with on_redis(tmp_path / "home", port, port) as (drill, servers):
        drill.bring(1)
        drill.settle(60)
        servers[-1].kill()
        servers[-1].wait()
        servers.append(start_redis(port))
        drill.bring(5, nudged=False)
        assert seconds_until_done(drill, 60) < 15
        drill.check()


def test_a_broker_whose_line_is_cut_without_a_word_is_found_again_within_a_minute(tmp_path: Path) -> None:
    port = free_port()
    with proxied(port) as proxy, on_redis(tmp_path / "home", port, proxy.port) as (drill, _):
        before = pids(drill)
        drill.bring(1)
        drill.settle(60)
        proxy.fall_silent()
        time.sleep(10)
        proxy.speak_again()
        drill.bring(3, nudged=False)
        assert seconds_until_done(drill, 120) < 60
        assert pids(drill) == before
        drill.check()


def test_a_broker_that_refuses_our_password_is_told_of_and_the_password_is_not(tmp_path: Path) -> None:
    port = free_port()
    server = start_redis(port)
    try:
        wait_for(lambda: bool(redis.Redis(port=port).ping()), 20, "redis does not answer")
        redis.Redis(port=port).config_set("requirepass", "right-hush")
        with recording(tmp_path / "sink") as recorder:
            environment = {"DETENTE_BROKER_URL": f"redis://:wrong-hush@{LOOPBACK}:{port}/0"}
            service, _ = set_up(tmp_path / "home", recorder, environment, CHANNELS)
            service.start(ready=False)
            try:
                time.sleep(15)
                done = service.run("status", check=False)
                log = (service.home / "log").read_text()
                assert done.returncode == 1
                assert str(BrokerTrouble.REFUSES) in done.stdout
                assert str(BrokerTrouble.REFUSES) in log
                assert "wrong-hush" not in log + done.stdout + done.stderr
            finally:
                assert service.stop() < 30
                service.detente.close()
    finally:
        server.kill()
        server.wait()


def test_forged_messages_are_thrown_away(tmp_path: Path) -> None:
    """Whoever can write to the broker can nudge; nothing of what comes is run or believed."""
    port, proof = free_port(), tmp_path / "proof"
    with on_redis(tmp_path / "home", port, port) as (drill, _):
        with Celery("forger", broker=f"redis://{LOOPBACK}:{port}/0") as forger:
            forger.conf.accept_content = ["json", "pickle"]
            forger.send_task("detente.deliver", args=[[_Bomb(proof)]], queue="deliver", serializer="pickle")
            forger.send_task("os.system", args=[f"touch {proof}"], queue="deliver")
            forger.send_task("detente.deliver", args=[["x" * 50_000_000]], queue="deliver")
            in_ten_years = datetime.now(UTC) + timedelta(days=3650)
            forger.send_task("detente.deliver", args=[["y"]], queue="deliver", eta=in_ten_years)
            forger.send_task("detente.deliver", args=[{"no": "list"}], queue="deliver")
        drill.bring(3)
        drill.settle(60)
        assert drill.check()["duplicates"] == 0
        assert not proof.exists()
        assert largest(drill) < 700_000_000


class _Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.proof,))


# --- the database


def test_a_database_away_for_30_seconds_costs_nothing(tmp_path: Path, cluster: Cluster) -> None:
    cluster.create("away").dispose()
    with drilled(tmp_path / "home", {"DETENTE_DATABASE_URL": cluster.url("away")}) as drill:
        before = pids(drill)
        drill.bring(20)
        drill.wait_until_taken(10)
        drill.crash_database(cluster.crash, lambda: _told_503(drill, cluster), away=28)
        drill.settle(120)
        drill.check()
        assert pids(drill) == before
        assert is_up(drill.service)


def _told_503(drill: Drill, cluster: Cluster) -> None:
    url = f"http://{LOOPBACK}:{drill.service.environment['DETENTE_API__PORT']}/api/v1/articles"
    body = json.dumps({"id": "a1", "text": "Chad bombed Libya on Monday."}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 503
    assert refused.value.headers["Retry-After"]
    refused.value.close()
    cluster.start()


# --- channels

FAULTS = {
    "hook-500": Manner("refuse", code=500),
    "hook-reset": Manner("reset"),
    "hook-hang": Manner("hang"),
    "hook-drip": Manner("drip"),
    "hook-flood": Manner("flood"),
    "mail-450": Manner("refuse", code=450),
    "mail-hang": Manner("hang"),
}


def test_channels_at_fault_hold_up_no_other(tmp_path: Path) -> None:
    with drilled(tmp_path / "home", channels=(*CHANNELS, *FAULTS)) as drill:
        for channel, manner in FAULTS.items():
            drill.recorder.behave(channel, manner)
        for _ in range(10):
            drill.bring(1)
            time.sleep(1)
        wanted = {(channel, marker) for channel in CHANNELS for marker in drill.markers}

        def missing() -> set[tuple[str, str]]:
            return wanted - {(a.channel, marker) for a in drill.recorder.taken() for marker in markers_in(a.text)}

        wait_for(lambda: not missing(), 30, f"held up: {missing()}")
        assert largest(drill) < 700_000_000
        with drill.engine.connect() as connection:
            at_fault = connection.execute(
                select(notification.c.last_error).where(
                    notification.c.channel == "hook-500", notification.c.last_error.is_not(None)
                )
            )
            assert at_fault.first(), "the channel's fault stands in the row"


# --- rows


def test_rows_of_a_newer_version_wait(tmp_path: Path) -> None:
    with drilled(tmp_path / "home", channels=("hook-a",)) as drill:
        drill.recorder.behave("hook-a", Manner("refuse", code=503))
        drill.bring(1)
        wait_for(lambda: bool(drill.recorder.asked()), 30, "nothing was sent")
        wait_for(lambda: _set_version(drill, 99) == 1, 30, "there is no row")
        drill.recorder.behave("hook-a", Manner())
        time.sleep(5)
        assert drill.recorder.taken() == []
        _set_version(drill, 1)
        drill.settle(60)
        drill.check()


def _set_version(drill: Drill, version: int) -> int:
    with drill.engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        due = {"due_at": datetime.now(UTC), "nudged_at": None, "payload_version": version}
        return connection.execute(update(notification).where(notification.c.lease_owner.is_(None)).values(due)).rowcount


# --- the whole


def test_a_service_asked_to_stop_in_any_stage_stops_in_30_seconds_and_goes_on_later(tmp_path: Path) -> None:
    articles = tmp_path / "articles.jsonl"
    many_articles(60, articles)
    with drilled(tmp_path / "home") as drill:
        drill.recorder.behave("*", Manner(delay=2))
        drill.service.run("ingest", str(articles))
        drill.bring(10)
        for after in (0.5, 3, 8):
            time.sleep(after)
            assert drill.service.stop() < 30
            drill.service.start(api=True)
        drill.recorder.behave("*", Manner())
        wait_for(drill.service.is_done, 200, f"work was left: {drill.service.counts()}")
        mine = [asked for asked in drill.recorder.taken() if markers_in(asked.text)]
        pairs = [(asked.channel, marker) for asked in mine for marker in markers_in(asked.text)]
        assert sorted(pairs) == sorted((channel, marker) for channel in CHANNELS for marker in drill.markers)


def test_a_backlog_is_worked_off_in_bounded_memory(tmp_path: Path) -> None:
    with drilled(tmp_path / "home") as drill:
        drill.service.stop()
        drill.bring(500, nudged=False)
        drill.service.start(api=True)
        most = 0
        while not drill.is_done():
            most = max(most, largest(drill))
            time.sleep(1)
        assert drill.check()["duplicates"] == 0
        assert most < 400_000_000
