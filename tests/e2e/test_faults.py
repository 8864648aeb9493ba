"""What must survive when processes die."""

import time
from pathlib import Path

import psutil
import pytest

from tests.e2e.harness import duplicates, many_articles, running, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
ARTICLES, KILLS = 500, 3


def test_500_articles_survive_three_kills_and_an_emptied_broker(tmp_path: Path) -> None:
    articles = tmp_path / "articles.jsonl"
    ids = many_articles(ARTICLES, articles)
    with running(tmp_path / "home") as service:
        service.run("ingest", str(articles))
        killed: list[int] = []
        for blow in range(KILLS):
            wait_for(lambda: len(service.workers()) == 2, 60, "the workers were not started again")
            time.sleep(4 + blow)
            killed += service.kill_workers()
            if blow == 1:
                service.empty_broker()
        wait_for(service.is_done, 240, f"work was left: {service.counts()}")
        with service.detente.units(read_only=True) as unit:
            states = [unit.articles.state(article_id) for article_id in ids]
            rows = [row for _, _, notifications in unit.alerts.history() for row in notifications]
        time.sleep(1)
        got = [(m.channel, m.title, m.body.strip()) for m in service.sinks.messages]
        assert {state for state, _ in states} == {"scored"}
        assert rows
        assert {(r["channel"], r["title"], r["body"].strip()) for r in rows} == set(got)
        assert duplicates(service.sinks.messages) <= KILLS
        assert service.stop() < 30
        assert not any(psutil.pid_exists(pid) for pid in killed)
    left = [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(p.info["cmdline"] or [])]
    assert not left
