"""`make drill`: the long form of the fault drill on both databases, and every single fault.

Writes what came of it between the marks in `docs/evaluation/reliability.md`. Ends with 1 when a promise was broken.
With the word `drill` or `faults` only that half is run, and the other half of the page stays.
"""

import platform
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from bench.run import commit
from tests.chaos.drill import Drill, drilled
from tests.e2e.harness import wait_for
from tests.postgres import Cluster, missing, running_cluster

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "evaluation" / "reliability.md"
ALERTS = 750
"""Each makes a message for each of four channels."""
DELIVERERS = 3
SETTLE_WITHIN = 400.0

Blows = Mapping[float, Callable[[Drill], None]]
"""Share of the messages taken → what happens then."""


def blows(database: Callable[[Drill], None]) -> Blows:
    """All faults, in this order; `database` is what is done to that."""
    return {
        0.05: Drill.kill_deliverer,
        0.10: Drill.empty_broker,
        0.20: Drill.kill_deliverer,
        0.30: Drill.kill_broker,
        0.40: Drill.stop_deliverer,
        0.50: database,
        0.60: Drill.kill_api,
        0.65: Drill.kill_deliverer,
        0.75: Drill.kill_broker,
        0.85: Drill.kill_deliverer,
        0.90: Drill.empty_broker,
    }


def long_drill(home: Path, environment: dict[str, str], plan: Blows) -> dict[str, Any]:
    """The figures. Raises AssertionError when a promise is broken."""
    with drilled(home, environment, lapse=False) as drill:
        for number in range(1, DELIVERERS):
            drill.add_deliverer()
            wait_for(lambda wanted=number + 1: len(drill.deliverers()) == wanted, 30, "no further worker")  # type: ignore[misc]
        began = time.monotonic()
        drill.bring(ALERTS)
        for share, blow in plan.items():
            drill.wait_until_taken(int(share * drill.expected))
            while len(drill.deliverers()) < DELIVERERS - 1:
                drill.add_deliverer()
            blow(drill)
        drill.settle(SETTLE_WITHIN)
        return {**drill.check(), "seconds": round(time.monotonic() - began)}


def drills() -> str:
    """Both databases, as a table."""
    with tempfile.TemporaryDirectory() as folder:
        found = {"SQLite": long_drill(Path(folder) / "home", {}, blows(Drill.kill_writer))}
    if not missing():
        with running_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
            cluster.create("drill").dispose()
            environment = {"DETENTE_DATABASE_URL": cluster.url("drill")}
            found["PostgreSQL"] = long_drill(Path(folder) / "home", environment, blows(_crash(cluster)))
    names = ("messages", "lost", "duplicates", "sends in flight when blows fell", "seconds")
    lines = [f"| | {' | '.join(found)} |", f"|---|{'---|' * len(found)}"]
    lines += [f"| {name} | {' | '.join(str(figures[name]) for figures in found.values())} |" for name in names]
    for database, figures in found.items():
        told = "; ".join(f"{b['name']} after {b['after']} ({b['in_flight']})" for b in figures["blows"])
        lines += ["", f"{database}, each blow after so many messages (sends in flight in what it hit): {told}."]
    return "\n".join(lines)


def _crash(cluster: Cluster) -> Callable[[Drill], None]:
    return lambda drill: drill.crash_database(cluster.crash, cluster.start)


def faults() -> tuple[str, bool]:
    """Every test of a single fault with its outcome, as a table, and whether all held."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-m", "drill", "tests/chaos", f"--junitxml={report}"]
        done = subprocess.run(command, cwd=ROOT, check=False)
        cases = list(ET.parse(report).iter("testcase"))
    lines = ["| test | outcome | seconds |", "|---|---|---|"]
    lines += [f"| `{case.get('name')}` | {_outcome(case)} | {float(case.get('time', 0)):.0f} |" for case in cases]
    return "\n".join(lines), done.returncode == 0


def _outcome(case: ET.Element) -> str:
    broken = {"failure": "**broken**", "error": "**broken**", "skipped": "not run here"}
    return next((word for tag, word in broken.items() if case.find(tag) is not None), "held")


def write(mark: str, text: str) -> None:
    """Put a text between a pair of marks of the page, with when and where it came about."""
    machine = f"{psutil.cpu_count()} virtual {platform.machine()} cores, Python {platform.python_version()}"
    page = PAGE.read_text(encoding="utf-8")
    between = f"<!-- {mark} -->\n\nCommit {commit()}, {machine}.\n\n{text}\n\n<!-- end of {mark} -->"
    pattern = rf"<!-- {mark} -->.*<!-- end of {mark} -->"
    PAGE.write_text(re.sub(pattern, lambda _: between, page, flags=re.DOTALL), encoding="utf-8")


def main(halves: list[str]) -> int:
    """Run, write, and say whether all held."""
    held = True
    if "faults" in halves or not halves:
        table, held = faults()
        write("faults", table)
    if "drill" in halves or not halves:
        write("drill", drills())
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
