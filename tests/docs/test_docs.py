"""The documentation says what the code has: no setting, command, key or step without its entry, no link into nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from typer.main import get_command

from service.adapters.publishing import cap
from service.api.app import build
from service.bootstrap import Detente
from service.cli.main import app as cli
from service.config.own_feeds import FeedsFile
from service.config.route_tests import RouteTestFile
from service.config.routes import RoutesFile
from service.config.rule_tests import TestFile
from service.config.schema import RulesFile, SourcesFile
from service.config.settings import SPECIAL, Settings
from service.domain.alerting.rule import Severity
from service.flow import TASK_OF, ArticleState, RowState, Step
from service.operations.export import COLUMNS
from service.operations.table import What

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
README = ROOT / "README.md"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), ROOT / "training" / "README.md"])
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
PARTS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def rows(text: str) -> dict[str, str]:
    """First cell in backticks → the whole row, of all tables in a text."""
    return {match[1]: match[0] for match in re.finditer(r"^\| `([^`]+)` \|.*$", text, re.MULTILINE)}


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """The model inside `Model`, `tuple[Model, ...]`, `Model | None` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := inner_model(part))), None)


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The keys of a file as they are written: `rules[].steps[].enter`."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        yield key
        inner = inner_model(field.annotation)
        if inner and inner is not model:
            is_list = "tuple" in str(field.annotation)
            yield from keys(inner, f"{key}[]." if is_list else f"{key}.")


def leaf_settings() -> set[str]:
    every = set(keys(Settings))
    return {key for key in every if not any(other.startswith(f"{key}.") for other in every)}


# --- settings


def test_every_setting_has_a_row_with_its_variable() -> None:
    found = rows(read(REFERENCE / "settings.md"))
    for key in sorted(leaf_settings()):
        variable = "DETENTE_" + key.upper().replace(".", "__")
        assert key in found, f"settings.md has no row for {key}"
        assert f"`{variable}`" in found[key], f"the row of {key} does not name {variable}"


def test_every_row_is_a_setting() -> None:
    known = leaf_settings() | SPECIAL
    assert set(rows(read(REFERENCE / "settings.md"))) - known == set()


def test_plain_defaults_are_those_of_the_code() -> None:
    found = rows(read(REFERENCE / "settings.md"))
    settings = Settings()
    for key in sorted(leaf_settings()):
        value: Any = settings
        for part in key.split("."):
            value = getattr(value, part)
        if isinstance(value, bool):
            assert f"| `{str(value).lower()}` |" in found[key], key
        elif isinstance(value, (str, int, float)):
            assert f"| `{value}` |" in found[key], key


# --- rules, routes, sources


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("rules.yaml", RulesFile),
        ("routes.yaml", RoutesFile),
        ("sources.yaml", SourcesFile),
        ("feeds.yaml", FeedsFile),
        ("Tests of rules", TestFile),
        ("Tests of routes", RouteTestFile),
    ],
)
def test_every_key_of_a_file_has_a_row_and_every_row_is_a_key(heading: str, model: type[BaseModel]) -> None:
    section = re.split(r"^## ", read(REFERENCE / "rules.md"), flags=re.MULTILINE)
    text = next(part for part in section if part.startswith(heading))
    assert set(rows(text)) == set(keys(model))


# --- commands


def commands() -> dict[str, Any]:
    """Command as it is typed → the click command."""
    found: dict[str, Any] = {}

    def walk(group: Any, prefix: str) -> None:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                walk(command, f"{prefix}{name} ")
            else:
                found[f"{prefix}{name}"] = command

    walk(get_command(cli), "")
    return found


def test_every_command_has_a_section_that_names_its_options() -> None:
    text = read(REFERENCE / "commands.md")
    sections = dict(re.findall(r"^## `detente ([a-z -]+)`$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert set(sections) == set(commands())
    for name, command in commands().items():
        for parameter in command.params:
            for flag in (*parameter.opts, *parameter.secondary_opts):
                if flag.startswith("--"):
                    assert f"`{flag}`" in sections[name], f"{name}: {flag} is not told of"


def test_the_readme_lists_the_commands() -> None:
    listed = {row.removeprefix("detente ") for row in rows(read(README)) if row.startswith("detente ")}
    assert listed == set(commands())


def code(text: str) -> str:
    """What stands in code blocks and code spans."""
    blocks = re.findall(r"^```.*?$(.*?)^```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return "\n".join([*blocks, *spans])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_make_targets_that_are_named_exist(path: Path) -> None:
    known, targets = commands(), set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    text = code(read(path))
    for words in re.findall(r"^(?:\S*/)?detente ((?:[a-z][a-z-]* ?)+)", text, re.MULTILINE):
        name = words.strip()
        assert any(name == c or name.startswith(f"{c} ") for c in known), f"detente {name} is no command"
    for target in re.findall(r"^make ([a-z-]+)", text, re.MULTILINE):
        assert target in targets, f"make {target} is no target of the Makefile"


# --- HTTP


def test_every_address_has_a_row_and_every_row_is_an_address() -> None:
    app = build(Detente(overrides={"data_dir": "var"}))
    paths = app.openapi()["paths"].items()
    served = {f"{method.upper()} {path}" for path, methods in paths for method in methods}
    found = rows(read(REFERENCE / "http.md"))
    assert {row for row in found if row.split()[0] in {"GET", "PUT", "POST", "PATCH", "DELETE"}} == served


def test_the_table_of_cap_is_that_of_the_code() -> None:
    text = read(REFERENCE / "http.md")
    for severity in Severity:
        row = next(line for line in text.splitlines() if line.startswith(f"| {severity}"))
        assert [cell.strip() for cell in row.split("|")[2:4]] == [cap.SEVERITY[severity], cap.URGENCY[severity]]


@pytest.mark.parametrize("what", What)
def test_every_column_of_a_table_is_told_of_in_its_place(what: What) -> None:
    row = next(line for line in read(REFERENCE / "http.md").splitlines() if line.startswith(f"| {what} | `"))
    assert re.findall(r"`(\w+)`", row) == list(COLUMNS[what])


# --- links


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as repository pages make them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower().strip()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_link_leads_into_nothing(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", read(path)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        aim = (path.parent / file).resolve() if file else path
        assert aim.exists(), f"{target} leads to no file"
        assert ROOT in aim.parents, f"{target} leads out of the repository"
        if anchor:
            assert anchor in anchors(read(aim)), f"{target} leads to no heading"


def test_every_page_can_be_reached_from_the_index() -> None:
    index = read(DOCS / "index.md")
    reached = {(DOCS / target.partition("#")[0]).resolve() for target in re.findall(r"\]\(([^)\s]+)\)", index)}
    written_by_tools = DOCS / "evaluation"
    missing = [
        p for p in DOCS.rglob("*.md") if p not in reached and p.name != "index.md" and written_by_tools not in p.parents
    ]
    assert missing == []


# --- steps


def test_every_step_has_a_row_with_its_task() -> None:
    found = rows(read(DOCS / "concepts" / "pipeline.md"))
    assert [name for name in found if name in set(Step)] == [str(step) for step in Step]
    for step in Step:
        assert found[step].split("|")[2].strip().startswith(f"`{TASK_OF[step]}`"), step


def test_every_state_of_an_article_and_of_the_other_rows_is_told_of() -> None:
    text = read(DOCS / "concepts" / "pipeline.md")
    reserved: set[RowState] = set()
    for state in {*ArticleState, *RowState} - reserved:
        assert f"`{state}`" in text, state


# --- decisions


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_five_parts_and_one_sentence(path: Path) -> None:
    text = read(path)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    decision = re.search(r"^## Decision\n\n(.+?)\n\n## ", text, re.MULTILINE | re.DOTALL)
    assert decision
    assert re.fullmatch(r"\*\*[^\n]+\.\*\*", decision[1]), "the decision is one sentence, in bold"
    assert text.startswith(f"# {int(path.name[:4])}. ")


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


# --- other promises of the pages


def test_paths_that_pages_name_exist() -> None:
    for path in PAGES:
        for named in re.findall(
            r"`((?:service|workers|config|deploy|docs|tests|training|tools)/[\w./-]*[\w/])`", read(path)
        ):
            made_later = named.startswith(("service/_shipped/", "deploy/secrets/", "docs/evaluation/"))
            assert made_later or (ROOT / named).exists(), (
                f"{path.relative_to(ROOT)} names {named}, which does not exist"
            )
