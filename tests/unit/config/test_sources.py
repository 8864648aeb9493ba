"""The shipped table of publishers, and the operator's decisions on top of it."""

from pathlib import Path

import pytest

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.bootstrap import Detente, shipped
from service.config.decisions import record
from service.config.load import load_file
from service.config.schema import Publisher, PublishersFile, SourcesFile
from service.domain.news.owner import Owner, Owners
from service.errors import ConfigError


@pytest.fixture(scope="module")
def table() -> SourcesFile:
    """Loading it proves that no name, alias or domain stands twice."""
    return load_file(shipped("config") / "sources.yaml", SourcesFile)


def test_the_table_is_large_and_whole(table: SourcesFile) -> None:
    assert len(table.publishers) >= 170
    for publisher in table.publishers:
        assert publisher.domain, publisher.name
        assert publisher.country, publisher.name
        assert publisher.grade in "ABCDE", publisher.name
        assert len(publisher.reason) > 3, publisher.name
        assert "\n" not in publisher.reason, publisher.name


def test_every_sub_region_has_a_publisher(table: SourcesFile) -> None:
    geography = CompiledGazetteer.load().geography
    assert {p.country for p in table.publishers} <= set(CompiledGazetteer.load().country_codes)
    seats = {geography.m49(p.country) for p in table.publishers if p.country}
    assert {code for code in geography.subregion_names if code not in seats} == set()


@pytest.mark.parametrize(
    ("publisher", "url", "group"),
    [
        ("BBC", "", "British Broadcasting Corporation"),
        ("", "https://news.bbc.co.uk/1", "British Broadcasting Corporation"),
        ("AP via Google News", "", "Associated Press"),
        ("AFP via France 24", "", "Agence France-Presse"),
        ("Reuters via Yahoo! News", "", "Thomson Reuters and Woodbridge"),
        ("Xinhuanet", "", "Chinese state and party"),
        ("Global Times", "", "Chinese state and party"),
        ("Ha'aretz", "", "Haaretz Group"),
        ("", "https://asia.nikkei.com/1", "Nikkei"),
        ("ABC News Australia", "", "Australian Broadcasting Corporation"),
    ],
)
def test_the_table_knows_common_credits(table: SourcesFile, publisher: str, url: str, group: str) -> None:
    assert Owners([p.listed for p in table.publishers])(publisher, url).group == group


def sources(*publishers: dict[str, object]) -> SourcesFile:
    return SourcesFile.model_validate({"publishers": publishers})


WIRE = {"name": "Harbour Wire", "aliases": ["HW"], "domain": "www.Harbour.example", "owner": "Harbour", "grade": "B"}
MAIL = {
    "name": "Mail",
    "aliases": ["Evening Mail"],
    "domain": ["mail.example", "hm.example"],
    "owner": "H",
    "grade": "C",
}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "the harbour-wire"}, "more than once"),
        ({"aliases": ["H.W."]}, "more than once"),
        ({"aliases": ["MAIL"]}, "more than once"),
        ({"domain": "harbour.example"}, "more than once"),
        ({"domain": "https://mail.example/"}, "write the bare host"),
        ({"domain": "localhost"}, "write the bare host"),
        ({"domain": 7}, "must be a domain"),
        ({"name": "!!!"}, "must have a letter or a digit"),
        ({"owner": "Quarantined Publishers"}, "stands for all who are not listed"),
    ],
)
def test_a_name_or_domain_leads_to_one_publisher(changes: dict[str, object], says: str) -> None:
    sources(WIRE, MAIL)
    with pytest.raises(ValueError, match=says):
        sources(WIRE, {**MAIL, **changes})


@pytest.mark.parametrize("name", ["...", "quarantined publishers"])
def test_a_feed_cannot_name_what_is_no_publisher(name: str) -> None:
    with pytest.raises(ValueError, match="publisher"):
        SourcesFile.model_validate({"feeds": [{"name": "a", "url": "https://a.example", "publisher": name}]})


def decided(*decisions: dict[str, object]) -> tuple[SourcesFile, Owners]:
    merged = sources(WIRE, MAIL).with_decisions([Publisher.model_validate(d) for d in decisions])
    return merged, Owners([p.listed for p in merged.publishers])


@pytest.mark.parametrize("name", ["Harbour Wire", "hw"])
def test_a_decision_takes_the_place_of_what_is_listed(name: str) -> None:
    merged, owners = decided({"name": name, "owner": "Me", "grade": "D"})
    assert len(merged.publishers) == 2
    for publisher, url in (("Harbour Wire", ""), ("HW", ""), ("", "https://harbour.example/1")):
        assert owners(publisher, url) == Owner("Me", "D")
    assert owners("Mail", "") == Owner("H", "C")


def test_a_decision_may_claim_names_and_domains_of_others() -> None:
    merged, owners = decided(
        {"name": "New", "aliases": ["Evening Mail"], "domain": "hm.example", "owner": "New", "grade": "B"},
        {"name": "Newer", "aliases": ["Harbour Wire"], "owner": "Newer", "grade": "A"},
    )
    assert [p.name for p in merged.publishers] == ["Mail", "New", "Newer"]
    assert owners("evening mail", "") == owners("", "https://hm.example") == Owner("New", "B")
    assert owners("Mail", "").group == "H"
    assert owners("HW", "").is_quarantined


def test_decisions_are_kept_with_what_stands_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "publishers.yaml"
    first = Publisher(name="Wire", owner="W", grade="C", reason="no: # really", domain=("wire.example",))
    record(path, first)
    path.write_text(path.read_text() + "# mine\n")
    record(path, Publisher(name="Other", owner="O", grade="B"))
    record(path, Publisher(name="the WIRE", owner="W2", grade="D"))
    kept = load_file(path, PublishersFile).publishers
    assert [(p.name, p.owner, p.grade) for p in kept] == [("the WIRE", "W2", "D"), ("Other", "O", "B")]
    assert kept[0].domain == ("wire.example",)
    assert "# mine" in path.read_text()
    assert [p.name for p in tmp_path.iterdir()] == ["publishers.yaml"]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "publishers: []\n"])
def test_an_empty_file_takes_decisions(tmp_path: Path, text: str) -> None:
    path = tmp_path / "publishers.yaml"
    path.write_text(text)
    record(path, Publisher(name="Wire", owner="W", grade="C"))
    assert [p.name for p in load_file(path, PublishersFile).publishers] == ["Wire"]


def test_a_decision_that_would_spoil_the_file_leaves_it_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "publishers.yaml"
    record(path, Publisher(name="Wire", owner="W", grade="C", domain=("wire.example",)))
    before = path.read_text()
    with pytest.raises(ConfigError, match="more than once"):
        record(path, Publisher(name="Other", owner="O", grade="B", domain=("wire.example",)))
    path.write_text("publishers: 7\n")
    with pytest.raises(ConfigError, match=r"publishers\.yaml:1"):
        record(path, Publisher(name="Other", owner="O", grade="B"))
    assert path.read_text() == "publishers: 7\n"
    assert "wire.example" in before


def test_the_setting_lets_strangers_in(tmp_path: Path) -> None:
    assert Detente(overrides={"data_dir": tmp_path}).owner_of("Nobody", "").is_quarantined
    lax = Detente(overrides={"data_dir": tmp_path, "intake": {"quarantine": False}})
    assert lax.owner_of("Nobody", "") == Owner("Nobody", "F")
