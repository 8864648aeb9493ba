"""`detente`: parse, call one operation, present.

Exit codes: 0 good, 1 failed or partly failed, 2 bad usage or bad configuration.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from service.cli.operating import channels_app, config_app, dead_app, routes_app, silence_app
from service.cli.options import AsJson, AtTime, ConfigDir, DataDir
from service.cli.options import open_detente as _detente
from service.cli.people import accounts_app, audit_app, keys_app, users_app
from service.cli.sourcing import sources_app
from service.errors import ConfigError, DetenteError
from service.operations.table import Form, What

app = typer.Typer(
    name="detente",
    help="Early warning that reads the news: signed events, exact scores, few and explained alerts.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _commands in {
    "config": config_app,
    "sources": sources_app,
    "routes": routes_app,
    "silence": silence_app,
    "channels": channels_app,
    "dead": dead_app,
    "users": users_app,
    "accounts": accounts_app,
    "keys": keys_app,
    "audit": audit_app,
}.items():
    app.add_typer(_commands, name=_name)
FAILED, BAD_USE = 1, 2


def main() -> None:
    """Run the command; errors we raise on purpose become one clear message and an exit code."""
    try:
        app()
    except ConfigError as error:
        _fail(error, BAD_USE)
    except DetenteError as error:
        _fail(error, FAILED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(FAILED)


def _fail(error: DetenteError, code: int) -> None:
    print(f"detente: {error}", file=sys.stderr)
    sys.exit(code)


@app.command()
def up(
    config: ConfigDir = None,
    data: DataDir = None,
    api: Annotated[bool, typer.Option(help="Also serve the HTTP interface.")] = True,
) -> None:
    """Run everything: broker if none is configured, workers, beat, API. SIGTERM drains."""
    from service.cli.run import up as run  # noqa: PLC0415

    run(_detente(config, data), api=api)


@app.command()
def classify(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="JSON lines with a text each.")] = "-",
    config: ConfigDir = None,
    as_json: Annotated[bool, typer.Option("--json", hidden=True)] = True,  # noqa: ARG001  always JSON lines
) -> None:
    """Code texts: JSON lines in, JSON lines out, in the same order."""
    from service.cli.coding import classify as run  # noqa: PLC0415

    sys.exit(run(_detente(config, cores=len(os.sched_getaffinity(0))), file))


@app.command()
def explain(
    source: Annotated[str, typer.Argument(metavar="FILE|URL|-", help="One article.")],
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
    as_html: Annotated[bool, typer.Option("--html", help="Print a web page.")] = False,
) -> None:
    """Show an article's events one by one, and the scores and alerts it would move."""
    from service.cli.coding import explain as run  # noqa: PLC0415

    if as_json and as_html:
        raise ConfigError("--json and --html: ask for one of them")
    run(_detente(config, data), source, as_json=as_json, as_html=as_html)


@app.command()
def ingest(
    sources: Annotated[list[str], typer.Argument(metavar="PATH…|URL…|-", help="Files, folders, feeds.")],
    correct: Annotated[
        bool, typer.Option("--correct", help="Another text with a known id takes the old one's place.")
    ] = False,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take articles in from files, folders, feeds or standard input (JSON lines)."""
    from service.cli.intake import ingest as run  # noqa: PLC0415

    sys.exit(run(_detente(config, data), sources, corrects=correct, as_json=as_json))


@app.command()
def retract(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="The article's id.")],
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    config: ConfigDir = None,
    data: DataDir = None,
) -> None:
    """Take an article back: what it did to the scores is undone exactly."""
    from service.cli.intake import retract as run  # noqa: PLC0415

    run(_detente(config, data), article, reason)


@app.command()
def scores(
    subject: Annotated[str | None, typer.Argument(help="As dyad:IRN-PAK, country:IRN, region:balochistan.")] = None,
    at: AtTime = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Levels, the highest first, or one subject's."""
    from service.cli.reading import scores as run  # noqa: PLC0415

    run(_detente(config, data), subject, at, as_json=as_json)


@app.command("explain-score")
def explain_score(
    subject: Annotated[str, typer.Argument(help="As dyad:IRN-PAK.")],
    at: AtTime = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """The incidents that add up to a score."""
    from service.cli.reading import explain_score as run  # noqa: PLC0415

    run(_detente(config, data), subject, at, as_json=as_json)


@app.command()
def chart(
    subject: Annotated[str, typer.Argument(help="As dyad:IRN-PAK.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.png", help="Where to write the picture.")],
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="First moment; if absent the first news of 90 days.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Last moment; now if absent.")] = None,
    config: ConfigDir = None,
    data: DataDir = None,
) -> None:
    """Draw a subject's level, what happened, and when alerts were on, as a PNG."""
    from service.cli.charting import chart as run  # noqa: PLC0415

    run(_detente(config, data), subject, since, until, out)


@app.command()
def alerts(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """Alerts, their states and where they were delivered."""
    from service.cli.reading import alerts as run  # noqa: PLC0415

    run(_detente(config, data), as_json=as_json)


@app.command()
def export(
    what: Annotated[What, typer.Argument(help="Which table.")],
    form: Annotated[Form, typer.Option("--format", help="Form of the table.")] = Form.CSV,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="First moment.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Last moment.")] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="SUBJECT", help="This one alone, as dyad:IRN-PAK.")
    ] = None,
    config: ConfigDir = None,
    data: DataDir = None,
) -> None:
    """Print changes of alerts, events or daily scores as CSV or JSON lines, the oldest first."""
    from service.cli.exporting import export as run  # noqa: PLC0415

    run(_detente(config, data), what, form, since, until, subject)


@app.command()
def backtest(
    articles: Annotated[Path, typer.Option("--articles", metavar="FILE", help="Dated articles, .jsonl or .jsonl.gz.")],
    episodes: Annotated[Path, typer.Option("--episodes", metavar="FILE", help="Known episodes, .csv.")],
    budget: Annotated[
        str | None, typer.Option("--budget", metavar="N,…", help="Alarms a day, world-wide; 0.25,0.5,1 if absent.")
    ] = None,
    tune_until: Annotated[
        int | None, typer.Option("--tune-until", metavar="YEAR", help="Report later years, and this and earlier apart.")
    ] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """How many known episodes the scores would have caught, beside simpler ways at the same number of alarms."""
    from service.cli.backtest import run  # noqa: PLC0415

    cores = len(os.sched_getaffinity(0))
    sys.exit(run(_detente(config, data, cores=cores), articles, episodes, budget, tune_until, as_json=as_json))


@app.command()
def tune(
    budget: Annotated[str, typer.Option("--budget", metavar="N/day|N/week", help="Pages that people bear.")],
    history: Annotated[
        Path | None, typer.Option("--history", metavar="FILE", help="Dated articles, .jsonl or .jsonl.gz; else yours.")
    ] = None,
    episodes: Annotated[
        Path | None, typer.Option("--episodes", metavar="FILE", help="Known episodes, .csv; else past alarms.")
    ] = None,
    receiver_subjects: Annotated[
        str | None, typer.Option("--receiver-subjects", metavar="PATTERN,…", help="Count pages of these subjects only.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="Write the rules with the proposal there.")
    ] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Propose thresholds that keep to a budget of pages on your own history, and name what each would lose."""
    from service.cli.tune import Asked  # noqa: PLC0415
    from service.cli.tune import run as run_tune  # noqa: PLC0415

    asked = Asked(budget, history, episodes, receiver_subjects, write)
    sys.exit(run_tune(_detente(config, data, cores=len(os.sched_getaffinity(0))), asked, as_json=as_json))


@app.command()
def calibrate(
    articles: Annotated[Path, typer.Option("--articles", metavar="FILE", help="Dated articles, .jsonl or .jsonl.gz.")],
    anchors: Annotated[
        Path | None, typer.Option("--anchors", metavar="FILE", help="Known events with their bands, .csv; else yours.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Write calibration.yaml beside your files.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Fit the scale of levels to known events in your own articles."""
    from service.cli.calibrate import run  # noqa: PLC0415

    cores = len(os.sched_getaffinity(0))
    sys.exit(run(_detente(config, data, cores=cores), articles, anchors, write=write, as_json=as_json))


@app.command()
def replay(
    articles: Annotated[Path, typer.Option("--articles", metavar="FILE", help="Dated articles, .jsonl or .jsonl.gz.")],
    rules: Annotated[Path | None, typer.Option("--rules", metavar="FILE", help="Rules to try; else yours.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Stop there; else when nothing can happen any more.")
    ] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", hidden=True)] = True,  # noqa: ARG001  always JSON lines
) -> None:
    """Run dated articles through all decisions, as if it were then: every alert that would have come. Tells nobody."""
    from service.cli.replay import replay as run  # noqa: PLC0415

    sys.exit(run(_detente(config, data, cores=len(os.sched_getaffinity(0))), articles, rules, until))


@app.command()
def why(
    alert: Annotated[str, typer.Argument(metavar="ALERT", help="Its id, the beginning of it, or RULE/SUBJECT.")],
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """What led to an alert, who was told, and what would end it."""
    from service.cli.asking import why as run  # noqa: PLC0415

    run(_detente(config, data), alert, as_json=as_json)


@app.command("why-not")
def why_not(
    receiver: Annotated[str, typer.Option("--receiver", metavar="NAME", help="A receiver of routes.yaml.")],
    subject: Annotated[str, typer.Option("--subject", metavar="SUBJECT", help="As dyad:IRN-PAK.")],
    at: AtTime = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Why somebody was not told of a subject: each rule's first missing link."""
    from service.cli.asking import why_not as run  # noqa: PLC0415

    run(_detente(config, data), receiver, subject, at, as_json=as_json)


@app.command("test")
def run_tests(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR|FILE]", help="Else tests/ of your files.")] = None,
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Run tests of rules: these articles at these times, then this alert in that state."""
    from service.cli.testing import run_tests as run  # noqa: PLC0415

    sys.exit(run(_detente(config), folder, as_json=as_json))


@app.command()
def status(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """How the service is doing; exit 1 when it is not ready."""
    from service.cli.reading import status as run  # noqa: PLC0415

    sys.exit(run(_detente(config, data), as_json=as_json))


@app.command()
def health(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """Whether the service does its work: 0 when it does, 1 with the reasons when not."""
    from service.cli.reading import health as run  # noqa: PLC0415

    sys.exit(run(_detente(config, data), as_json=as_json))


@app.command()
def migrate(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """Create or upgrade the tables; `detente up` does this too. Running it again changes nothing."""
    from service.cli.run import migrate as run  # noqa: PLC0415

    run(_detente(config, data), as_json=as_json)


@app.command()
def demo(
    data: DataDir = None,
    keep: Annotated[bool, typer.Option(help="Keep the data folder.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the bundled example articles through everything, and show what came of it."""
    from service.cli.demo import demo as run  # noqa: PLC0415

    sys.exit(run(data, keep=keep, as_json=as_json))


@app.command()
def ack(
    alert: Annotated[str, typer.Argument(metavar="ALERT", help="Its id, the beginning of it, or RULE/SUBJECT.")],
    author: Annotated[str | None, typer.Option("--by", help="Who takes it on; your login name if absent.")] = None,
    comment: Annotated[str, typer.Option(help="For the record.")] = "",
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take a firing alert on: it is not repeated and goes no further."""
    from service.cli.silencing import ack as run  # noqa: PLC0415

    run(_detente(config, data), alert, author=author, comment=comment, as_json=as_json)


if __name__ == "__main__":
    main()
