"""What the configuration is, where it comes from, and its shapes."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service.cli.main import app
from service.cli.settings import FILES, HIDDEN
from service.config.settings import Settings
from service.errors import NotFound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "detente.yaml").write_text("tick: 90s\nmodel:\n  threshold: 0.7\n")
    return tmp_path


def shown(folder: Path, *options: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["config", "show", "--config", str(folder), "--json", *options])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_each_value_says_where_it_comes_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = folder / "token"
    secret.write_text("CANARY")
    monkeypatch.setenv("DETENTE_API__TOKEN_FILE", str(secret))
    monkeypatch.setenv("DETENTE_API__PORT", "8400")
    found = shown(folder, "--origin")
    assert found["tick"] == {"value": "90s", "origin": f"{folder / 'detente.yaml'}:1"}
    assert found["model.threshold"] == {"value": 0.7, "origin": f"{folder / 'detente.yaml'}:3"}
    assert found["model.abstain"] == {"value": None, "origin": "default"}
    assert found["api.port"] == {"value": 8400, "origin": "DETENTE_API__PORT"}
    assert found["api.token"] == {"value": HIDDEN, "origin": "DETENTE_API__TOKEN_FILE"}
    assert found["evaluate_every"] == {"value": "30s", "origin": "default"}


def test_every_setting_is_shown_and_no_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETENTE_BROKER_URL", "redis://:CANARY@localhost:6379/0")
    found = shown(folder)
    assert found["broker_url"] == {"value": HIDDEN}
    assert {key.partition(".")[0] for key in found} == set(Settings.model_fields)
    plain = CliRunner().invoke(app, ["config", "show", "--config", str(folder), "--origin"])
    assert "CANARY" not in json.dumps(found) + plain.output
    assert "false" in plain.output


@pytest.mark.parametrize("file", FILES)
def test_every_file_has_a_schema_that_knows_its_keys(file: str) -> None:
    done = CliRunner().invoke(app, ["config", "schema", file])
    schema = json.loads(done.output)
    assert schema["additionalProperties"] is False
    fields = FILES[file].model_fields
    assert set(schema["properties"]) == {field.alias or name for name, field in fields.items()}


def test_an_unknown_file_has_none() -> None:
    assert isinstance(CliRunner().invoke(app, ["config", "schema", "passwords.yaml"]).exception, NotFound)


def test_health_says_what_is_wrong(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["health", "--data", str(tmp_path / "none"), "--json"])
    assert done.exit_code == 1
    assert json.loads(done.output)["problems"] == [
        "the database has not been migrated: start the service with detente up"
    ]
