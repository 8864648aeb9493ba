"""Children die with whoever started them, and are not touched while it lives."""

import subprocess
import sys
import time
from pathlib import Path

import psutil

from service.adapters.processes import start

ROOT = Path(__file__).parents[3]
PARENT = """
import subprocess, sys, time
from service.adapters.processes import start
print(start([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


def test_a_child_dies_with_a_killed_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.2)
        assert child.is_running()
        parent.kill()
    child.wait(5)
    assert not child.is_running()


def test_options_are_passed_on() -> None:
    with start([sys.executable, "-c", "import os; print(os.environ['WORD'])"], env={"WORD": "so"}, stdout=-1) as child:
        assert child.communicate(timeout=20)[0] == b"so\n"
        assert child.returncode == 0
