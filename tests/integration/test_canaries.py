"""Twenty secrets in the addresses of channels: none may turn up in anything that is stored, logged, shown or raised."""

import io
import logging
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pytest_httpserver import HTTPServer

from service.adapters.channels.apprise_notifier import AppriseNotifier
from service.api.app import build
from service.bootstrap import Detente
from service.cli import channels as channels_command
from service.cli.checking import config_check
from service.errors import DetenteError
from service.flow import Kind, Task
from service.operations import present
from service.operations.status import status
from service.pipeline.notify import RecipientOf, notify
from service.ports import Delivery, Parcel, Recipient
from tests.fakes import World, dump, row, set_row
from tests.sinks import Mailbox, mail_server

ROOT = Path(__file__).parents[2]


def canary(n: int) -> str:
    return f"cAnArY{n:02}x{n * 7919:06}"


def addresses(port: int, mail: int) -> list[str]:
    """Twenty places where a secret can stand: user, password, path, query, header, in good, bad and mistyped addresses."""
    c = [canary(n) for n in range(20)]
    return [
        f"json://{c[0]}:pass@127.0.0.1:{port}/taken",
        f"json://user:{c[1]}@127.0.0.1:{port}/refused",
        f"json://127.0.0.1:{port}/broken/{c[2]}",
        f"xml://127.0.0.1:{port}/broken?token={c[3]}",
        f"form://127.0.0.1:{port}/elsewhere?+X-Token={c[4]}",
        f"jsons://127.0.0.1:{port}/{c[5]}",
        f"json://127.0.0.1:2/{c[6]}",
        f"json://{c[7]}.invalid/x",
        f"mailto://user:{c[8]}@127.0.0.1:{mail}/?from=a@example.org&to=b@example.org&mode=insecure",
        f"mailto://127.0.0.1:{mail}/?from=a@example.org&to={c[9]}@example.org&mode=insecure",
        f"mailtos://user:{c[10]}@127.0.0.1:{mail}/?from=a@example.org&to=b@example.org",
        f"tgram://{c[11]}",
        f"discord://{c[12]}",
        f"slack://{c[13]}/b/c",
        f"nope://{c[14]}@example.org",
        f"jsonn://user:{c[15]}@example.org",
        f"jsons://example.org/{c[16]}?verify=no",
        f"json://169.254.169.254/{c[17]}?attach=/etc/passwd",
        f"json:/user:{c[18]}@example.org",
        f"ntfy://127.0.0.1:{port}/" + canary(19) * 200,
    ]


@pytest.fixture
def servers(httpserver: HTTPServer) -> Iterator[list[str]]:
    httpserver.expect_request("/taken").respond_with_data("taken")
    httpserver.expect_request("/refused").respond_with_data("go away", status=403)
    httpserver.expect_request("/elsewhere").respond_with_data(
        "", status=307, headers={"Location": "http://127.0.0.1:1/"}
    )
    with mail_server(Mailbox({"RCPT": "550 nobody"})) as port:
        yield addresses(httpserver.port, port)


def hits(text: str) -> list[int]:
    return [n for n in range(20) if canary(n).lower() in text.lower()]


def always(address: str) -> RecipientOf:
    """Every channel leads there."""
    return lambda _unit, _receiver, _channel: Recipient(address)


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """All that was logged, but by the servers of the test."""
    ours = [record for record in caplog.records if record.name not in {"werkzeug", "mail.log"}]
    return "\n".join(logging.Formatter().format(record) for record in ours)


def test_the_secrets_are_there_to_be_found(servers: list[str]) -> None:
    assert hits("\n".join(servers)) == list(range(20))


def test_no_send_leaves_a_secret_behind(
    servers: list[str], world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    logging.getLogger("apprise").disabled = False
    notifier = AppriseNotifier(allow_private=True, within=10)
    first, seen, answers = world.outbox()[0], "", []
    for n, address in enumerate(servers):
        set_row(
            world.engine,
            Kind.NOTIFICATION,
            first,
            channel=f"c{n}",
            state="pending",
            due_at=row(world.engine, Kind.NOTIFICATION, first)["created_at"],
        )
        office = replace(world.office, notifier=notifier, recipient_of=always(address))
        notify(world.claim(Task.DELIVER, first), world.units, office)
        answers.append(row(world.engine, Kind.NOTIFICATION, first)["last_error"])
        seen += repr(dump(world.engine))
    notifier.close()
    assert answers[:5] == [
        None,
        "the channel answered 403",
        "the channel answered 500",
        "the channel answered 500",
        "the channel answered 307",
    ]
    assert all(answers[1:])
    shown = capfd.readouterr()
    told = repr(present.status(status(world.units, world.queue, lambda: True), {}))
    assert hits(seen + logged(caplog) + shown.out + shown.err + told) == []


def test_an_error_on_the_way_to_the_jail_tells_nothing(servers: list[str], caplog: pytest.LogCaptureFixture) -> None:
    """Tracebacks as people and trackers see them: the stack with its messages, and no local variable of ours."""
    caplog.set_level(0)
    told = ""
    for address in servers:
        notifier = AppriseNotifier(allow_private=True)
        try:
            notifier.send(Parcel("k", "t", "r", "c", "t", "x", chart="no bytes"), address)  # type: ignore[arg-type]
        except Exception:
            told += traceback.format_exc()
            logging.getLogger("test").exception("failed")
        finally:
            notifier.close()
    assert told
    assert hits(told + logged(caplog)) == []


def test_no_command_and_no_page_shows_a_secret(
    servers: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DETENTE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DETENTE_NOTIFY__ALLOW_PRIVATE", "true")
    monkeypatch.setattr(channels_command, "AppriseNotifier", Quick)
    for name in ("rules.yaml", "sources.yaml"):
        (tmp_path / name).write_text((ROOT / "config" / name).read_text())
    told, good = io.StringIO(), []
    with redirect_stdout(told), redirect_stderr(told):
        for n, address in enumerate(servers):
            good.append(_is_accepted(tmp_path, n, address, told))
        for each in servers[::4]:
            _is_accepted(tmp_path, 99, each, told, in_file=True)
        every = "\n".join(f"      - {{name: c{n}, url: '{address}'}}" for n, address in enumerate(servers))
        _write(tmp_path, every)
        assert config_check(tmp_path, as_json=True) != 0
        kept = "\n".join(f"      - {{name: c{n}, url: '{a}'}}" for n, a in enumerate(servers) if good[n])
        _write(tmp_path, kept)
        service = Detente(tmp_path)
        service.prepare_database()
        channels_command.channels_list(service, as_json=True)
        channels_command.channels_test(service, None, as_json=False)
        with TestClient(build(service), "http://localhost") as client:
            for path in ("/readyz", "/version", "/openapi.json", "/api/v1/alerts", "/api/v1/sources", "/metrics"):
                told.write(client.get(path).text)
        told.write(f"{service.routes} {service.settings} {vars(service.settings)}")
        service.close()
    assert good.count(True) >= 10
    assert good.count(False) >= 5
    assert hits(told.getvalue()) == []


class Quick(AppriseNotifier):
    """Sends for real, and does not wait as long."""

    def send(self, parcel: Parcel, address: str) -> Delivery:
        self.within = 5
        return super().send(parcel, address)


def _is_accepted(folder: Path, n: int, address: str, told: io.StringIO, *, in_file: bool = False) -> bool:
    (folder / "secret").write_text(address)
    _write(
        folder, f"      - {{name: c{n}, url_file: secret}}" if in_file else f"      - {{name: c{n}, url: '{address}'}}"
    )
    try:
        return bool(Detente(folder).addresses)
    except DetenteError as error:
        told.write(f"{error} {error!r} {traceback.format_exc()}")
        return False


def _write(folder: Path, channels: str) -> None:
    (folder / "routes.yaml").write_text(
        f"receivers:\n  - name: desk\n    channels:\n{channels}\nroute:\n  receiver: desk\n"
    )
