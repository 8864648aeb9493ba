"""What the interface has taken it keeps, however it ends."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from service.adapters.processes import start
from service.bootstrap import Detente
from tests.e2e.harness import ROOT, free_port, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
LIVES, CLIENTS = 8, 4


def command(port: int) -> list[str]:
    where = ("--host", "127.0.0.1", "--port", str(port), "--log-level", "critical")
    return [sys.executable, "-m", "uvicorn", "--factory", "service.api.app:create", *where]


@contextmanager
def interface(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A life of the interface; the test ends it."""
    environment = {**os.environ, "DETENTE_DATA_DIR": str(folder), "DETENTE_API__PORT": str(port)}
    environment |= {"DETENTE_BROKER_URL": f"filesystem://{folder / 'broker'}", "PYTHONPATH": str(ROOT)}
    process = start(command(port), env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as asked:
            asked.request("GET", "/healthz")
            return asked.getresponse().status == 200
    except OSError:
        return False


def post_until_it_dies(port: int, name: str, accepted: list[str]) -> None:
    """One article after the other; those that were answered 202 are remembered."""
    for n in range(10_000):
        article_id = f"{name}-{n}"
        body = json.dumps({"id": article_id, "text": f"Ministers met on the matter of {article_id} for hours."})
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as asked:
                asked.request("POST", "/api/v1/articles", body, {"content-type": "application/json"})
                answer = asked.getresponse()
                answer.read()
        except (OSError, http.client.HTTPException):
            return
        if answer.status == 202:
            accepted.append(article_id)


def test_every_article_that_was_accepted_is_there_after_kill_9(tmp_path: Path) -> None:
    detente = Detente(overrides={"data_dir": tmp_path, "intake": {"poll": False}})
    detente.prepare_database()
    accepted: list[str] = []
    dice = Random(8)
    for life in range(LIVES):
        port = free_port()
        with interface(tmp_path, port) as process:
            wait_for(lambda port=port: answers(port), 30, "the interface does not answer")  # type: ignore[misc]
            clients = [
                threading.Thread(target=post_until_it_dies, args=(port, f"life{life}-{n}", accepted))
                for n in range(CLIENTS)
            ]
            for client in clients:
                client.start()
            time.sleep(dice.uniform(0.3, 1.5))
            process.kill()
            for client in clients:
                client.join()
    with detente.units(read_only=True) as unit:
        stored = unit.articles.get(accepted)
    detente.close()
    assert len(accepted) > LIVES * 10
    assert set(accepted) == set(stored)
