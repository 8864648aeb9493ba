"""The picture of the service as Prometheus reads it. All of it comes from rows: workers are asked nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from service.operations.canary import Whereabouts
from service.operations.feed_health import FeedState
from service.operations.measures import CanaryMeasure, FeedMeasure, Picture

T = TypeVar("T")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""
Sample = tuple[tuple[str, ...], float | None]
"""Values of the labels, and the value; None says that there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A gauge, or a counter: its name behind `detente_`, what it is, its labels, and how it is read off a picture."""

    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[Picture], Iterable[Sample]]
    family_of: type[GaugeMetricFamily | CounterMetricFamily] = GaugeMetricFamily

    def family(self, picture: Picture) -> GaugeMetricFamily | CounterMetricFamily:
        """The gauge or counter of a picture."""
        found = self.family_of(f"detente_{self.name}", self.help, labels=self.labels)
        for values, value in self.read(picture):
            if value is not None:
                found.add_metric(values, value)
        return found


def _one(read: Callable[[Picture], float | None]) -> Callable[[Picture], Iterable[Sample]]:
    return lambda picture: [((), read(picture))]


def _each(read: Callable[[Picture], Mapping[str, float]]) -> Callable[[Picture], Iterable[Sample]]:
    return lambda picture: [((key,), value) for key, value in read(picture).items()]


def _nested(read: Callable[[Picture], Mapping[str, Mapping[str, int]]]) -> Callable[[Picture], Iterable[Sample]]:
    return lambda picture: [
        ((outer, inner), value) for outer, values in read(picture).items() for inner, value in values.items()
    ]


def _feed(read: Callable[[FeedMeasure], float | None]) -> Callable[[Picture], Iterable[Sample]]:
    return lambda picture: [((feed.name,), read(feed)) for feed in picture.feeds]


def _canary(read: Callable[[Picture, CanaryMeasure], float | None]) -> Callable[[Picture], Iterable[Sample]]:
    return lambda picture: [((), read(picture, picture.canary))] if picture.canary else []


def _whereabouts(picture: Picture) -> Iterator[Sample]:
    if picture.canary and (flight := picture.canary.flight):
        for place in Whereabouts:
            yield (str(place),), flight.whereabouts is place


def _oldest(picture: Picture) -> float:
    return picture.age(picture.status.oldest_due_at) or 0.0


MEASURES = (
    Measure("ready", "1 while nothing keeps the service from working.", (), _one(lambda p: not p.status.problems)),
    Measure("problems", "What detente status complains of.", (), _one(lambda p: len(p.status.problems))),
    Measure("warnings", "What detente status warns of.", (), _one(lambda p: len(p.status.warnings))),
    Measure(
        "config_refused",
        "1 while a changed configuration is not taken and the one before goes on.",
        (),
        _one(lambda p: p.is_refused),
    ),
    Measure("broker_up", "1 while messages to workers get through and are kept.", (), _one(lambda p: p.broker is None)),
    Measure(
        "rows",
        "Rows by kind and state. They move on, come back and are forgotten: the number may fall.",
        ("kind", "state"),
        _nested(lambda p: p.rows),
    ),
    Measure(
        "rows_ended_last_hour",
        "Articles and notifications that came to an end in the last hour, by kind and state.",
        ("kind", "state"),
        lambda p: p.ended.items(),
    ),
    Measure(
        "oldest_due_age_seconds", "How long the longest waiting row has been due; 0 when none is.", (), _one(_oldest)
    ),
    Measure(
        "queue_messages",
        "Nudges that wait for a worker; 0 also when that cannot be known.",
        ("task",),
        _each(lambda p: p.status.queued),
    ),
    Measure(
        "last_scored_age_seconds",
        "Since an article was last booked, canaries among them.",
        (),
        _one(lambda p: p.age(p.last_scored_at)),
    ),
    Measure(
        "articles_unread",
        "Articles set aside because no model reads their language.",
        ("language",),
        _each(lambda p: p.status.unread),
    ),
    Measure(
        "floods",
        "Owner groups and days of the last week with more reports than anyone believes.",
        (),
        _one(lambda p: len(p.status.floods)),
    ),
    Measure(
        "last_sweep_age_seconds",
        "Since a worker last looked for forgotten work.",
        (),
        _one(lambda p: p.age(p.status.last_sweep_at)),
    ),
    Measure(
        "last_evaluation_age_seconds",
        "Since rules last looked at what changed.",
        (),
        _one(lambda p: p.age(p.status.last_evaluation_at)),
    ),
    Measure(
        "alerts",
        "Alerts that are not inactive, by rule, severity and state.",
        ("rule", "severity", "state"),
        lambda p: [((a.rule, str(a.severity), str(a.state)), a.number) for a in p.alerts],
    ),
    Measure(
        "notifications",
        "Messages to channels by the kind of channel and state. Old ones may be forgotten: the number may fall.",
        ("channel_kind", "state"),
        _nested(lambda p: p.messages),
    ),
    Measure(
        "channel_resting",
        "1 while a channel of routes.yaml is left alone because it fails.",
        ("receiver", "channel", "channel_kind"),
        lambda p: p.resting.items(),
    ),
    Measure(
        "subscriber_channels_resting",
        "Channels of subscribers that are left alone because they fail.",
        (),
        _one(lambda p: p.personal_resting),
    ),
    Measure("subscribers", "Subscribers by state.", ("state",), _each(lambda p: p.subscribers)),
    Measure(
        "feeds",
        "Feeds that are configured, by how they fare.",
        ("state",),
        lambda p: [((str(state),), number) for state, number in p.feed_states.items()],
    ),
    Measure(
        "feeds_answering_ratio",
        "Share of the feeds with a good poll in the last six hours; 1 without feeds.",
        (),
        _one(lambda p: p.freshness),
    ),
    Measure("feed_last_ok_age_seconds", "Since the last good poll of a feed.", ("feed",), _feed(lambda f: f.ok_age)),
    Measure(
        "feed_last_success_timestamp_seconds", "The last good poll of a feed.", ("feed",), _feed(lambda f: f.last_ok)
    ),
    Measure(
        "feed_last_new_timestamp_seconds", "When a feed last had a new article.", ("feed",), _feed(lambda f: f.last_new)
    ),
    Measure(
        "feed_dark",
        "1 for a feed that is asked and had no good poll in the last six hours.",
        ("feed",),
        _feed(lambda f: f.state is FeedState.DARK),
    ),
    Measure(
        "feed_gone",
        "1 for a feed that is not asked any more: its server says that it will not come back.",
        ("feed",),
        _feed(lambda f: f.state is FeedState.GONE),
    ),
    Measure("feed_interval_seconds", "How often a feed is asked.", ("feed",), _feed(lambda f: f.interval)),
    Measure(
        "feed_articles",
        "New articles a feed has brought since it has had its address.",
        ("feed",),
        _feed(lambda f: f.articles),
        CounterMetricFamily,
    ),
    Measure("feed_failures", "Polls of a feed that failed in a row.", ("feed",), _feed(lambda f: f.failures)),
    Measure(
        "feed_noted",
        "1 where the last poll failed or brought items that were not taken.",
        ("feed",),
        _feed(lambda f: f.is_noted),
    ),
    Measure("canary_missing", "1 while the canary is late, lost or not sent.", (), _canary(lambda _, c: c.is_missing)),
    Measure("canary_state", "Where the last canary is: 1 for out, arrived or lost.", ("state",), _whereabouts),
    Measure(
        "canary_sent_age_seconds",
        "Since the last canary was sent.",
        (),
        _canary(lambda p, c: p.age(c.flight.sent_at) if c.flight else None),
    ),
    Measure(
        "canary_duration_seconds",
        "How long the last canary took, if it has arrived.",
        (),
        _canary(lambda _, c: c.flight.seconds if c.flight else None),
    ),
    Measure(
        "score_level",
        "Level 0 to 100 of the subjects with most booked in 30 days, and of watchlists, from 1 on.",
        ("subject",),
        _each(lambda p: p.levels),
    ),
)


class Durations:
    """How long requests took in this process."""

    def __init__(self) -> None:
        self.histogram = Histogram(
            "detente_http_request_duration_seconds",
            "Seconds from a request to the end of its answer; of a stream, to its beginning.",
            ("route", "method", "status"),
            buckets=BUCKETS,
            registry=None,
        )

    def observe(self, route: str, method: str, status: str, seconds: float) -> None:
        """One request is answered. All but `seconds` must come from few values."""
        self.histogram.labels(route, method, status).observe(seconds)


@dataclass(frozen=True, slots=True)
class Process:
    """What this process says of itself: versions, places on the stream that are taken, and how many there are."""

    versions: Callable[[], Mapping[str, str]]
    streams: Callable[[], int]
    most_streams: int


class ServiceCollector(Collector):
    """Asks for a picture at each scrape. `look` gives None while the database does not answer."""

    def __init__(self, look: Callable[[], Picture | None], process: Process) -> None:
        self._look, self._process = look, process
        self._failures = 0

    def collect(self) -> Iterator[Metric]:
        """All families; those of the database only while it answers."""
        began = monotonic()
        picture = self._look()
        took = monotonic() - began
        self._failures += picture is None
        yield GaugeMetricFamily("detente_up", "1 while the database answers and has its tables.", picture is not None)
        yield GaugeMetricFamily("detente_look_duration_seconds", "What this scrape waited for it.", took)
        yield CounterMetricFamily("detente_look_failures", "Scrapes without an answer of the database.", self._failures)
        yield from self._own()
        if picture:
            yield from (measure.family(picture) for measure in MEASURES)

    def _own(self) -> Iterator[Metric]:
        streams, most = self._process.streams(), self._process.most_streams
        yield GaugeMetricFamily("detente_streams", "Listeners to the stream of this process.", streams)
        yield GaugeMetricFamily("detente_streams_limit", "Listeners that may be at once.", most)
        yield InfoMetricFamily("detente_build", "Versions that figures depend on.", dict(self._process.versions()))


class Lately(Generic[T]):
    """What was read within so many seconds; whoever comes while another reads waits for that."""

    def __init__(self, read: Callable[[], T], seconds: float) -> None:
        self._read, self._seconds = read, seconds
        self._kept: tuple[T, float] | None = None
        self._lock = Lock()

    def __call__(self) -> T:
        """It, read anew where it is too old."""
        with self._lock:
            if self._kept is None or monotonic() >= self._kept[1]:
                found = self._read()
                self._kept = found, monotonic() + self._seconds
            return self._kept[0]


class Exposition:
    """All metrics of the web process, written out."""

    def __init__(self, service: ServiceCollector, durations: Durations) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(service)
        self._registry.register(durations.histogram)
        ProcessCollector(registry=self._registry)

    def __call__(self, accept: str) -> tuple[bytes, str]:
        """The text and its content type, in the form that the header Accept asks for."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type
