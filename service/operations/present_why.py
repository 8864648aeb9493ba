"""Read models of `why` and `why-not`, shared by the command line and the API."""

from dataclasses import asdict

from service.domain.alerting.record import Record
from service.operations import present
from service.operations.present import Json, moment
from service.operations.why import Stage, Trace
from service.operations.why_not import Answer, Explanation, Link


def trace(t: Trace) -> Json:
    """`why --json`."""
    return {
        "alert": present.alert(t.course.alert, t.course.transitions, t.course.notifications),
        "at": moment(t.at),
        "earlier": t.earlier,
        "stages": [_stage(stage) for stage in t.stages],
        "since": [decision(record) for record in t.since],
        "ends": t.ends,
        "versions": dict(t.versions),
    }


def _stage(stage: Stage) -> Json:
    return {
        **present.transition(stage.transition),
        "decisions": [decision(record) for record in stage.decisions],
        "score": present.reading(stage.score.reading),
        "contributions": present.contributions(stage.score),
        "notifications": [present.notification(row) for row in stage.notifications],
        "untold": stage.untold or None,
    }


def decision(r: Record) -> Json:
    """What a rule said."""
    return {
        "rule": r.rule,
        "subject": r.subject,
        "at": moment(r.at),
        "from": str(r.before),
        "to": str(r.after),
        "rung": r.rung,
        "severity": str(r.severity),
        "kind": str(r.kind),
        "reason": r.reason,
        "notify": r.notify,
        "facts": dict(r.facts),
        "versions": dict(r.versions),
    }


def explanation(x: Explanation) -> Json:
    """`why-not --json`."""
    return {
        "receiver": x.receiver,
        "subject": x.subject,
        "at": moment(x.at),
        "answer": x.says,
        "told": bool(x.answers) and not x.answers[0].missing,
        "level": round(x.score.level, 2),
        "rules": [_answer(answer) for answer in x.answers],
    }


def _answer(a: Answer) -> Json:
    return {
        "rule": a.rule,
        "told": not a.missing,
        "missing": [_link(link) for link in a.missing],
        "links": [_link(link) for link in a.links],
        "decision": decision(a.record) if a.record else None,
    }


def _link(link: Link) -> Json:
    miss = {**asdict(link.miss), "short": round(link.miss.needs - link.miss.has, 4)} if link.miss else None
    return {"link": str(link.name), "holds": link.holds, "says": link.says, "miss": miss}
