"""The deployment files name only what exists. They are not run here: there is no container engine in the tests."""

import os
import re
import subprocess
import tomllib
from configparser import RawConfigParser
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML
from typer.main import get_command

from service.bootstrap import PATIENCE
from service.cli.main import app as cli
from service.config.settings import SPECIAL, Settings
from service.flow import Task

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
COMPOSE = ROOT / "docker-compose.yml"
SERVERS = {"redis", "postgres"}
LONGEST_TASK = max(patience.time_limit for patience in PATIENCE.values())
"""Seconds after which a task is killed."""


def settings_of(model: type[BaseModel], prefix: str = "DETENTE_") -> set[str]:
    """The environment variables of all settings, nested ones included."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= settings_of(inner, f"{prefix}{name.upper()}__")
        else:
            found.add(prefix + name.upper())
    return found


VARIABLES = settings_of(Settings) | SPECIAL


def is_setting(variable: str) -> bool:
    return variable in VARIABLES or variable.removesuffix("_FILE") in VARIABLES


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(COMPOSE.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def ours(services: dict[str, Any]) -> dict[str, Any]:
    return {name: service for name, service in services.items() if name not in SERVERS}


def test_the_services_are_there(services: dict[str, Any]) -> None:
    assert set(services) == {*SERVERS, "migrate", "api", "beat", *map(str, Task)}


def test_one_worker_reads_each_queue(services: dict[str, Any]) -> None:
    read = {name: option(s["command"], "-Q") for name, s in services.items() if "-Q" in s.get("command", ())}
    assert read == {str(task): str(task) for task in Task}


def option(words: list[str], name: str) -> str:
    joined = next((word.partition("=")[2] for word in words if word.startswith(f"{name}=")), None)
    return joined if joined is not None else words[words.index(name) + 1]


def assert_exists(words: list[str]) -> None:
    """A command of ours starts a program, module, application and subcommand that exist."""
    program = Path(words[0]).name
    scripts = {script.name for script in entry_points(group="console_scripts")}
    assert program in scripts, f"{program} is no console script of an installed distribution"
    match program:
        case "detente":
            known = get_command(cli).commands  # type: ignore[attr-defined]
            assert words[1] in known, f"detente {words[1]} is no command"
            declared = {flag for p in known[words[1]].params for flag in (*p.opts, *p.secondary_opts)}
            assert {word for word in words[2:] if word.startswith("--")} <= declared
        case "celery":
            assert words[1:3] == ["-A", "workers.app"]
            assert words[3] in {"worker", "beat"}
            application = import_module("workers.app").app
            assert application.main == "detente"
        case "uvicorn":
            module, _, factory = next(word for word in words if ":" in word).partition(":")
            assert "--factory" in words
            assert callable(getattr(import_module(module), factory))
        case _:
            pytest.fail(f"nobody checks how {program} is started")


def test_every_command_exists(services: dict[str, Any]) -> None:
    for service in ours(services).values():
        assert_exists(service["command"])


def test_celery_is_started_as_the_daemon_does_it(services: dict[str, Any]) -> None:
    for task in Task:
        words = services[str(task)]["command"]
        assert {"--without-gossip", "--without-mingle"} <= set(words)
        assert option(words, "-n") == f"{task}@%h"
        assert int(option(words, "--concurrency")) >= 1
    assert option(services["beat"]["command"], "--schedule").startswith(
        services["beat"]["environment"]["DETENTE_DATA_DIR"]
    )


def test_the_api_is_open_only_with_a_token(services: dict[str, Any]) -> None:
    api = services["api"]
    assert api["environment"]["DETENTE_API__HOST"] == option(api["command"], "--host")
    assert api["environment"]["DETENTE_API__PORT"] == option(api["command"], "--port")
    assert api["environment"]["DETENTE_API__TOKEN_FILE"] == "/run/secrets/api_token"
    assert "api_token" in api["secrets"]
    assert api["ports"] == ["${API_PUBLISHED:-127.0.0.1:8321}:8321"]


def test_every_variable_is_a_setting_and_documented() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    reference = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    files = [COMPOSE, DEPLOY / "Dockerfile", *DEPLOY.glob("*.service"), ROOT / ".env.example"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    for variable in sorted(set(re.findall(r"\bDETENTE_[A-Z0-9_]*[A-Z0-9]", text))):
        assert is_setting(variable), f"{variable} is no setting: Detente would refuse to start"
        named = variable if variable in VARIABLES else variable.removesuffix("_FILE")
        assert f"`{named}`" in reference, f"{variable} is not in the reference"
    for variable in re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text(encoding="utf-8")):
        assert not variable.startswith("DETENTE_"), (
            f"{variable} would be handed to Detente, which knows no such setting"
        )
        assert re.search(rf"^#? ?{variable}=", example, re.MULTILINE), f"{variable} is not in .env.example"


def test_the_example_names_every_setting() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#? ?(DETENTE_[A-Z0-9_]+)=", example, re.MULTILINE))
    missing = {v for v in VARIABLES if v not in named and f"{v}_FILE" not in named}
    assert not missing


def test_every_process_of_ours_is_hardened(services: dict[str, Any]) -> None:
    for name, service in services.items():
        user = service["user"]
        assert user.partition(":")[0] not in {"", "0", "root"}, name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert any(mount.startswith("/tmp") for mount in service["tmpfs"]), name
        assert not {"privileged", "cap_add", "network_mode", "pid", "ipc"} & set(service), name
    assert {s["build"]["dockerfile"] for s in ours(services).values()} == {"deploy/Dockerfile"}
    assert {s["image"] for s in ours(services).values()} == {"detente:local"}


def test_every_service_has_a_health_check(services: dict[str, Any]) -> None:
    for name, service in services.items():
        if name == "migrate":
            assert service["restart"] == "no"
            assert service["healthcheck"] == {"disable": True}
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
    for service in ours(services).values():
        if service["healthcheck"].get("test", [""])[1:2] == ["detente"]:
            assert_exists(service["healthcheck"]["test"][1:])


def test_everybody_waits_for_the_tables(services: dict[str, Any]) -> None:
    for name, service in ours(services).items():
        if name != "migrate":
            assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
            assert int(service["stop_grace_period"].removesuffix("s")) > LONGEST_TASK


def test_the_broker_forgets_nothing_in_silence(services: dict[str, Any]) -> None:
    words = services["redis"]["command"]
    assert option(words, "--maxmemory-policy") == "noeviction"
    assert option(words, "--appendonly") == "yes"


def test_servers_are_reachable_from_inside_only(compose: dict[str, Any], services: dict[str, Any]) -> None:
    assert compose["networks"]["inside"] == {"internal": True}
    for name in SERVERS:
        assert "ports" not in services[name]
        assert services[name]["networks"] == ["inside"]
    assert {name for name, s in services.items() if "ports" in s} == {"api"}
    assert {name for name, s in services.items() if "outside" in s["networks"]} == {
        "api",
        "fetch",
        "complete",
        "deliver",
    }


def test_volumes_secrets_and_anchors_are_declared(compose: dict[str, Any], services: dict[str, Any]) -> None:
    declared = set(compose["volumes"])
    for service in services.values():
        named = [mount.partition(":")[0] for mount in service.get("volumes", ())]
        assert {name for name in named if re.fullmatch(r"\w+", name)} <= declared
        wanted = {s if isinstance(s, str) else s["source"] for s in service.get("secrets", ())}
        assert wanted <= set(compose["secrets"])
        paths = [v for k, v in (service.get("environment") or {}).items() if k.endswith("_FILE")]
        assert {Path(path).name for path in paths} <= wanted


def test_secrets_are_made_once_and_kept(compose: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    command = [DEPLOY / "make-secrets", folder]
    subprocess.run(command, check=True, capture_output=True)
    first = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    subprocess.run(command, check=True, capture_output=True)
    assert first == {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert set(first) == {Path(secret["file"]).name for secret in compose["secrets"].values()}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert first["postgres_password"].strip() in first["database_url"]
    assert first["redis.conf"].removeprefix("requirepass ").strip() in first["broker_url"]


def test_the_image_is_built_of_what_is_there() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    copied = [words for line in lines if (words := line.split())[:1] == ["COPY"] and not words[1].startswith("--from")]
    sources = {source for words in copied for source in words[1:-1]}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for source in sources:
        assert f"!{source}" in ignored, f"{source} is kept from the builder by .dockerignore"
    made_by_hand = sources - {"requirements.txt", "requirements-build.txt"}
    assert {s for s in made_by_hand if not (ROOT / s).exists()} == set()
    lock = (ROOT / "tools" / "lock").read_text(encoding="utf-8")
    assert all(name in lock for name in ("requirements.txt", "requirements-build.txt"))


def test_the_image_runs_as_nobody_special_and_has_no_tools() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    assert [stage.split()[0] for stage in stages] == ["node:20-slim", "python:3.12-slim", "python:3.12-slim"]
    final = stages[-1]
    assert "pip" not in final
    assert "npm" not in final
    assert "node_modules" not in final
    assert "apt-get" not in text
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert "HEALTHCHECK" in final
    assert text.count("--require-hashes") == 3


def test_what_npm_gave_is_held_against_its_hashes_before_it_ships() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert text.count("npm install") == 1
    assert "--ignore-scripts" in text
    assert text.index("tools/assets.py --modules") < text.index("pip wheel")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored.index("service/web/static/vendor") > ignored.index("!service")


def test_the_wheel_carries_what_git_ignores() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert "service/web/static/vendor" in build["targets"]["wheel"]["artifacts"]
    assert "/service/web/static/vendor/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_drivers_of_the_image_are_locked_by_hash() -> None:
    text = (DEPLOY / "requirements-postgres.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^([a-z-]+)==\S+ \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE)
    assert {name for name, _ in pinned} == {"psycopg", "psycopg-binary"}
    assert "://" not in text


UNITS = sorted(DEPLOY.glob("*.service"))


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_what_exists_and_is_hardened(path: Path) -> None:
    unit = RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys are case-sensitive
    unit.read_string(path.read_text(encoding="utf-8"))
    service = unit["Service"]
    assert_exists(service["ExecStart"].split())
    assert service["User"] == "detente"
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["CapabilityBoundingSet"]) == (
        "yes",
        "strict",
        "",
    )
    if service["Type"] == "simple":
        assert int(service["TimeoutStopSec"].removesuffix("s")) > LONGEST_TASK
        assert service["Restart"] == "always"
    else:
        assert service["Type"] == "oneshot"


def test_the_units_are_there() -> None:
    assert {path.name for path in UNITS} == {
        "detente.service",
        "detente-migrate.service",
        "detente-api.service",
        "detente-beat.service",
        "detente-worker@.service",
    }


def test_make_secrets_can_be_run() -> None:
    assert os.access(DEPLOY / "make-secrets", os.X_OK)
