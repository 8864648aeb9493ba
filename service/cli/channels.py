"""`detente channels list` and `detente channels test`. An address never leaves here: it may hold secrets."""

from collections.abc import Mapping
from secrets import token_hex

from service.adapters.channels.apprise_notifier import AppriseNotifier
from service.bootstrap import Detente
from service.bootstrap.reach import reach_of
from service.cli.output import out, out_json, table
from service.domain.alerting.breaker import Breaker
from service.operations.trial import Tried, choose, try_channels

_COLUMNS = ("receiver", "channel", "kind", "failures", "left_alone_until")


def channels_list(detente: Detente, *, as_json: bool) -> None:
    """Print the channels, their kinds, and whether they are left alone for now."""
    resting: Mapping[tuple[str, str], Breaker] = {}
    if detente.is_prepared():
        with detente.units(read_only=True) as unit:
            resting = unit.channels.resting()
    rows = []
    for (receiver, channel), address in detente.addresses.items():
        breaker = resting.get((receiver, channel), Breaker())
        until = breaker.closed_at.isoformat() if breaker.closed_at else None
        rows.append((receiver, channel, address.partition("://")[0].lower(), breaker.failures, until))
    if as_json:
        out_json([dict(zip(_COLUMNS, row, strict=True)) for row in rows])
        return
    table(
        "Channels", [name.replace("_", " ") for name in _COLUMNS], [[str(cell or "") for cell in row] for row in rows]
    )


def channels_test(detente: Detente, wanted: str | None, *, as_json: bool) -> int:
    """Send a test message to the channels and print what came of each; 1 when one did not take it."""
    chosen = choose(list(detente.addresses), wanted)
    reach = reach_of(detente.settings.notify)
    notifier = AppriseNotifier(allow_private=reach.allow_private, allow=reach.allow)
    tried = []
    try:
        for one in try_channels(chosen, detente.addresses, notifier, detente.clock.now(), lambda: token_hex(16)):
            tried.append(one)
            if not as_json:
                out(_line(one))
    finally:
        notifier.close()
    if as_json:
        out_json([_shown(one) for one in tried])
    return 0 if all(one.delivery.ok for one in tried) else 1


def _line(one: Tried) -> str:
    took = f"{one.receiver}/{one.channel}: "
    if one.delivery.ok:
        return f"{took}taken after {one.seconds:.1f} s"
    again = "; trying again cannot help" if one.delivery.permanent else ""
    return f"{took}NOT taken: {one.delivery.error}{again}"


def _shown(one: Tried) -> dict[str, object]:
    answer = one.delivery
    return {
        "receiver": one.receiver,
        "channel": one.channel,
        "ok": answer.ok,
        "error": answer.error,
        "permanent": answer.permanent,
        "unknown": answer.unknown,
        "retry_after": answer.retry_after.total_seconds() if answer.retry_after else None,
        "seconds": round(one.seconds, 3),
    }
