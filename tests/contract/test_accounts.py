"""Accounts, sessions, keys and invitations, as stored."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.domain.access import Account, ApiKey, Invitation, Role, Scope, Session
from service.domain.alerting.subscriber import Subscriber
from service.errors import Conflict
from service.ports import Units
from tests.fakes import NOON

DAY = timedelta(days=1)
DESK = Account("00112233445566aa", "Desk", Role.OPERATOR, NOON, "hash", external_id="issuer#1", seen_at=NOON)
OTHER = Account("00112233445566bb", "other", Role.VIEWER, NOON)
KEY = ApiKey("k1", "feeder", "d" * 64, "dtn_abc", frozenset({Scope.PUSH, Scope.READ}), NOON, "cli:test", NOON + DAY)


@pytest.fixture
def units(engine: Engine) -> Units:
    return SqlUnits(engine)


def test_an_account_comes_back_as_it_was_by_id_name_and_what_vouches_for_it(units: Units) -> None:
    with units() as unit:
        assert not unit.accounts.exist()
        for one in (OTHER, DESK):
            unit.accounts.save(one)
    with units(read_only=True) as unit:
        assert unit.accounts.all() == [DESK, OTHER]
        assert [unit.accounts.get(DESK.id), unit.accounts.named("dESK"), unit.accounts.external("issuer#1")] == [
            DESK
        ] * 3
        assert unit.accounts.external("") is None
        assert unit.accounts.exist()


def test_a_name_in_another_case_is_taken_and_the_transaction_goes_on(units: Units) -> None:
    with units() as unit:
        unit.accounts.save(DESK)
        with pytest.raises(Conflict, match="another account"):
            unit.accounts.save(replace(OTHER, name="desk"))
        unit.accounts.save(replace(DESK, role=Role.VIEWER))
    with units(read_only=True) as unit:
        assert unit.accounts.all() == [replace(DESK, role=Role.VIEWER)]


def test_an_account_outlives_its_subscription_and_not_the_other_way_round(units: Units) -> None:
    with units() as unit:
        unit.subscribers.save(Subscriber("s" * 16, "Newsroom", NOON))
        unit.accounts.save(replace(DESK, subscriber_id="s" * 16))
    with units() as unit:
        unit.subscribers.delete("s" * 16)
    with units(read_only=True) as unit:
        assert unit.accounts.get(DESK.id) == DESK


def test_sessions_end_one_by_one_with_their_account_and_by_age(units: Units) -> None:
    sessions = {name: Session(name * 64, DESK.id, NOON, NOON) for name in "abcd"}
    with units() as unit:
        unit.accounts.save(DESK)
        for one in sessions.values():
            unit.accounts.begin(one)
        unit.accounts.seen("b" * 64, NOON + 2 * DAY)
        assert unit.accounts.session("b" * 64) == replace(sessions["b"], seen_at=NOON + 2 * DAY)
        assert (unit.accounts.get(DESK.id) or DESK).seen_at == NOON + 2 * DAY
        assert unit.accounts.end("a" * 64)
        assert not unit.accounts.end("a" * 64)
        unit.accounts.forget_sessions(NOON + DAY, NOON)
        assert [unit.accounts.session(name * 64) is not None for name in "abcd"] == [False, True, False, False]
        unit.accounts.begin(sessions["c"])
        assert unit.accounts.end_all(DESK.id) == 2
        unit.accounts.begin(sessions["d"])
        assert unit.accounts.delete(DESK.id)
        assert unit.accounts.session("d" * 64) is None


def test_a_key_comes_back_by_its_digest_and_use_changes_nothing_else(units: Units) -> None:
    with units() as unit:
        unit.accounts.save_key(KEY)
        unit.accounts.save_key(replace(KEY, revoked_at=NOON))
        unit.accounts.used(KEY.digest, NOON + DAY)
    with units(read_only=True) as unit:
        kept = replace(KEY, revoked_at=NOON, used_at=NOON + DAY)
        assert unit.accounts.key(KEY.digest) == kept
        assert unit.accounts.every_key() == [kept]
        assert unit.accounts.key("e" * 64) is None


def test_an_invitation_is_withdrawn_once_and_forgotten_when_it_ran_out(units: Units) -> None:
    old, new = (Invitation(sign * 64, "", Role.ADMIN, NOON, NOON + n * DAY) for n, sign in enumerate("ab", start=1))
    with units() as unit:
        unit.accounts.invite(old)
        unit.accounts.invite(new)
        unit.accounts.forget_invitations(NOON + 2 * DAY)
        assert [unit.accounts.invitation(sign * 64) for sign in "ab"] == [None, new]
        assert unit.accounts.withdraw("b" * 64)
        assert not unit.accounts.withdraw("b" * 64)
