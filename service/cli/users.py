"""`detente users` and `detente keys`. No address is ever printed, but by `export`."""

import os
import pwd
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from typing import Any

import typer

from service.bootstrap import Detente
from service.cli.output import out, out_json, table
from service.cli.reading import need_database, subject_of
from service.config.load import check
from service.config.subscription import ChannelForm, SubscriptionForm
from service.domain.alerting.rule import RuleKind, Severity
from service.domain.alerting.subscriber import OPERATORS_KINDS, WEEKDAYS, Subscriber
from service.errors import ConfigError, Conflict
from service.operations.present_subscribers import subscriber as shown
from service.operations.would_hear import would_hear

NONE = "none"
"""What empties a list or lifts a limit."""
_OPTION = {
    "subjects": "--subject",
    "with_dyads": "--dyads",
    "kinds": "--kind",
    "budget_per_day": "--per-day",
    "budget_per_week": "--per-week",
    "name": "name",
}
"""Key of a wish → the option that sets it, where they are not alike."""
_SPAN = re.compile(r"(?:([a-z,-]+)\s+)?(\d\d:\d\d)-(\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed; None where nothing was."""

    name: str | None
    subjects: list[str] | None
    with_dyads: bool | None
    least: str | None
    kinds: list[str] | None
    zone: str | None
    language: str | None
    quiet: list[str] | None
    budget_per_day: str | None
    budget_per_week: str | None
    digest: str | None
    digest_at: str | None
    digest_on: str | None
    at_once: str | None

    @property
    def changes(self) -> dict[str, Any]:
        """In the form of `wishes`. Raises ConfigError that names the options."""
        given = {key: getattr(self, key) for key in self.__slots__ if getattr(self, key) is not None}
        for key in ("subjects", "kinds", "quiet"):
            if given.get(key) == [NONE]:
                given[key] = []
        for key in ("budget_per_day", "budget_per_week"):
            if given.get(key) == NONE:
                given[key] = None
        if "quiet" in given:
            given["quiet"] = [_span(written) for written in given["quiet"]]
        return check(given, SubscriptionForm, _named).changes


def _named(key: tuple[str | int, ...], message: str) -> str:
    return f"{_option(str(key[0]))}: {message}" if key else message


def _option(key: str) -> str:
    return _OPTION.get(key, f"--{key.replace('_', '-')}")


def _span(written: str) -> dict[str, Any]:
    found = _SPAN.fullmatch(written.strip().lower())
    days = _weekdays(found[1] or "") if found else None
    if not found or days is None:
        raise ConfigError(f"--quiet: {written!r} is no span; write it as 22:30-07:00 or mon-fri 22:30-07:00")
    return {"from": found[2], "until": found[3], "weekdays": days}


def _weekdays(written: str) -> list[str] | None:
    """The days of `mon-fri,sun`; None for what is none."""
    found: list[str] = []
    for part in filter(None, written.split(",")):
        first, dash, last = part.partition("-")
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            return None
        start, count = WEEKDAYS.index(first), (WEEKDAYS.index(last) - WEEKDAYS.index(first)) % 7 if dash else 0
        found += [WEEKDAYS[(start + n) % 7] for n in range(count + 1)]
    return found


@contextmanager
def _options_named() -> Iterator[None]:
    """What the registry says of a key is said of the option that sets it."""
    try:
        yield
    except ConfigError as error:
        lines = [line.partition(": ") for line in str(error).splitlines()]
        known = set(SubscriptionForm.model_fields)
        said = [f"{_option(key)}: {rest}" if key in known else f"{key}{colon}{rest}" for key, colon, rest in lines]
        raise ConfigError("\n".join(said)) from None


def actor() -> str:
    """Who works at this machine, by its own list of users."""
    try:
        return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"cli:{os.getuid()}"


def add(detente: Detente, wanted: Wanted, *, as_json: bool) -> None:
    """Add a subscriber."""
    changes = wanted.changes
    detente.prepare_database()
    with _options_named():
        new = detente.subscribers.add(changes, actor())
    _tell(new, "added; now give them a channel: detente users channel add", as_json=as_json)


def change(detente: Detente, who: str, wanted: Wanted, *, as_json: bool) -> None:
    """Change what a subscriber wants."""
    changes = wanted.changes
    if not changes:
        raise ConfigError("nothing to change: give an option")
    one = _find(detente, who)
    with _options_named():
        changed = detente.subscribers.change(one.id, changes, actor())
    _tell(changed, "changed", as_json=as_json)


def _find(detente: Detente, who: str) -> Subscriber:
    need_database(detente)
    return detente.subscribers.find(who)


def _tell(one: Subscriber, what: str, *, as_json: bool) -> None:
    if as_json:
        out_json(shown(one))
        return
    out(f"{one.name} ({one.id}): {what}")
    if not one.subjects:
        out("They have no subject, so no alert is for them: detente users change --subject")


def show_all(detente: Detente, *, as_json: bool) -> None:
    """Print all subscribers."""
    need_database(detente)
    everybody = detente.subscribers.all()
    if as_json:
        out_json([shown(one) for one in everybody])
        return
    rows = [[one.id, one.name, str(one.state), ", ".join(one.subjects), _channels(one)] for one in everybody]
    table("Subscribers", ["id", "name", "state", "subjects", "channels"], rows)


def _channels(one: Subscriber) -> str:
    return ", ".join(f"{c.name}: {c.state}" for c in one.channels)


def show(detente: Detente, who: str, *, as_json: bool) -> None:
    """Print one subscriber."""
    one = _find(detente, who)
    if as_json:
        out_json(shown(one))
        return
    told = shown(one)
    channels = [f"{c['name']} ({c['schema']}): {c['state']}" for c in told.pop("channels")]
    told["quiet"] = [f"{','.join(q['weekdays'])} {q['from']}-{q['until']}".strip() for q in told["quiet"]]
    for key, value in {**told, "channels": channels}.items():
        out(f"{key:<16} {', '.join(value) if isinstance(value, list) else NONE if value is None else value}")


def pause(detente: Detente, who: str, *, as_json: bool) -> None:
    """Send nothing for a while."""
    _tell(detente.subscribers.pause(_find(detente, who).id, actor()), "paused", as_json=as_json)


def resume(detente: Detente, who: str, *, as_json: bool) -> None:
    """End a pause."""
    resumed = detente.subscribers.resume(_find(detente, who).id, actor())
    _tell(resumed, f"{resumed.state} again", as_json=as_json)


def remove(detente: Detente, who: str, *, sure: bool) -> None:
    """Forget a subscriber."""
    one = _find(detente, who)
    if not sure:
        if not sys.stdin.isatty():
            raise ConfigError("--yes: say that you are sure; what is forgotten does not come back")
        typer.confirm(f"Forget {one.name} ({one.id}) with all addresses?", abort=True)
    detente.subscribers.remove(one.id, actor())
    out(f"{one.id}: forgotten, with all addresses")


def export(detente: Detente, who: str) -> None:
    """Print all that is kept of a subscriber."""
    out_json(detente.subscribers.export(_find(detente, who).id, actor()))


def confirm(detente: Detente, code: str, *, as_json: bool) -> None:
    """Confirm a channel by its code."""
    need_database(detente)
    one, channel = detente.subscribers.confirm_code(code, actor())
    _tell(one, f"the channel {channel} is confirmed", as_json=as_json)


def read_address(file: Path | None, typed: str | None) -> str:
    """The address from a file, an option, a prompt or standard input. Raises ConfigError, which never repeats it."""
    if file is not None and typed is not None:
        raise ConfigError("--address-file and --address: give one of them")
    if file is not None:
        try:
            found = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--address-file: {file} cannot be read ({type(error).__name__})") from None
    elif typed is not None:
        found = typed
    else:
        found = getpass("Address: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not found.strip():
        raise ConfigError("no address was given: name a file with --address-file, or put it on standard input")
    return found.strip()


def add_channel(detente: Detente, who: str, name: str, address: str, *, confirmed: bool, as_json: bool) -> None:
    """Add a channel, and ask whoever is at its end."""
    form = check({"name": name, "address": address}, ChannelForm, lambda _, said: f"CHANNEL: {said}")
    one = _find(detente, who)
    added = detente.subscribers.add_channel(one.id, form.name, form.address, actor(), confirmed=confirmed)
    asked, said = (False, "added and confirmed") if confirmed else _asked(detente, one.id, name)
    if as_json:
        out_json({**shown(added), "asked": asked, "detail": said})
    else:
        out(f"{added.name} ({added.id}): channel {name} {said}")


def _asked(detente: Detente, subscriber_id: str, name: str) -> tuple[bool, str]:
    try:
        detente.subscribers.ask(subscriber_id, name, actor())
    except Conflict as later:
        return False, f"added, and nobody asked: {later}"
    return True, f"added; a message was made that asks for consent. {_next_step(detente)}"


def _next_step(detente: Detente) -> str:
    if detente.settings.public_url:
        return "It has a link, good for 7 days."
    return "Without public_url it has no link but a code: detente users confirm CODE"


def ask(detente: Detente, who: str, name: str, *, as_json: bool) -> None:
    """Ask once more."""
    one = _find(detente, who)
    detente.subscribers.ask(one.id, name, actor())
    asked = detente.subscribers.get(one.id)
    _tell(asked, f"a message was made that asks for consent. {_next_step(detente)}", as_json=as_json)


def remove_channel(detente: Detente, who: str, name: str, *, as_json: bool) -> None:
    """Forget a channel."""
    left = detente.subscribers.remove_channel(_find(detente, who).id, name, actor())
    _tell(left, f"channel {name} forgotten", as_json=as_json)


def test(detente: Detente, who: str, subject: str, severity: str, kind: str, *, as_json: bool) -> int:
    """Say whether an alert would be for a subscriber; 1 when not."""
    loud = Severity(_one_of(severity, list(Severity), "--severity"))
    of_rule = _one_of(kind, [*RuleKind, *OPERATORS_KINDS], "--kind")
    written, members = str(subject_of(subject, detente)), detente.watchlists
    one = _find(detente, who)
    heard = would_hear(one, written, loud, of_rule, members)
    if as_json:
        out_json({"id": one.id, "reached": list(heard.reached), "reasons": list(heard.reasons)})
    else:
        told = "would be told by " + ", ".join(heard.reached) if heard.reached else "would not be told"
        out(f"{one.name} ({one.id}): {told}")
        for reason in heard.reasons:
            out(f"  {reason}")
    return 0 if heard.reached else 1


def _one_of(written: str, known: list[Any], option: str) -> str:
    names = [str(one) for one in known]
    if written not in names:
        raise ConfigError(f"{option}: {written!r} is none; write one of {', '.join(dict.fromkeys(names))}")
    return written


def rotate(detente: Detente, *, as_json: bool) -> None:
    """Seal everything by the newest key."""
    need_database(detente)
    detente.rotate_key()
    count = detente.subscribers.reseal(actor())
    if as_json:
        out_json({"addresses": count})
    else:
        out(f"{count} address{'' if count == 1 else 'es'} sealed by the newest key; older keys stay good for links")
