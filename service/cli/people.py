"""`detente users`, `accounts`, `keys` and `audit`: what can be typed. Loads nothing heavy."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import AsJson, ConfigDir, DataDir, open_detente

users_app = typer.Typer(help="Subscribers: who is told of what, how and when.", no_args_is_help=True)
channel_app = typer.Typer(help="Ways to a subscriber.", no_args_is_help=True)
users_app.add_typer(channel_app, name="channel")
accounts_app = typer.Typer(help="Those who sign in to the pages.", no_args_is_help=True)
keys_app = typer.Typer(help="Keys of programs, and those that seal addresses and sign links.", no_args_is_help=True)
audit_app = typer.Typer(help="Who changed what.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(metavar="WHO", help="The subscriber's id, the beginning of it, or the name.")]
Channel = Annotated[str, typer.Argument(metavar="CHANNEL", help="The channel's name.")]
Subjects = Annotated[
    list[str] | None, typer.Option("--subject", metavar="PATTERN", help="As dyad:IRN-PAK, country:IRN; repeat it.")
]
Dyads = Annotated[bool | None, typer.Option("--dyads/--no-dyads", help="A country's dyads too.")]
Least = Annotated[str | None, typer.Option("--least", metavar="SEVERITY", help="The lowest severity that is sent.")]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", metavar="KIND", help="Rules of this kind only, as LEVEL; repeat it.")
]
Zone = Annotated[str | None, typer.Option("--zone", metavar="ZONE", help="Time zone, as Europe/Berlin.")]
Language = Annotated[str | None, typer.Option("--language", metavar="CODE", help="Language of messages: en or de.")]
Quiet = Annotated[
    list[str] | None, typer.Option("--quiet", metavar="SPAN", help="As 22:30-07:00 or sat,sun 20:00-10:00; repeat it.")
]
PerDay = Annotated[str | None, typer.Option("--per-day", metavar="N", help="Most messages a day, or none.")]
PerWeek = Annotated[str | None, typer.Option("--per-week", metavar="N", help="Most messages a week, or none.")]
Digest = Annotated[str | None, typer.Option("--digest", metavar="EVERY", help="none, daily or weekly.")]
DigestAt = Annotated[str | None, typer.Option("--digest-at", metavar="TIME", help="As 08:00, in their time zone.")]
DigestOn = Annotated[str | None, typer.Option("--digest-on", metavar="DAY", help="Of a weekly digest, as mon.")]
AtOnce = Annotated[
    str | None, typer.Option("--at-once", metavar="SEVERITY", help="With a digest: the lowest that does not wait.")
]
AccountName = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]
RoleName = Annotated[
    str,
    typer.Option(
        "--role", metavar="ROLE", help="viewer, subscriber, operator or admin; a known account keeps its own."
    ),
]


@users_app.command("add")
def users_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="How the operator calls them.")],
    subject: Subjects = None,
    dyads: Dyads = None,
    least: Least = None,
    kind: Kinds = None,
    zone: Zone = None,
    language: Language = None,
    quiet: Quiet = None,
    per_day: PerDay = None,
    per_week: PerWeek = None,
    digest: Digest = None,
    digest_at: DigestAt = None,
    digest_on: DigestOn = None,
    at_once: AtOnce = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Add a subscriber; then add channels."""
    from service.cli.users import Wanted, add  # noqa: PLC0415

    wanted = Wanted(
        name, subject, dyads, least, kind, zone, language, quiet, per_day, per_week, digest, digest_at, digest_on,
        at_once,
    )  # fmt: skip
    add(open_detente(config, data), wanted, as_json=as_json)


@users_app.command("change")
def users_change(
    who: Who,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Another name.")] = None,
    subject: Subjects = None,
    dyads: Dyads = None,
    least: Least = None,
    kind: Kinds = None,
    zone: Zone = None,
    language: Language = None,
    quiet: Quiet = None,
    per_day: PerDay = None,
    per_week: PerWeek = None,
    digest: Digest = None,
    digest_at: DigestAt = None,
    digest_on: DigestOn = None,
    at_once: AtOnce = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Change what a subscriber wants; what is not given stays. Of a list, `none` empties it."""
    from service.cli.users import Wanted, change  # noqa: PLC0415

    wanted = Wanted(
        name, subject, dyads, least, kind, zone, language, quiet, per_day, per_week, digest, digest_at, digest_on,
        at_once,
    )  # fmt: skip
    change(open_detente(config, data), who, wanted, as_json=as_json)


@users_app.command("list")
def users_list(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """All subscribers."""
    from service.cli.users import show_all  # noqa: PLC0415

    show_all(open_detente(config, data), as_json=as_json)


@users_app.command("show")
def users_show(who: Who, config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """One subscriber."""
    from service.cli.users import show  # noqa: PLC0415

    show(open_detente(config, data), who, as_json=as_json)


@users_app.command("pause")
def users_pause(who: Who, config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """Send a subscriber nothing until `resume`."""
    from service.cli.users import pause  # noqa: PLC0415

    pause(open_detente(config, data), who, as_json=as_json)


@users_app.command("resume")
def users_resume(who: Who, config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """End a pause."""
    from service.cli.users import resume  # noqa: PLC0415

    resume(open_detente(config, data), who, as_json=as_json)


@users_app.command("remove")
def users_remove(
    who: Who,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
) -> None:
    """Forget a subscriber with all addresses."""
    from service.cli.users import remove  # noqa: PLC0415

    remove(open_detente(config, data), who, sure=yes)


@users_app.command("export")
def users_export(
    who: Who,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", hidden=True)] = True,  # noqa: ARG001  always JSON
) -> None:
    """Print all that is kept of a subscriber as JSON, addresses included."""
    from service.cli.users import export  # noqa: PLC0415

    export(open_detente(config, data), who)


@users_app.command("confirm")
def users_confirm(
    code: Annotated[str, typer.Argument(metavar="CODE", help="As the confirmation message has it.")],
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Confirm a channel by the code that was sent through it."""
    from service.cli.users import confirm  # noqa: PLC0415

    confirm(open_detente(config, data), code, as_json=as_json)


@users_app.command("test")
def users_test(
    who: Who,
    subject: Annotated[str, typer.Option("--subject", metavar="SUBJECT", help="As dyad:IRN-PAK.")],
    severity: Annotated[str, typer.Option("--severity", metavar="SEVERITY", help="Of the alert.")] = "high",
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="Of the rule.")] = "LEVEL",
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Whether an alert would be for a subscriber, and why not; 1 when not. Sends nothing."""
    from service.cli.users import test  # noqa: PLC0415

    sys.exit(test(open_detente(config, data), who, subject, severity, kind, as_json=as_json))


@channel_app.command("add")
def users_channel_add(
    who: Who,
    channel: Channel,
    address_file: Annotated[
        Path | None, typer.Option("--address-file", metavar="FILE", help="Holds the address and nothing else.")
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="ADDRESS", help="Stays in the shell's history: better a file.")
    ] = None,
    confirmed: Annotated[bool, typer.Option("--confirmed", help="You vouch for it. Not for mail.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Add a way to a subscriber, and ask whoever is at its end. The address is asked for where no option gives it."""
    from service.cli.users import add_channel, read_address  # noqa: PLC0415

    given = read_address(address_file, address)
    add_channel(open_detente(config, data), who, channel, given, confirmed=confirmed, as_json=as_json)


@channel_app.command("ask")
def users_channel_ask(
    who: Who, channel: Channel, config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False
) -> None:
    """Send the confirmation message again; at most once a day."""
    from service.cli.users import ask  # noqa: PLC0415

    ask(open_detente(config, data), who, channel, as_json=as_json)


@channel_app.command("remove")
def users_channel_remove(
    who: Who, channel: Channel, config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False
) -> None:
    """Forget a channel with its address."""
    from service.cli.users import remove_channel  # noqa: PLC0415

    remove_channel(open_detente(config, data), who, channel, as_json=as_json)


@accounts_app.command("list")
def accounts_list(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """All accounts."""
    from service.cli.accounts import show_accounts  # noqa: PLC0415

    show_accounts(open_detente(config, data), as_json=as_json)


@accounts_app.command("invite")
def accounts_invite(
    role: RoleName = "viewer",
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Of a known account: it gets a new password. Else chosen.")
    ] = "",
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print a link that works once, within three days: for a new account, or a new password."""
    from service.cli.accounts import invite  # noqa: PLC0415

    invite(open_detente(config, data), role, name, as_json=as_json)


@accounts_app.command("change")
def accounts_change(
    name: AccountName,
    role: Annotated[str | None, typer.Option("--role", metavar="ROLE", help="Another role.")] = None,
    disable: Annotated[bool | None, typer.Option("--disable/--enable", help="Shut out, or let in again.")] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Change what an account may do; its sessions end."""
    from service.cli.accounts import change as change_account  # noqa: PLC0415

    change_account(open_detente(config, data), name, role, is_disabled=disable, as_json=as_json)


@accounts_app.command("remove")
def accounts_remove(
    name: AccountName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
) -> None:
    """Forget an account."""
    from service.cli.accounts import remove as remove_account  # noqa: PLC0415

    remove_account(open_detente(config, data), name, sure=yes)


@keys_app.command("list")
def keys_list(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """The keys of programs."""
    from service.cli.accounts import show_keys  # noqa: PLC0415

    show_keys(open_detente(config, data), as_json=as_json)


@keys_app.command("add")
def keys_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    scope: Annotated[list[str], typer.Option("--scope", metavar="SCOPE", help="What it opens, as read; repeat it.")],
    lasts: Annotated[
        str | None, typer.Option("--for", metavar="SPAN", help="As 90d; without it, until revoked.")
    ] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a key for a program, and print it once."""
    from service.cli.accounts import add_key  # noqa: PLC0415

    add_key(open_detente(config, data), name, scope, lasts, as_json=as_json)


@keys_app.command("revoke")
def keys_revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key's id.")],
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """From now on a key opens nothing."""
    from service.cli.accounts import revoke_key  # noqa: PLC0415

    revoke_key(open_detente(config, data), key, as_json=as_json)


@keys_app.command("rotate")
def keys_rotate(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """Make a new key, unless `secret_key` is set, and seal every address by the newest."""
    from service.cli.users import rotate  # noqa: PLC0415

    rotate(open_detente(config, data), as_json=as_json)


@audit_app.command("list")
def audit_list(
    subject: Annotated[str | None, typer.Option("--subject", metavar="WHAT", help="As subscriber:ID.")] = None,
    last: Annotated[int, typer.Option("--last", metavar="N", min=1, help="How many, the latest.")] = 50,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Who changed what, the latest at the end."""
    from service.cli.audit import show  # noqa: PLC0415

    show(open_detente(config, data), subject, last, as_json=as_json)


@audit_app.command("verify")
def audit_verify(
    known: Annotated[
        str | None, typer.Option("--known", metavar="HASH", help="A hash printed earlier, which must still be there.")
    ] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Whether the record is as it was written; 1 when a row was changed, or the end cut off."""
    from service.cli.audit import check  # noqa: PLC0415

    sys.exit(check(open_detente(config, data), known, as_json=as_json))
