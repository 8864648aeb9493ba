"""Transitions as messages of the Common Alerting Protocol 1.2 (OASIS)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service.adapters.publishing.xml import Element, web_address
from service.domain.alerting.rule import Severity, State
from service.operations.published import Area, Chain, kind_of
from service.ports import Published

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
STATUS_LABEL = "cap_status"
"""The label by which a rule says that its alerts are no news: `Test` or `Exercise`."""
VALID_FOR = timedelta(days=7)
"""How long a message counts where nothing else is heard."""
HEADLINE = 160
"""Characters of a headline, as the standard advises."""
SEVERITY = {
    Severity.CRITICAL: "Extreme",
    Severity.HIGH: "Severe",
    Severity.WARNING: "Moderate",
    Severity.INFO: "Minor",
}
URGENCY = {
    Severity.CRITICAL: "Immediate",
    Severity.HIGH: "Expected",
    Severity.WARNING: "Future",
    Severity.INFO: "Unknown",
}
EVENT = {
    "LEVEL": "Risk of organised violence",
    "SURGE": "Surge of conflict news",
    "RISE": "Rising risk of organised violence",
    "NOVEL": "First act of its kind",
    "SILENCE": "Silent news feeds",
    "DEESC": "De-escalation",
    "ALLCLEAR": "All clear",
}
"""Kind of rule → the event of a message; `Conflict alert` for all others."""
CALM = frozenset({"DEESC", "ALLCLEAR"})
_TEST_NOTES = {"Test": "A test of the way alerts go: nothing happened.", "Exercise": "An exercise: nothing happened."}


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who sends, and for whom: everybody (`restriction` empty), or those that it names."""

    sender: str
    restriction: str = ""


def message(issuer: Issuer, chain: Chain, headline: str, text: str, area: Area, link: str = "") -> bytes:
    """The message of the last transition of a chain, as UTF-8.

    The first of a firing is an Alert, what follows an Update, the end a Cancel; both name all that came before.
    """
    root = Element(NAMESPACE, "alert")
    last = chain.last
    status = _status(last)
    root.add("identifier", last.transition.id)
    root.add("sender", issuer.sender)
    root.add("sent", sent(last.transition.at))
    root.add("status", status)
    root.add("msgType", _type(chain))
    root.add("source", "Detente: coded from news, not observed")
    root.add("scope", "Restricted" if issuer.restriction else "Public")
    root.add("restriction", issuer.restriction)
    root.add("note", _TEST_NOTES.get(status, ""))
    root.add("references", " ".join(_reference(issuer, p) for p in chain.earlier))
    _info(root, chain, headline, text, area, link)
    return root.bytes()


def sent(at: datetime) -> str:
    """A time as CAP wants it: to the second, with the offset that stands for UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _status(published: Published) -> str:
    said = published.alert.labels.get(STATUS_LABEL, "")
    return said if said in _TEST_NOTES else "Actual"


def _type(chain: Chain) -> str:
    if not chain.earlier:
        return "Alert"
    return "Cancel" if chain.last.transition.to_state is State.RESOLVED else "Update"


def _reference(issuer: Issuer, published: Published) -> str:
    return f"{issuer.sender},{published.transition.id},{sent(published.transition.at)}"


def _info(root: Element, chain: Chain, headline: str, text: str, area: Area, link: str) -> None:
    change, kind = chain.last.transition, kind_of(chain.last)
    info = root.open("info")
    began = chain.earlier[0].transition.at if chain.earlier else change.at
    is_over = change.to_state is State.RESOLVED
    info.add("language", "en-US")
    info.add("category", "Security")
    info.add("event", EVENT.get(kind, "Conflict alert"))
    info.add("responseType", "AllClear" if is_over else "None" if kind in CALM else "Monitor")
    info.add("urgency", "Past" if is_over else "Unknown" if kind in CALM else URGENCY[change.severity])
    info.add("severity", SEVERITY[Severity.INFO] if kind in CALM else SEVERITY[change.severity])
    info.add("certainty", "Likely" if change.confirmed else "Possible")
    info.add("effective", sent(change.at))
    info.add("onset", sent(began))
    info.add("expires", sent(change.at + VALID_FOR))
    info.add("senderName", "Detente")
    info.add("headline", headline if len(headline) <= HEADLINE else headline[: HEADLINE - 1] + "…")
    info.add("description", text)
    info.add("web", web_address(link))
    for name, value in _parameters(chain.last).items():
        _pair(info, "parameter", name, value)
    where = info.open("area")
    where.add("areaDesc", area.name)
    for code in area.countries:
        _pair(where, "geocode", "ISO3166-1", code)
    for code in area.subregions:
        _pair(where, "geocode", "UNM49", code)


def _parameters(published: Published) -> dict[str, str]:
    change = published.transition
    return {
        "rule": published.alert.rule,
        "subject": published.alert.subject,
        "alert": published.alert.id,
        "level": f"{change.level:.1f}",
        "level_before": f"{change.level_before:.1f}",
        "owner_groups": str(change.owner_groups),
    }


def _pair(parent: Element, name: str, key: str, value: str) -> None:
    pair = parent.open(name)
    pair.add("valueName", key)
    pair.add("value", value)
