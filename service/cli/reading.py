"""`detente scores`, `explain-score`, `alerts`, `status`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from service.bootstrap import Detente
from service.cli.output import out, out_json, parse_at, table
from service.domain.risk.subject import Subject
from service.errors import ConfigError, DetenteError
from service.operations import present
from service.operations import scores as operations
from service.operations import status as status_operation
from service.operations.feed_health import FeedState

LEAST = 1.0
"""Level below which a subject is not listed."""
SHOWN = 10
"""Silent feeds named by `status`; the rest are counted."""


def need_database(detente: Detente) -> None:
    """Raises DetenteError where nothing was ever stored."""
    if not detente.is_prepared():
        where = "DETENTE_DATABASE_URL" if detente.settings.database_url else detente.data_dir
        raise DetenteError(f"no Detente database in {where}: start `detente up` or use `detente ingest` first")


def subject_of(written: str, detente: Detente) -> Subject:
    """The subject that is written so. Raises ConfigError."""
    try:
        subject = Subject.parse(written)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    for code in subject.countries:
        if code not in detente.gazetteer.country_codes:
            raise ConfigError(f"{written!r}: {code!r} is no country code (ISO 3166-1 alpha-3, XKX for Kosovo)")
    return subject


def scores(detente: Detente, subject: str | None, at: str | None, *, as_json: bool) -> None:
    """Print levels."""
    moment, chosen = parse_at(at, detente.clock.now()), subject_of(subject, detente) if subject else None
    need_database(detente)
    if chosen:
        found = [operations.reading(detente.units, chosen, moment, detente.gauge, detente.versions)]
    else:
        found = operations.readings(detente.units, moment, detente.gauge, detente.versions, LEAST)
    if as_json:
        out_json([present.reading(r) for r in found])
        return
    show_scores(detente, found, f"Scores at {moment:%Y-%m-%d %H:%M} UTC")


def show_scores(detente: Detente, found: list[operations.Reading], title: str) -> None:
    """A table of readings."""
    rows = [
        [
            r.subject,
            detente.name_of(Subject.parse(r.subject)),
            f"{r.score.level:.1f}",
            str(r.score.band),
            f"{r.score.e:.4f}",
            f"{r.score.d:.4f}",
            f"{r.confidence:.2f}",
        ]
        for r in found
    ]
    table(title, ["subject", "name", "level", "band", "E", "D", "confidence"], rows)
    if not found:
        out("nothing above level 1: no news of conflict has been taken in yet")


def explain_score(detente: Detente, subject: str, at: str | None, *, as_json: bool) -> None:
    """Print what a score is made of."""
    moment, chosen = parse_at(at, detente.clock.now()), subject_of(subject, detente)
    need_database(detente)
    found = operations.explained(detente.units, chosen, moment, detente.gauge, detente.versions)
    if as_json:
        out_json(present.explained(found))
        return
    s = found.reading.score
    out(f"{subject}: level {s.level:.1f} ({s.band}), E {s.e:.4f} − D {s.d:.4f} per day")
    rows = [
        [
            f"{c.points:+.1f}",
            f"{c.share:+.4f}",
            f"{c.without:.1f}",
            f"{found.incidents[c.incident_id].started_at:%Y-%m-%d}",
            str(found.incidents[c.incident_id].owners),
            " ".join(found.incidents[c.incident_id].reports[0].event.text.split()),
        ]
        for c in found.contributions
    ]
    table("Contributions", ["points", "share", "without it", "date", "owners", "event"], rows)


def alerts(detente: Detente, *, as_json: bool) -> None:
    """Print alerts and deliveries."""
    need_database(detente)
    with detente.units(read_only=True) as unit:
        found = [present.alert(*entry) for entry in unit.outbox.history()]
    if as_json:
        out_json(found)
        return
    show_alerts(found)


def show_alerts(found: list[dict[str, Any]]) -> None:
    """Alerts with their history, evidence and deliveries."""
    for alert in found:
        out(f"{alert['labels']['subject']}  {alert['rule']}  {alert['state']}  ({alert['severity']})  id {alert['id']}")
        for change in alert["history"]:
            out(f"  {change['at'][:16]}  {change['from']} → {change['to']}: {change['reason']}")
        for quote in alert["evidence"]:
            out(f"    “{' '.join(quote['text'].split())}” ({quote['publisher'] or 'unknown publisher'})")
        for sent in alert["notifications"]:
            out(f"    {sent['status']}: {sent['receiver']}/{sent['channel']}: {sent['title']}")
    if not found:
        out("no alert so far")


def status(detente: Detente, *, as_json: bool) -> int:
    """Print how the service is doing; 1 when it is not ready."""
    need_database(detente)
    found = status_operation.status(detente.units, detente.queue, detente.is_prepared, detente.signs)
    shown = present.status(found, detente.versions)
    if as_json:
        out_json(shown)
    else:
        print_status(shown)
    return 1 if found.problems else 0


def _counted(feeds: Sequence[Mapping[str, Any]]) -> str:
    """How many feeds fare how, as they come in FeedState."""
    found = Counter(feed["state"] for feed in feeds)
    return ", ".join(f"{found[state]} {state}" for state in FeedState if found[state]) or "none"


def health(detente: Detente, *, as_json: bool) -> int:
    """Print whether the service does its work, as `/readyz` answers; 1 when not."""
    found = status_operation.problems(detente.units, detente.queue, detente.is_prepared)
    if as_json:
        out_json({"ready": not found, "problems": list(found)})
    else:
        out("\n".join(found) if found else "ready")
    return 1 if found else 0


def print_status(shown: Mapping[str, Any]) -> None:
    """The same for people, a line for each thing."""
    out("ready" if shown["ready"] else "NOT READY")
    for problem in shown["problems"]:
        out(f"  {problem}")
    for warning in shown["warnings"]:
        out(f"warning: {warning}")
    for kind, states in shown["rows"].items():
        out(f"{kind}: " + (", ".join(f"{n} {state}" for state, n in sorted(states.items())) or "none"))
    out("waiting messages: " + ", ".join(f"{name} {n}" for name, n in shown["queued"].items()))
    if shown["unread"]:
        counts = ", ".join(f"{n} {language}" for language, n in shown["unread"].items())
        out(f"ignored for their language, which no configured model reads: {counts}")
    for flood in shown["floods"]:
        out(f"flood: {flood['owner']} on {flood['day']}; what it alone tells of that day counts nothing")
    out(f"oldest due: {shown['oldest_due_at'] or 'nothing waits'}")
    out(f"last evaluation: {shown['last_evaluation_at'] or 'never'}")
    if canary := shown["canary"]:
        took = "" if canary["seconds"] is None else f" after {canary['seconds']:.1f} s"
        out(f"canary of {canary['sent_at']}: {canary['state']}{took}")
    out(f"feeds: {_counted(shown['feeds'])}")
    silent = [feed for feed in shown["feeds"] if FeedState(feed["state"]).is_silent]
    for feed in silent[:SHOWN]:
        said = f"last good answer {feed['last_ok_at'] or 'never'}, {feed['note'] or 'no reason known'}"
        out(f"feed {feed['id']}: {feed['state']}, {said}")
    if len(silent) > SHOWN:
        out(f"and {len(silent) - SHOWN} feeds more that are silent: detente sources list --feeds")
    out("versions: " + ", ".join(f"{name} {version}" for name, version in shown["versions"].items()))
