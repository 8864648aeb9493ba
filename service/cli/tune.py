"""`detente tune`."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from service.adapters.feeds.files import read_dated
from service.bootstrap import Detente
from service.cli.output import note, out, out_json, progress, table
from service.cli.replay import uncollected
from service.config import episodes as known_list
from service.config import thresholds
from service.config.schema import subject_pattern
from service.domain.alerting.rule import Rule
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.tuning import LEAST_HISTORY, Budget, Known, Told, Tried
from service.errors import ConfigError
from service.operations.coding import code_all
from service.operations.replay import Replay
from service.operations.tune import Advice, Aim, History, Tuning, stored, tune

NAMED, LISTED = 3, 20
"""Losses named in a row of the table; and below it and in JSON, the heaviest first where they are past alarms."""
WEEK = 7


class Asked(NamedTuple):
    """The options as they were typed."""

    budget: str
    history: Path | None
    episodes: Path | None
    subjects: str | None
    write: Path | None


def run(detente: Detente, asked: Asked, *, as_json: bool) -> int:
    """Propose thresholds; 1 when a line was bad, there is no history, or no threshold keeps to the budget."""
    budget, subjects = _budget(asked.budget), _subjects(asked.subjects)
    rules, began = detente.rules_in(None), time.monotonic()
    episodes, mistakes = _episodes(asked.episodes, detente)
    history, refused = _history(asked.history, detente)
    note([*mistakes, *refused])
    if history is None:
        note(["there is no history to tune on: no article that counts"])
        return 1
    if not detente.tunables:
        note([f"{detente.rules_file}: no rule has a threshold"])
        return 1

    def engine(chosen: Sequence[Rule]) -> Replay:
        return detente.replay(chosen) if asked.history else detente.replay_own(chosen)

    with uncollected(), progress("replay", "articles") as advance:
        found = tune(history, detente.tunables, rules, Aim(budget, subjects, episodes), engine, advance)
    if as_json:
        out_json(
            as_data(found, budget) | {"seconds": round(time.monotonic() - began, 3), "versions": dict(detente.versions)}
        )
    else:
        _show(found, budget)
    if asked.write and found.proof.kept:
        chosen = {advice.tunable.name: advice.proposed for advice in found.advice}
        thresholds.write(asked.write, detente.rules_file, chosen)
        note([f"{asked.write}: the rules with the proposal"])
    if not found.proof.kept:
        note([f"no threshold that was tried keeps to {asked.budget}{'; nothing was written' if asked.write else ''}"])
    return 1 if mistakes or refused or not found.proof.kept else 0


def _budget(written: str) -> Budget:
    try:
        return Budget.parse(written)
    except ValueError as error:
        raise ConfigError(f"--budget: {error}") from None


def _subjects(written: str | None) -> tuple[str, ...]:
    try:
        return tuple(subject_pattern(one.strip()) for one in written.split(",")) if written is not None else ("*",)
    except ValueError as error:
        raise ConfigError(f"--receiver-subjects: {error}") from None


def _episodes(path: Path | None, detente: Detente) -> tuple[list[Episode] | None, list[str]]:
    own = detente.config_dir / known_list.FILE
    if path is None and not own.exists():
        return None, []
    chosen = path or own
    known, mistakes = known_list.read_known(chosen, detente.gazetteer.country_codes)
    return known, [f"{chosen}: {mistake}" for mistake in mistakes]


def _history(path: Path | None, detente: Detente) -> tuple[History | None, list[str]]:
    """The articles of a file, coded, or else what the database holds; and what was refused."""
    if path is None:
        return (stored(detente.units) if detente.is_prepared() else None), []
    if not path.is_file():
        raise ConfigError(f"{path}: no such file")
    articles, refused = read_dated(path, detente.clock.now())
    with uncollected():
        new = detente.replay(()).store_new(articles)
    with progress("coding", "articles") as advance:
        codings = code_all(new, detente.coder, detente.codings, detente.coding_version, advance)
    told = [f"{line.where}: {line.refusal}: {line.message}" for line in refused]
    return (History(new, [coding.events for coding in codings]) if new else None), told


def as_data(found: Tuning, budget: Budget) -> dict[str, Any]:
    """The results in their published shape."""
    history, days = found.history, found.history.days
    return {
        "budget": {"pages": budget.pages, "days": budget.days},
        "history": {
            "from": history.first.isoformat(),
            "to": history.last.isoformat(),
            "days": days,
            "articles": len(history.articles),
            "short": found.is_short,
        },
        "rules": [_advice(advice, days) for advice in found.advice],
        "left_out": list(found.left_out),
        "verified": {
            "kept": found.proof.kept,
            "pages": found.proof.pages,
            "pages_per_week": _weekly(found.proof.pages, days),
            "by_rule": {name: _weekly(len(told), days) for name, told in found.proof.told.items()},
        },
    }


def _advice(advice: Advice, days: int) -> dict[str, Any]:
    known = {k.id: k for k in advice.known}
    return {
        "rule": advice.tunable.name,
        "key": advice.tunable.key,
        "now": advice.tunable.now,
        "proposed": advice.proposed,
        "share_per_week": _weekly(advice.share, days),
        "known": len(advice.known),
        "out_of_reach": [_known(known[i]) for i in advice.out_of_reach],
        "tried": [
            {
                "threshold": one.threshold,
                "pages_per_week": _weekly(len(one.pages), days),
                "unconfirmed_per_week": _weekly(_unconfirmed(one.pages), days),
                "refired": round(one.refired, 4),
                "caught": len(one.caught),
                "lost": len(one.lost),
                "named": [_known(known[i]) for i in one.lost[:LISTED]],
            }
            for one in advice.tried
        ],
    }


def _known(known: Known) -> dict[str, Any]:
    shown = {"id": known.id, "subject": known.subject, "day": known.day.isoformat(), "label": known.label}
    return shown if known.level is None else shown | {"level": round(known.level, 1)}


def _unconfirmed(told: Sequence[Told]) -> int:
    return sum(not page.confirmed for page in told)


def _weekly(pages: float, days: int) -> float:
    return round(pages * WEEK / days, 3)


def _show(found: Tuning, budget: Budget) -> None:
    history = found.history
    span = "a day" if budget.days == 1 else "a week"
    out(f"History {history.first} … {history.last}: {history.days} days, {len(history.articles)} articles.")
    out(f"Budget: {budget.pages:g} pages {span}, of all rules together.")
    if found.is_short:
        out(f"That is less than {LEAST_HISTORY} days: no threshold is lowered on so little.")
    for advice in found.advice:
        _show_rule(advice, history.days)
    if found.left_out:
        out(f"Outside the history, and not counted: {len(found.left_out)} episodes.")
    seen = f"{_weekly(found.proof.pages, history.days):.2f} pages a week"
    by_rule = ", ".join(f"{name} {_weekly(len(told), history.days):.2f}" for name, told in found.proof.told.items())
    out(f"Replayed with the proposal: {seen} ({by_rule}): {'kept' if found.proof.kept else 'NOT kept'}.")


def _show_rule(advice: Advice, days: int) -> None:
    tunable, known = advice.tunable, {k.id: k for k in advice.known}
    rows = [
        [
            f"{one.threshold:g}{_marks(one, advice)}",
            f"{_weekly(len(one.pages), days):.2f}",
            f"{_weekly(_unconfirmed(one.pages), days):.2f}",
            f"{one.refired:.0%}",
            f"{len(one.caught)} of {len(known)}",
            _few(one.lost),
        ]
        for one in advice.tried
    ]
    columns = [f"{tunable.key} from" if tunable.key == "steps" else tunable.key]
    columns += ["pages a week", "unconfirmed", "re-fired", "caught", "lost"]
    table(f"{tunable.name}: {tunable.now:g} now, {advice.proposed:g} proposed", columns, rows)
    proposed = next(one for one in advice.tried if one.threshold == advice.proposed)
    if proposed.lost:
        out(f"{tunable.name} at {advice.proposed:g} would lose:")
        for lost in proposed.lost[:LISTED]:
            out(f"  {_long(known[lost])}")
        if len(proposed.lost) > LISTED:
            out(f"  and {len(proposed.lost) - LISTED} more")
    if advice.out_of_reach:
        out(f"No threshold catches: {', '.join(advice.out_of_reach)}")


def _marks(one: Tried, advice: Advice) -> str:
    marks = [
        word for word, value in (("now", advice.tunable.now), ("proposed", advice.proposed)) if value == one.threshold
    ]
    return f"  ← {', '.join(marks)}" if marks else ""


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _long(known: Known) -> str:
    if known.level is None:
        return f"{known.id}  {known.day}  {known.subject}  {known.label}"
    return f"{known.day}  {known.subject}  level {known.level:.1f}  {known.label}"
