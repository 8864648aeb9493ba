"""The interface on a database of the test's own."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api.app import build
from service.bootstrap import Detente, shipped
from tests.fakes import FakeQueue


def put_together(folder: Path, **settings: Any) -> Detente:
    """A service on this folder."""
    found = Detente(shipped("config"), {"data_dir": str(folder), **settings})
    found.queue = FakeQueue()
    return found


@pytest.fixture
def folder(migrated: Path, tmp_path: Path) -> Path:
    """A data folder with empty tables."""
    shutil.copy(migrated, tmp_path / "detente.db")
    return tmp_path


@pytest.fixture
def detente(folder: Path) -> Iterator[Detente]:
    """The service."""
    found = put_together(folder)
    yield found
    found.units.engine.dispose()  # type: ignore[attr-defined]


@pytest.fixture
def client(detente: Detente) -> Iterator[TestClient]:
    """A client of it."""
    with TestClient(build(detente), "http://localhost", raise_server_exceptions=False) as client:
        yield client
