"""Every target of the fuzzer holds for its seeds, and can be run by hand."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = sorted(
    file.stem for file in Path(__file__).parent.glob("*.py") if file.stem not in {"harness", "test_targets"}
)


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_for_its_seeds_and_for_each_cut_short(name: str) -> None:
    target = import_module(f"tests.fuzz.{name}")
    for seed in target.SEEDS:
        for end in range(len(seed) + 1):
            target.one(seed[:end])


@pytest.mark.parametrize("name", TARGETS)
def test_without_the_fuzzer_a_target_says_so(name: str) -> None:
    hidden = "import runpy, sys; sys.modules['atheris'] = None"
    command = [sys.executable, "-c", f"{hidden}; runpy.run_module('tests.fuzz.{name}', run_name='__main__')"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == f"{name}: skipped: atheris is not installed (pip install atheris)\n"
