"""What must survive when processes die."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from service.demo.check import written
from tests.e2e.harness import duplicates, free_port, many_articles, processes_of, running, start_redis, wait_for
from tests.postgres import Cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
ARTICLES, KILLS = 500, 3
ONE_AT_A_TIME = {"DETENTE_NOTIFY__PER_CHANNEL": "1"}
"""So that few sends are cut off by a kill: until their leases end, the dead hold the only place of each of the two
channels. `tests/chaos` counts the sends in flight at every kill, with the default."""


def test_500_articles_survive_three_kills_and_an_emptied_broker(tmp_path: Path) -> None:
    articles = tmp_path / "articles.jsonl"
    ids = many_articles(ARTICLES, articles)
    with running(tmp_path / "home", ONE_AT_A_TIME) as service:
        service.run("ingest", str(articles))
        killed: list[int] = []
        for blow in range(KILLS):
            wait_for(service.has_all_workers, 60, "the workers were not started again")
            time.sleep(4 + blow)
            killed += service.kill_workers()
            if blow == 1:
                service.empty_broker()
        wait_for(service.is_done, 240, f"work was left: {service.counts()}")
        with service.detente.units(read_only=True) as unit:
            states = [unit.articles.state(article_id) for article_id in ids]
            rows = {row["id"]: row for _, _, notifications in unit.outbox.history() for row in notifications}
        time.sleep(1)
        got = [(m.channel, m.title, m.body.strip()) for m in service.sinks.messages]
        assert {state for state, _ in states} == {"scored"}
        assert rows
        assert {written(row, service.detente) for row in rows.values()} == set(got)
        doubled = duplicates(service.sinks.messages)
        print(f"{ARTICLES} articles, {KILLS} kills: 0 lost, {len(rows)} messages, {doubled} doubled")  # noqa: T201
        assert doubled <= KILLS
        assert service.stop() < 30
        assert not any(psutil.pid_exists(pid) for pid in killed)
    assert [process.cmdline() for process in processes_of(tmp_path)] == []


def test_servers_elsewhere_serve_the_same_and_may_go_away(tmp_path: Path, cluster: Cluster) -> None:
    """PostgreSQL and a Redis on TCP; the Redis dies empty-handed in the middle and comes back."""
    articles, port = tmp_path / "articles.jsonl", free_port()
    ids = many_articles(60, articles)
    cluster.create("elsewhere").dispose()
    elsewhere = {
        "DETENTE_DATABASE_URL": cluster.url("elsewhere"),
        "DETENTE_BROKER_URL": f"redis://127.0.0.1:{port}/0",
    }
    broker = start_redis(port)
    try:
        with running(tmp_path / "home", elsewhere) as service:
            before = {p.pid for p in service.workers()}
            broker.kill()
            broker.wait()
            service.run("ingest", str(articles))
            time.sleep(3)
            broker = start_redis(port)
            wait_for(service.is_done, 120, f"work was left: {service.counts()}")
            with service.detente.units(read_only=True) as unit:
                assert {unit.articles.state(article_id)[0] for article_id in ids} == {"scored"}
            assert {p.pid for p in service.workers()} == before
            assert service.sinks.messages
            assert duplicates(service.sinks.messages) == 0
        assert not (tmp_path / "home" / "data" / "detente.db").exists()
    finally:
        broker.kill()
        broker.wait()


def test_without_any_redis_messages_go_through_files(tmp_path: Path) -> None:
    articles = tmp_path / "articles.jsonl"
    ids = many_articles(20, articles)
    with running(tmp_path / "home", {"DETENTE_BROKER_URL": f"filesystem://{tmp_path}/broker"}) as service:
        service.run("ingest", str(articles))
        wait_for(service.is_done, 120, f"work was left: {service.counts()}")
        with service.detente.units(read_only=True) as unit:
            assert {unit.articles.state(article_id)[0] for article_id in ids} == {"scored"}


def test_a_stopped_service_drains_and_a_killed_one_starts_again(tmp_path: Path) -> None:
    articles = tmp_path / "articles.jsonl"
    ids = many_articles(40, articles)
    with running(tmp_path / "home") as service:
        service.run("ingest", str(articles))
        assert service.process
        os.kill(service.process.pid, signal.SIGKILL)
        service.process.wait()
        wait_for(lambda: not processes_of(tmp_path), 5, "processes outlived the one that looks after them")
        service.start()
        wait_for(service.is_done, 120, f"work was left: {service.counts()}")
        with service.detente.units(read_only=True) as unit:
            assert {unit.articles.state(article_id)[0] for article_id in ids} == {"scored"}
        assert service.stop() < 30
