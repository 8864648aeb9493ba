"""Who is let in, by what, and that nothing which opens is kept or named."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from service.adapters.limiter import Limiter
from service.adapters.storage.database import SqlUnits
from service.domain.access import IDLE, LONGEST_SESSION, SCOPES, Role, Scope
from service.domain.audit import verify
from service.errors import ConfigError, Conflict, Denied, NotFound, TooOften
from service.operations.accounts import INVITED_FOR, Doorkeeper
from tests.fakes import MovedUnits, dump

GOOD, OTHER = "a good long password", "another good password"


@dataclass
class FakePasswords:
    """Fast hashes; remembers how often it had to work."""

    tried: list[str] = field(default_factory=list)

    def hashed(self, password: str) -> str:
        return f"hash of {password[::-1]}"

    def match(self, password: str, hashed: str) -> bool:
        self.tried.append(hashed)
        return self.hashed(password) == hashed


def never(_kind: str, _who: str) -> float:
    return 0.0


@pytest.fixture
def moved(units: SqlUnits) -> MovedUnits:
    return MovedUnits(units)


@pytest.fixture
def passwords() -> FakePasswords:
    return FakePasswords()


@pytest.fixture
def door(moved: MovedUnits, passwords: FakePasswords) -> Doorkeeper:
    return Doorkeeper(moved, lambda: passwords, never)


@pytest.fixture
def enter(door: Doorkeeper) -> Callable[..., str]:
    def enter(name: str = "desk", role: Role = Role.OPERATOR) -> str:
        return door.accept(door.invite(role, "cli:test"), name, GOOD).id

    return enter


def test_an_invitation_makes_an_account_once(door: Doorkeeper) -> None:
    token = door.invite(Role.ADMIN, "up")
    assert door.invitation(token).role is Role.ADMIN
    made = door.accept(token, "desk", GOOD)
    assert (made.name, made.role) == ("desk", Role.ADMIN)
    for again in (lambda: door.accept(token, "other", GOOD), lambda: door.invitation(token)):
        with pytest.raises(Denied, match="not good"):
            again()
    assert [one.name for one in door.all()] == ["desk"]


def test_an_invitation_runs_out(door: Doorkeeper, moved: MovedUnits) -> None:
    token = door.invite(Role.ADMIN, "up")
    moved.by += INVITED_FOR - timedelta(seconds=5)
    door.invitation(token)
    moved.by += timedelta(seconds=10)
    with pytest.raises(Denied):
        door.accept(token, "desk", GOOD)
    assert not door.exist()


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("", GOOD, "a name has 1 to 60"),
        (" desk", GOOD, "no blanks at its ends"),
        ("d\nk", GOOD, "printable"),
        ("desk", "short", "12 to 256"),
        ("desk", "x" * 257, "12 to 256"),
        ("desk", "abababababab", "different signs"),
        ("newsroom", "the NEWSROOM's own", "hold the account's name"),
    ],
)
def test_what_cannot_be_a_name_or_password_uses_nothing_up(
    door: Doorkeeper, name: str, password: str, why: str
) -> None:
    token = door.invite(Role.VIEWER, "up")
    with pytest.raises(ConfigError, match=why) as refused:
        door.accept(token, name, password)
    assert password not in str(refused.value)
    assert door.accept(token, "desk", GOOD)


def test_a_name_is_one_accounts_whatever_its_case(door: Doorkeeper, enter: Callable[..., str]) -> None:
    enter("Desk")
    with pytest.raises(Conflict):
        enter("dESK")
    assert door.sign_in("DESK", GOOD, "192.0.2.1")


def test_an_invitation_for_a_known_name_sets_a_password_and_keeps_the_role(
    door: Doorkeeper, enter: Callable[..., str]
) -> None:
    whose = enter()
    before = door.sign_in("desk", GOOD, "")
    door.accept(door.invite(Role.VIEWER, "cli:test", "desk"), "ignored", OTHER)
    assert door.session_of(before) is None, "whoever had the old password is out"
    with pytest.raises(Denied):
        door.sign_in("desk", GOOD, "")
    signed_in = door.session_of(door.sign_in("desk", OTHER, ""))
    assert signed_in
    assert (signed_in.account_id, signed_in.role) == (whose, Role.OPERATOR)


def test_a_wrong_name_is_told_as_a_wrong_password_and_costs_as_much(
    door: Doorkeeper, enter: Callable[..., str], passwords: FakePasswords
) -> None:
    enter()
    said = []
    for name in ("desk", "nobody"):
        with pytest.raises(Denied) as refused:
            door.sign_in(name, OTHER, "")
        said.append(str(refused.value))
    assert said[0] == said[1]
    assert len(passwords.tried) == len(said)


def test_tries_are_counted_by_name_and_by_address(door: Doorkeeper, enter: Callable[..., str]) -> None:
    enter()
    limits = {"sign in by name": "2/minute", "sign in by address": "3/minute"}
    strict = Doorkeeper(door.units, door.passwords, Limiter(limits))
    for _ in range(2):
        with pytest.raises(Denied):
            strict.sign_in("desk", OTHER, "192.0.2.1")
    with pytest.raises(TooOften) as waits:
        strict.sign_in("desk", GOOD, "192.0.2.2")
    assert 0 < waits.value.wait <= 60
    with pytest.raises(Denied):
        strict.sign_in("other", GOOD, "192.0.2.1")
    with pytest.raises(TooOften):
        strict.sign_in("third", GOOD, "192.0.2.1")
    with pytest.raises(Denied):
        strict.sign_in("third", GOOD, "192.0.2.3")


def test_a_session_ends_by_disuse_and_by_age(door: Doorkeeper, enter: Callable[..., str], moved: MovedUnits) -> None:
    enter()
    idle, busy = door.sign_in("desk", GOOD, ""), door.sign_in("desk", GOOD, "")
    for _ in range(7):
        moved.by += IDLE / 2
        assert door.session_of(busy)
    assert door.session_of(idle) is None
    moved.by += LONGEST_SESSION - 7 * IDLE / 2 + timedelta(seconds=5)
    assert door.session_of(busy) is None


def test_signing_out_ends_that_session_alone(door: Doorkeeper, enter: Callable[..., str]) -> None:
    enter()
    one, two = door.sign_in("desk", GOOD, ""), door.sign_in("desk", GOOD, "")
    door.sign_out(one)
    assert door.session_of(one) is None
    assert door.session_of(two)


def test_a_change_of_role_or_being_shut_out_ends_sessions(door: Doorkeeper, enter: Callable[..., str]) -> None:
    enter("boss", Role.ADMIN)
    enter()
    token = door.sign_in("desk", GOOD, "")
    door.change("desk", "cli:test", role=Role.VIEWER)
    assert door.session_of(token) is None
    token = door.sign_in("desk", GOOD, "")
    found = door.session_of(token)
    assert found
    assert found.scopes == SCOPES[Role.VIEWER]
    door.change("desk", "cli:test", is_disabled=True)
    assert door.session_of(token) is None
    with pytest.raises(Denied):
        door.sign_in("desk", GOOD, "")
    door.change("desk", "cli:test", is_disabled=False)
    assert door.sign_in("desk", GOOD, "")


def test_the_last_admin_stays(door: Doorkeeper, enter: Callable[..., str]) -> None:
    enter("boss", Role.ADMIN)
    for change in (
        lambda: door.change("boss", "x", role=Role.OPERATOR),
        lambda: door.change("boss", "x", is_disabled=True),
        lambda: door.remove("boss", "x"),
    ):
        with pytest.raises(Conflict, match="last admin"):
            change()
    enter("deputy", Role.ADMIN)
    door.remove("boss", "x")
    assert [one.name for one in door.all()] == ["deputy"]


def test_a_password_is_changed_with_the_old_one_only(door: Doorkeeper, enter: Callable[..., str]) -> None:
    whose = enter()
    token = door.sign_in("desk", GOOD, "")
    with pytest.raises(Denied):
        door.change_password(whose, OTHER, OTHER)
    door.change_password(whose, GOOD, OTHER)
    assert door.session_of(token) is None
    assert door.sign_in("desk", OTHER, "")


def test_somebody_vouched_for_elsewhere_gets_an_account_once_and_no_password(door: Doorkeeper) -> None:
    for _ in range(2):
        found = door.session_of(door.sign_in_external("https://id.example.org#7", "Jo", Role.VIEWER))
        assert found
        assert found.name == "Jo"
    with pytest.raises(Denied):
        door.sign_in("Jo", "", "")
    assert len(door.all()) == 1


def test_a_key_opens_its_scopes_until_it_ends(door: Doorkeeper, moved: MovedUnits) -> None:
    key, secret = door.issue("feeder", [Scope.PUSH], "cli:test", timedelta(days=1))
    found = door.key_of(secret)
    assert found
    assert (found.scopes, found.actor) == ({Scope.PUSH}, "key:feeder")
    assert secret.startswith(key.beginning)
    assert door.key_of(secret + "x") is None
    assert door.key_of(key.digest) is None
    moved.by += timedelta(days=1, seconds=5)
    assert door.key_of(secret) is None


def test_a_revoked_key_stays_revoked_though_it_was_in_use(door: Doorkeeper) -> None:
    key, secret = door.issue("feeder", [Scope.READ], "cli:test")
    assert door.key_of(secret)
    door.revoke(key.id, "cli:test")
    assert door.key_of(secret) is None
    assert door.every_key()[0].used_at
    assert door.revoke(key.id, "cli:test").revoked_at == door.every_key()[0].revoked_at
    with pytest.raises(NotFound):
        door.revoke("nothing", "cli:test")


@pytest.mark.parametrize(
    ("name", "scopes", "lasts"),
    [("", [Scope.READ], None), ("x", [], None), ("x", [Scope.READ], timedelta(0))],
)
def test_a_key_that_cannot_be_is_refused(
    door: Doorkeeper, name: str, scopes: list[Scope], lasts: timedelta | None
) -> None:
    with pytest.raises(ConfigError):
        door.issue(name, scopes, "cli:test", lasts)


def test_nothing_that_opens_is_kept_and_all_is_in_the_record(
    door: Doorkeeper, enter: Callable[..., str], units: SqlUnits
) -> None:
    link = door.invite(Role.VIEWER, "cli:test")
    enter("boss", Role.ADMIN)
    session = door.sign_in("boss", GOOD, "")
    _, secret = door.issue("feeder", [Scope.READ], "cli:test")
    with pytest.raises(Denied):
        door.sign_in("boss", OTHER, "")
    kept = json.dumps(dump(units.engine), default=str)
    assert [what for what in (link, session, secret, GOOD, OTHER) if what in kept] == []
    with units(read_only=True) as unit:
        entries = unit.audit.entries()
    assert verify(entries).broken is None
    told = [entry.action for entry in entries]
    assert told == ["account.invite"] * 2 + ["account.add", "session.begin", "key.issue", "session.refused"]


def test_passwords_are_hashed_by_argon2id_and_a_missing_hash_matches_nothing() -> None:
    from service.adapters.passwords import Argon2Passwords

    real = Argon2Passwords()
    hashed = real.hashed(GOOD)
    assert hashed.startswith("$argon2id$")
    assert real.match(GOOD, hashed)
    assert not real.match(OTHER, hashed)
    assert not real.match("nobody has this password", "")
