"""Who stands behind a text: by name, other name and host; whom nobody knows is one voice with all other unknown."""

import pytest

from service.domain.news.owner import NOT_ASSESSED, QUARANTINE, QUARANTINED, Listed, Owner, Owners, host_of, name_key
from service.domain.risk.incident import GRADES

BBC = Listed("BBC News", "BBC", "A", ("BBC", "BBC Sport"), ("bbc.com", "bbc.co.uk"))
AFP = Listed("Agence France-Presse", "AFP", "A", ("AFP",), ("afp.com",))
FRANCE = Listed("France 24", "France Médias Monde", "B", (), ("france24.com",))
STATE = Listed("TASS", "Russian state", "D", ("ITAR-TASS",), ("tass.com",))
OTHER_STATE = Listed("RIA", "russian  State", "D", (), ("ria.ru",))
RTE = Listed("RTÉ", "RTÉ", "B", ("U.S. News & Views",), ("rte.ie",))
TABLE = (BBC, AFP, FRANCE, STATE, OTHER_STATE, RTE)
owners = Owners(TABLE)


@pytest.mark.parametrize(
    ("publisher", "group"),
    [
        ("BBC News", "BBC"),
        ("bbc NEWS", "BBC"),
        ("The BBC", "BBC"),
        (" the  BBC-News ", "BBC"),
        ("ITAR TASS", "Russian state"),
        ("Itar-Tass", "Russian state"),
        ("RTE", "RTÉ"),
        ("US News and Views", "RTÉ"),
        ("France24", "France Médias Monde"),
        ("www.bbc.co.uk", "BBC"),
        ("News.BBC.co.uk", "BBC"),
        ("AFP via France 24", "AFP"),
        ("AFP via Somebody Nobody Knows", "AFP"),
        ("The AFP Via the Daily Planet via Yahoo! News", "AFP"),
    ],
)
def test_a_publisher_is_known_by_any_of_its_names(publisher: str, group: str) -> None:
    assert owners(publisher, "").group == group


@pytest.mark.parametrize(
    "url",
    [
        "https://bbc.co.uk/news/1",
        "https://www.bbc.co.uk/news/1",
        "http://news.bbc.co.uk:80/1",
        "https://NEWS.BBC.CO.UK./1",
        "https://evil.example@bbc.com/1",
    ],
)
def test_a_host_lies_in_its_domain(url: str) -> None:
    assert owners("", url) == Owner("BBC", "A")
    assert owners("Some Local Desk", url) == Owner("BBC", "A"), "the address helps where the name does not"


@pytest.mark.parametrize(
    ("publisher", "url"),
    [
        ("", ""),
        ("!!!", ""),
        ("The", ""),
        ("BBC Newsroom", ""),
        ("Fake BBC News", ""),
        ("Breathe BBC", ""),
        ("", "https://bbc.co.uk.evil.example/1"),
        ("", "https://xbbc.com/1"),
        ("", "https://bbc.com.evil.example"),
        ("", "https://bbc.com@evil.example/1"),
        ("", "https://evil.example\\@bbc.com/1"),
        ("", "https://evil.example/bbc.com"),
        ("", "https://bbс.com/1"),  # the third letter is Cyrillic
        ("", "https://co.uk/1"),
        ("", "https://[bbc.com"),
        ("", "bbc.com"),
        ("xbbc.com", ""),
        ("bbc.com.evil.example", ""),
        ("evil .bbc.com", ""),
        ("Daily Planet via BBC", ""),
        ("Daily Planet via BBC", "https://bbc.com/1"),
    ],
)
def test_what_nobody_decided_on_is_in_quarantine(publisher: str, url: str) -> None:
    assert owners(publisher, url) == QUARANTINED == Owner(QUARANTINE, NOT_ASSESSED, is_quarantined=True)
    assert owners.known(publisher, url) is None


def test_the_name_goes_before_the_address() -> None:
    assert owners("AFP", "https://www.france24.com/1").group == "AFP"


def test_two_spellings_of_an_owner_are_one_group() -> None:
    assert owners("RIA", "").group == owners("TASS", "").group == "Russian state"


def test_of_two_with_one_name_or_domain_the_last_decides() -> None:
    later = Owners([*TABLE, Listed("BBC", "Someone else", "C", (), ("bbc.com",))])
    assert later("The BBC", "") == later("", "https://bbc.com/1") == Owner("Someone else", "C")
    assert later("BBC News", "").group == later("", "https://bbc.co.uk").group == "BBC"


def test_a_publisher_of_a_feed_is_decided_on() -> None:
    fed = Owners(TABLE, ["Harbour Wire", "", "the bbc", "AFP via Harbour"])
    assert fed("harbour wire", "") == Owner("Harbour Wire", NOT_ASSESSED)
    assert fed("BBC", "") == Owner("BBC", "A"), "the table goes before the feed"
    assert fed("AFP via Harbour", "") == Owner("AFP", "A")
    assert fed("", "") == QUARANTINED


@pytest.mark.parametrize(
    ("publisher", "url", "group"),
    [
        ("Daily Planet", "https://planet.example/1", "Daily Planet"),
        ("Daily Planet via BBC", "", "Daily Planet"),
        ("", "https://planet.example/1", "planet.example"),
        ("", "", "unknown"),
    ],
)
def test_without_quarantine_each_is_its_own_owner(publisher: str, url: str, group: str) -> None:
    assert Owners(TABLE, quarantine=False)(publisher, url) == Owner(group, NOT_ASSESSED)


WIRES = (
    Listed("Reuters", "Thomson Reuters", "A", ("Reuters News",), is_agency=True),
    Listed("State Wire", "State", "D", is_agency=True),
    Listed("Digest", "Thomson  reuters", "C"),
)


@pytest.mark.parametrize(
    ("publisher", "credit", "owner"),
    [
        ("RTE", "Reuters", Owner("Thomson Reuters", "B")),
        ("RTE", "reuters news", Owner("Thomson Reuters", "B")),
        ("BBC", "Reuters", Owner("Thomson Reuters", "A")),
        ("BBC", "State Wire", Owner("State", "D")),
        ("TASS", "Reuters", Owner("Thomson Reuters", "D")),
        ("Fed", "Reuters", Owner("Thomson Reuters", NOT_ASSESSED)),
        ("Fed", "State Wire", Owner("State", "D")),
        ("Digest", "Reuters", Owner("Thomson Reuters", "C")),
        ("Reuters", "State Wire", Owner("State", "D")),
        ("RTE", "AFP", Owner("RTÉ", "B")),
        ("RTE", "Nobody", Owner("RTÉ", "B")),
        ("Reuters", "Reuters", Owner("Thomson Reuters", "A")),
        ("Daily Planet", "Reuters", QUARANTINED),
        ("", "Reuters", QUARANTINED),
        ("Daily Planet via Reuters", "Reuters", QUARANTINED),
    ],
)
def test_wire_copy_is_the_agencys_voice_and_no_better_than_its_printer(
    publisher: str, credit: str, owner: Owner
) -> None:
    assert Owners([*TABLE, *WIRES], ["Fed"])(publisher, "", credit) == owner


def test_a_credit_never_raises_a_grade() -> None:
    for printer in GRADES:
        for agency in GRADES:
            table = [Listed("Paper", "Paper", printer), Listed("Wire", "Wire", agency, is_agency=True)]
            found = Owners(table)("Paper", "", "Wire")
            assert found.group == "Wire"
            assert GRADES[found.grade] == min(GRADES[printer], GRADES[agency])


def test_what_is_no_agency_any_more_has_no_wire_copy() -> None:
    decided = Owners([*TABLE, *WIRES, Listed("Reuters", "Reuters", "C")])
    assert decided("RTE", "", "Reuters") == Owner("RTÉ", "B")


def test_without_quarantine_a_credit_of_a_stranger_is_not_believed() -> None:
    lax = Owners([*TABLE, *WIRES], quarantine=False)
    assert lax("Daily Planet", "", "Reuters") == Owner("Daily Planet", NOT_ASSESSED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ha'aretz", "Haaretz"),
        ("İRNA", "irna"),
        ("Straße", "STRASSE"),
        ("The Hill", "hill"),
        ("Ｒeuters", "Reuters"),  # a wide letter
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Breathe News", "Brea News"), ("The Hindu", "Hindi"), ("कि", "का")])
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_a_host_is_what_every_browser_would_ask() -> None:
    assert host_of(" https://Example.com:8080/a ") == "example.com"
    assert host_of("https://a\\b.example") == ""
