"""The tasks: thin, all alike. They carry ids; the rows are the truth."""

from service.adapters.queue.celery_queue import task_name
from service.flow import Task
from workers.app import app
from workers.base import NudgedTask, detente


@app.task(base=NudgedTask, name=task_name(Task.FETCH))
def fetch(ids: list[str]) -> int:
    """Poll feeds."""
    return detente().perform(Task.FETCH, ids)


@app.task(base=NudgedTask, name=task_name(Task.COMPLETE))
def complete(ids: list[str]) -> int:
    """Read the pages of announced articles."""
    return detente().perform(Task.COMPLETE, ids)


@app.task(base=NudgedTask, name=task_name(Task.ANALYSE))
def analyse(ids: list[str]) -> int:
    """Deduplicate, classify, extract, attribute."""
    return detente().perform(Task.ANALYSE, ids)


@app.task(base=NudgedTask, name=task_name(Task.ASSESS))
def assess(ids: list[str]) -> int:
    """Score the articles, then let the rules look; without ids the rules alone."""
    scored = detente().perform(Task.ASSESS, ids) if ids else 0
    return scored + len(detente().evaluate())


@app.task(base=NudgedTask, name=task_name(Task.DISPATCH))
def dispatch(ids: list[str]) -> int:
    """Turn changes of alerts into messages."""
    return detente().perform(Task.DISPATCH, ids)


@app.task(base=NudgedTask, name=task_name(Task.GATHER))
def gather(ids: list[str]) -> int:
    """Make messages of what waits for receivers."""
    return detente().perform(Task.GATHER, ids)


@app.task(base=NudgedTask, name=task_name(Task.DELIVER))
def deliver(ids: list[str]) -> int:
    """Send messages, then whatever else is due."""
    return detente().perform(Task.DELIVER, ids) + detente().drain(Task.DELIVER)


@app.task(base=NudgedTask, name="detente.sweep")
def sweep() -> int:
    """Nudge forgotten work."""
    return detente().sweep()
