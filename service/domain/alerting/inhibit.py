"""When one alert says all that another would."""

from collections.abc import Mapping, Sequence

from service.domain.risk.subject import Subject, SubjectKind

SHARED = 0.5
"""Share of a country's mass that must be a dyad's for the dyad's alert to speak for it."""


def inhibited_by(subject: str, firing: Sequence[str], mass: Mapping[str, Mapping[str, int]]) -> str | None:
    """The firing dyad that speaks for this country or place, or None.

    `mass` maps a subject to its incidents and what they booked (micro units, escalation only).
    """
    own = mass[subject]
    if Subject.parse(subject).kind is SubjectKind.DYAD or not sum(own.values()):
        return None
    for dyad in sorted(firing):
        shared = sum(micro for incident, micro in own.items() if incident in mass.get(dyad, {}))
        if shared >= SHARED * sum(own.values()):
            return dyad
    return None
