"""Whether a stronger score means a better page: shares of pages by thirds of the score."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from service.domain.evaluation.alarm import Series
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.verdict import BEFORE
from service.domain.events.signal import Signal
from training.audit import Alarm, Reading, Verdict
from training.charts import Bar
from training.metrics import share_interval

THIRDS = ("weakest third", "middle", "strongest third")
AUDITED, KNOWN = "read, and right", "in a known episode"


def bars(
    pages: Mapping[Signal, Sequence[Alarm]],
    series: Mapping[Signal, Series],
    episodes: Iterable[Episode],
    readings: Mapping[Alarm, Reading],
) -> dict[Signal, dict[str, list[Bar]]]:
    """For each direction, the share of audited pages that are right and of all pages that stand in a known episode."""
    known = list(episodes)
    return {
        signal: {
            AUDITED: [
                _bar(name, [readings[p].verdict is Verdict.RIGHT for p in third if p in readings])
                for name, third in zip(THIRDS, thirds(of, series[signal]), strict=True)
            ],
            KNOWN: [
                _bar(name, [is_known(p, known) for p in third])
                for name, third in zip(THIRDS, thirds(of, series[signal]), strict=True)
            ],
        }
        for signal, of in pages.items()
    }


def thirds(pages: Iterable[Alarm], series: Series) -> list[list[Alarm]]:
    """The pages in three equal groups, the weakest first; `series` has the score of each."""
    value = {(subject, point.day): point.value for subject, points in series.items() for point in points}
    ordered = sorted(pages, key=lambda page: (value[page.subject, page.day.toordinal()], page))
    cuts = [round(len(ordered) * n / len(THIRDS)) for n in range(len(THIRDS) + 1)]
    return [ordered[a:b] for a, b in pairwise(cuts)]


def is_known(page: Alarm, episodes: Iterable[Episode]) -> bool:
    """Whether a page stands in a known episode of its subject and direction."""
    day = page.day.toordinal()
    return any(
        str(e.subject) == page.subject
        and e.signal is page.signal
        and e.start.toordinal() - BEFORE <= day <= e.end.toordinal()
        for e in episodes
    )


def _bar(name: str, held: Sequence[bool]) -> Bar:
    share = sum(held) / len(held) if held else 0.0
    return name, share, share_interval(sum(held), len(held)), len(held)
