"""Each import contract catches a deliberate violation."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VIOLATIONS = {
    "the layers of the service": ("service/pipeline/score.py", "import service.adapters.clock"),
    "the layers of the domain": ("service/domain/news/article.py", "import service.domain.risk.score"),
    "the service reaches workers by queue and task name only": ("service/daemon.py", "import workers.app"),
    "the domain is pure: no third-party library": ("service/domain/risk/score.py", "import numpy"),
    "the pipeline and the operations know ports, not libraries": ("service/pipeline/notify.py", "import apprise"),
    "the model runtime is reached through adapters.nlp only": (
        "service/api/app.py",
        "import transformers",
    ),
    "nothing imports training, bench or tests": ("workers/base.py", "import training.data"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for name in ("service", "workers"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.json", "*.onnx"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_tree_as_it_is_keeps_all_contracts(copy: Path) -> None:
    assert lint(copy).returncode == 0


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_contract_catches_a_violation(copy: Path, contract: str) -> None:
    name, line = VIOLATIONS[contract]
    file = copy / name
    clean = file.read_text()
    file.write_text(f"{clean}\n{line}\n")
    try:
        found = lint(copy)
    finally:
        file.write_text(clean)
    assert found.returncode == 1
    assert f"{contract}" in found.stdout
    assert "BROKEN" in next(row for row in found.stdout.splitlines() if row.startswith(contract[:60]))
