"""Settings of a process: the only place that reads the environment.

Precedence: command line, `DETENTE_*` variables (`__` for nesting), secret files (`DETENTE_*_FILE`, /run/secrets),
`detente.yaml`, `calibration.yaml`, defaults.
"""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from service.config import calibration
from service.config.load import UNKNOWN, Key, Places, check, read_yaml
from service.config.schema import Duration, Name, Strict
from service.domain.news.language import ENGLISH, LANGUAGES, primary
from service.domain.risk.baseline import USUAL
from service.errors import ConfigError

PREFIX = "DETENTE_"
SECRETS = Path("/run/secrets")
ABSTAIN_WIDTH = 0.1
SHORTEST = timedelta(minutes=1)
"""How close together signs of life may come."""
SPECIAL = frozenset({"DETENTE_CONFIG_DIR"})
"""Variables that are no settings: where the configuration is."""


Origins = dict[Key, str]
"""Key of a setting → the variable or file that gives it."""
_DATABASE = re.compile(r"(sqlite|postgres|postgresql(\+\w+)?)://")
_BROKER = re.compile(r"(redis|rediss|redis\+socket|filesystem)://.")


def _database_url(value: SecretStr) -> SecretStr:
    written = value.get_secret_value()
    if not _DATABASE.match(written):
        raise ValueError("must begin with postgresql:// or sqlite:///")
    try:
        make_url(written)
    except (ArgumentError, ValueError):
        raise ValueError("is no address of a database: write postgresql://user:password@host:port/name") from None
    return value


def _broker_url(value: SecretStr) -> SecretStr:
    written = value.get_secret_value()
    if not _BROKER.match(written):
        raise ValueError("must begin with redis://, rediss://, redis+socket:// or filesystem://")
    try:
        _ = urlsplit(written).port
    except ValueError:
        raise ValueError("is no address of a broker: write redis://:password@host:port/0") from None
    return value


def _mail_server(value: SecretStr) -> SecretStr:
    written = value.get_secret_value()
    if not re.match(r"mailtos?://[^/?\s]+/?(\?\S*)?$", written):
        raise ValueError("must be an address of mail without recipients: mailtos://user:password@host?from=…")
    if re.search(r"[?&;#]\s*(to|cc|bcc)\s*=", written, re.IGNORECASE):
        raise ValueError("must not name recipients: leave out to, cc and bcc")
    return value


def _public_url(value: str) -> str:
    """Without a slash at its end. Mail programs follow only https."""
    parts = urlsplit(value)
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.hostname or parts.scheme not in ({"https", "http"} if is_here else {"https"}):
        raise ValueError("must begin with https:// and a host")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("must be an address without user, ? and #")
    return value.rstrip("/")


def _web_url(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ValueError("must be an address that begins with https:// or http://")
    return value


def _languages(value: object) -> tuple[str, ...]:
    """Codes from a list, or from text such as `en, fr`; in order, each once."""
    written = value.split(",") if isinstance(value, str) else value
    if not isinstance(written, list | tuple) or not written:
        raise ValueError("must be a list of languages such as en, fr")
    codes = {str(one).strip(): primary(str(one)) for one in written}
    if unknown := [one for one, code in codes.items() if not code]:
        raise ValueError(f"{', '.join(map(repr, unknown))}: known languages are {', '.join(sorted(LANGUAGES))}")
    return tuple(sorted(set(codes.values())))


def _names(value: object) -> tuple[str, ...]:
    """Names from a list, or from text such as `a.example, b.example`."""
    written = value.split(",") if isinstance(value, str) else value
    if not isinstance(written, list | tuple) or not all(isinstance(one, str) for one in written):
        raise ValueError("must be a list of names")
    return tuple(one.strip() for one in written if one.strip())


def _networks(value: object) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks from a list, or from text such as `10.1.0.0/16, fd00::/8`."""
    try:
        return tuple(ip_network(one) for one in _names(value))
    except ValueError:
        raise ValueError(
            "must be a list of networks such as 10.1.0.0/16, fd00::/8, with zeros behind the length of the prefix"
        ) from None


Network = IPv4Network | IPv6Network
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_networks)]
Languages = Annotated[tuple[str, ...], BeforeValidator(_languages)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
WebUrl = Annotated[SecretStr, AfterValidator(_web_url)]
BrokerUrl = Annotated[SecretStr, AfterValidator(_broker_url)]
MailServer = Annotated[SecretStr, AfterValidator(_mail_server)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]


class ModelSettings(Strict):
    """Which model codes the news. `threshold` is the least probability (0 … 1) of a signal that makes an event.

    From `abstain` up to `threshold` a signal is shown as undecided and counts nothing; without it from a tenth below
    the threshold. `name` is a Hugging Face model
    that judges the signal in place of the shipped one, in the `languages` (ISO 639-1) it reads.
    """

    folder: Path | None = None
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.6
    abstain: Annotated[float, Field(ge=0, le=1)] | None = None
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{64}$")] | None = None
    labels: str | None = None
    languages: Languages = (ENGLISH,)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.abstain is not None and self.abstain > self.threshold:
            raise ValueError("abstain must not be above threshold")
        others = self.languages != (ENGLISH,)
        if self.name is None and (self.revision or self.sha256 or self.labels or others):
            raise ValueError("revision, sha256, labels and languages say something of model.name, which is not set")
        return self

    @property
    def band(self) -> tuple[float, float]:
        """Where the model abstains: from, up to."""
        low = max(0.0, self.threshold - ABSTAIN_WIDTH) if self.abstain is None else self.abstain
        return low, self.threshold


class IntakeSettings(Strict):
    """What is taken in. `quarantine`: publishers nobody has decided on share one owner group and confirm nothing.

    Without `poll` no feed is asked. A feed is asked after `interval` at first, and later between `least` and `most`,
    as its publishing goes. `host_gap` is the pause between two requests to one server. Feeds and pages in
    `allow_networks` are fetched though these are not public, with `allow_private` those in any network.
    """

    poll: bool = True
    interval: Duration = timedelta(minutes=15)
    least: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(minutes=5)
    most: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(hours=1)
    host_gap: Annotated[Duration, Field(ge=timedelta(0))] = timedelta(seconds=2)
    allow_private: bool = False
    allow_networks: Networks = ()
    quarantine: bool = True

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.least > self.most:
            raise ValueError("least must not be longer than most")
        return self


class HeartbeatSettings(Strict):
    """A message that comes while all is well, to a receiver of `routes.yaml`."""

    receiver: Name | None = None
    every: Annotated[Duration, Field(ge=SHORTEST)] = timedelta(hours=24)


class PingSettings(Strict):
    """A GET while all is well. The address is a secret."""

    url: WebUrl | None = None
    every: Annotated[Duration, Field(ge=SHORTEST)] = timedelta(minutes=5)


class CanarySettings(Strict):
    """An invented article that goes the whole way to a receiver of `routes.yaml`, where it must be within a time."""

    receiver: Name | None = None
    every: Annotated[Duration, Field(ge=SHORTEST)] = timedelta(hours=24)
    within: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=15)

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.within > self.every:
            raise ValueError("within must not be longer than every: the next one goes out when the last is given up")
        return self


class NotifySettings(Strict):
    """Sending.

    `allow_private` permits webhooks and mail servers on this machine and in private networks, `allow_networks` those in
    the networks named.
    `per_channel` messages are on their way to one channel at a time; news older than `max_age` is not sent as news.
    `mail_server` is the Apprise address of mail, without recipients, through which subscribers' mailboxes are reached.
    """

    allow_private: bool = False
    allow_networks: Networks = ()
    per_channel: Annotated[int, Field(ge=1, le=100)] = 2
    max_age: Annotated[Duration, Field(ge=timedelta(minutes=1))] = timedelta(hours=6)
    mail_server: MailServer | None = None
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    ping: PingSettings = PingSettings()
    canary: CanarySettings = CanarySettings()

    @property
    def named(self) -> dict[str, str]:
        """Key → the receiver it names, of those that are set."""
        found = {"notify.heartbeat.receiver": self.heartbeat.receiver, "notify.canary.receiver": self.canary.receiver}
        return {key: name for key, name in found.items() if name}


class ScaleSettings(Strict):
    """Where levels begin to rise and reach 100, and what is usual on any one subject, in mass per day."""

    c: Annotated[float, Field(gt=0)] = 0.02
    r_max: Annotated[float, Field(gt=0)] = 2.5
    usual: Annotated[float, Field(gt=0)] = USUAL


class RetentionSettings(Strict):
    """How long things are kept."""

    decisions: Annotated[Duration, Field(ge=timedelta(days=1))] = timedelta(days=400)


class ApiSettings(Strict):
    """Pages and the HTTP interface.

    `streams` is how many may listen to `/stream` at once. `hosts` are names it is asked by besides those of this
    machine and of `public_url`. `anonymous` is the role of whoever does not say who they are. `per_minute` bounds the
    requests of one that asks, `pushes_per_minute` those that put articles in. `proxies` are addresses whose
    `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8321
    token: SecretStr | None = None
    streams: Annotated[int, Field(ge=0, le=10_000)] = 100
    hosts: Names = ()
    anonymous: Literal["nobody", "viewer"] = "nobody"
    per_minute: Annotated[int, Field(ge=1)] = 6000
    pushes_per_minute: Annotated[int, Field(ge=1)] = 6000
    proxies: Names = ()


class OidcSettings(Strict):
    """Sign-in by OpenID Connect. `role` is that of an account at its first sign-in; an admin may change it.

    `allow_private` permits an issuer on this machine or in a private network.
    """

    issuer: Annotated[str, AfterValidator(_public_url)] | None = None
    client_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    client_secret: SecretStr | None = None
    name: Annotated[str, Field(min_length=1, max_length=60)] = "single sign-on"
    role: Literal["viewer", "subscriber"] = "viewer"
    allow_private: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.issuer) is not bool(self.client_id):
            raise ValueError("issuer and client_id belong together: set both or neither")
        return self


class PublishSettings(Strict):
    """How CAP messages are marked: who sends them, and whether they are for all or only for some."""

    sender: Annotated[str, Field(pattern=r"^[^\s,<&]{1,100}$")] | None = None
    scope: Annotated[str, Field(pattern=r"^(public|restricted)$")] = "restricted"
    restriction: Annotated[str, Field(pattern=r"\S", max_length=200)] = "for the users of this service"


class Settings(Strict):
    """All settings of a process."""

    data_dir: Path = Path("var")
    broker_url: BrokerUrl | None = None
    database_url: DatabaseUrl | None = None
    secret_key: SecretStr | None = None
    public_url: PublicUrl | None = None
    clock_file: Path | None = None
    tick: Duration = timedelta(seconds=5)
    evaluate_every: Duration = timedelta(seconds=30)
    log_level: Annotated[str, Field(pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    model: ModelSettings = ModelSettings()
    intake: IntakeSettings = IntakeSettings()
    notify: NotifySettings = NotifySettings()
    scale: ScaleSettings = ScaleSettings()
    retention: RetentionSettings = RetentionSettings()
    api: ApiSettings = ApiSettings()
    oidc: OidcSettings = OidcSettings()
    publish: PublishSettings = PublishSettings()

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.oidc.issuer and not self.public_url:
            raise ValueError("oidc.issuer: set public_url too, for people must find the way back")
        return self


def load_settings(config_dir: Path, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Settings from all places. Raises ConfigError that names file, line and key, or the variable."""
    return traced_settings(config_dir, overrides)[0]


def traced_settings(config_dir: Path, overrides: Mapping[str, Any] | None = None) -> tuple[Settings, Origins]:
    """Settings, and where those that are not defaults come from: a file with its line, a variable, an option.

    Raises ConfigError.
    """
    path = config_dir / "detente.yaml"
    data, lines = read_yaml(path) if path.exists() else ({}, {})
    check(data or {}, Settings, Places(str(path), lines).name)
    fitted = calibration.read(config_dir)
    merged, given = _merge({"scale": fitted.scale} if fitted else {}, data or {}), Origins()
    for found, given_by in (_from_secrets(), _from_environment(), _from_command_line(overrides or {})):
        merged = _merge(merged, found)
        given |= given_by
    settings = check(merged, Settings, lambda key, message: _named(key, message, given))
    calibrated: Origins = {("scale", name): calibration.FILE for name in fitted.scale} if fitted else {}
    return settings, {**calibrated, **{key: f"{path}:{line}" for key, line in lines.items()}, **given}


def _named(key: Key, message: str, origins: Origins) -> str:
    """A mistake named by the variable that gives the key, or by those that give something within it."""
    above = [".".join([origins[key[:n]], *map(str, key[n:])]) for n in range(len(key), 0, -1) if key[:n] in origins]
    within = sorted(name for given, name in origins.items() if given[: len(key)] == key)
    where = above[0] if above else ", ".join(within) or ".".join(map(str, key))
    return f"{where}: {message.replace(UNKNOWN, 'no such setting')}"


def default_config_dir() -> Path | None:
    """`DETENTE_CONFIG_DIR`, if it is set."""
    named = os.environ.get("DETENTE_CONFIG_DIR")
    return Path(named) if named else None


def child_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with settings for a child on top."""
    return {**os.environ, **settings}


def _from_command_line(overrides: Mapping[str, Any]) -> tuple[dict[str, Any], Origins]:
    return dict(overrides), {(key,): f"command line: {key}" for key in overrides}


def _from_environment() -> tuple[dict[str, Any], Origins]:
    """Variables; one that holds the value itself goes before one that names a file."""
    named = {n: v for n, v in os.environ.items() if n.startswith(PREFIX) and n not in SPECIAL}
    files = {n: v for n, v in named.items() if n.endswith("_FILE") and n != "DETENTE_CLOCK_FILE"}
    values = {n.removesuffix("_FILE"): _secret(Path(v), n) for n, v in files.items()}
    found: dict[str, Any] = {}
    origins = Origins()
    for name, value in sorted((values | {n: v for n, v in named.items() if n not in files}).items()):
        given_by = name if name in named else f"{name}_FILE"
        keys = name.removeprefix(PREFIX).lower().split("__")
        _put(found, keys, value, given_by)
        origins[tuple(keys)] = given_by
    return found, origins


def _from_secrets() -> tuple[dict[str, Any], Origins]:
    found: dict[str, Any] = {}
    origins = Origins()
    for path in sorted(SECRETS.glob("detente_*")) if SECRETS.is_dir() else ():
        keys = path.name.removeprefix("detente_").lower().split("__")
        _put(found, keys, _secret(path, str(path)), str(path))
        origins[tuple(keys)] = str(path)
    return found, origins


def _secret(path: Path, named_by: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{named_by}: the secret file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{named_by}: the secret file is not UTF-8 text") from None


def _put(tree: dict[str, Any], keys: list[str], value: str, named_by: str) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"{named_by}: {key} is set as a value and as a group of settings; keep one of them")
    tree[keys[-1]] = value


def _merge(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for key, value in high.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merge(merged[key], value) if both else value
    return merged
