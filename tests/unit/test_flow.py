"""The table of contents is true: what `flow.Step` names exists, runs in its task, is tested and is described."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

from service.adapters.queue.celery_queue import task_name
from service.flow import KIND_OF, OPEN_STATES, TASK_OF, ArticleState, Kind, RowState, Step, Task

ROOT = Path(__file__).resolve().parents[2]
IDEMPOTENCE = ROOT / "tests" / "integration" / "test_idempotence.py"
DOCS = ROOT / "docs" / "concepts" / "pipeline.md"
TASKS = ROOT / "workers" / "tasks.py"


@pytest.mark.parametrize("step", Step)
def test_a_step_has_its_module_and_function(step: Step) -> None:
    function = getattr(importlib.import_module(f"service.pipeline.{step}"), step, None)
    assert inspect.isfunction(function), f"service/pipeline/{step}.py must define {step}()"
    assert function.__module__ == f"service.pipeline.{step}"
    assert (function.__doc__ or "").strip()


def test_no_step_calls_another() -> None:
    allowed = {("fetch", "ingest"), ("attribute", "classify"), ("score", "attribute"), ("deduplicate", "score")}
    for step in Step:
        source = inspect.getsource(importlib.import_module(f"service.pipeline.{step}"))
        for other in set(Step) - {step}:
            imported = re.findall(rf"from service\.pipeline\.{other} import (.+)", source)
            names = {name.strip() for line in imported for name in line.split(",")}
            assert other not in names, f"{step} imports the step {other}"
            assert not names or (step, other) in allowed, f"{step} leans on {other}"


@pytest.mark.parametrize("step", Step)
def test_a_step_runs_in_a_task(step: Step) -> None:
    registered = re.findall(r"name=task_name\(Task\.(\w+)\)\)\ndef (\w+)\(", TASKS.read_text(encoding="utf-8"))
    assert (TASK_OF[step].name, str(TASK_OF[step])) in registered, f"workers/tasks.py has no task {TASK_OF[step]}"
    assert task_name(TASK_OF[step]) == f"detente.{TASK_OF[step]}"


def test_tasks_are_at_most_ten_lines() -> None:
    bodies = re.split(r"\n(?=@app\.task)", TASKS.read_text(encoding="utf-8"))[1:]
    assert len(bodies) == len(Task) + 1
    assert all(len(body.strip().splitlines()) <= 10 for body in bodies)


@pytest.mark.parametrize("step", Step)
def test_a_step_has_its_test_of_idempotence(step: Step) -> None:
    assert f"def test_{step}_twice_changes_nothing(" in IDEMPOTENCE.read_text(encoding="utf-8")


@pytest.mark.parametrize("step", Step)
def test_a_step_is_described(step: Step) -> None:
    assert DOCS.exists(), "docs/concepts/pipeline.md describes the steps"
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if line.startswith(("#", "|")) and f"`{step}`" in line]
    assert named, f"docs/concepts/pipeline.md has no heading or table row with `{step}`"


def test_every_task_has_rows_and_states_to_wait_in() -> None:
    assert set(KIND_OF) == set(OPEN_STATES) == set(Task)
    assert set(KIND_OF.values()) == set(Kind)
    for task, states in OPEN_STATES.items():
        known = ArticleState if KIND_OF[task] is Kind.ARTICLE else RowState
        assert states
        assert set(states) <= {str(state) for state in known}


def test_no_state_of_an_article_is_open_to_two_tasks() -> None:
    waiting = [state for task in Task if KIND_OF[task] is Kind.ARTICLE for state in OPEN_STATES[task]]
    assert len(waiting) == len(set(waiting))
    ended = {ArticleState.SCORED, ArticleState.IGNORED, ArticleState.DEAD}
    assert set(waiting) | ended == set(ArticleState)
