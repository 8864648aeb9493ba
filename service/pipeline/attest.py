"""What incidents attest: danger, peace, acts."""

from collections.abc import Sequence

from service.domain.alerting.act import Act
from service.domain.alerting.rule import Accord, Evidence
from service.domain.events.event import Event
from service.domain.events.ontology import name_of, rung
from service.domain.events.signal import ArticleRole, Modality
from service.domain.news.owner import QUARANTINE
from service.domain.risk.incident import GRADES, Incident


def evidence_of(incidents: Sequence[Incident]) -> Evidence:
    """How well the best attested incident is: its own owners, certainty and grade, never those of several together."""
    found = [_attested(i) for i in incidents if i.is_lead]
    return max(found, key=lambda e: (e.confirmed, e.owners, e.certainty), default=Evidence())


def _attested(incident: Incident) -> Evidence:
    """What quarantined publishers tell is news of danger, but attests nothing; nor does a denial."""
    vouched = _vouched(incident)
    return _evidence(vouched) if vouched else Evidence(has_lead=True)


def _evidence(vouched: Incident) -> Evidence:
    grades = [r.grade for r in vouched.best_by_owner]
    return Evidence(vouched.owners, vouched.certainty, max(grades, key=GRADES.__getitem__), has_lead=True)


def _vouched(incident: Incident) -> Incident | None:
    """The incident as publishers out of quarantine affirm it; None where for none of those it is the news."""
    reports = tuple(r for r in incident.reports if r.owner != QUARANTINE and not r.is_denial)
    told = Incident(reports) if reports else None
    return told if told and told.is_lead else None


def accord_of(incidents: Sequence[Incident]) -> Accord | None:
    """The strongest peace news; what only quarantined publishers tell has no owner group."""
    accords = []
    for incident in incidents:
        if incident.is_lead:
            vouched = _vouched(incident)
            told, owners = (vouched, vouched.owners) if vouched else (incident, 0)
            accords.append(Accord(incident.id, incident.started_at, told.intensity, owners))
    return max(accords, key=lambda a: (a.intensity, a.owners, a.incident_id), default=None)


def acts_of(incidents: Sequence[Incident]) -> tuple[Act, ...]:
    """What lead incidents are as acts, by time; a rumour of quarantined publishers is none."""
    found = [_act(incident, vouched) for incident in incidents if (vouched := _vouched(incident))]
    return tuple(sorted(found, key=lambda act: (act.at, act.incident_id)))


def _act(incident: Incident, vouched: Incident) -> Act:
    """Its types and rung are those of the reports that have it as their news, of those that tell it as done if any."""
    leads = [r for r in vouched.reports if r.event.role is ArticleRole.LEAD and r.credibility > 0]
    done = [r for r in leads if r.event.modality is Modality.ACTUAL]
    events = [r.event for r in done or leads]
    return Act(
        incident_id=incident.id,
        at=incident.started_at,
        types=tuple(sorted({name for event in events for name in _types(event)})),
        intensity=vouched.intensity,
        rung=max(rung(event.type, event.mode) for event in events),
        owners=vouched.owners,
        is_done=bool(done),
        is_confirmed=_evidence(vouched).confirmed,
    )


def _types(event: Event) -> set[str]:
    """The row of the table, and the root the text was coded with where that is another."""
    name = name_of(event.type, event.mode)
    return {name} if name.partition(".")[0] == event.type else {name, event.type}
