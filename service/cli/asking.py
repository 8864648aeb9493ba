"""`detente why`, `why-not`."""

from typing import Any

from service.bootstrap import Detente
from service.cli.output import out, out_json, parse_at
from service.cli.reading import need_database
from service.domain.risk.subject import Subject
from service.errors import ConfigError
from service.operations import present_why as present
from service.operations.naming import check_subject
from service.operations.why import why as trace_of
from service.operations.why_not import why_not as explanation_of

Json = dict[str, Any]


def why(detente: Detente, alert: str, *, as_json: bool) -> None:
    """Print what led to an alert."""
    need_database(detente)
    found = trace_of(detente.units, alert, detente.clock.now(), detente.rules, detente.gauge, detente.versions)
    shown = present.trace(found)
    if as_json:
        out_json(shown)
    else:
        _show_trace(shown)


def _show_trace(shown: Json) -> None:
    alert = shown["alert"]
    out(f"{alert['labels']['subject']}  {alert['rule']}  {alert['state']}  ({alert['severity']})  id {alert['id']}")
    if shown["earlier"]:
        out(f"{shown['earlier']} earlier changes are in detente alerts")
    for stage in shown["stages"]:
        _show_stage(stage)
    if shown["since"]:
        out("\nsince then")
    for said in shown["since"]:
        _show_decision(said)
    out(f"\nWhat ends it: {shown['ends']}")


def _show_stage(stage: Json) -> None:
    level, now = stage["level"], stage["score"]["level"]
    later = "" if abs(level - now) < 0.1 else f" ({now:.1f} by the books of today)"  # noqa: PLR2004  as displayed
    out(f"\n{_time(stage['at'])}  {stage['from']} → {stage['to']} ({stage['severity']}), level {level:.1f}{later}")
    for said in stage["decisions"]:
        _show_decision(said)
    for part in stage["contributions"]:
        share = f"{part['share']:+.4f} a day ({part['points']:+.1f} points)"
        out(f"    {share}  {' '.join(part['events'][0]['text'].split())}")
    for quote in stage["evidence"]:
        out(f"    “{' '.join(quote['text'].split())}” ({quote['publisher'] or 'unknown publisher'})")
    for sent in stage["notifications"]:
        error = f", {sent['error']}" if sent["error"] else ""
        out(f"    {sent['status']}: {sent['receiver']}/{sent['channel']} {_time(sent['at'])}{error}")
    if stage["untold"]:
        out(f"    nobody was told: {stage['untold']}")


def _show_decision(said: Json) -> None:
    out(f"    {_time(said['at'])}  {said['kind']}: {said['reason']}")


def _time(written: str) -> str:
    return f"{written[:10]} {written[11:16]}Z"


def why_not(detente: Detente, receiver: str, subject: str, at: str | None, *, as_json: bool) -> None:
    """Print why somebody was not told."""
    moment = parse_at(at, detente.clock.now())
    try:
        chosen = Subject.parse(subject)
    except ValueError as error:
        raise ConfigError(f"--subject: {error}") from None
    need_database(detente)
    check_subject(chosen, detente.gazetteer.geography, detente.watchlists)
    asked = (receiver, str(chosen), moment)
    found = explanation_of(detente.units, *asked, detente.rules, detente.directory_of, detente.gauge)
    shown = present.explanation(found)
    if as_json:
        out_json(shown)
    else:
        _show_explanation(shown)


def _show_explanation(shown: Json) -> None:
    out(f"{shown['receiver']}, {shown['subject']}, {_time(shown['at'])}, level {shown['level']:.1f}")
    out(shown["answer"])
    for answer in shown["rules"]:
        out(f"\n{answer['rule']}")
        for link in [*answer["missing"], *(link for link in answer["links"] if link["holds"])]:
            out(f"  {'has  ' if link['holds'] else 'LACKS'} {link['link']}: {link['says']}")
