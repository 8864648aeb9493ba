"""The demonstration keeps its promises, in a folder of its own, and leaves nothing running."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.e2e.harness import redis_on
from tests.postgres import Cluster

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def demo(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "service.cli.main", "demo", "--data", str(folder)]
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)


def test_demo_keeps_its_promises(tmp_path: Path) -> None:
    done = demo(tmp_path / "demo", {})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "BROKEN" not in done.stdout
    assert "all clear" in done.stdout
    running = [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(p.info["cmdline"] or [])]
    assert running == []


def test_demo_keeps_them_on_servers_elsewhere_once(tmp_path: Path, cluster: Cluster) -> None:
    """With PostgreSQL and a Redis on TCP; a database that is in use is left alone."""
    cluster.create("demo").dispose()
    with redis_on() as broker:
        elsewhere = {"DETENTE_DATABASE_URL": cluster.url("demo"), "DETENTE_BROKER_URL": broker}
        done = demo(tmp_path / "demo", elsewhere)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        again = demo(tmp_path / "again", elsewhere)
        assert again.returncode == 1
        assert "holds articles already" in again.stderr
