"""What happened on a subject, as rules look at it."""

from dataclasses import dataclass
from datetime import datetime

RUNGS = ("anything", "words", "threats or diplomatic steps", "shows of force", "use of force", "war")
"""What a rung stands for, 0 … 5."""


@dataclass(frozen=True, slots=True)
class Act:
    """A lead incident, as publishers out of quarantine tell it.

    `types` are ROOT.mode, sorted, as its reports have it; `intensity` −10 … +10, minus is conflict; `rung` 0 … 5;
    `owners` are the owner groups that vouch for it. `is_done` says that somebody tells it as done, not as planned,
    threatened or alleged; `is_confirmed` that it is attested well enough to page.
    """

    incident_id: str
    at: datetime
    types: tuple[str, ...]
    intensity: float
    rung: int
    owners: int
    is_done: bool
    is_confirmed: bool
