"""Alerts as Atom and as CAP 1.2, read back by readers that others wrote."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from cap_tools.models import Alert as CapAlert
from cap_tools.models import Reference
from fastapi.testclient import TestClient
from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from service.api.app import build
from service.api.feeds import ENTRIES
from service.bootstrap import Detente
from service.domain.alerting.rule import Severity, State
from tests.fakes import NOON
from tests.unit.api.conftest import put_together
from tests.unit.api.stories import AGAIN, DYAD, FIRED, LOUDER, LOUDEST, OVER, STORY, alert, change, tell

ATOM, CAP = "/api/v1/feeds/alerts.atom", "/api/v1/feeds/alerts.cap"
XML = XmlParser(config=ParserConfig(fail_on_unknown_properties=True))


def entries(client: TestClient, address: str = ATOM) -> list[Any]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    read = feedparser.parse(answer.content)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    return list(read.entries)


def link(entry: Any, rel: str) -> list[str]:
    return [one.href for one in entry.links if one.rel == rel]


# --- Atom


def test_each_change_is_an_entry_the_newest_first(client: TestClient, detente: Detente) -> None:
    tell(detente.units)
    found = entries(client)
    assert [e.title for e in found] == [
        "Risk, warning: Iran–Pakistan, high (63)",
        "Risk, over: Iran–Pakistan, high (63)",
        "Risk, critical: Iran–Pakistan, high (63)",
        "Risk, high: Iran–Pakistan, high (63)",
        "Risk, unconfirmed: Iran–Pakistan, high (63)",
    ]
    first = found[-1]
    assert datetime(*first.updated_parsed[:6], tzinfo=UTC) == NOON
    assert first.summary == "level 63.1 at 0"
    assert "Level 10.5 a day before, now 63.1 (high)." in first.content[0].value
    assert "Evidence (1 independent owner group):" in first.content[0].value
    assert {t.label for t in first.tags} == {
        "kind: LEVEL", "subject: dyad:IRN-PAK", "team: gulf desk", "rule: level", "severity: info", "state: firing",
        "confirmed: false",
    }  # fmt: skip
    assert {t.term for t in first.tags} >= {"LEVEL", "dyad:IRN-PAK"}
    assert link(first, "alternate") == [f"http://localhost/api/v1/alerts/{DYAD.id}/why"]
    assert link(first, "related") == [f"http://localhost/api/v1/cap/{FIRED.id}"]
    assert link(first, "via") == ["https://wire.example/1?a=1&b=2"], "no link but to the web"
    assert client.get(urlsplit(link(first, "related")[0]).path).status_code == 200


def test_the_feed_says_who_and_where_it_is(client: TestClient, folder: Path, detente: Detente) -> None:
    tell(detente.units)
    head = feedparser.parse(client.get(ATOM).content).feed
    assert (head.title, head.author) == ("Detente: alerts", "Detente")
    assert head.id.startswith("urn:uuid:")
    assert [one.href for one in head.links if one.rel == "self"] == [f"http://localhost{ATOM}"]
    known = put_together(folder, public_url="https://news.example.org/detente/", api={"token": "CANARY"})
    with TestClient(build(known), "http://localhost", headers={"Authorization": "Bearer CANARY"}) as other:
        asked = feedparser.parse(other.get(f"{ATOM}?kind=LEVEL&subject=dyad:PAK-IRN").content)
        assert [one.href for one in asked.feed.links if one.rel == "self"] == [
            "https://news.example.org/detente/api/v1/feeds/alerts.atom?subject=dyad%3AIRN-PAK&kind=LEVEL"
        ]
        assert asked.feed.id != head.id, "another choice is another feed"
        assert feedparser.parse(other.get(ATOM).content).feed.id == head.id, "the same wherever it is published"
        assert link(asked.entries[0], "related")[0].startswith("https://news.example.org/detente/api/v1/cap/")
        plain = feedparser.parse(client.get(ATOM).content).entries
        assert [e.id for e in asked.entries] == [e.id for e in plain], "entries have one id for ever"
    known.units.engine.dispose()  # type: ignore[attr-defined]


def test_ids_are_those_of_before() -> None:
    """Readers keep them: who changes how they are made shows every old alert as new."""
    from service.adapters.publishing.atom import _urn

    assert _urn("0" * 32) == "urn:uuid:5a398ff3-e536-54a4-85e6-3617e49fca5f"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("subject=dyad:PAK-IRN", STORY),
        ("subject=country:IRN", ()),
        ("subject=country:IRN&subject=dyad:IRN-PAK", STORY),
        ("least=high", (LOUDER, LOUDEST, OVER)),
        ("kind=LEVEL&least=critical", (LOUDEST, OVER)),
        ("kind=ALLCLEAR", ()),
    ],
)
def test_a_reader_may_choose(client: TestClient, detente: Detente, query: str, expected: tuple[Any, ...]) -> None:
    tell(detente.units)
    for address in (ATOM, CAP):
        assert [e.summary for e in entries(client, f"{address}?{query}")] == [t.reason for t in expected[::-1]]


@pytest.mark.parametrize("query", ["subject=Iran", "least=loud", "kind=WAR", "before=x", "before=é", "before=MjAyNg"])
def test_a_choice_that_is_none_is_422(client: TestClient, query: str) -> None:
    assert client.get(f"{ATOM}?{query}").status_code == 422
    assert client.get(f"{CAP}?{query}").status_code == 422


def test_pages_follow_each_other(client: TestClient, detente: Detente) -> None:
    many = [change(DYAD, n, State.FIRING, State.FIRING, Severity.HIGH) for n in range(2 * ENTRIES + 3)]
    tell(detente.units, changes=many)
    seen: list[str] = []
    address: str | None = f"{ATOM}?least=high"
    pages = 0
    while address:
        read = feedparser.parse(client.get(address).content)
        assert len(read.entries) <= ENTRIES
        seen += [e.summary for e in read.entries]
        following = [one.href for one in read.feed.links if one.rel == "next"]
        address, pages = (following[0] if following else None), pages + 1
    assert seen == [t.reason for t in many[::-1]]
    assert pages == 3


def test_what_a_reader_has_is_not_sent_again(client: TestClient, detente: Detente) -> None:
    tell(detente.units, changes=STORY[:2])
    first = client.get(ATOM)
    tag, time = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": time},
        {"If-None-Match": tag, "If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
    ):
        again = client.get(ATOM, headers=headers)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag), headers
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": time},
        {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"If-Modified-Since": "soon"},
    ):
        assert client.get(ATOM, headers=headers).status_code == 200, headers
    tell(detente.units, changes=STORY[2:3])
    assert client.get(ATOM, headers={"If-None-Match": tag}).status_code == 200


def test_an_empty_feed_is_a_feed(client: TestClient) -> None:
    for address in (ATOM, CAP):
        assert entries(client, address) == []
    assert client.get(ATOM, headers={"If-None-Match": client.get(ATOM).headers["ETag"]}).status_code == 304


def test_the_token_guards_all(folder: Path) -> None:
    guarded = put_together(folder, api={"token": "CANARY"})
    tell(guarded.units, changes=[FIRED])
    with TestClient(build(guarded), "http://localhost") as client:
        for address in (ATOM, CAP, f"/api/v1/cap/{FIRED.id}"):
            assert client.get(address).status_code == 401
            assert client.get(address, headers={"Authorization": "Bearer CANARY"}).status_code == 200
    guarded.units.engine.dispose()  # type: ignore[attr-defined]


# --- CAP


def message(client: TestClient, identifier: str) -> CapAlert:
    answer = client.get(f"/api/v1/cap/{identifier}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/cap+xml")
    keeps_the_rules(answer.content)
    return XML.from_bytes(answer.content, CapAlert)


IN_ALERT = [
    "identifier",
    "sender",
    "sent",
    "status",
    "msgType",
    "source",
    "scope",
    "restriction",
    "addresses",
    "code",
    "note",
    "references",
    "incidents",
    "info",
]
IN_INFO = [
    "language",
    "category",
    "event",
    "responseType",
    "urgency",
    "severity",
    "certainty",
    "audience",
    "eventCode",
    "effective",
    "onset",
    "expires",
    "senderName",
    "headline",
    "description",
    "instruction",
    "web",
    "contact",
    "parameter",
    "resource",
    "area",
]
IN_AREA = ["areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"]
MUST = {
    "alert": "identifier sender sent status msgType scope",
    "info": "category event urgency severity certainty",
    "area": "areaDesc",
}
ONE_OF = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "responseType": "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")


def keeps_the_rules(document: bytes) -> None:
    """The rules of CAP 1.2, chapter 3.2, that a message of ours can break."""
    root = etree.fromstring(document)
    space = "{urn:oasis:names:tc:emergency:cap:1.2}"
    assert root.tag == f"{space}alert"
    for element in root.iter():
        name = element.tag.removeprefix(space)
        inside = [child.tag.removeprefix(space) for child in element]
        order = {"alert": IN_ALERT, "info": IN_INFO, "area": IN_AREA}.get(name, ["valueName", "value"])
        assert inside == sorted(inside, key=order.index), f"{name}: wrong order"
        assert set(MUST.get(name, "").split()) <= set(inside), f"{name}: something is missing"
        assert len(element) or (element.text or "").strip(), f"{name} is empty"
        if name in ONE_OF:
            assert element.text in ONE_OF[name].split()
        if name in {"sent", "effective", "onset", "expires"}:
            assert TIME.fullmatch(element.text)
            assert element.text.endswith("-00:00"), "UTC is written so"
    said = {child.tag.removeprefix(space): child.text for child in root}
    assert not re.search(r"[\s,<&]", said["identifier"] + said["sender"])
    assert (said["scope"] == "Restricted") == ("restriction" in said)
    assert (said["msgType"] == "Alert") == ("references" not in said)
    for one in (said.get("references") or "").split():
        assert len(one.split(",")) == 3
        assert TIME.fullmatch(one.split(",")[2])
    assert len(root.findtext(f"{space}info/{space}headline")) <= 160


def test_a_firing_is_a_chain_of_alert_updates_and_cancel(client: TestClient, detente: Detente) -> None:
    tell(detente.units)
    first, second, third, end, anew = (message(client, t.id) for t in STORY)
    assert [m.msg_type.value for m in (first, second, third, end, anew)] == [
        "Alert",
        "Update",
        "Update",
        "Cancel",
        "Alert",
    ]
    as_referred = [Reference.from_alert(m) for m in (first, second, third)]
    assert second.references_to_list() == as_referred[:1]
    assert third.references_to_list() == as_referred[:2]
    assert end.references_to_list() == as_referred
    assert (first.references, anew.references) == (None, None), "a new firing is a new alert"
    in_force: dict[str, CapAlert] = {}
    for told in (first, second, third, end, anew):
        for reference in told.references_to_list():
            in_force.pop(str(reference), None)
        if told.msg_type.value != "Cancel":
            in_force[str(Reference.from_alert(told))] = told
    assert list(in_force.values()) == [anew]


def test_what_a_message_says(client: TestClient, detente: Detente) -> None:
    tell(detente.units)
    told = message(client, LOUDER.id)
    assert (told.identifier, told.sender, told.status.value) == (LOUDER.id, "detente@localhost", "Actual")
    assert (str(told.sent), told.scope.value, told.restriction) == (
        "2026-03-01T13:00:00Z", "Restricted", "for the users of this service",
    )  # fmt: skip
    info = told.infos[0]
    assert (info.language, [c.value for c in info.categories]) == ("en-US", ["Security"])
    assert info.event == "Risk of organised violence"
    assert (info.urgency.value, info.severity.value, info.certainty.value) == ("Expected", "Severe", "Likely")
    assert (str(info.effective), str(info.onset), str(info.expires)) == (
        "2026-03-01T13:00:00Z", "2026-03-01T12:00:00Z", "2026-03-08T13:00:00Z",
    )  # fmt: skip
    assert info.headline == "Risk, high: Iran–Pakistan, high (63)"
    assert "now 63.1" in info.description
    assert (info.instruction, info.web) == (None, None)
    assert dict(info.parameters_to_dict()) == {
        "rule": "level", "subject": "dyad:IRN-PAK", "alert": DYAD.id, "level": "63.1", "level_before": "10.5",
        "owner_groups": "2",
    }  # fmt: skip
    assert info.areas[0].area_desc == "Iran–Pakistan"
    assert info.areas[0].geocodes_to_dict().getall("ISO3166-1") == ["IRN", "PAK"]


@pytest.mark.parametrize(
    ("severity", "confirmed", "expected"),
    [
        (Severity.CRITICAL, True, ("Monitor", "Immediate", "Extreme", "Likely")),
        (Severity.HIGH, True, ("Monitor", "Expected", "Severe", "Likely")),
        (Severity.WARNING, True, ("Monitor", "Future", "Moderate", "Likely")),
        (Severity.INFO, False, ("Monitor", "Unknown", "Minor", "Possible")),
    ],
)
def test_severity_is_said_in_the_words_of_the_standard(
    client: TestClient, detente: Detente, severity: Severity, confirmed: bool, expected: tuple[str, ...]
) -> None:
    told = change(DYAD, 9, State.PENDING, State.FIRING, severity, confirmed=confirmed)
    tell(detente.units, changes=[told])
    assert in_words(message(client, told.id)) == expected


def in_words(told: CapAlert) -> tuple[str, ...]:
    info = told.infos[0]
    return info.response_types[0].value, info.urgency.value, info.severity.value, info.certainty.value


def test_ends_and_good_news(client: TestClient, detente: Detente) -> None:
    clear, accord = alert(kind="ALLCLEAR", rule="clear"), alert(kind="DEESC", rule="peace")
    cleared = change(clear, 5, State.PENDING, State.RESOLVED)
    cleared_again = change(clear, 9, State.PENDING, State.RESOLVED)
    agreed = change(accord, 6, State.INACTIVE, State.FIRING, Severity.WARNING)
    tell(detente.units, DYAD, clear, accord, changes=[*STORY, cleared, agreed, cleared_again])
    assert in_words(message(client, OVER.id)) == ("AllClear", "Past", "Minor", "Likely")
    for one in (cleared, cleared_again):
        told = message(client, one.id)
        assert (told.msg_type.value, told.infos[0].event) == ("Alert", "All clear")
        assert in_words(told) == ("AllClear", "Past", "Minor", "Likely")
    told = message(client, agreed.id)
    assert told.infos[0].event == "De-escalation"
    assert in_words(told) == ("None", "Unknown", "Minor", "Likely")


@pytest.mark.parametrize(
    ("subject", "name", "codes"),
    [
        ("country:IRN", "Iran", [("ISO3166-1", "IRN")]),
        ("m49:034", "Southern Asia", [("UNM49", "034")]),
        ("region:balochistan", "Balochistan", [("ISO3166-1", "IRN"), ("ISO3166-1", "PAK")]),
        ("watch:gulf", "gulf", []),
    ],
)
def test_areas(client: TestClient, detente: Detente, subject: str, name: str, codes: list[tuple[str, str]]) -> None:
    one = alert(subject)
    told = change(one, 0, State.PENDING, State.FIRING)
    tell(detente.units, one, changes=[told])
    area = message(client, told.id).infos[0].areas[0]
    assert area.area_desc == name
    assert {(k, v) for k, v in area.geocodes_to_dict().items()} >= set(codes)
    assert bool(area.geocodes) == bool(codes)


def test_the_operator_says_who_sends_and_for_whom(folder: Path) -> None:
    chosen = {"sender": "alerts@example.org", "scope": "public"}
    known = put_together(folder, publish=chosen, public_url="https://news.example.org", api={"token": "CANARY"})
    canary = alert("country:DEU", cap_status="Test")
    tried = change(canary, 0, State.PENDING, State.FIRING)
    tell(known.units, DYAD, canary, changes=[*STORY, tried])
    with TestClient(build(known), "http://localhost", headers={"Authorization": "Bearer CANARY"}) as client:
        told = message(client, LOUDER.id)
        assert (told.sender, told.scope.value, told.restriction) == ("alerts@example.org", "Public", None)
        assert told.references_to_list()[0].sender == "alerts@example.org"
        assert told.infos[0].web == f"https://news.example.org/api/v1/alerts/{DYAD.id}/why"
        tested = message(client, tried.id)
        assert tested.status.value == "Test"
        assert "nothing happened" in str(tested.note)
    named = put_together(folder, public_url="https://news.example.org", api={"token": "CANARY"})
    with TestClient(build(named), "http://localhost", headers={"Authorization": "Bearer CANARY"}) as client:
        assert message(client, LOUDER.id).sender == "detente@news.example.org"
    for one in (known, named):
        one.units.engine.dispose()  # type: ignore[attr-defined]


def test_the_feed_of_messages_leads_to_them(client: TestClient, detente: Detente) -> None:
    tell(detente.units)
    found = entries(client, CAP)
    assert [link(e, "alternate")[0].rpartition("/")[2] for e in found] == [t.id for t in STORY[::-1]]
    assert {one.type for e in found for one in e.links if one.rel == "alternate"} == {"application/cap+xml"}
    asked = client.get(f"{CAP}?id={AGAIN.id}")
    assert asked.content == client.get(f"/api/v1/cap/{AGAIN.id}").content
    assert asked.headers["ETag"]
    assert client.get(f"{CAP}?id={AGAIN.id}", headers={"If-None-Match": asked.headers["ETag"]}).status_code == 304
    for address in (f"{CAP}?id=nobody", "/api/v1/cap/nobody", "/api/v1/cap/é"):
        assert client.get(address).status_code == 404


def test_nothing_from_a_feed_breaks_the_xml(client: TestClient, detente: Detente) -> None:
    """The stories quote tags, control characters, half a surrogate pair, and an address that is no address."""
    odd = alert("country:FRA", kind="NEW\x07KIND", rule='r"<&>', **{"a <b> é": "c\x01 & d", "empty": "\x02"})
    told = change(odd, 0, State.PENDING, State.FIRING)
    tell(detente.units, odd, changes=[told])
    for entry in entries(client):
        assert "<b>&amp; ]]>" in entry.content[0].value.replace("&lt;", "<").replace("&gt;", ">").replace(
            "&amp;amp;", "&amp;"
        )
    read = message(client, told.id)
    assert "<b>&amp; ]]>" in read.infos[0].description
    assert read.infos[0].event == "Conflict alert"
    assert dict(read.infos[0].parameters_to_dict())["rule"] == 'r"<&>'
    for answer in (client.get(ATOM), client.get(CAP), client.get(f"/api/v1/cap/{told.id}")):
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", answer.content)
        assert b"javascript:" not in re.sub(
            rb"<(content|description)[^>]*>.*?</\1>", b"", answer.content, flags=re.DOTALL
        )
