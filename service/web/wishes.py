"""The form of what somebody subscribes to: as it is typed, as it is kept, and what is wrong with each field."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Any
from zoneinfo import available_timezones

from service.config.load import check
from service.config.subscription import SubscriptionForm
from service.domain.alerting.subscriber import WEEKDAYS, Subscriber, wishes

MOST_SPANS = 14
"""Spans of quiet hours that a form may hold: two a day."""
_TYPED = ("name", "least", "zone", "language", "budget_per_day", "budget_per_week", "digest", "digest_at", "digest_on")
_BUDGETS = ("budget_per_day", "budget_per_week")
Errors = Mapping[str, Sequence[str]]
"""Field → what would be right; "" for what belongs to no field."""
Find = Callable[[str], Sequence[str]]
"""What is called so, as written subjects."""


@dataclass(frozen=True, slots=True)
class Span:
    """Quiet hours as typed."""

    begins: str = ""
    until: str = ""
    days: frozenset[str] = frozenset()

    @property
    def raw(self) -> dict[str, Any]:
        """As the configuration reads it."""
        return {"from": self.begins, "until": self.until, "weekdays": [day for day in WEEKDAYS if day in self.days]}


@dataclass(frozen=True, slots=True)
class Typed:
    """A filled form. `texts` are fields with one value; an empty budget has no limit."""

    texts: Mapping[str, str]
    subjects: str
    with_dyads: bool
    kinds: frozenset[str]
    quiet: Sequence[Span]
    spans: Sequence[Span] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "spans", [*self.quiet, Span()][:MOST_SPANS])

    def raw(self, find: Find) -> dict[str, Any]:
        """As the configuration reads it. What is called by a name becomes the subject of that name."""
        texts: dict[str, Any] = dict(self.texts)
        limits = {key: texts[key].strip() or None for key in _BUDGETS}
        subjects = [_subject(line, find) for line in self.lines]
        return {
            **texts,
            **limits,
            "subjects": subjects,
            "with_dyads": self.with_dyads,
            "kinds": sorted(self.kinds),
            "quiet": [span.raw for span in self.quiet],
        }

    @property
    def lines(self) -> list[str]:
        """The subjects, one a line."""
        return [line.strip() for line in self.subjects.splitlines() if line.strip()]

    def changes(self, find: Find) -> dict[str, Any]:
        """In the form of `wishes`. Raises ConfigError with a line for each mistake."""
        return check(self.raw(find), SubscriptionForm, _named).changes


def of(one: Subscriber) -> Typed:
    """The form as it is kept."""
    kept = wishes(one)
    texts = {name: "" if kept[name] is None else str(kept[name]) for name in (*_TYPED, "at_once")}
    quiet = [Span(span["from"], span["until"], frozenset(span["weekdays"])) for span in kept["quiet"]]
    return Typed(texts, "\n".join(kept["subjects"]), bool(kept["with_dyads"]), frozenset(kept["kinds"]), quiet)


def read(form: Mapping[str, str]) -> Typed:
    """The form as it was sent. A span without any time is none."""
    texts = {name: form.get(name, "").strip() for name in (*_TYPED, "at_once")}
    kinds = frozenset(name.removeprefix("kind.") for name in form if name.startswith("kind."))
    quiet = [span for span in _spans(form) if span.begins or span.until]
    return Typed(texts, form.get("subjects", ""), "with_dyads" in form, kinds, quiet)


def _spans(form: Mapping[str, str]) -> Iterator[Span]:
    for number in count():
        if f"quiet.{number}.from" not in form or number >= MOST_SPANS:
            return
        days = frozenset(day for day in WEEKDAYS if f"quiet.{number}.{day}" in form)
        yield Span(form[f"quiet.{number}.from"].strip(), form.get(f"quiet.{number}.until", "").strip(), days)


def _subject(line: str, find: Find) -> str:
    if ":" in line or line == "*":
        return line
    found = find(line)
    return found[0] if len(found) == 1 else line


def errors(said: str) -> Errors:
    """What a ConfigError says, by field."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in said.splitlines():
        key, colon, rest = line.partition(": ")
        name, _, place = key.partition(".")
        if not colon or name not in SubscriptionForm.model_fields:
            found[""].append(line)
            continue
        number = place.partition(".")[0]
        found[name].append(f"{int(number) + 1}: {rest}" if number.isdecimal() else rest)
    return dict(found)


def _named(key: tuple[str | int, ...], message: str) -> str:
    dotted = ".".join(map(str, key))
    return f"{dotted}: {message}" if dotted else message


@lru_cache(maxsize=1)
def zones() -> Sequence[str]:
    """Time zones that a form proposes: those of places, by name."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
