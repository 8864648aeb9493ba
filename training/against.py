"""Runs the model beside simpler ways of reading: `python -m training.against --data ../shared/data`.

The runner and the simple methods stand in the data folder (`baselines/compare.py`); this adds `detente classify` and
keeps the figures in docs/evaluation/baselines.json, from where `training.evaluate` takes them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

KEPT = ("macro_f1", "macro_f1_ci95", "inversion", "false_alarm", "per_s")
DIGITS = 4


def main() -> None:
    """Run and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("docs/evaluation/baselines.json"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        subprocess.run(_command(args.data.resolve(), results), check=True, env=_environment())
        found = json.loads(results.read_text("utf-8"))
    kept = {name: _kept(part["results"]) for name, part in found.items()}
    args.out.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


def _command(data: Path, results: Path) -> list[str]:
    detente = Path(sys.executable).with_name("detente")
    ours = f"detente={detente} classify -"
    compare = [sys.executable, str(data / "baselines/compare.py"), "--add", ours]
    return [*compare, "--out", str(results), "--md", str(results.with_suffix(".md"))]


def _environment() -> dict[str, str]:
    """The methods are started as `python3`: this interpreter's."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def _kept(results: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The figures of the methods that ran, rounded."""
    return {
        name: {key: _rounded(m[key]) for key in KEPT} for name, m in results.items() if all(key in m for key in KEPT)
    }


def _rounded(value: Any) -> Any:
    return [round(v, DIGITS) for v in value] if isinstance(value, list) else round(value, DIGITS)


if __name__ == "__main__":
    main()
