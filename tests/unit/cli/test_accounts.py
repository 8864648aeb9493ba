"""`detente accounts` and the keys of programs: what is printed, and what only once."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.bootstrap import Detente, shipped
from service.cli import accounts, run
from service.domain.access import Role
from service.errors import ConfigError, Conflict, NotFound

GOOD = "a good long password"


@pytest.fixture
def detente(migrated: Path, tmp_path: Path) -> Iterator[Detente]:
    shutil.copy(migrated, tmp_path / "detente.db")
    found = Detente(shipped("config"), {"data_dir": str(tmp_path)})
    yield found
    found.close()


def invited(detente: Detente, capsys: pytest.CaptureFixture[str], role: str = "operator", name: str = "") -> str:
    """The token of a link that was printed."""
    accounts.invite(detente, role, name, as_json=False)
    link = re.fullmatch(r"http://127\.0\.0\.1:8321/welcome/(\S{43})\n", capsys.readouterr().out)
    assert link, "no link was printed"
    return link[1]


def test_an_invitation_is_a_link_that_makes_an_account(detente: Detente, capsys: pytest.CaptureFixture[str]) -> None:
    detente.doorkeeper.accept(invited(detente, capsys), "desk", GOOD)
    accounts.show_accounts(detente, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["role"], one["disabled"], one["seen_at"]) for one in found] == [
        ("desk", "operator", False, None)
    ]


def test_a_link_with_a_name_sets_a_new_password(detente: Detente, capsys: pytest.CaptureFixture[str]) -> None:
    detente.doorkeeper.accept(invited(detente, capsys), "desk", GOOD)
    detente.doorkeeper.accept(invited(detente, capsys, name="desk"), "", "another good password")
    assert detente.doorkeeper.sign_in("desk", "another good password", "")


def test_an_account_is_changed_and_removed(detente: Detente, capsys: pytest.CaptureFixture[str]) -> None:
    for name, role in (("boss", "admin"), ("desk", "operator")):
        detente.doorkeeper.accept(invited(detente, capsys, role), name, GOOD)
    accounts.change(detente, "desk", "viewer", is_disabled=True, as_json=False)
    assert capsys.readouterr().out == "desk: viewer, shut out\n"
    accounts.remove(detente, "desk", sure=True)
    with pytest.raises(NotFound, match="no account is called 'desk'"):
        accounts.remove(detente, "desk", sure=True)
    with pytest.raises(Conflict, match="last admin"):
        accounts.remove(detente, "boss", sure=True)


def test_what_cannot_be_is_said(detente: Detente) -> None:
    with pytest.raises(ConfigError, match="--role: 'king' is none of viewer, subscriber, operator, admin"):
        accounts.invite(detente, "king", "", as_json=False)
    with pytest.raises(ConfigError, match="say what to change"):
        accounts.change(detente, "desk", None, is_disabled=None, as_json=False)
    with pytest.raises(ConfigError, match="--scope: 'all' is none of read"):
        accounts.add_key(detente, "feeder", ["all"], None, as_json=False)
    with pytest.raises(ConfigError, match="--for"):
        accounts.add_key(detente, "feeder", ["read"], "long", as_json=False)


def test_a_key_is_printed_once_and_opens_until_it_is_revoked(
    detente: Detente, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.add_key(detente, "feeder", ["push", "read"], "90d", as_json=True)
    made = json.loads(capsys.readouterr().out)
    assert detente.doorkeeper.key_of(made["secret"])
    accounts.show_keys(detente, as_json=False)
    shown = capsys.readouterr().out
    assert made["secret"] not in shown
    assert made["beginning"] in shown
    accounts.revoke_key(detente, made["id"], as_json=False)
    assert detente.doorkeeper.key_of(made["secret"]) is None
    with pytest.raises(NotFound):
        accounts.revoke_key(detente, "nothing", as_json=False)


def test_the_first_start_prints_a_link_for_an_admin_and_later_ones_do_not(
    detente: Detente, capsys: pytest.CaptureFixture[str]
) -> None:
    run.greet(detente)
    link = re.search(r"/welcome/(\S+)", capsys.readouterr().out)
    assert link
    assert detente.doorkeeper.accept(link[1], "boss", GOOD).role is Role.ADMIN
    run.greet(detente)
    assert capsys.readouterr().out == ""
