"""All pages: each has a module of its own that gives a router."""

from collections.abc import Iterator

from fastapi import APIRouter

from service.bootstrap import Detente
from service.web import (
    admin,
    alerts,
    article,
    attention,
    doors,
    elsewhere,
    operations,
    paste,
    sources,
    static_files,
    subject,
    subjects,
    subscriptions,
    tune,
    why_not,
    world,
)
from service.web.names import Names
from service.web.shell import Shell


def routers(detente: Detente, shell: Shell) -> Iterator[APIRouter]:
    """What is served beside the versioned interface."""
    yield static_files.router()
    yield doors.sessions(shell, detente)
    yield elsewhere.router(shell, detente)
    yield doors.accounts(shell, detente.doorkeeper)
    yield paste.router(shell, detente)
    yield sources.router(shell, detente)
    ask, names = detente.world, Names(detente)
    yield world.router(shell, detente, ask, names)
    yield subjects.search(shell, ask, names)
    yield subject.router(shell, detente, ask, names)
    yield article.router(shell, detente, names)
    yield alerts.router(shell, detente, names)
    yield attention.actions(shell, detente)
    yield attention.silences(shell, detente, names)
    yield why_not.router(shell, detente, names)
    yield subscriptions.router(shell, detente, names)
    yield operations.router(shell, detente)
    yield admin.router(shell, detente)
    yield tune.router(shell, detente, names)
