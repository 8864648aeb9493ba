"""What is computed for an operator beside the service, what is kept of it, and the file of rules that it may change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class JobKind(StrEnum):
    """What can be computed."""

    SHEET = "sheet"
    """Every threshold of every rule that has one, over the history."""
    DRY_RUN = "dry run"
    """One threshold by itself, and the rule tests."""


@dataclass(frozen=True, slots=True)
class Job:
    """What `by` asked for. A dry run has a rule and a threshold; a sheet is of all rules."""

    kind: JobKind
    by: str
    rule: str = ""
    threshold: float = 0.0


@dataclass(frozen=True, slots=True)
class Work:
    """How a job stands: `done` of `total` in this `phase`. `error` says why it ended without a result."""

    job: Job
    began: datetime
    is_running: bool
    phase: str = ""
    done: int = 0
    total: int = 0
    error: str = ""


class Bench(Protocol):
    """Does one job at a time, beside the service."""

    def start(self, job: Job, at: datetime) -> None:
        """Begin a job. Raises Conflict while another is being done."""
        ...

    def work(self) -> Work | None:
        """The last job, None before the first."""
        ...

    def stop(self) -> None:
        """Let the job that is being done end soon, without a result. Asked a second time, it ends at once."""
        ...


class Papers(Protocol):
    """Keeps results by name. What cannot be read counts as absent: all of them can be computed again."""

    def get(self, name: str) -> Mapping[str, Any] | None:
        """What is kept under a name."""
        ...

    def put(self, name: str, paper: Mapping[str, Any]) -> None:
        """Keep plain JSON, in the place of what was there. Raises StorageUnavailable."""
        ...


class RuleBook(Protocol):
    """The file of rules."""

    def text(self) -> str:
        """What it says. Raises ConfigError."""
        ...

    def fault(self) -> str:
        """Why it may not be written, empty where it may."""
        ...

    def retuned(self, text: str, rule: str, threshold: float) -> str:
        """The text with one threshold changed, every other sign as it is. Raises ConfigError."""
        ...

    def written(self, text: str, rule: str) -> Mapping[str, Any]:
        """What a rule's threshold is in a text, as plain JSON. Raises ConfigError."""
        ...

    def write(self, text: str) -> None:
        """Put a text in its place, at once or not at all. Raises ConfigError."""
        ...


@dataclass(frozen=True, slots=True)
class Stamps:
    """What figures depend on besides the history, and the operator's tests: equal stamps, equal results."""

    figures: str
    tests: str
