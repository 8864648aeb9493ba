"""Annotations: small templates that operators write, filled with what is known of an alert.

They are a language of their own, Jinja's with most of it taken away: names, conditions, one loop over the evidence, and
a few filters. Nothing in it calls, counts high or multiplies, so that no template can take long or grow; and whatever
an article says stays text.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

VALUES = (
    "subject",
    "name",
    "level",
    "level_before",
    "surge",
    "severity",
    "state",
    "reason",
    "labels",
    "owners",
    "evidence",
)
"""What a template may use."""
LOOPED = frozenset({"evidence", "labels"})
FILTERS = frozenset({"upper", "lower", "title", "capitalize", "trim", "length", "round", "default", "join", "first"})
TESTS = frozenset({"defined", "none"})
LONGEST = 2000
"""Characters an annotation may have; what is more is cut."""
MOST = 100
"""The largest number, and the longest text, that may be given to a filter."""
_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.If,
    nodes.For, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Add,
    nodes.Sub, nodes.Neg, nodes.Filter, nodes.Test,
)  # fmt: skip


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, loader=None)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.tests = {name: made.tests[name] for name in TESTS}
    return made


_ENVIRONMENT = _environment()


def problem(written: str) -> str | None:
    """What is wrong with a template, None when nothing is."""
    if len(written) > LONGEST:
        return f"may have {LONGEST} characters"
    try:
        parsed = _ENVIRONMENT.parse(written)
        return next(_refused(parsed), None)
    except TemplateSyntaxError as error:
        return f"is no template: {error.message} (line {error.lineno} of it)"
    except (TemplateError, RecursionError, ValueError, OverflowError) as error:
        return f"is no template: {type(error).__name__}"


def _refused(parsed: nodes.Template) -> Iterator[str]:
    for node in parsed.find_all(nodes.Node):
        if not isinstance(node, _NODES):
            yield f"uses {type(node).__name__.lower()}, which annotations cannot do"
    for name in sorted(find_undeclared_variables(parsed) - set(VALUES)):
        yield f"names {name!r}, which is not known; known are {', '.join(VALUES)}"
    for loop in parsed.find_all(nodes.For):
        if not isinstance(loop.iter, nodes.Name) or loop.iter.name not in LOOPED:
            yield f"loops over something else than {' or '.join(sorted(LOOPED))}"
        if loop.recursive or any(loop.find_all(nodes.For)):
            yield "has a loop within a loop"
    named = [node.attr for node in parsed.find_all(nodes.Getattr)] + [node.name for node in parsed.find_all(nodes.Name)]
    if any(name.startswith("_") for name in named):
        yield "names something that begins with _"
    for used in parsed.find_all(nodes.Filter):
        yield from _refused_use(used, FILTERS)
    for tested in parsed.find_all(nodes.Test):
        yield from _refused_use(tested, TESTS)


def _refused_use(used: nodes.Filter | nodes.Test, known: Collection[str]) -> Iterator[str]:
    if used.name not in known:
        yield f"uses {used.name!r}; known are {', '.join(sorted(known))}"
    if used.kwargs or used.dyn_args or used.dyn_kwargs or not all(map(_is_small, used.args)):
        yield f"gives {used.name} something else than a number up to {MOST} or a text of up to {MOST} characters"
    if used.name == "join" and not isinstance(used.node, nodes.Name | nodes.Getattr):
        yield "joins what another filter made"


def _is_small(argument: nodes.Expr) -> bool:
    if not isinstance(argument, nodes.Const):
        return False
    value = argument.value
    return len(value) <= MOST if isinstance(value, str) else isinstance(value, int | float) and abs(value) <= MOST


@lru_cache(maxsize=1000)
def _compiled(written: str) -> Template:
    if why := problem(written):
        raise ValueError(why)
    return _ENVIRONMENT.from_string(written)


def annotate(templates: Mapping[str, str], values: Mapping[str, Any]) -> Mapping[str, str]:
    """The templates filled with values. One that fails says so in its place; it never raises."""
    return {name: _filled(written, values) for name, written in templates.items()}


def _filled(written: str, values: Mapping[str, Any]) -> str:
    try:
        text = _compiled(written).render(values)
    except Exception as error:  # noqa: BLE001  whatever goes wrong in a text must not cost the alert
        return f"(this annotation could not be written: {type(error).__name__})"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
