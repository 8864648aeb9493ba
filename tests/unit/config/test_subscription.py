"""Settings that subscribers need: where pages are, which server sends mail, which keys seal. No value is repeated."""

from pathlib import Path
from typing import Any

import pytest

from service.bootstrap import Detente, shipped
from service.cli.checking import check
from service.config.settings import Settings, load_settings
from service.errors import ConfigError


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://alerts.example.org", "https://alerts.example.org"),
        ("https://example.org/detente/", "https://example.org/detente"),
        ("http://localhost:8321", "http://localhost:8321"),
        ("http://127.0.0.1:8321/", "http://127.0.0.1:8321"),
    ],
)
def test_a_public_address_is_kept_without_its_last_slash(written: str, kept: str) -> None:
    assert Settings.model_validate({"public_url": written}).public_url == kept


@pytest.mark.parametrize(
    "written",
    [
        "http://alerts.example.org",
        "alerts.example.org",
        "https://",
        "https://user:CANARY@example.org",
        "https://example.org?x=CANARY",
        "https://example.org/#CANARY",
        "javascript:CANARY",
    ],
)
def test_another_public_address_is_refused(written: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="public_url: must") as caught:
        load_settings(tmp_path, {"public_url": written})
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    "written", ["mailtos://u:p@mail.example.org", "mailto://u:p@mail.example.org/?from=x@example.org"]
)
def test_a_mail_server_names_no_recipient(written: str) -> None:
    assert Settings.model_validate({"notify": {"mail_server": written}}).notify.mail_server


@pytest.mark.parametrize(
    "written",
    [
        "jsons://CANARY.example.org",
        "mailtos://u:CANARY@mail.example.org/bob@example.org",
        "mailtos://u:CANARY@mail.example.org?to=bob@example.org",
        "mailtos://u:CANARY@mail.example.org?from=x@example.org&BCC=bob@example.org",
        "CANARY",
    ],
)
def test_another_mail_server_is_refused(written: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mail_server: must") as caught:
        load_settings(tmp_path, {"notify": {"mail_server": written}})
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("DETENTE_SECRET_KEY", "CANARY", "secret_key: a key has at least 32 characters"),
        ("DETENTE_SECRET_KEY", f"{'k' * 32} CANARY", "secret_key: a key has at least 32 characters"),
        ("DETENTE_NOTIFY__MAIL_SERVER", "mailtos://u:CANARY@127.0.0.1", "notify.mail_server: the address is refused"),
    ],
)
def test_config_check_looks_at_keys_and_server(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    mistakes, _ = check(None)
    assert [line for line in mistakes if said in line]
    assert "CANARY" not in "".join(mistakes)


def test_a_key_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{'n' * 40}\n{'o' * 40}\n")
    monkeypatch.setenv("DETENTE_SECRET_KEY_FILE", str(file))
    overrides: dict[str, Any] = {"data_dir": str(tmp_path)}
    assert repr(Detente(shipped("config"), overrides).vault) == "Vault(2 keys)"
    assert "nnnn" not in repr(Detente(shipped("config"), overrides).settings)
