"""Who changed what, in a chain: each entry holds the hash of the one before, so that a change of any of them shows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

BEGINNING = "0" * 64
"""What the first entry has as the hash of the one before."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. Entries count from 1. `before` and `after` are plain JSON without secrets, None where there is none.

    `actor` says who: `cli:NAME`, `api`, or `@ID` for a subscriber who followed a link. `hashed` are 64 hexadecimal
    digits over all the rest and `previous`, the hash of the entry before.
    """

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    previous: str
    hashed: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look along the chain found. `broken` is the first number that does not fit, None when all do.

    `head` is the hash of the last entry that fits: kept elsewhere, it shows later whether the end was cut off.
    """

    entries: int
    broken: int | None
    head: str


def chained(
    number: int,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    previous: str,
) -> AuditEntry:
    """A new entry after the one whose hash is `previous`."""
    said = [number, at.isoformat(), actor, action, subject, before, after, previous]
    return AuditEntry(number, at, actor, action, subject, before, after, previous, _hash(said))


def _hash(said: list[Any]) -> str:
    written = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(written.encode()).hexdigest()


def verify(entries: Iterable[AuditEntry]) -> Verdict:
    """Look along the chain, in order of numbers."""
    count, head = 0, BEGINNING
    for entry in entries:
        count += 1
        fits = chained(count, entry.at, entry.actor, entry.action, entry.subject, entry.before, entry.after, head)
        if entry != fits:
            return Verdict(count, count, head)
        head = entry.hashed
    return Verdict(count, None, head)
