"""`detente users`, `keys` and `audit`: what is typed, what is said, and that no address is ever printed."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import text

from service.adapters.channels.apprise_notifier import AppriseNotifier
from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.bootstrap import Detente, shipped
from service.cli import audit, users
from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.notification import Outgoing
from service.errors import ConfigError, Conflict, DetenteError, NotFound
from service.flow import Kind, Task
from service.operations.subscribers import Confirmation, Outcome
from service.pipeline.notify import notify
from tests.fakes import NOON, FakeQueue, dump, row

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it
ROOT = Path(__file__).parents[3]
MAILBOX, HOOK = "newsroom.CANARY@example.org", "jsons://example.org/CANARY"
NOTHING = users.Wanted(*[None] * 14)


@pytest.fixture
def sent() -> list[Confirmation]:
    return []


@pytest.fixture
def detente(
    migrated: Path, tmp_path: Path, sent: list[Confirmation], shipped_gazetteer: CompiledGazetteer
) -> Iterator[Detente]:
    shutil.copy(migrated, tmp_path / "detente.db")
    notify = {"mail_server": "mailtos://user:CANARY@mail.example.org"}
    found = Detente(shipped("config"), {"data_dir": str(tmp_path), "notify": notify})
    found.queue, found.gazetteer = FakeQueue(), shipped_gazetteer
    found.subscribers = replace(found.subscribers, send=lambda _, confirmation: sent.append(confirmation))
    yield found
    found.close()


def wanted(**typed: Any) -> users.Wanted:
    return replace(NOTHING, **typed)


def add(detente: Detente, **typed: Any) -> str:
    users.add(detente, wanted(**{"name": "Newsroom", "subjects": ["country:IRN"], **typed}), as_json=True)
    return detente.subscribers.find(typed.get("name", "Newsroom")).id


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_what_is_typed_is_what_is_kept(detente: Detente, capsys: pytest.CaptureFixture[str]) -> None:
    typed = {
        "with_dyads": False,
        "least": "high",
        "kinds": ["LEVEL", "SURGE"],
        "zone": "Europe/Berlin",
        "quiet": ["22:30-07:00", "sat-mon,wed 12:00-13:30"],
        "budget_per_day": "none",
        "budget_per_week": "3",
        "digest": "weekly",
        "digest_at": "09:15",
        "digest_on": "fri",
        "at_once": "critical",
    }
    add(detente, **typed)
    found = printed(capsys)
    assert found["quiet"] == [
        {"from": "22:30", "until": "07:00", "weekdays": []},
        {"from": "12:00", "until": "13:30", "weekdays": ["mon", "wed", "sat", "sun"]},
    ]
    assert (found["budget_per_day"], found["budget_per_week"], found["with_dyads"]) == (None, 3, False)
    for key in ("least", "kinds", "zone", "digest", "digest_at", "digest_on", "at_once"):
        assert found[key] == typed[key]
    users.show(detente, "Newsroom", as_json=True)
    assert printed(capsys) == found
    users.change(detente, found["id"][:6], wanted(quiet=["none"], kinds=["none"], name="Rob"), as_json=True)
    assert printed(capsys) == {**found, "quiet": [], "kinds": [], "name": "Rob"}
    with pytest.raises(ConfigError, match="nothing to change"):
        users.change(detente, "Rob", NOTHING, as_json=True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"zone": "Mars/Base"}, "--zone: 'Mars/Base' is no time zone; write one as Europe/Berlin"),
        ({"subjects": ["country:XQX"]}, "--subject: 'country:XQX' names 'XQX', which is no country code"),
        ({"subjects": ["Iran"]}, "--subject: 'Iran' is no subject: begin with"),
        ({"least": "loud"}, "--least: Input should be 'info'"),
        ({"kinds": ["LEVL"]}, "--kind: "),
        ({"quiet": ["all day"]}, "--quiet: 'all day' is no span; write it as 22:30-07:00"),
        ({"quiet": ["foo 22:30-07:00"]}, "--quiet: 'foo 22:30-07:00' is no span"),
        ({"quiet": ["mon-foo 22:30-07:00"]}, "--quiet: "),
        ({"quiet": ["24:00-07:00"]}, "--quiet: must be a time of day"),
        ({"quiet": ["08:00-08:00"]}, "--quiet: 08:00-08:00 begins and ends at once"),
        ({"quiet": ["08:00-20:00", "20:00-08:00"]}, "--quiet: nothing is left of mon, tue"),
        ({"budget_per_day": "0"}, "--per-day: must be 1 or more"),
        ({"budget_per_week": "many"}, "--per-week: "),
        ({"digest_at": "8"}, "--digest-at: must be a time of day"),
        ({"name": ""}, "name: must have 1 to"),
    ],
)
def test_bad_use_names_the_option_and_what_would_be_right(detente: Detente, typed: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        add(detente, **typed)
    assert str(caught.value).startswith(said) or f"\n{said}" in str(caught.value)
    assert detente.subscribers.all() == []


def test_consent_by_code_and_all_the_way(
    detente: Detente, sent: list[Confirmation], capsys: pytest.CaptureFixture[str]
) -> None:
    one = add(detente)
    users.add_channel(detente, "Newsroom", "mail", MAILBOX, confirmed=False, as_json=False)
    said = capsys.readouterr().out
    assert "Without public_url it has no link but a code: detente users confirm CODE" in said
    assert users.test(detente, one, "dyad:PAK-IRN", "high", "LEVEL", as_json=False) == 1
    assert "channel mail: the subscriber is pending" in capsys.readouterr().out
    users.confirm(detente, sent[0].code, as_json=False)
    assert "the channel mail is confirmed" in capsys.readouterr().out
    assert users.test(detente, one, "dyad:PAK-IRN", "high", "LEVEL", as_json=True) == 0
    assert printed(capsys) == {"id": one, "reached": ["mail"], "reasons": []}
    users.pause(detente, one, as_json=False)
    users.resume(detente, one, as_json=False)
    assert capsys.readouterr().out.splitlines() == [f"Newsroom ({one}): paused", f"Newsroom ({one}): active again"]
    users.remove_channel(detente, one, "mail", as_json=False)
    users.remove(detente, one, sure=True)
    users.show_all(detente, as_json=True)
    assert capsys.readouterr().out.endswith("[]\n")


@pytest.mark.parametrize(
    ("subject", "severity", "kind", "why"),
    [
        ("dyad:AFG-PAK", "high", "LEVEL", "no subject of theirs covers dyad:AFG-PAK"),
        ("country:IRN", "info", "LEVEL", "info is below warning"),
        ("country:IRN", "high", "SILENCE", "they do not want to hear of rules of the kind SILENCE"),
    ],
)
def test_a_trial_says_why_not(
    detente: Detente, capsys: pytest.CaptureFixture[str], subject: str, severity: str, kind: str, why: str
) -> None:
    one = add(detente)
    capsys.readouterr()
    users.add_channel(detente, one, "hook", HOOK, confirmed=True, as_json=True)
    assert printed(capsys)["channels"][0]["state"] == "confirmed"
    assert users.test(detente, one, subject, severity, kind, as_json=True) == 1
    assert printed(capsys) == {"id": one, "reached": [], "reasons": [why]}


def test_a_trial_without_channels_and_with_bad_words(detente: Detente, capsys: pytest.CaptureFixture[str]) -> None:
    one = add(detente)
    capsys.readouterr()
    assert users.test(detente, one, "country:IRN", "high", "LEVEL", as_json=True) == 1
    assert printed(capsys)["reasons"] == ["they have no channel"]
    for severity, kind, said in (("loud", "LEVEL", "--severity: 'loud'"), ("high", "LEVL", "--kind: 'LEVL'")):
        with pytest.raises(ConfigError, match=said):
            users.test(detente, one, "country:IRN", severity, kind, as_json=True)


def test_asking_again_waits_for_a_day(
    detente: Detente, sent: list[Confirmation], capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = add(detente), add(detente, name="Outpost")
    users.add_channel(detente, one, "mail", MAILBOX, confirmed=False, as_json=True)
    with pytest.raises(Conflict, match="less than a day ago"):
        users.ask(detente, one, "mail", as_json=False)
    capsys.readouterr()
    users.add_channel(detente, other, "mail", MAILBOX, confirmed=False, as_json=False)
    assert "added, and nobody asked: this address was asked less than a day ago" in capsys.readouterr().out
    assert len(sent) == 1


def test_without_a_database_nobody_is_found(tmp_path: Path) -> None:
    bare = Detente(shipped("config"), {"data_dir": str(tmp_path)})
    with pytest.raises(DetenteError, match="no Detente database"):
        users.show_all(bare, as_json=True)
    bare.close()


def test_who_is_unknown_is_told_of(detente: Detente) -> None:
    add(detente)
    with pytest.raises(NotFound, match="did you mean Newsroom"):
        users.pause(detente, "Newsroomy", as_json=True)
    with pytest.raises(ConfigError, match="--yes"):
        users.remove(detente, "Newsroom", sure=False)
    with pytest.raises(ConfigError, match="CHANNEL: "):
        users.add_channel(detente, "Newsroom", "no spaces", HOOK, confirmed=True, as_json=True)


# --- where an address comes from


def test_an_address_is_read_from_a_file_an_option_or_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "address"
    file.write_text(f"{HOOK}\n")
    assert users.read_address(file, None) == users.read_address(None, HOOK) == HOOK
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{HOOK}\nmore"))
    assert users.read_address(None, None) == HOOK


def test_an_address_that_is_missing_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    binary = tmp_path / "binary"
    binary.write_bytes(b"CANARY\xff")
    for file, typed in ((None, None), (None, " "), (tmp_path / "none", None), (binary, None), (binary, HOOK)):
        with pytest.raises(ConfigError) as caught:
            users.read_address(file, typed)
        assert "CANARY" not in str(caught.value)


# --- keys and the record


def test_new_keys_seal_every_address_anew(detente: Detente, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    one = add(detente)
    users.add_channel(detente, one, "hook", HOOK, confirmed=True, as_json=True)
    before = [e.sealed for e in enrolled(detente)]
    capsys.readouterr()
    users.rotate(detente, as_json=True)
    assert printed(capsys) == {"addresses": 1}
    newest, oldest = (tmp_path / "secret.key").read_text().split()
    assert [e.sealed for e in enrolled(detente)] != before
    assert address(detente, f"@{one}") == HOOK
    (tmp_path / "secret.key").write_text(f"{newest}\n")
    assert address(detente, f"@{one}") == HOOK
    (tmp_path / "secret.key").write_text(f"{oldest}\n")
    with pytest.raises(ConfigError, match="sealed by another key"):
        address(detente, f"@{one}")


def address(detente: Detente, receiver: str) -> str:
    with detente.units(read_only=True) as unit:
        found = detente.recipient_of(unit, receiver, "hook")
    assert found
    return found.address


def enrolled(detente: Detente) -> Any:
    with detente.units(read_only=True) as unit:
        return unit.subscribers.enrolled()


def test_keys_that_are_set_are_the_operators_to_change(
    migrated: Path, tmp_path: Path, shipped_gazetteer: CompiledGazetteer
) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    old, new = "o" * 40, "n" * 40

    def service(keys: str) -> Detente:
        found = Detente(shipped("config"), {"data_dir": str(tmp_path), "secret_key": keys})
        found.gazetteer = shipped_gazetteer
        return found

    first, both, last = service(old), service(f"{new} {old}"), service(new)
    one = first.subscribers.add({"name": "Newsroom"}, "cli:ops")
    first.subscribers.add_channel(one.id, "hook", HOOK, "cli:ops", confirmed=True)
    users.rotate(both, as_json=False)
    assert address(last, one.receiver) == HOOK
    assert not (tmp_path / "secret.key").exists()
    for service_ in (first, both, last):
        service_.close()


def test_the_record_is_shown_and_a_change_of_it_is_found(detente: Detente, capsys: pytest.CaptureFixture[str]) -> None:
    one = add(detente)
    users.pause(detente, one, as_json=True)
    capsys.readouterr()
    audit.show(detente, f"subscriber:{one}", 1, as_json=True)
    (last,) = printed(capsys)
    assert (last["number"], last["actor"], last["action"]) == (2, users.actor(), "subscriber.pause")
    assert audit.check(detente, None, as_json=True) == 0
    verdict = printed(capsys)
    assert (verdict["ok"], verdict["entries"], verdict["hash"]) == (True, 2, last["hash"])
    assert audit.check(detente, last["hash"], as_json=False) == 0
    tamper(detente, "DELETE FROM audit WHERE number = 2")
    assert audit.check(detente, None, as_json=False) == 0, "the chain alone cannot tell that its end is gone"
    capsys.readouterr()
    assert audit.check(detente, last["hash"], as_json=True) == 1
    assert printed(capsys)["cut"] is True
    tamper(detente, "UPDATE audit SET actor = 'nobody' WHERE number = 1")
    assert audit.check(detente, None, as_json=False) == 1
    assert "entry 1 is not as it was written" in capsys.readouterr().out


def tamper(detente: Detente, statement: str) -> None:
    with detente.units.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(text(statement))


def test_no_address_is_printed_but_by_the_export(
    detente: Detente, sent: list[Confirmation], capsys: pytest.CaptureFixture[str]
) -> None:
    one = add(detente)
    users.add_channel(detente, one, "hook", HOOK, confirmed=True, as_json=False)
    users.add_channel(detente, one, "mail", MAILBOX, confirmed=False, as_json=False)
    users.rotate(detente, as_json=False)
    for as_json in (True, False):
        users.show(detente, one, as_json=as_json)
        users.show_all(detente, as_json=as_json)
        users.test(detente, one, "country:IRN", "high", "LEVEL", as_json=as_json)
        audit.show(detente, None, 50, as_json=as_json)
    said = capsys.readouterr()
    for secret in ("CANARY", sent[0].code, "example.org"):
        assert secret not in said.out + said.err + repr(dump(detente.units.engine))  # type: ignore[attr-defined]
    users.export(detente, one)
    assert {c["address"] for c in printed(capsys)["channels"]} == {HOOK, MAILBOX}
    users.remove(detente, one, sure=True)
    assert "Newsroom" not in repr(dump(detente.units.engine))  # type: ignore[attr-defined]


# --- as a shell sees it, and as the other end does


def test_as_a_shell_sees_it(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DETENTE_DATA_DIR": str(tmp_path),
        "DETENTE_LOG_LEVEL": "DEBUG",
    }

    def detente(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "service.cli.main", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False
        )

    done = [
        detente("users", "add", "Newsroom", "--subject", "country:IRN", "--json"),
        detente("users", "channel", "add", "Newsroom", "hook", "--confirmed", given=HOOK),
        detente("users", "channel", "add", "Newsroom", "bad", "--address", "jsons://CANARY.local/CANARY"),
    ]
    assert [one.returncode for one in done] == [0, 0, 2], [one.stderr for one in done]
    assert "CANARY" not in "".join(one.stdout + one.stderr for one in done)
    exported = detente("users", "export", "Newsroom")
    assert json.loads(exported.stdout)["channels"][0]["address"] == HOOK
    assert detente("users", "remove", "Newsroom", "--yes").returncode == 0
    assert b"CANARY" not in b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


@pytest.fixture
def sending(
    migrated: Path, tmp_path: Path, httpserver: HTTPServer, shipped_gazetteer: CompiledGazetteer
) -> Iterator[Detente]:
    shutil.copy(migrated, tmp_path / "detente.db")
    httpserver.expect_request("/CANARY").respond_with_data("ok")
    overrides = {
        "data_dir": str(tmp_path),
        "public_url": "https://alerts.example.org",
        "notify": {"allow_private": True},
    }
    found = Detente(shipped("config"), overrides)
    found.queue, found.gazetteer = FakeQueue(), shipped_gazetteer
    notifier = AppriseNotifier(allow_private=True)
    found._lines[Task.DELIVER] = [found._step(notify, found.post_office(notifier))]
    yield found
    notifier.close()
    found.close()


def deliver(detente: Detente) -> int:
    """Send all that was nudged."""
    queue = detente.queue
    assert isinstance(queue, FakeQueue)
    waiting = queue.of(Task.DELIVER)
    queue.nudges.clear()
    return sum(detente.perform(Task.DELIVER, ids) for ids in waiting)


def bodies(httpserver: HTTPServer) -> list[str]:
    return [json.loads(request.data)["message"] for request, _ in httpserver.log]


def test_the_question_goes_through_the_outbox_and_its_link_works(sending: Detente, httpserver: HTTPServer) -> None:
    one = sending.subscribers.add({"name": "Newsroom"}, "cli:ops")
    hook = f"json://{httpserver.host}:{httpserver.port}/CANARY"
    sending.subscribers.add_channel(one.id, "hook", hook, "cli:ops")
    asked = sending.subscribers.ask(one.id, "hook", "cli:ops")
    stored = repr(dump(sending.units.engine))  # type: ignore[attr-defined]
    for secret in ("CANARY", asked.link.rpartition("/")[2], asked.code):
        assert secret not in stored
    assert (deliver(sending), len(bodies(httpserver))) == (1, 1)
    assert asked.link in bodies(httpserver)[0]
    assert sending.subscribers.confirm(asked.link.rpartition("/")[2]) is Outcome.DONE
    exported = sending.subscribers.export(one.id, "cli:ops")["messages"]
    assert [(m["channel"], m["reason"], m["state"]) for m in exported] == [("hook", "confirm", "sent")]


def test_a_question_without_a_page_brings_a_code(sending: Detente, httpserver: HTTPServer) -> None:
    sending.subscribers = replace(sending.subscribers, public_url="")
    one = sending.subscribers.add({"name": "Newsroom", "language": "de"}, "cli:ops")
    hook = f"json://{httpserver.host}:{httpserver.port}/CANARY"
    sending.subscribers.add_channel(one.id, "hook", hook, "cli:ops")
    asked = sending.subscribers.ask(one.id, "hook", "cli:ops")
    assert asked.code not in repr(dump(sending.units.engine))  # type: ignore[attr-defined]
    deliver(sending)
    assert "nennen Sie" in bodies(httpserver)[0]
    assert asked.code in bodies(httpserver)[0]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("unsubscribe", "the channel is unsubscribed"),
        ("pause", "the subscriber is paused"),
        ("remove", "the subscriber is gone"),
        ("remove channel", "the subscriber has no such channel any more"),
        ("add anew", "the channel is unconfirmed"),
    ],
)
def test_what_is_written_is_not_sent_after_somebody_left(
    sending: Detente, httpserver: HTTPServer, how: str, why: str
) -> None:
    registry = sending.subscribers
    one = registry.add({"name": "Newsroom"}, "cli:ops")
    hook = f"json://{httpserver.host}:{httpserver.port}/CANARY"
    registry.add_channel(one.id, "hook", hook, "cli:ops", confirmed=True)
    message = Message(MessageReason.TEST, one.receiver, NOON, "t1")
    with sending.units() as unit:
        found = sending.recipient_of(unit, one.receiver, "hook")
        written = unit.outbox.write(
            [Outgoing("m1", message, "A test", ["hook"]), Outgoing("m2", message, "Two", ["hook"])]
        )
    assert found
    assert (sending.perform(Task.DELIVER, written[:1]), len(bodies(httpserver))) == (1, 1)
    match how:
        case "unsubscribe":
            assert registry.unsubscribe(found.unsubscribe_url.rpartition("/")[2])
        case "pause":
            registry.pause(one.id, "cli:ops")
        case "remove":
            registry.remove(one.id, "cli:ops")
        case "remove channel":
            registry.remove_channel(one.id, "hook", "cli:ops")
        case "add anew":
            registry.remove_channel(one.id, "hook", "cli:ops")
            registry.add_channel(one.id, "hook", hook, "cli:ops")
    sending.perform(Task.DELIVER, written[1:])
    assert len(bodies(httpserver)) == 1
    with sending.units(read_only=True) as unit:
        assert sorted(sent_["state"] for sent_ in unit.outbox.written_to(one.receiver)) == ["cancelled", "sent"]
    assert row(sending.units.engine, Kind.NOTIFICATION, written[1])["last_error"] == f"not to be sent: {why}"  # type: ignore[attr-defined]
