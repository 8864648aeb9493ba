"""`detente test`."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from service.bootstrap import Detente
from service.cli.output import out, out_json
from service.config.route_tests import is_route_test, load_route_test
from service.config.rule_tests import FOLDER, files_in, load_test
from service.errors import ConfigError
from service.operations import present
from service.operations.routing import RouteTest, run_routes
from service.operations.rule_tests import Outcome, RuleTest


def run_tests(detente: Detente, named: Path | None, *, as_json: bool) -> int:
    """Run tests of rules and routes, print what failed and why; 1 when one failed."""
    tests = _load(detente, files_in(named or detente.config_dir / FOLDER))
    began = time.monotonic()
    shown = [_run(one, file, detente) for file, one in tests]
    failed = sum(1 for case in shown if not case["ok"])
    seconds = round(time.monotonic() - began, 3)
    summary = {"ok": not failed, "tests": len(shown), "failures": failed, "seconds": seconds, "cases": shown}
    if as_json:
        out_json(summary)
    else:
        _show(summary)
    return 1 if failed else 0


def _load(detente: Detente, files: Sequence[Path]) -> list[tuple[Path, RuleTest | RouteTest]]:
    """The tests of these files. Raises ConfigError that lists the mistakes of all."""
    configured, known = detente.rules_in(None), (detente.gazetteer.geography, detente.watchlists)
    found: list[tuple[Path, RuleTest | RouteTest]] = []
    mistakes = []
    for file in files:
        try:
            if is_route_test(file):
                found.append((file, load_route_test(file, detente.routes_in, configured, detente.countries_of)))
            else:
                found.append((file, load_test(file, configured, detente.rules_in, known)))
        except ConfigError as error:
            mistakes.append(str(error))
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return found


def _run(one: RuleTest | RouteTest, file: Path, detente: Detente) -> dict[str, Any]:
    began = time.monotonic()
    outcome = run_routes(one) if isinstance(one, RouteTest) else detente.prove(one)
    seconds = round(time.monotonic() - began, 3)
    return {**_case(outcome, file, seconds), "about": "routes" if isinstance(one, RouteTest) else "rules"}


def _case(outcome: Outcome, file: Path, seconds: float) -> dict[str, Any]:
    failures = [
        {"where": f.where, "expected": f.expected, "found": f.found, "reason": f.reason} for f in outcome.failures
    ]
    fired = [present.moved(transition, alert) for transition, alert in outcome.changes]
    name = {"name": outcome.name, "file": str(file)}
    return {**name, "ok": not failures, "seconds": seconds, "failures": failures, "fired": fired}


def _show(summary: dict[str, Any]) -> None:
    for case in summary["cases"]:
        out(f"{'ok    ' if case['ok'] else 'FAILED'} {case['name']}")
        for failure in case["failures"]:
            out(f"  {failure['where']}: expected {failure['expected']}")
            out(f"    found {failure['found']}: {failure['reason']}")
        if case["failures"] and case["about"] == "rules":
            out("  what people would have heard:" if case["fired"] else "  nobody would have heard of anything")
            for change in case["fired"]:
                known = f"{change['at'][:16]}Z  {change['rule']}/{change['subject']}  {change['from']} → {change['to']}"
                out(f"    {known} ({change['severity']}): {change['reason']}")
    failed = f"{summary['failures']} failed" if summary["failures"] else "all good"
    out(f"{summary['tests']} tests, {failed}, {summary['seconds']:.1f} s")
