"""Files with tests of routes."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from service.config.load import Places, load_placed, read_yaml
from service.config.route_checks import label_values
from service.config.routes import RoutesFile
from service.config.rule_tests import Moment
from service.config.schema import Strict
from service.domain.alerting.labels import CountriesOf
from service.domain.alerting.rule import Rule
from service.errors import ConfigError
from service.operations.naming import near
from service.operations.routing import RouteCase, RouteTest, complete

RoutesIn = Callable[[Path | None], RoutesFile]
"""The checked routes of a file, or without one those configured. Raises ConfigError."""


class CaseEntry(Strict):
    """An alert by its labels, and where it must go."""

    labels: Annotated[dict[str, str], Field(min_length=1)]
    at: Moment | None = None
    receivers: tuple[str, ...]
    group: dict[str, dict[str, str]] | None = None
    muted_until: dict[str, Moment] | None = None

    @model_validator(mode="after")
    def _when(self) -> Self:
        if self.muted_until is not None and self.at is None:
            raise ValueError("muted_until is asked of a moment: give at")
        return self

    @model_validator(mode="after")
    def _of_those_reached(self) -> Self:
        asked = {*(self.group or ()), *(self.muted_until or ())}
        if beside := sorted(asked - {*self.receivers}):
            raise ValueError(f"group and muted_until name {', '.join(beside)}, which is not among receivers")
        return self


class RouteTestFile(Strict):
    """A file in the folder of tests that is about routes: it has `cases`."""

    routes: Path | None = None
    cases: Annotated[tuple[CaseEntry, ...], Field(min_length=1)]


def is_route_test(path: Path) -> bool:
    """Whether a file in the folder of tests is about routes. Raises ConfigError where it cannot be read."""
    data, _ = read_yaml(path)
    return isinstance(data, dict) and "cases" in data


def load_route_test(path: Path, routes_in: RoutesIn, rules: Sequence[Rule], countries_of: CountriesOf) -> RouteTest:
    """The test of a file. Raises ConfigError that lists every mistake with its line."""
    file, places = load_placed(path, RouteTestFile)
    routes = routes_in(path.parent / file.routes if file.routes else None)
    if mistakes := [*_unknown_names(file, places, routes), *_wrong_labels(file, places, rules)]:
        raise ConfigError("\n".join(mistakes))
    return RouteTest(
        name=path.stem,
        tree=routes.tree(),
        intervals={entry.name: entry.interval() for entry in routes.time_intervals},
        cases=[
            RouteCase(
                where=f"{places.file}:{places.lines['cases', n]}",
                labels=complete(entry.labels, rules, countries_of),
                at=entry.at,
                receivers=entry.receivers,
                group=entry.group,
                muted_until=entry.muted_until,
            )
            for n, entry in enumerate(file.cases)
        ],
    )


def wrong_label(name: str, value: str, rules: Sequence[Rule]) -> str:
    """Why no alert has this label with this value, empty where one may."""
    known = label_values(rules)
    if name not in known:
        return f"no alert has a label {name!r}{near(name, known)}"
    values = known[name]
    return "" if values is None or value in values else f"{name} is never {value!r}{near(value, values)}"


def _wrong_labels(file: RouteTestFile, places: Places, rules: Sequence[Rule]) -> Iterator[str]:
    """Labels no alert has, and subjects that are none."""
    for n, entry in enumerate(file.cases):
        for name, value in entry.labels.items():
            if why := wrong_label(name, value, rules):
                yield places.name(("cases", n, "labels", name), why)
        try:
            complete(entry.labels, (), lambda _: ())
        except ValueError as error:
            yield places.name(("cases", n, "labels", "subject"), str(error))


def _unknown_names(file: RouteTestFile, places: Places, routes: RoutesFile) -> Iterator[str]:
    known = [receiver.name for receiver in routes.receivers]
    for n, entry in enumerate(file.cases):
        for m, name in enumerate(entry.receivers):
            if name not in known:
                yield places.name(("cases", n, "receivers", m), f"there is no receiver {name!r}{near(name, known)}")
