"""Questions as they come in addresses."""

from datetime import datetime

from fastapi import HTTPException

from service.domain.risk.subject import Subject


def moment_of(at: datetime | None, name: str) -> datetime | None:
    """A time that has a zone."""
    if at is not None and at.tzinfo is None:
        raise HTTPException(422, f"{name} must carry a zone, as in 2026-03-01T12:00:00Z")
    return at


def subject_of(written: str | None) -> str:
    """A subject in its written form, empty where none is asked for."""
    if not written:
        return ""
    try:
        return str(Subject.parse(written))
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
