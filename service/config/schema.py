"""The shape of the configuration files. Unknown keys are mistakes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    model_validator,
)

from service.domain.alerting.condition import AnyOf, Clause, parse
from service.domain.alerting.rule import Rule, RuleKind, Severity, Step
from service.domain.news.owner import QUARANTINE, Listed, is_host, name_key
from service.domain.risk.subject import Subject, SubjectKind
from service.ports import Feed, FeedKind

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(value: object) -> timedelta:
    """A length of time from its written form. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    if match := _DURATION.fullmatch(str(value).strip()):
        return timedelta(**{_UNIT[match[2]]: float(match[1])})
    raise ValueError("must be a duration such as 30s, 15m, 72h or 7d")


def subject_pattern(written: str) -> str:
    """A subject or a pattern over subjects; a bare subject must be a real one. Raises ValueError."""
    kind, colon, name = written.partition(":")
    if written == "*" or (colon and any(c in name for c in "*?[") and kind in {*SubjectKind, "*"}):
        return written
    return str(Subject.parse(written))


def _member(written: str) -> str:
    """A subject that is no watchlist itself."""
    subject = Subject.parse(written)
    if subject.kind is SubjectKind.WATCH:
        raise ValueError(f"{written!r}: a watchlist cannot hold another")
    return str(subject)


def _domains(value: object) -> object:
    """One domain, or a list of them; a leading `www.` says nothing."""
    written = [value] if isinstance(value, str) else value
    if not isinstance(written, list | tuple):
        raise ValueError("must be a domain such as bbc.co.uk, or a list of them")  # noqa: TRY004  pydantic's way
    hosts = tuple(str(one).strip().lower().removeprefix("www.") for one in written if str(one).strip())
    if wrong := [host for host in hosts if not is_host(host)]:
        raise ValueError(f"{', '.join(map(repr, wrong))}: write the bare host, such as bbc.co.uk")
    return hosts


def _nameable(name: str) -> str:
    if not name_key(name):
        raise ValueError("must have a letter or a digit")
    return name


def _not_reserved(owner: str) -> str:
    if name_key(owner) == name_key(QUARANTINE):
        raise ValueError(f"{QUARANTINE!r} stands for all who are not listed")
    return owner


def _clause(value: object) -> Clause:
    """A condition, or a group of them under `any`."""
    if isinstance(value, str):
        return parse(value)
    group = value.get("any") if isinstance(value, dict) and list(value) == ["any"] else None
    if not isinstance(group, list) or not group or not all(isinstance(one, str) for one in group):
        raise ValueError("must be a condition such as level >= 50, or a group such as any: [level >= 50, surge >= 3]")
    return AnyOf(tuple(map(parse, group)))


SubjectName = Annotated[str, AfterValidator(_member)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
SubjectPattern = Annotated[str, AfterValidator(subject_pattern)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,59}$")]
Percent = Annotated[float, Field(ge=0, le=100)]
Nameable = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_nameable)]
OwnerName = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(_nameable), AfterValidator(_not_reserved)
]
FeedPublisher = Annotated[
    str, Field(max_length=200), AfterValidator(lambda name: name and _not_reserved(_nameable(name)))
]
FeedUrl = Annotated[str, Field(pattern=r"^(https?|imaps|file)://\S+$", max_length=2000)]
FolderPath = Annotated[str, Field(pattern=r"^/[^\x00-\x1f]*$", max_length=1000)]
_MAILBOX = re.compile(r"imaps://[^\s/:@]+@[^\s/@]+(/\S*)?")
Clauses = tuple[Annotated[Any, PlainValidator(_clause)], ...]
Template = Annotated[str, Field(min_length=1, max_length=2000)]
Domains = Annotated[tuple[str, ...], BeforeValidator(_domains)]


class Strict(BaseModel):
    """Base of all: unknown keys are mistakes, values are not changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Publisher(Strict):
    """Who printed it, who owns it, and how far to trust it. An `agency` is one whose reports others print."""

    name: Nameable
    aliases: tuple[Nameable, ...] = ()
    domain: Domains = ()
    owner: OwnerName
    grade: Literal["A", "B", "C", "D", "E", "F"]
    country: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    agency: bool = False
    reason: str = ""

    @property
    def listed(self) -> Listed:
        """The publisher as the domain knows it."""
        return Listed(self.name, self.owner, str(self.grade), self.aliases, self.domain, is_agency=self.agency)


def _address_of_folder(known: Mapping[str, Any]) -> str:
    return PurePosixPath(known["path"]).as_uri() if known.get("path") else ""


class FeedEntry(Strict):
    """A feed to poll. With `pages` the pages of articles that come without their text are read.

    The `url` of a folder is made of its `path`.
    """

    no_url: ClassVar[str] = "needs a url"

    name: Name
    kind: FeedKind = FeedKind.FEED
    path: FolderPath | None = None
    url: FeedUrl = Field(default_factory=_address_of_folder)
    password_file: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    publisher: FeedPublisher = ""
    pages: bool = True
    disabled: bool = False

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind is FeedKind.FOLDER) != (self.path is not None):
            raise ValueError("path belongs to feeds of kind folder, and those need it")
        if (self.kind is FeedKind.MAILBOX) != (self.password_file is not None):
            raise ValueError("password_file belongs to feeds of kind mailbox, and those need it")
        if not self.url and not self.is_switch:
            raise ValueError(self.no_url)
        if self.url and (wrong := self._wrong_url()):
            raise ValueError(wrong)
        return self

    def _wrong_url(self) -> str:
        if self.kind is FeedKind.FOLDER:
            own = self.url == _address_of_folder({"path": self.path})
            return "" if own else "a folder has a path in place of a url"
        if self.kind is FeedKind.MAILBOX:
            is_one = _MAILBOX.fullmatch(self.url)
            return "" if is_one else "the url of a mailbox is imaps://user@host/folder, without the password"
        return "" if self.url.startswith("http") else f"the url of a {self.kind} begins with https:// or http://"

    @property
    def is_switch(self) -> bool:
        """Whether it only switches another entry off or on."""
        return False

    @property
    def feed(self) -> Feed:
        """The feed as it is polled."""
        return Feed(self.name, self.url, self.publisher, kind=self.kind, pages=self.pages)


class PublishersFile(Strict):
    """`publishers.yaml`: what the operator has decided on publishers."""

    publishers: tuple[Publisher, ...] = ()

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        """A name or a domain leads to one publisher only."""
        names = [(name_key(name), name) for p in self.publishers for name in (p.name, *p.aliases)]
        found = Counter(key for key, _ in names)
        if twins := sorted(name for key, name in names if found[key] > 1):
            raise ValueError(f"publishers name {', '.join(map(repr, twins))} more than once")
        no_twins("publishers", [host for p in self.publishers for host in p.domain])
        return self


class SourcesFile(PublishersFile):
    """`sources.yaml`: publishers and feeds."""

    feeds: tuple[FeedEntry, ...] = ()

    @model_validator(mode="after")
    def _unique_feeds(self) -> Self:
        no_twins("feeds", [feed.name for feed in self.feeds])
        no_twins("feeds", [feed.url for feed in self.feeds])
        return self

    def with_decisions(self, decisions: Iterable[Publisher]) -> Self:
        """The same with the operator's decisions on top.

        A decision on a publisher that is listed, under any of its names, takes its place and keeps its names and
        domains. What a decision claims for another publisher is that one's no longer.
        """
        publishers = list(self.publishers)
        for decision in decisions:
            keys = set(decision.listed.keys)
            old = next((p for p in publishers if name_key(decision.name) in p.listed.keys), None)
            merged = _merged(decision, old) if old else decision
            rest = [_without(p, keys, set(decision.domain)) for p in publishers if p is not old]
            publishers = [*(p for p in rest if p), merged]
        return self.model_copy(update={"publishers": tuple(publishers)})


def _merged(decision: Publisher, old: Publisher) -> Publisher:
    own = set(decision.listed.keys)
    aliases = (*decision.aliases, *(name for name in (old.name, *old.aliases) if name_key(name) not in own))
    domains = tuple(dict.fromkeys((*decision.domain, *old.domain)))
    known = {"aliases": aliases, "domain": domains, "country": decision.country or old.country}
    return decision.model_copy(update=known)


def _without(publisher: Publisher, keys: AbstractSet[str], domains: AbstractSet[str]) -> Publisher | None:
    """The publisher less these names and domains; None when its own name is among them."""
    if name_key(publisher.name) in keys:
        return None
    aliases = tuple(name for name in publisher.aliases if name_key(name) not in keys)
    return publisher.model_copy(
        update={"aliases": aliases, "domain": tuple(d for d in publisher.domain if d not in domains)}
    )


class WatchlistEntry(Strict):
    """Subjects watched together."""

    name: Name
    subjects: Annotated[tuple[SubjectName, ...], Field(min_length=1)]


class WatchlistsFile(Strict):
    """`watchlists.yaml`."""

    watchlists: tuple[WatchlistEntry, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> Self:
        no_twins("watchlists", [entry.name for entry in self.watchlists])
        return self


class StepEntry(Strict):
    """One rung of a LEVEL rule."""

    enter: Percent
    leave: Percent
    severity: Severity

    @model_validator(mode="after")
    def _gap(self) -> Self:
        if self.leave >= self.enter:
            raise ValueError(f"leave ({self.leave:g}) must be below enter ({self.enter:g}), or the alert would flap")
        return self


_BELONGS: Mapping[str, RuleKind] = {
    "rise": RuleKind.RISE,
    "rung": RuleKind.NOVEL,
    "raises": RuleKind.NOVEL,
    "stale": RuleKind.SILENCE,
    "when": RuleKind.CUSTOM,
    "leave_when": RuleKind.CUSTOM,
}
"""Keys that only rules of one kind have."""
_WITHIN = {RuleKind.NOVEL: timedelta(days=180), RuleKind.RISE: timedelta(days=7)}
"""Kinds that look at a span, and the span unless another is given."""
_LONGEST_WITHIN = timedelta(days=366)


class RuleEntry(Strict):
    """One rule."""

    name: Name
    kind: RuleKind
    subjects: Annotated[tuple[SubjectPattern, ...], Field(min_length=1)]
    except_subjects: tuple[SubjectPattern, ...] = ()
    hold: Duration = Field(default=timedelta(0), alias="for")
    keep: Duration = Field(default=timedelta(0), alias="keep_firing_for")
    steps: tuple[StepEntry, ...] = ()
    enter: Annotated[float, Field(gt=0)] | None = None
    leave: Annotated[float, Field(gt=0)] | None = None
    again: Annotated[float, Field(gt=1)] = 1.5
    hot_rate: Annotated[float, Field(gt=0)] = 0.02
    intensity: Annotated[float, Field(gt=0, le=10)] = 4.0
    peace: Annotated[float, Field(ge=0)] = 0.0
    severity: Severity = Severity.INFO
    below: Percent = 25.0
    quiet: Duration = timedelta(days=7)
    rung: Annotated[int, Field(ge=1, le=5)] = 4
    raises: bool = True
    rise: Annotated[float, Field(gt=0, le=100)] | None = None
    within: Annotated[Duration, Field(ge=timedelta(hours=1), le=_LONGEST_WITHIN)] | None = None
    stale: Annotated[Duration, Field(ge=timedelta(minutes=1))] = timedelta(hours=6)
    when: Clauses = ()
    leave_when: Clauses = ()
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[Name, Template] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        if (self.kind is RuleKind.LEVEL) != bool(self.steps):
            raise ValueError("steps belong to rules of kind LEVEL, and those need at least one")
        enters = [step.enter for step in self.steps]
        if enters != sorted(set(enters)):
            raise ValueError("steps must rise: each enter above the one before it")
        return self

    @model_validator(mode="after")
    def _edges(self) -> Self:
        if (self.kind is RuleKind.SURGE) != (self.enter is not None):
            raise ValueError("enter belongs to rules of kind SURGE, and those need it")
        if (self.kind is RuleKind.RISE) != (self.rise is not None):
            raise ValueError("rise belongs to rules of kind RISE, and those need it")
        edge = self.rise if self.enter is None else self.enter
        if self.leave is not None and (edge is None or self.leave >= edge):
            of = "rules of kind SURGE and RISE"
            raise ValueError(f"leave belongs to {of} and must be below enter or rise, or the alert would flap")
        return self

    @model_validator(mode="after")
    def _own_keys(self) -> Self:
        """By their values, not by what is written: a rule that was read can be written out and read again."""
        for key, kind in _BELONGS.items():
            if self.kind is not kind and getattr(self, key) != type(self).model_fields[key].default:
                raise ValueError(f"{key} belongs to rules of kind {kind}")
        if self.within is not None and self.kind not in _WITHIN:
            raise ValueError("within belongs to rules of kind NOVEL and RISE")
        if self.kind is RuleKind.CUSTOM and not self.when:
            raise ValueError("a rule of kind CUSTOM needs at least one condition under when")
        if self.kind is RuleKind.NOVEL and self.severity is not Severity.INFO:
            raise ValueError(
                "a rule of kind NOVEL is info alone: it raises the LEVEL and SURGE alerts that begin with it"
            )
        return self

    def rule(self) -> Rule:
        """The rule as the domain knows it."""
        steps = tuple(Step(s.enter, s.leave, s.severity) for s in self.steps)
        other = {"steps", "enter", "rise", "leave", "within", "except_subjects", "when", "leave_when"}
        enter = self.enter or self.rise or 0.0
        return Rule(
            steps=steps,
            enter=enter,
            leave=enter / 2 if self.leave is None else self.leave,
            within=self.within or _WITHIN.get(self.kind, timedelta(0)),
            but=self.except_subjects,
            when=self.when,
            leave_when=self.leave_when,
            **self.model_dump(exclude=other),
        )


class RulesFile(Strict):
    """`rules.yaml`."""

    rules: Annotated[tuple[RuleEntry, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _unique(self) -> Self:
        no_twins("rules", [rule.name for rule in self.rules])
        return self


def no_twins(what: str, names: list[str]) -> None:
    """Raises ValueError that names what stands more than once."""
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise ValueError(f"{what} name {', '.join(map(repr, twins))} more than once")
