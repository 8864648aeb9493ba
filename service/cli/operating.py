"""What operators look after the service with: `config`, `routes`, `silence`, `channels`, `dead`."""

import sys
from typing import Annotated

import typer

from service.cli.options import AsJson, AtTime, ConfigDir, DataDir, open_detente

config_app = typer.Typer(help="Check the configuration.", no_args_is_help=True)
routes_app = typer.Typer(help="Where alerts go.", no_args_is_help=True)
silence_app = typer.Typer(help="What nobody is to be told for a while.", no_args_is_help=True)
channels_app = typer.Typer(help="Channels that messages go through.", no_args_is_help=True)
dead_app = typer.Typer(help="Rows that were given up.", no_args_is_help=True)


@config_app.command("check")
def config_check(config: ConfigDir = None, as_json: AsJson = False) -> None:
    """Check all configuration files; exit 2 when one is wrong."""
    from service.cli.checking import config_check as run  # noqa: PLC0415

    sys.exit(run(config, as_json=as_json))


@config_app.command("show")
def config_show(
    origin: Annotated[bool, typer.Option("--origin", help="Also say where each value comes from.")] = False,
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """All settings as they hold; secrets are not shown."""
    from service.cli.settings import config_show as run  # noqa: PLC0415

    run(config, origin=origin, as_json=as_json)


@config_app.command("schema")
def config_schema(
    file: Annotated[str, typer.Argument(metavar="FILE", help="As rules.yaml.")] = "detente.yaml",
    as_json: Annotated[bool, typer.Option("--json", hidden=True)] = True,  # noqa: ARG001  always JSON
) -> None:
    """The JSON Schema of a configuration file, for editors."""
    from service.cli.settings import config_schema as run  # noqa: PLC0415

    run(file)


@routes_app.command("show")
def routes_show(config: ConfigDir = None, as_json: AsJson = False) -> None:
    """The routing tree, with all that a route inherits."""
    from service.cli.routing import routes_show as run  # noqa: PLC0415

    run(open_detente(config), as_json=as_json)


@routes_app.command("test")
def routes_test(
    labels: Annotated[list[str], typer.Argument(metavar="LABEL=VALUE…", help="As severity=high subject=dyad:IRN-PAK.")],
    at: AtTime = None,
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Where an alert with these labels goes, in which group, and until when it is muted."""
    from service.cli.routing import routes_test as run  # noqa: PLC0415

    run(open_detente(config), labels, at, as_json=as_json)


@silence_app.command("add")
def silence_add(
    matchers: Annotated[list[str], typer.Argument(metavar="MATCHER…", help='As subject="dyad:IRN-PAK".')],
    lasts: Annotated[str, typer.Option("--for", metavar="DURATION", help="How long, as 8h.")],
    starts: Annotated[str | None, typer.Option("--from", metavar="TIME", help="From when on; now if absent.")] = None,
    author: Annotated[str | None, typer.Option("--by", help="Who asks for it; your login name if absent.")] = None,
    comment: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Keep alerts with these labels quiet for a while; what still fires then is told."""
    from service.cli.silencing import silence_add as run  # noqa: PLC0415

    detente = open_detente(config, data)
    run(detente, matchers, lasts=lasts, starts=starts, author=author, comment=comment, as_json=as_json)


@silence_app.command("list")
def silence_list(
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Silences, and the firing alerts they keep quiet."""
    from service.cli.silencing import silence_list as run  # noqa: PLC0415

    run(open_detente(config, data), every=every, as_json=as_json)


@silence_app.command("expire")
def silence_expire(
    silence: Annotated[str, typer.Argument(metavar="SILENCE", help="Its id.")],
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """End a silence now: what it kept quiet and still fires is told."""
    from service.cli.silencing import silence_expire as run  # noqa: PLC0415

    run(open_detente(config, data), silence, as_json=as_json)


@channels_app.command("list")
def channels_list(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """The channels of all receivers, and which are left alone because they failed."""
    from service.cli.channels import channels_list as run  # noqa: PLC0415

    run(open_detente(config, data), as_json=as_json)


@channels_app.command("test")
def channels_test(
    wanted: Annotated[
        str | None, typer.Argument(metavar="[RECEIVER[/CHANNEL]]", help="All channels if absent.")
    ] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Send a real test message; exit 1 when a channel did not take it."""
    from service.cli.channels import channels_test as run  # noqa: PLC0415

    sys.exit(run(open_detente(config, data), wanted, as_json=as_json))


@dead_app.command("list")
def dead_list(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """Articles, changes, messages and feeds that were given up, and why."""
    from service.cli.dead import dead_list as run  # noqa: PLC0415

    run(open_detente(config, data), as_json=as_json)


@dead_app.command("replay")
def dead_replay(
    row_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="As dead list shows it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Let a message that is too old count as written now.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Try again what was given up, once its cause is mended."""
    from service.cli.dead import dead_replay as run  # noqa: PLC0415

    run(open_detente(config, data), row_id, every=every, force=force, as_json=as_json)
