"""The networks that requests may go to besides the public internet."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from service.adapters.net.addresses import PUBLIC, Reach
from service.bootstrap.reach import reach_of
from service.config.settings import load_settings
from service.errors import ConfigError

BOTH = (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


def test_nothing_but_the_public_internet_is_reached_unless_said(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert reach_of(settings.intake) == reach_of(settings.notify) == PUBLIC


@pytest.mark.parametrize("written", ["[10.1.0.0/16, 'fd00::/8']", "'10.1.0.0/16, fd00::/8'"])
@pytest.mark.parametrize("part", ["intake", "notify"])
def test_networks_are_a_list_or_a_text(tmp_path: Path, part: str, written: str) -> None:
    (tmp_path / "detente.yaml").write_text(f"{part}: {{allow_networks: {written}}}\n")
    settings = load_settings(tmp_path)
    assert reach_of(getattr(settings, part)) == Reach(allow=BOTH)


@pytest.mark.parametrize("part", ["intake", "notify"])
def test_networks_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setenv(f"DETENTE_{part.upper()}__ALLOW_NETWORKS", "10.1.0.0/16, fd00::/8")
    assert getattr(load_settings(tmp_path), part).allow_networks == BOTH


def test_a_single_address_is_a_network(tmp_path: Path) -> None:
    (tmp_path / "detente.yaml").write_text("intake: {allow_networks: [10.1.2.3]}\n")
    assert load_settings(tmp_path).intake.allow_networks == (ip_network("10.1.2.3/32"),)


@pytest.mark.parametrize("written", ["[10.1.2.3/16]", "[10.1.0.0/33]", "[example.org]", "[10]", "10", "{a: b}", "[[]]"])
def test_what_is_no_network_is_named_with_its_line(tmp_path: Path, written: str) -> None:
    (tmp_path / "detente.yaml").write_text(f"intake:\n  allow_networks: {written}\n")
    with pytest.raises(ConfigError, match=r":2: intake.allow_networks: must be a list of networks"):
        load_settings(tmp_path)
