"""Configuration: every mistake is named by file, line and key; a value that may be secret is never repeated."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from service.bootstrap import Detente, shipped
from service.cli.checking import check
from service.cli.run import up
from service.config.load import load_file, read_yaml
from service.config.routes import RoutesFile
from service.config.schema import RulesFile, SourcesFile
from service.config.settings import Settings, load_settings
from service.errors import ConfigError

RULE = """rules:
  - name: level
    kind: LEVEL
    subjects: ["dyad:*"]
    steps:
      - {enter: 40, leave: 28, severity: warning}
"""
SURGE = """rules:
  - name: surge
    kind: SURGE
    subjects: ["dyad:*"]
    enter: 4
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good configuration to spoil."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("detente.yaml", "rules.yaml", "routes.yaml"):
        shutil.copy(shipped("config") / name, folder)
    (folder / "sources.yaml").write_text("publishers: []\nfeeds: []\n", encoding="utf-8")
    return folder


def mistakes(folder: Path) -> list[str]:
    """What `detente config check` says, apart from the model."""
    return [line for line in check(folder)[0] if "model" not in line.lower() and "weights" not in line.lower()]


def test_the_shipped_configuration_is_good() -> None:
    assert mistakes(shipped("config")) == []


@pytest.mark.parametrize(("more", "leave"), [("", 2.0), ("    leave: 3\n", 3.0)])
def test_a_surge_is_over_at_half_of_where_it_began_unless_said_otherwise(
    tmp_path: Path, more: str, leave: float
) -> None:
    (tmp_path / "rules.yaml").write_text(SURGE + more, encoding="utf-8")
    (rule,) = (entry.rule() for entry in load_file(tmp_path / "rules.yaml", RulesFile).rules)
    assert (rule.enter, rule.leave, rule.again) == (4.0, leave, 1.5)


LOADERS: dict[str, Callable[[Path], object]] = {
    "detente.yaml": load_settings,
    "rules.yaml": lambda folder: load_file(folder / "rules.yaml", RulesFile),
    "routes.yaml": lambda folder: load_file(folder / "routes.yaml", RoutesFile),
    "sources.yaml": lambda folder: load_file(folder / "sources.yaml", SourcesFile),
}
BROKEN = [
    ("rules.yaml", "rules:\n  - name: level\n    kind: [LEVEL\n", 4, "not valid YAML"),
    ("rules.yaml", "rules:\n\t- name: level\n", 2, "not valid YAML"),
    ("rules.yaml", RULE.replace("kind: LEVEL", "kind: LEVEL\n    colour: CANARY"), 4, "rules.0.colour: unknown key"),
    ("rules.yaml", RULE.replace("kind: LEVEL", "kind: LEVEL\n    kind: CANARY"), 4, "a key stands twice"),
    ("rules.yaml", RULE.replace("enter: 40", "enter: .nan"), 6, "rules.0.steps.0.enter"),
    ("rules.yaml", RULE.replace("enter: 40", "enter: .inf"), 6, "rules.0.steps.0.enter"),
    ("rules.yaml", RULE + "    hot_rate: .inf\n", 7, "rules.0.hot_rate: must be a finite number"),
    ("rules.yaml", RULE.replace("leave: 28", "leave: 41"), 6, "must be below enter"),
    ("rules.yaml", RULE + "      - {enter: 30, leave: 20, severity: high}\n", 2, "steps must rise"),
    ("rules.yaml", SURGE.replace("    enter: 4\n", ""), 2, "enter belongs to rules of kind SURGE, and those need it"),
    ("rules.yaml", RULE + "    enter: 4\n", 2, "enter belongs to rules of kind SURGE"),
    ("rules.yaml", RULE + "    leave: 4\n", 2, "leave belongs to rules of kind SURGE"),
    ("rules.yaml", SURGE + "    leave: 4\n", 2, "must be below enter"),
    ("rules.yaml", SURGE + "    again: 1\n", 6, "rules.0.again"),
    ("rules.yaml", SURGE + "    peace: -1\n", 6, "rules.0.peace"),
    ("rules.yaml", RULE.replace("dyad:*", "dyad:IRN"), 4, "is no subject"),
    ("rules.yaml", RULE.replace("dyad:*", "country:Iran"), 4, "is no subject"),
    ("rules.yaml", RULE + "    for: soon\n", 7, "must be a duration"),
    ("rules.yaml", RULE + RULE.removeprefix("rules:\n"), 1, "'level' more than once"),
    ("rules.yaml", "rules: []\n", 1, "rules"),
    ("rules.yaml", "", 1, "rules"),
    ("rules.yaml", "- one\n- two\n", 1, "must be a mapping"),
    ("rules.yaml", "!!python/object:os.system CANARY\n", 1, "not valid YAML"),
    ("rules.yaml", "? [a, b]\n: CANARY\n", 1, ""),
    ("rules.yaml", "a: " + "[" * 600 + "]" * 600 + "\n", 1, "not valid YAML"),
    ("sources.yaml", "feeds:\n  - {name: wire, url: 'file:///CANARY'}\n", 2, "feeds.0"),
    ("sources.yaml", "publishers:\n  - name: Wire\n    owner: Wire\n    grade: Z\n", 4, "publishers.0.grade"),
    (
        "sources.yaml",
        "feeds:\n  - {name: a, url: 'https://wire.example/1'}\n  - {name: b, url: 'https://wire.example/1'}\n",
        1,
        "more than once",
    ),
    (
        "routes.yaml",
        "receivers:\n  - name: desk\n    channels:\n      - name: mail\n",
        4,
        "give either url or url_file",
    ),
    ("routes.yaml", "receivers:\n  - name: desk\n", 1, "no route leads"),
    ("detente.yaml", "tick: often\n", 1, "tick: must be a duration"),
    (
        "detente.yaml",
        "notify:\n  ping: {url: 'ftp://CANARY/x'}\n",
        2,
        "notify.ping.url: must be an address that begins",
    ),
    ("detente.yaml", "notify:\n  ping: {url: 'https://CANARY:x/'}\n", 2, "notify.ping.url: must be an address"),
    ("detente.yaml", "notify:\n  ping: {url: CANARY}\n", 2, "notify.ping.url: must be an address"),
    ("detente.yaml", "notify:\n  ping: {every: 1s}\n", 2, "notify.ping.every"),
    ("detente.yaml", "notify:\n  canary: {every: 10m}\n", 2, "within must not be longer than every"),
    ("detente.yaml", "api:\n  port: 99999\n", 2, "api.port"),
    ("detente.yaml", "api:\n  tokn: CANARY\n", 2, "api.tokn: unknown key"),
    ("detente.yaml", "api:\n  token: [CANARY]\n", 2, "api.token"),
    ("detente.yaml", "scale: {c: .nan}\n", 1, "scale.c"),
    ("detente.yaml", "tick: 5s\nbroker_url: amqp://u:CANARY@host\n", 2, "broker_url: must begin with redis://"),
    ("detente.yaml", "tick: 5s\ndatabase_url: CANARY\n", 2, "database_url: must begin with postgresql://"),
]


@pytest.mark.parametrize(
    ("name", "text", "line", "says"), BROKEN, ids=[f"{n}-{b[3][:30]}" for n, b in enumerate(BROKEN)]
)
def test_a_mistake_is_named_with_its_place(folder: Path, name: str, text: str, line: int, says: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        LOADERS[name](folder)
    said = str(caught.value).splitlines()
    assert any(f"{folder / name}:{line}: " in one and says in one for one in said), said
    assert not any("CANARY" in one and "CANARY_IS_NO_SECRET" not in one for one in said)


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_the_check_reads_every_file(folder: Path, name: str) -> None:
    (folder / name).write_text("colour: blue\n", encoding="utf-8")
    assert any(f"{folder / name}:1: colour: unknown key" in said for said in mistakes(folder))


def test_a_country_that_does_not_exist_is_named(folder: Path) -> None:
    (folder / "rules.yaml").write_text(RULE.replace("dyad:*", "dyad:IRN-XQX"), encoding="utf-8")
    (said,) = mistakes(folder)
    assert said.startswith(f"{folder / 'rules.yaml'}:4: rules.0.subjects.0: rule level: ")
    assert "'XQX', which is no country code" in said


SHORT = "rules:\n  - {name: NAME, kind: DEESC, subjects: ['dyad:*', 'PATTERN']}\n"


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("dyad:ZZZ-*", "covers no two countries"),
        ("dyad:*-ZZZ", "covers no two countries"),
        ("dyad:PAK-I*", "in alphabetical order"),
        ("dyad:[A-C]*-ZZ?", "covers no two countries"),
        ("country:ZZ*", "covers no country"),
        ("country:Iran*", "covers no country"),
    ],
)
def test_a_pattern_that_covers_nothing_is_named(folder: Path, pattern: str, says: str) -> None:
    (folder / "rules.yaml").write_text(SHORT.replace("PATTERN", pattern), encoding="utf-8")
    (said,) = mistakes(folder)
    assert said.startswith(f"{folder / 'rules.yaml'}:2: rules.0.subjects.1: rule NAME: '{pattern}' covers")
    assert says in said


@pytest.mark.parametrize(
    "pattern", ["dyad:IRN-*", "dyad:*PAK", "dyad:[A-C]*", "dyad:I??-P*", "country:XK?", "*", "*:IRN*"]
)
def test_a_pattern_that_covers_something_is_taken(folder: Path, pattern: str) -> None:
    (folder / "rules.yaml").write_text(SHORT.replace("PATTERN", pattern), encoding="utf-8")
    assert mistakes(folder) == []


SEATS = """publishers:
  - {name: One, owner: One, grade: A, country: ZZZ}
  - name: Two
    owner: Two
    grade: A
    country: QQQ
"""


def test_all_unknown_codes_are_named_at_once_and_before_anything_starts(folder: Path) -> None:
    rules = SHORT.replace("PATTERN", "dyad:ZZZ-*") + "  - {name: b, kind: DEESC, subjects: ['country:QQQ']}\n"
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    (folder / "sources.yaml").write_text(SEATS, encoding="utf-8")
    said = mistakes(folder)
    assert [one.partition(": ")[0] for one in said] == [
        f"{folder / 'sources.yaml'}:2",
        f"{folder / 'sources.yaml'}:6",
        f"{folder / 'rules.yaml'}:2",
        f"{folder / 'rules.yaml'}:3",
    ]
    assert "publishers.1.country: 'QQQ' is no country code" in said[1]
    with pytest.raises(ConfigError) as caught:
        up(Detente(folder, {"data_dir": folder / "data"}), api=False)
    assert str(caught.value).splitlines() == said
    assert not (folder / "data").exists()


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "rules.yaml").unlink()
    assert mistakes(folder) == [f"{folder / 'rules.yaml'}: no such file"]
    assert check(folder / "nowhere")[0] == [f"{folder / 'nowhere'}: no such folder of configuration files"]


def test_a_file_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "rules.yaml").write_bytes(b"rules: \xff\xfe\x00")
    assert mistakes(folder) == [f"{folder / 'rules.yaml'}: not UTF-8 text (byte 7)"]


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1, 2]\nb: *x\n",
        "- &x one\n- *x\n",
        "a: [&x [b], *x]\n",
        "{a: &x 1, b: *x}\n",
        'a: &a ["b","b"]\n' + "".join(f"{n}: &{n} [*a,*a,*a]\n" for n in "bcdefgh"),
        "x0: [&x0 [o, o]]\n" + "".join(f"x{n}: [&x{n} [*x{n - 1}, *x{n - 1}, *x{n - 1}]]\n" for n in range(1, 60)),
    ],
)
def test_anchors_are_refused_with_their_line_before_they_grow(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    began = time.monotonic()
    with pytest.raises(ConfigError, match=r"rules\.yaml:1: anchors and aliases"):
        read_yaml(path)
    assert time.monotonic() - began < 1


def test_a_star_in_a_text_is_no_alias(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text("# see: *this* & that\nfeeds: []\npublishers:\n  - {name: 'A: *B*', owner: 'C & D', grade: A}\n")
    assert load_file(path, SourcesFile).publishers[0].name == "A: *B*"


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("#" * 4_000_001, encoding="utf-8")
    with pytest.raises(ConfigError, match="larger than"):
        load_file(path, RulesFile)


CHANNEL = "receivers:\n  - name: desk\n    channels:\n      - {name: hook, url: 'URL'}\nroute: {receiver: desk}\n"


@pytest.mark.parametrize(
    "url",
    [
        "file:///CANARY",
        "exec://CANARY",
        "json://169.254.169.254/CANARY",
        "json://2130706433/CANARY",
        "jsons://example.org/CANARY?verify=no",
        "jsosn://user:CANARY@example.org",
        "json://" + "CANARY" * 1700,
    ],
)
def test_a_forbidden_channel_is_named_but_not_repeated(
    folder: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "routes.yaml").write_text(CHANNEL.replace("URL", url), encoding="utf-8")
    (said,) = mistakes(folder)
    assert said.startswith(f"{folder / 'routes.yaml'}:4: receivers.0.channels.0.url: receiver desk, channel hook: ")
    assert "the address is refused" in said
    shown = capfd.readouterr()
    assert "CANARY" not in said + shown.out + shown.err


@pytest.mark.parametrize(
    "text",
    [
        CHANNEL.replace("{name: hook, url: 'URL'}", "{name: hook, url: 'json://CANARY', url: 'json://CANARY2'}"),
        CHANNEL.replace("{name: hook, url: 'URL'}", "{name: hook, url: ['json://CANARY']}"),
        CHANNEL.replace("{name: hook, url: 'URL'}", "{name: hook, url: 'json://CANARY', url_file: /CANARY}"),
        CHANNEL.replace("{name: hook, url: 'URL'}", "{name: hook, urll: 'json://CANARY'}"),
        CHANNEL.replace("{name: hook, url: 'URL'}", "{name: hook, url: 'json://CANARY}"),
    ],
)
def test_a_mistake_beside_a_secret_does_not_show_it(folder: Path, text: str) -> None:
    (folder / "routes.yaml").write_text(text, encoding="utf-8")
    said = mistakes(folder)
    assert said
    assert "CANARY" not in "\n".join(said)
    with pytest.raises(ConfigError) as caught:
        load_file(folder / "routes.yaml", RoutesFile)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None, "a traceback would show the cause"


def test_a_channel_in_a_file_of_its_own(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "hook"
    secret.write_text("jsons://example.org/x\n", encoding="utf-8")
    text = CHANNEL.replace("url: 'URL'", f"url_file: {secret}")
    (folder / "routes.yaml").write_text(text, encoding="utf-8")
    assert mistakes(folder) == []
    assert Detente(folder).addresses == {("desk", "hook"): "jsons://example.org/x"}
    secret.unlink()
    assert "url_file cannot be read" in mistakes(folder)[0]


def test_all_bad_channels_are_named_at_once(folder: Path) -> None:
    bad = "      - {name: other, url: 'exec://CANARY'}\n      - name: third\n        url_file: nowhere\n"
    text = CHANNEL.replace("URL", "file:///CANARY").replace("route:", f"{bad}route:")
    (folder / "routes.yaml").write_text(text, encoding="utf-8")
    said = mistakes(folder)
    places = ["4: receivers.0.channels.0.url", "5: receivers.0.channels.1.url", "7: receivers.0.channels.2.url_file"]
    assert [one.startswith(f"{folder / 'routes.yaml'}:{p}: ") for one, p in zip(said, places, strict=True)] == [
        True
    ] * 3
    assert "CANARY" not in "".join(said)


def test_a_relative_file_of_an_address_lies_in_the_folder_of_the_configuration(folder: Path) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets" / "hook").write_text("jsons://example.org/x\n", encoding="utf-8")
    text = CHANNEL.replace("url: 'URL'", "url_file: secrets/hook")
    (folder / "routes.yaml").write_text(text, encoding="utf-8")
    assert Detente(folder).addresses == {("desk", "hook"): "jsons://example.org/x"}


def settings(folder: Path, **overrides: object) -> Settings:
    return load_settings(folder, overrides)


def test_the_environment_goes_before_the_file_and_the_command_line_before_both(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "detente.yaml").write_text("log_level: ERROR\napi: {port: 1111, host: localhost}\n", encoding="utf-8")
    assert settings(folder).log_level == "ERROR"
    monkeypatch.setenv("DETENTE_LOG_LEVEL", "WARNING")
    monkeypatch.setenv("DETENTE_API__PORT", "2222")
    found = settings(folder)
    assert (found.log_level, found.api.port, found.api.host) == ("WARNING", 2222, "localhost")
    assert settings(folder, log_level="DEBUG").log_level == "DEBUG"


def test_a_secret_comes_from_a_file_unless_the_variable_itself_is_set(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "token"
    secret.write_text("from the file\n", encoding="utf-8")
    monkeypatch.setenv("DETENTE_API__TOKEN_FILE", str(secret))
    token = settings(folder).api.token
    assert token is not None
    assert token.get_secret_value() == "from the file"
    assert "from the file" not in repr(settings(folder))
    monkeypatch.setenv("DETENTE_API__TOKEN", "from the variable")
    token = settings(folder).api.token
    assert token is not None
    assert token.get_secret_value() == "from the variable"


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"DETENTE_API__PORT": "CANARY"}, "DETENTE_API__PORT: "),
        ({"DETENTE_COLOUR": "CANARY"}, "DETENTE_COLOUR: no such setting"),
        ({"DETENTE_API": "CANARY", "DETENTE_API__PORT": "1"}, "DETENTE_API__PORT"),
        ({"DETENTE_API": "CANARY"}, "DETENTE_API: "),
        ({"DETENTE_API__TOKN": "CANARY"}, "DETENTE_API__TOKN: no such setting"),
        ({"DETENTE_MODEL__ABSTAIN": "0.9"}, "DETENTE_MODEL__ABSTAIN: abstain must not be above"),
        ({"DETENTE_DATABASE_URL": "CANARY"}, "DETENTE_DATABASE_URL: must begin with postgresql://"),
        ({"DETENTE_DATABASE_URL": "mysql://u:CANARY@host/name"}, "DETENTE_DATABASE_URL: must begin with postgresql://"),
        ({"DETENTE_DATABASE_URL": "postgresql://u:CANARY@host:CANARY/n"}, "DETENTE_DATABASE_URL: is no address"),
        ({"DETENTE_BROKER_URL": "CANARY"}, "DETENTE_BROKER_URL: must begin with redis://"),
        ({"DETENTE_BROKER_URL": "amqp://u:CANARY@host//"}, "DETENTE_BROKER_URL: must begin with redis://"),
        ({"DETENTE_BROKER_URL": "redis://:CANARY@host:CANARY/0"}, "DETENTE_BROKER_URL: is no address"),
        ({"DETENTE_API__TOKEN_FILE": "/no/such/file"}, "DETENTE_API__TOKEN_FILE: the secret file cannot be read"),
        ({"DETENTE_TICK": "soon"}, "DETENTE_TICK: must be a duration"),
    ],
)
def test_a_bad_variable_is_named_but_not_repeated(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], says: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        settings(folder)
    said = str(caught.value).splitlines()
    assert any(line.startswith(says) for line in said), said
    assert ":1:" not in str(caught.value), "a variable has no line"
    assert "CANARY" not in str(caught.value)


def test_all_bad_variables_are_named_at_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broker").write_text("amqp://u:CANARY@host", encoding="utf-8")
    monkeypatch.setenv("DETENTE_FOO", "1")
    monkeypatch.setenv("DETENTE_BROKER_URL_FILE", str(tmp_path / "broker"))
    monkeypatch.setenv("DETENTE_API__PORT", "many")
    (*said,) = check(folder)[0]
    assert sorted(line.partition(":")[0] for line in said) == [
        "DETENTE_API__PORT",
        "DETENTE_BROKER_URL_FILE",
        "DETENTE_FOO",
    ]
    assert "CANARY" not in "".join(said)


@pytest.mark.parametrize(
    "url", ["redis://:p@host:6379/0", "rediss://host", "redis+socket:///run/redis.sock", "filesystem:///tmp/broker"]
)
def test_every_kind_of_broker_we_know_is_taken(folder: Path, url: str) -> None:
    assert settings(folder, broker_url=url).broker_url


@pytest.mark.parametrize(
    "url", ["sqlite:////tmp/x.db", "postgresql://u:p@host/name", "postgresql+psycopg://u:p@host:5432/name"]
)
def test_every_kind_of_database_we_know_is_taken(folder: Path, url: str) -> None:
    assert settings(folder, database_url=url).database_url


def test_a_driver_that_is_not_installed_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETENTE_DATABASE_URL", "postgresql+nosuch://u:CANARY@host/name")
    (said,) = mistakes(folder)
    assert "database_url: the driver nosuch is not installed" in said
    assert "CANARY" not in said


def test_a_secret_file_that_is_no_text_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfeCANARY")
    monkeypatch.setenv("DETENTE_API__TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(ConfigError, match="DETENTE_API__TOKEN_FILE"):
        settings(folder)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://alerts.example.org/", "https://alerts.example.org"),
        ("https://example.org:8443/detente", "https://example.org:8443/detente"),
        ("http://localhost:8321", "http://localhost:8321"),
    ],
)
def test_where_it_can_be_reached_has_no_slash_at_its_end(tmp_path: Path, given: str, kept: str) -> None:
    assert load_settings(tmp_path, {"public_url": given}).public_url == kept


@pytest.mark.parametrize(
    "overrides",
    [
        {"public_url": "http://alerts.example.org"},
        {"public_url": "alerts.example.org"},
        {"public_url": "https://u:CANARY@alerts.example.org"},
        {"public_url": "https://alerts.example.org/?x=1"},
        {"publish": {"sender": "two words"}},
        {"publish": {"sender": "a,b"}},
        {"publish": {"scope": "private"}},
        {"publish": {"restriction": " "}},
        {"api": {"streams": -1}},
    ],
)
def test_what_cannot_be_published_so_is_refused(tmp_path: Path, overrides: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings(tmp_path, overrides)
    assert "CANARY" not in str(refused.value)


NOBODY = "notify.canary.receiver: 'dsk' is not among the receivers of routes.yaml; did you mean desk?"


@pytest.mark.parametrize(
    ("signs", "found"),
    [
        ("heartbeat: {receiver: desk}", []),
        ("canary: {receiver: dsk}", [NOBODY]),
        (
            "heartbeat: {receiver: log}\n  canary: {receiver: dsk}",
            ["notify.heartbeat.receiver: the receiver 'log' has no channel", NOBODY],
        ),
    ],
)
def test_signs_of_life_go_to_receivers_that_exist(folder: Path, signs: str, found: list[str]) -> None:
    desk = "  - name: desk\n    channels:\n      - {name: hook, url: 'json://example.org/x'}\n  - name: log\n"
    (folder / "routes.yaml").write_text(f"receivers:\n{desk}route:\n  receiver: log\n", encoding="utf-8")
    (folder / "detente.yaml").write_text(f"notify:\n  {signs}\n", encoding="utf-8")
    assert mistakes(folder) == found
    unused = any("leads to desk" in line for line in Detente(folder).doubtful_routes)
    assert unused is bool(found), "a receiver of signs of life is led to"
