"""`detente silence add|list|expire` and `detente ack`."""

import getpass
from collections.abc import Sequence
from datetime import timedelta

from service.bootstrap import Detente
from service.cli.output import out, out_json, parse_at, table
from service.cli.reading import need_database
from service.cli.users import actor
from service.config.schema import parse_duration
from service.domain.alerting.matcher import Matcher, parse_matchers
from service.errors import ConfigError
from service.operations import present_silence as present
from service.operations import silencing


def silence_add(
    detente: Detente,
    matchers: Sequence[str],
    *,
    lasts: str,
    starts: str | None,
    author: str | None,
    comment: str,
    as_json: bool,
) -> None:
    """Keep alerts with these labels quiet for a while."""
    need_database(detente)
    chosen = [matcher for written in matchers for matcher in _matchers(written)]
    if not chosen:
        raise ConfigError('name at least one label, as in: detente silence add subject="dyad:IRN-PAK" --for 8h')
    begins = parse_at(starts, detente.clock.now()) if starts else None
    try:
        new = silencing.add(
            detente.units,
            detente.clock,
            chosen,
            _duration(lasts),
            author or getpass.getuser(),
            comment,
            begins,
            actor=actor(),
        )
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if as_json:
        out_json(present.silence(new, silencing.state_of(new, detente.clock.now())))
    else:
        out(f"{new.id}: {', '.join(map(str, new.matchers))} is quiet until {new.ends_at:%Y-%m-%d %H:%M}Z")


def _matchers(written: str) -> Sequence[Matcher]:
    try:
        return parse_matchers(written)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _duration(written: str) -> timedelta:
    try:
        return parse_duration(written)
    except ValueError as error:
        raise ConfigError(f"--for: {error}") from None


def silence_list(detente: Detente, *, every: bool, as_json: bool) -> None:
    """Print silences, with the firing alerts they keep quiet."""
    need_database(detente)
    found = silencing.listed(detente.units, detente.clock, all_of_them=every)
    if as_json:
        out_json([present.silence(*entry) for entry in found])
        return
    rows = [
        [s.id, state, ", ".join(map(str, s.matchers)), f"{s.ends_at:%Y-%m-%d %H:%M}", s.author, s.comment, str(len(a))]
        for s, state, a in found
    ]
    table("Silences", ["id", "state", "labels", "until (UTC)", "by", "comment", "alerts"], rows)


def silence_expire(detente: Detente, silence_id: str, *, as_json: bool) -> None:
    """End a silence now."""
    need_database(detente)
    ended = silencing.expire(detente.units, detente.clock, detente.queue, silence_id, actor())
    if as_json:
        out_json(present.silence(ended, silencing.state_of(ended, detente.clock.now())))
    else:
        out(f"{ended.id} is over")


def ack(detente: Detente, alert: str, *, author: str | None, comment: str, as_json: bool) -> None:
    """Take an alert on."""
    need_database(detente)
    by = author or getpass.getuser()
    try:
        taken = silencing.acknowledge(detente.units, detente.clock, alert, by, comment, actor=actor())
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if as_json:
        out_json(present.acknowledged(taken, by))
    else:
        out(f"{taken.rule}/{taken.subject}: acknowledged by {by}; it is not repeated and goes no further")
