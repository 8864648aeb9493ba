"""Audits alarms by reading what led to them, without being told how they were rated.

`python -m training.audit --draw FILE` writes the drawn pages that nobody has read yet, each with its sentences, to be
read; the verdicts go into `training/annotated/audit.txt`. `--report` prints what they say, as the page of the back-test
does.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from service.domain.evaluation.alarm import Page, at_budgets
from service.domain.evaluation.rating import books
from service.domain.evaluation.reading import Item
from service.domain.events.geography import Geography
from service.domain.events.signal import Signal
from service.domain.risk.score import Scale
from service.domain.risk.subject import Subject
from service.operations.backtest import HABITS, SIGNALS, all_series
from training import prose
from training.history import asking, coded
from training.metrics import share_interval

BUDGET = 0.5
"""Alarms a day, world-wide."""
EACH = 30
"""Pages drawn of each direction."""
FIRST, LAST = date(2015, 1, 1), date(2023, 12, 31)
LOOK_BACK = 1
"""Days before a page whose news can have moved it, besides its own."""
VERDICTS = Path(__file__).parent / "annotated" / "audit.txt"
_SEED = "audit"
_LETTERS = {"E": Signal.ESCALATION, "D": Signal.DE_ESCALATION}


class Verdict(StrEnum):
    """What a reader says of a page."""

    RIGHT = "right"
    ARGUABLE = "arguable"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, order=True)
class Alarm:
    """A page: direction, written subject, day."""

    signal: Signal
    subject: str
    day: date


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found on reading: `fault` names what is the matter with a page that is not right, `why` says it."""

    verdict: Verdict
    fault: str
    why: str


def main() -> None:
    """Draw pages to be read, or say what the verdicts on them are."""
    parser = asking(__doc__)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--draw", type=Path, metavar="FILE", help="write the pages not read yet")
    chosen.add_argument("--report", action="store_true", help="print the verdicts")
    args: argparse.Namespace = parser.parse_args()
    past = coded(args.data, args.var)
    geography = past.detente.gazetteer.geography
    drawn = draw(alarms(past.items, past.detente.scale, geography))
    readings = read_verdicts(VERDICTS.read_text("utf-8").splitlines())
    if args.report:
        print(report(drawn, readings))
        return
    unread = [alarm for alarm in drawn if alarm not in readings]
    lines = [json.dumps(shown, ensure_ascii=False) for shown in to_read(unread, past.items, geography)]
    args.draw.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    print(f"{len(unread)} of {len(drawn)} pages to read in {args.draw}")


def alarms(items: Sequence[Item], scale: Scale, geography: Geography) -> list[Alarm]:
    """Our pages of both directions at the budget of the audit."""
    _, ours = next(all_series(items, scale, geography, with_tone=False))
    span = (FIRST.toordinal(), LAST.toordinal())
    return [
        alarm
        for signal in SIGNALS
        for alarm in of_pages(signal, at_budgets(ours[signal], *span, [BUDGET], HABITS[signal])[BUDGET].pages)
    ]


def of_pages(signal: Signal, pages: Iterable[Page]) -> list[Alarm]:
    """Pages as the audit names them."""
    return [Alarm(signal, page.subject, date.fromordinal(page.day)) for page in pages]


def draw(found: Iterable[Alarm], each: int = EACH) -> list[Alarm]:
    """`each` pages of each direction, shuffled.

    Those with the lowest hash are drawn: a page that stands in another run too is mostly drawn there too, so that
    verdicts last.
    """
    pages = sorted(found, key=_lot)
    drawn = [page for signal in SIGNALS for page in [p for p in pages if p.signal is signal][:each]]
    return sorted(drawn, key=_lot)


def _lot(alarm: Alarm) -> str:
    return sha256(f"{_SEED}|{alarm.signal}|{alarm.subject}|{alarm.day}".encode()).hexdigest()


def to_read(drawn: Iterable[Alarm], items: Iterable[Item], geography: Geography) -> Iterator[dict[str, Any]]:
    """The pages with the sentences that moved them, and nothing of score, threshold or known episodes."""
    by_day: dict[int, list[Item]] = {}
    for item in items:
        by_day.setdefault(item.day, []).append(item)
    for alarm in drawn:
        day = alarm.day.toordinal()
        near = [item for n in range(-LOOK_BACK, 1) for item in by_day.get(day + n, ())]
        yield {
            "page": written(alarm),
            "sentences": [s for item in near for s in _moving(item, alarm, geography)],
        }


def _moving(item: Item, alarm: Alarm, geography: Geography) -> Iterator[dict[str, str]]:
    for event in item.events:
        alone = replace(item, events=(event,))
        if books([alone], geography)[alarm.signal].stir.get(alarm.subject):
            day = date.fromordinal(item.day).isoformat()
            yield {"day": day, "text": item.text, "act": event.text}


def written(alarm: Alarm) -> str:
    """A page as it stands at the beginning of a line of verdicts.

    >>> written(Alarm(Signal.ESCALATION, "dyad:IND-PAK", date(2019, 2, 27)))
    'E|dyad:IND-PAK|2019-02-27'
    """
    letter = next(letter for letter, signal in _LETTERS.items() if signal is alarm.signal)
    return f"{letter}|{alarm.subject}|{alarm.day}"


def read_verdicts(lines: Iterable[str]) -> dict[Alarm, Reading]:
    """Verdicts of `signal|subject|day|verdict|fault|why`; # begins a remark. Raises ValueError with the line."""
    found: dict[Alarm, Reading] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            letter, subject, day, verdict, fault, why = line.split("|")
            alarm = Alarm(_LETTERS[letter], str(Subject.parse(subject)), date.fromisoformat(day))
            reading = Reading(Verdict(verdict), fault, why)
        except (KeyError, ValueError) as error:
            raise ValueError(f"line {number}: {error}") from None
        if (reading.verdict is Verdict.RIGHT) == bool(fault):
            raise ValueError(f"line {number}: a page has a fault if, and only if, it is not right")
        if alarm in found:
            raise ValueError(f"line {number}: {written(alarm)} was judged before")
        found[alarm] = reading
    return found


def report(drawn: Sequence[Alarm], readings: Mapping[Alarm, Reading]) -> str:
    """What the readers of the drawn pages said, as a part of a page in Markdown."""
    read = {alarm: readings[alarm] for alarm in drawn if alarm in readings}
    rows = ["| pages | read | right | right or arguable | wrong |", "|---|---|---|---|---|"]
    rows += [_row(str(s), [r for alarm, r in read.items() if alarm.signal is s]) for s in SIGNALS]
    rows.append(_row("both", list(read.values())))
    head = prose.AUDIT.format(each=EACH, budget=BUDGET, first=FIRST.year, last=LAST.year).rstrip()
    covered = f"Of the {len(drawn)} pages drawn, {len(read)} have been read."
    faults = [prose.AUDIT_FAULTS.rstrip(), _faults(read)] if any(r.fault for r in read.values()) else []
    return "\n\n".join([head, covered, "\n".join(rows), *faults])


def precision(drawn: Iterable[Alarm], readings: Mapping[Alarm, Reading]) -> tuple[int, int, tuple[float, float]]:
    """How many of the drawn pages are right, how many were read, and the 95 % interval of the share."""
    of = [readings[alarm].verdict is Verdict.RIGHT for alarm in drawn if alarm in readings]
    return sum(of), len(of), share_interval(sum(of), len(of))


def _row(name: str, of: Sequence[Reading]) -> str:
    count = Counter(reading.verdict for reading in of)
    right = count[Verdict.RIGHT]
    shares = [_share(n, len(of)) for n in (right, right + count[Verdict.ARGUABLE], count[Verdict.WRONG])]
    return f"| {name} | {len(of)} | " + " | ".join(shares) + " |"


def _share(hits: int, of: int) -> str:
    if not of:
        return "-"
    low, high = share_interval(hits, of)
    return f"{hits / of:.2f} ({low:.2f} … {high:.2f})"


def _faults(read: Mapping[Alarm, Reading]) -> str:
    by_fault = Counter(reading.fault for reading in read.values() if reading.fault)
    lines = []
    for fault, n in sorted(by_fault.items(), key=lambda of: (-of[1], of[0])):
        lines.append(f"- **{fault}**, {n}:")
        lines += [f"  - {_in_words(a)}, {r.verdict}: {r.why}" for a, r in sorted(read.items()) if r.fault == fault]
    return "\n".join(lines)


def _in_words(alarm: Alarm) -> str:
    return f"{alarm.signal} of {alarm.subject.partition(':')[2]}, {alarm.day}"


if __name__ == "__main__":
    main()
