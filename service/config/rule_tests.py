"""Files with tests of rules."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from service.config.load import Key, Places, load_placed
from service.config.schema import Name, Strict
from service.domain.alerting.rule import CONFIRMED, Rule, Severity, State
from service.domain.events.event import Event, states_of
from service.domain.events.geography import Geography
from service.domain.events.ontology import ROOTS, TYPES, EventType
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.news.article import Article
from service.domain.risk.subject import Subject
from service.errors import ConfigError, NotFound
from service.operations.naming import check_subject, near
from service.operations.rule_tests import Dark, Expectation, RuleTest, Told

YEARS = range(1980, 2200)
SURE = 1.0
"""Confidence of what is coded by hand."""


def _in_utc(at: datetime) -> datetime:
    if at.year not in YEARS:
        raise ValueError(f"must lie between {YEARS[0]} and {YEARS[-1]}")
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]
SubjectName = Annotated[str, AfterValidator(lambda written: str(Subject.parse(written)))]
Party = Annotated[str, Field(pattern=r"^[A-Z]{2,6}(:[A-Z0-9-]+)?$")]


RulesIn = Callable[[Path], Sequence[Rule]]
"""The checked rules of a file. Raises ConfigError."""


class ArticleEntry(Strict):
    """An article: a text, or an event that is coded already."""

    at: Moment
    publisher: str = ""
    title: str = ""
    text: str = ""
    type: str = ""
    mode: str = ""
    actors: tuple[Party, ...] = ()
    recipients: tuple[Party, ...] = ()
    modality: Modality = Modality.ACTUAL
    role: ArticleRole = ArticleRole.LEAD

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.text) == bool(self.type):
            raise ValueError("give either the text of an article, or the type of an event")
        said = [name for name in ("mode", "actors", "recipients", "modality", "role") if name in self.model_fields_set]
        if self.text and said:
            raise ValueError(f"{', '.join(said)}: of a text these are read, not given")
        if self.type and not (self.actors or self.recipients):
            raise ValueError("an event needs actors or recipients")
        if self.type:
            self.kind()
        return self

    def kind(self) -> EventType:
        """The row of the table. Raises ValueError that names what is near."""
        written = f"{self.type}.{self.mode}" if self.mode else self.type
        modes = [name for name in TYPES if name.partition(".")[0] == self.type]
        if written in TYPES:
            return TYPES[written]
        if self.type in ROOTS:
            known = ", ".join(name.partition(".")[2] for name in modes)
            raise ValueError(f"{self.type} needs one of these modes: {known}")
        raise ValueError(f"{written!r} is no type of event{near(written, [*ROOTS, *TYPES])}")


class ExpectEntry(Strict):
    """What a rule must say of a subject at a moment."""

    at: Moment
    rule: Name
    subject: SubjectName
    state: State
    severity: Severity | None = None
    confirmed: bool | None = None


class DarkEntry(Strict):
    """A publisher's feed that is not heard for a while."""

    publisher: str
    since: Moment
    until: Moment | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until <= self.since:
            raise ValueError("until must come after since")
        return self


class TestFile(Strict):
    """A file in the folder of tests."""

    __test__ = False  # its name begins like that of a test class

    articles: tuple[ArticleEntry, ...] = ()
    dark: tuple[DarkEntry, ...] = ()
    rules: Path | None = None
    expect: tuple[ExpectEntry, ...] = ()
    expect_none: bool = False

    @model_validator(mode="after")
    def _expects(self) -> Self:
        if not self.expect and not self.expect_none:
            raise ValueError("expects nothing: give expect, or expect_none: true")
        return self


def files_in(folder: Path) -> list[Path]:
    """The test files of a folder, or the one file that is named. Raises ConfigError where there is none."""
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder of tests")
    if found := sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        return found
    raise ConfigError(f"{folder}: no test in it (files that end in .yaml)")


FOLDER = "tests"
"""Where tests stand in the folder of configuration files."""
Known = tuple[Geography, Collection[str]]
"""What there is on the map, and the watchlists."""


def load_test(path: Path, configured: Sequence[Rule], rules_in: RulesIn, known: Known) -> RuleTest:
    """The test of a file. Raises ConfigError that lists every mistake with its line."""
    file, places = load_placed(path, TestFile)
    rules = rules_in(path.parent / file.rules) if file.rules else configured
    if mistakes := [*_unknown_rules(file, places, rules), *_unknown_names(file, places, *known)]:
        raise ConfigError("\n".join(mistakes))
    return RuleTest(
        name=path.stem,
        told=[_told(n, entry) for n, entry in enumerate(file.articles)],
        rules=rules,
        expectations=[_expectation(n, entry, places) for n, entry in enumerate(file.expect)],
        dark=[Dark(one.publisher, one.since, one.until) for one in file.dark],
        nothing_where=_where(places, ("expect_none",)) if file.expect_none else "",
    )


def _unknown_rules(file: TestFile, places: Places, rules: Sequence[Rule]) -> Iterator[str]:
    by_name: Mapping[str, Rule] = {rule.name: rule for rule in rules}
    for n, entry in enumerate(file.expect):
        rule = by_name.get(entry.rule)
        if rule is None:
            yield places.name(("expect", n, "rule"), f"there is no rule {entry.rule!r}{near(entry.rule, by_name)}")
        elif not rule.covers(entry.subject) and entry.state is not State.INACTIVE:
            watched = ", ".join(rule.subjects)
            yield places.name(("expect", n, "subject"), f"rule {rule.name} watches {watched} only")
        if rule and rule.kind not in CONFIRMED and entry.confirmed is not None:
            yield places.name(("expect", n, "confirmed"), "is said of rules of kind LEVEL, SURGE, RISE or CUSTOM only")


def _unknown_names(file: TestFile, places: Places, geography: Geography, watchlists: Collection[str]) -> Iterator[str]:
    countries = geography.countries
    for n, article in enumerate(file.articles):
        for name in ("actors", "recipients"):
            for code in states_of(getattr(article, name)):
                if code not in countries:
                    yield places.name(("articles", n, name), f"{code!r} is no country code{near(code, countries)}")
    for n, entry in enumerate(file.expect):
        try:
            check_subject(Subject.parse(entry.subject), geography, watchlists)
        except NotFound as error:
            yield places.name(("expect", n, "subject"), str(error))


def _told(n: int, entry: ArticleEntry) -> Told:
    event = _event(entry) if entry.type else None
    text = entry.text or (event.text if event else "")
    article = Article(f"article {n + 1:04d}", entry.title, text, entry.publisher, "", entry.at, entry.at)
    return Told(article, event)


def _event(entry: ArticleEntry) -> Event:
    kind = entry.kind()
    text = f"{', '.join(entry.actors)} {kind.name} {', '.join(entry.recipients)}".strip()
    return Event(
        start=0,
        end=len(text),
        text=text,
        sentence=0,
        signal=Signal.ESCALATION if kind.intensity < 0 else Signal.DE_ESCALATION,
        type=kind.root,
        mode=kind.mode,
        actors=entry.actors,
        recipients=entry.recipients,
        places=(),
        regions=(),
        place_name="",
        modality=entry.modality,
        role=entry.role,
        level=0,
        intensity=kind.intensity,
        confidence=SURE,
        at=entry.at,
    )


def _expectation(n: int, entry: ExpectEntry, places: Places) -> Expectation:
    subject = Subject.parse(entry.subject)
    where = _where(places, ("expect", n))
    return Expectation(where, entry.at, entry.rule, subject, entry.state, entry.severity, entry.confirmed)


def _where(places: Places, key: Key) -> str:
    return f"{places.file}:{places.lines[key]}"
