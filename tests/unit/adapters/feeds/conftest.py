"""A reader without a jail, and what all feeds are tried with."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from service.adapters.feeds.parsers import PARSERS
from service.adapters.net.addresses import Reach

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class PlainReader:
    """As the jailed one, in this process."""

    def read(self, kind: str, content: bytes, **given: Any) -> Mapping[str, Any]:
        return PARSERS[kind](content, given)


@pytest.fixture
def reader() -> PlainReader:
    return PlainReader()


@pytest.fixture(scope="session")
def reach() -> Reach:
    """Servers on this machine may be asked."""
    return Reach(allow_private=True)


@pytest.fixture
def now() -> datetime:
    return NOW
