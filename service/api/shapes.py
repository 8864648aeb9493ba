"""The shapes of answers, for the description of the interface.

Answers are plain values and are not checked against them when they are given; tests do that.
"""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.domain.alerting.feedback import Verdict
from service.domain.alerting.rule import Severity, State
from service.domain.alerting.subscriber import ChannelState, SubscriberState
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.news.article import Flag
from service.flow import ArticleState
from service.operations.feed_health import FeedState
from service.operations.sources import Voice
from service.ports import FeedKind


class Shape(BaseModel):
    """Base of all: members may be added later."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)


class Mistake(Shape):
    """One mistake in a question: where, and what is wrong."""

    location: list[str]
    message: str


class Problem(Shape):
    """Why something was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Mistake] | None = Field(default=None, description="Of a question with mistakes: each of them.")


class Health(Shape):
    """The process answers."""

    status: Literal["ok"]


class Readiness(Shape):
    """Whether the service does its work, and why it does not."""

    ready: bool
    problems: list[str]


class ArticleForm(Shape):
    """An article as it is sent. Without an id it gets one that depends on its text alone."""

    text: str
    id: str | int | None = None
    title: str | None = None
    published_at: str | None = Field(default=None, description="ISO 8601 or as in mail; without it now.")
    publisher: str | None = None
    url: str | None = None
    language: str | None = None


class Outcome(Shape):
    """What became of one article."""

    id: str | None = None
    status: Literal["accepted", "duplicate", "corrected", "refused"]
    reason: str | None = None
    detail: str | None = None


class Taken(Shape):
    """What became of the articles, in their order."""

    articles: list[Outcome]


class Shelved(Shape):
    """An article without its text, and where it stands."""

    id: str
    title: str
    publisher: str
    url: str
    published_at: AwareDatetime
    state: ArticleState
    reason: str


class Casualties(Shape):
    """Figures of an event."""

    harm: str
    count: int
    unit: str
    bound: str


class Event(Shape):
    """What an article tells of."""

    text: str
    start: int
    end: int
    signal: Signal
    type: str
    mode: str
    actors: list[str]
    recipients: list[str]
    places: list[str]
    regions: list[str]
    place_name: str
    modality: Modality
    role: ArticleRole
    level: int
    intensity: float
    confidence: float
    at: AwareDatetime
    words: list[list[float]]
    quoted: bool
    attributed_to: list[str]
    casualties: list[Casualties]


class Article(Shelved):
    """An article with its events: `credit` is the agency whose report it is, `flags` what is odd about it."""

    credit: str
    flags: list[Flag]
    events: list[Event]


class ToldEvent(Event):
    """An event and the article it is from."""

    id: str
    article: str
    publisher: str
    url: str
    published_at: AwareDatetime


class Score(Shape):
    """Where a subject stands at a moment."""

    subject: str
    at: AwareDatetime
    level: float = Field(ge=0, le=100)
    band: str
    surprise: float | None
    confidence: float = Field(ge=0, le=1)
    freshness: float = Field(ge=0, le=1)
    interval: list[float] = Field(min_length=2, max_length=2)
    e: float
    d: float
    e_24h: float
    e_30d: float
    d_24h: float
    d_30d: float
    versions: dict[str, str]


class Contribution(Shape):
    """What an incident adds to a score."""

    incident: str
    article_ids: list[str]
    events: list[Event]
    share: float
    points: float
    level_without: float


class Explained(Score):
    """A score and what it is made of."""

    contributions: list[Contribution]


class Point(Shape):
    """A subject's level at a moment."""

    at: AwareDatetime
    level: float = Field(ge=0, le=100)
    low: float = Field(ge=0, le=100)
    high: float = Field(ge=0, le=100)
    e: float
    d: float


class Series(Shape):
    """How a subject's level went; before `began_at` nothing was known of anything."""

    subject: str
    began_at: AwareDatetime | None
    points: list[Point]
    versions: dict[str, str]


class Quote(Shape):
    """A sentence that speaks for an alert."""

    publisher: str
    url: str
    text: str


class Transition(Shape):
    """A change of an alert."""

    at: AwareDatetime
    before: State = Field(alias="from")
    after: State = Field(alias="to")
    severity: Severity
    level: float
    level_before: float
    reason: str
    confirmed: bool
    owner_groups: int
    evidence: list[Quote]


class Notification(Shape):
    """What became of a message."""

    receiver: str
    channel: str
    status: str
    at: AwareDatetime
    attempt: int


class Alert(Shape):
    """An alert with its history."""

    id: str
    rule: str
    labels: dict[str, str]
    state: State
    since: AwareDatetime
    severity: Severity
    reason: str
    annotations: dict[str, str]
    evidence: list[Quote]
    owner_groups: int
    history: list[Transition]
    notifications: list[Notification]


class Trace(Shape):
    """What led to an alert."""

    alert: Alert
    at: AwareDatetime
    earlier: int
    stages: list[dict[str, Any]]
    since: list[dict[str, Any]]
    ends: str
    versions: dict[str, str]


class Acknowledged(Shape):
    """An alert that somebody has taken on."""

    id: str
    rule: str
    subject: str
    acknowledged_by: str


class Silence(Shape):
    """Alerts that nobody hears of for a while."""

    id: str
    state: Literal["active", "pending", "expired"]
    matchers: list[str]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    author: str
    comment: str
    created_at: AwareDatetime
    alerts: list[str]


class Channel(Shape):
    """A way to a subscriber, without its address."""

    name: str
    schema_: str = Field(alias="schema")
    state: ChannelState
    confirmed_at: AwareDatetime | None


class Subscriber(Shape):
    """Somebody who wants to hear of alerts."""

    id: str
    name: str
    state: SubscriberState
    created_at: AwareDatetime
    channels: list[Channel]


class Asked(Subscriber):
    """A subscriber with a new channel; `asked` says whether whoever is at its end was asked, `detail` why not."""

    asked: bool
    detail: str | None = None


class Feedback(Shape):
    """What somebody said of an alert."""

    id: str
    alert: str
    transition: str | None
    verdict: Verdict
    author: str
    comment: str
    at: AwareDatetime


class Publisher(Shape):
    """A publisher that somebody has decided on, with its articles of the last 24 hours and 7 days."""

    name: str
    owner: str
    grade: str
    voice: Voice
    day: int
    week: int
    last_at: AwareDatetime | None
    feeds: list[str]


class Feed(Shape):
    """A feed and how it fares. `lag_seconds` is the time since it last answered well, `failures` those since.

    A feed that is `dark` or `gone` tells nothing; one that is `calm` answers and has had nothing new for longer than
    is usual. `due_at` is null for one that is gone. It is asked every `interval_seconds`, null before the first good
    answer. `moved_to` is where its server says it has gone for good, empty if nowhere. `articles` are all it brought.
    """

    id: str
    url: str
    publisher: str
    kind: FeedKind
    state: FeedState
    last_ok_at: AwareDatetime | None
    last_new_at: AwareDatetime | None
    lag_seconds: int | None
    due_at: AwareDatetime | None
    failures: int
    interval_seconds: int | None
    articles: int
    moved_to: str
    note: str


class Stranger(Shape):
    """A publisher that nobody has decided on, with its articles of the last 7 days."""

    name: str
    articles: int
    last_at: AwareDatetime


class Sources(Shape):
    """Where news comes from. `floods` are owners that sent more in a day than anyone believes, `unread` languages."""

    at: AwareDatetime
    quarantine: bool
    publishers: list[Publisher]
    feeds: list[Feed]
    undecided: list[Stranger]
    floods: list[dict[str, str]]
    unread: dict[str, int]
