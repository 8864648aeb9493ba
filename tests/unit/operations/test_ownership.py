"""Whose subscription is whose: one's own, others' for those who look after people, and nobody else's."""

from dataclasses import replace

import pytest

from service.adapters.storage.database import SqlUnits
from service.domain.access import LOCAL, TOKEN, Principal, Role
from service.errors import Conflict, Denied, NotFound
from service.operations import ownership
from service.operations.accounts import Doorkeeper
from tests.unit.operations.test_accounts import GOOD, FakePasswords, never
from tests.unit.operations.test_subscribers import HOOK, MAILBOX, Office

WISHES = {"name": "Ann", "subjects": ["country:IRN"]}


@pytest.fixture
def office(units: SqlUnits) -> Office:
    made = Office()
    made.registry = replace(made.registry, units=units)
    return made


@pytest.fixture
def door(units: SqlUnits) -> Doorkeeper:
    return Doorkeeper(units, FakePasswords, never)


def entered(door: Doorkeeper, name: str, role: Role) -> Principal:
    door.accept(door.invite(role, "cli:test"), name, GOOD)
    return again(door, name)


def again(door: Doorkeeper, name: str) -> Principal:
    """As who signs in anew."""
    return next(one for one in door.all() if one.name == name).principal


def test_the_first_subscription_of_an_account_is_its_own_and_the_only_one(office: Office, door: Doorkeeper) -> None:
    ann = entered(door, "ann", Role.SUBSCRIBER)
    made = ownership.add(office.registry, door, WISHES, ann)
    ann = again(door, "ann")
    assert ann.subscriber_id == made.id
    assert ownership.own(office.registry, ann) == made
    assert ownership.seen(ann, made.id) == made.id
    with pytest.raises(Conflict, match="already"):
        ownership.add(office.registry, door, WISHES, ann)


def test_another_can_follow_one_that_is_gone(office: Office, door: Doorkeeper) -> None:
    made = ownership.add(office.registry, door, WISHES, entered(door, "ann", Role.SUBSCRIBER))
    office.registry.remove(made.id, "cli:test")
    ann = again(door, "ann")
    assert ownership.own(office.registry, ann) is None
    other = ownership.add(office.registry, door, WISHES, ann)
    assert again(door, "ann").subscriber_id == other.id


def test_anothers_is_as_good_as_none(office: Office, door: Doorkeeper) -> None:
    made = ownership.add(office.registry, door, WISHES, entered(door, "ann", Role.SUBSCRIBER))
    bob = entered(door, "bob", Role.OPERATOR)
    assert not ownership.may_see(bob, made.id)
    assert not ownership.may_see(bob, ""), "one without a subscription has not everybody's without an id"
    with pytest.raises(NotFound):
        ownership.change(office.registry, made.id, {"zone": "Asia/Tehran"}, bob)
    with pytest.raises(NotFound):
        ownership.add_channel(office.registry, made.id, "mail", MAILBOX, bob)
    assert office.registry.get(made.id) == made


def test_who_looks_after_people_makes_any_number(office: Office, door: Doorkeeper) -> None:
    boss = entered(door, "boss", Role.ADMIN)
    first = ownership.add(office.registry, door, WISHES, boss)
    boss = again(door, "boss")
    second = ownership.add(office.registry, door, {**WISHES, "name": "Bea"}, boss)
    assert again(door, "boss").subscriber_id == first.id
    assert ownership.seen(boss, second.id) == second.id


def test_a_key_without_an_account_owns_none(office: Office, door: Doorkeeper) -> None:
    with pytest.raises(Conflict, match="sign in"):
        ownership.add(office.registry, door, WISHES, replace(TOKEN, scopes=frozenset()))
    assert ownership.add(office.registry, door, WISHES, LOCAL).name == "Ann"


def test_a_pause_begins_and_ends_with_a_change(office: Office, door: Doorkeeper) -> None:
    made = ownership.add(office.registry, door, WISHES, LOCAL)
    paused = ownership.change(office.registry, made.id, {"zone": "Asia/Tehran"}, LOCAL, paused=True)
    assert (paused.zone, str(paused.state)) == ("Asia/Tehran", "paused")
    assert str(ownership.change(office.registry, made.id, {}, LOCAL, paused=False).state) == "pending"


def test_a_new_channel_is_asked_or_vouched_for(office: Office, door: Doorkeeper) -> None:
    ann = entered(door, "ann", Role.SUBSCRIBER)
    made = ownership.add(office.registry, door, WISHES, ann)
    ann = again(door, "ann")
    with pytest.raises(Denied):
        ownership.add_channel(office.registry, made.id, "hook", HOOK, ann, confirmed=True)
    assert ownership.add_channel(office.registry, made.id, "mail", MAILBOX, ann).asked
    assert [one.channel for one in office.sent] == ["mail"]
    office.registry.remove_channel(made.id, "mail", ann.actor)
    later = ownership.add_channel(office.registry, made.id, "mail", MAILBOX, ann)
    assert (later.asked, "less than a day" in later.detail) == (False, True)
    vouched = ownership.add_channel(office.registry, made.id, "hook", HOOK, LOCAL, confirmed=True)
    assert (vouched.asked, vouched.detail, str(vouched.subscriber.state)) == (False, "", "active")
