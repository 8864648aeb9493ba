"""What an operator does with thresholds: look at a sheet, have one computed, try a threshold dry, save it, go back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from service.errors import Conflict, NotFound
from service.operations.sheets import DryRun, Sheet, digest, dry_run_from_json, sheet_from_json
from service.operations.tune import Tunable
from service.ports import Bench, Clock, Job, JobKind, Papers, RuleBook, Stamps, UnitOfWork, Units, Work

Value = TypeVar("Value")
ACTION = "rule.change"
UNDO = "undo"
"""The paper with texts of the file before the last savings, the newest last."""
REMEMBERED = 10
"""Savings that can be taken back, one after the other."""


@dataclass(frozen=True, slots=True)
class Before:
    """What a saving took the place of: `after` is the digest of the file it left, `text` what the file said before."""

    rule: str
    by: str
    at: str
    threshold: float
    after: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule with a threshold, and what is known of it.

    `fault` says why the file of rules may not be written, empty where it may; `is_current` of the sheet and of the dry
    run whether they are of the configuration as it is. `before` is there when the last saving can be taken back.
    """

    tunable: Tunable
    sheet: Sheet | None
    is_current: bool
    dry_run: DryRun | None
    is_dry_run_current: bool
    work: Work | None
    fault: str
    before: Before | None

    def may_save(self, threshold: float) -> bool:
        """Whether a good dry run of exactly this threshold allows to save it."""
        run = self.dry_run
        is_proved = run is not None and run.threshold == threshold and run.is_good and self.is_dry_run_current
        return is_proved and not self.fault and threshold != self.tunable.now


@dataclass(frozen=True, slots=True)
class Tuner:
    """The thresholds of the rules. `tunables` are those now in force; `taken` is called once the file was changed."""

    units: Units
    papers: Papers
    bench: Bench
    book: RuleBook
    clock: Clock
    tunables: Callable[[], Sequence[Tunable]]
    stamps: Callable[[], Stamps]
    taken: Callable[[], object]

    def all(self) -> list[Standing]:
        """Every rule that has a threshold, in their order."""
        stamps, work, fault, text = self.stamps(), self.bench.work(), self.book.fault(), self.book.text()
        return [self._standing(one, stamps, work, fault, text) for one in self.tunables()]

    def one(self, rule: str) -> Standing:
        """One of them. Raises NotFound."""
        found = self._tunable(rule)
        return self._standing(found, self.stamps(), self.bench.work(), self.book.fault(), self.book.text())

    def _tunable(self, rule: str) -> Tunable:
        found = next((one for one in self.tunables() if one.name == rule), None)
        if found is None:
            raise NotFound("no rule with a threshold is called so")
        return found

    def _standing(self, one: Tunable, stamps: Stamps, work: Work | None, fault: str, text: str) -> Standing:
        sheet, run = self.sheet(one.name), self._dry_run(one.name)
        return Standing(
            tunable=one,
            sheet=sheet,
            is_current=sheet is not None and sheet.figures == stamps.figures,
            dry_run=run,
            is_dry_run_current=run is not None and run.stamps == stamps and run.before == digest(text),
            work=work,
            fault=fault,
            before=self._before(one.name, text),
        )

    def sheet(self, rule: str) -> Sheet | None:
        """The last sheet of a rule."""
        return _read(sheet_from_json, self.papers.get(sheet_name(rule)))

    def _dry_run(self, rule: str) -> DryRun | None:
        return _read(dry_run_from_json, self.papers.get(dry_run_name(rule)))

    def work(self) -> Work | None:
        """What is being computed, or was last."""
        return self.bench.work()

    # --- computing

    def compute(self, actor: str) -> None:
        """Begin the sheets of all rules. Raises Conflict while something else is being computed."""
        self.bench.start(Job(JobKind.SHEET, actor), self.clock.now())

    def try_dry(self, rule: str, threshold: float, actor: str) -> None:
        """Begin a dry run of one of the rule's thresholds. Raises NotFound, Conflict."""
        if threshold not in self._tunable(rule).rules:
            raise NotFound(f"{threshold:g} is none of the thresholds of {rule} that can be tried")
        self.bench.start(Job(JobKind.DRY_RUN, actor, rule, threshold), self.clock.now())

    def stop(self) -> None:
        """End what is being computed."""
        self.bench.stop()

    # --- saving

    def save(self, rule: str, threshold: float, proof: str, actor: str) -> None:
        """Write a threshold that a dry run proved; `proof` is the digest of the file as the dry run left it.

        Raises NotFound; Conflict where there is no such dry run, or something changed since; ConfigError where the
        file cannot be written.
        """
        self._tunable(rule)
        with self._changing() as (unit, text):
            run = self._proved(rule, threshold, proof)
            if run.stamps != self.stamps() or run.before != digest(text):
                raise Conflict("rules, tests or other files changed since the dry run: let it run again")
            new = self.book.retuned(text, rule, threshold)
            if digest(new) != run.after:
                raise Conflict("another version of Detente ran this dry: let it run again")
            before = Before(rule, actor, self.clock.now().isoformat(), self._tunable(rule).now, digest(new), text)
            self._put(unit, rule, text, new, actor)
            self._remember([*self._remembered(), before])
        self.taken()

    def _proved(self, rule: str, threshold: float, proof: str) -> DryRun:
        run = self._dry_run(rule)
        if run is None or run.threshold != threshold or run.after != proof or not run.is_good:
            raise Conflict(f"there is no good dry run of {threshold:g}: let one run first")
        return run

    def undo(self, rule: str, after: str, actor: str) -> None:
        """Put back the text of the file as it was before a saving that left a file of the digest `after`.

        Raises NotFound, or Conflict where the file is not what the saving left any more.
        """
        self._tunable(rule)
        with self._changing() as (unit, text):
            before = self._before(rule, text)
            if before is None or before.after != after:
                raise Conflict("the file of rules changed since: change it by hand, or let another threshold run dry")
            self._put(unit, rule, text, before.text, actor)
            self._remember([one for one in self._remembered() if one != before])
        self.taken()

    @contextmanager
    def _changing(self) -> Iterator[tuple[UnitOfWork, str]]:
        """One who changes the file at a time, in any process. If the record cannot be kept, the file is as it was."""
        if fault := self.book.fault():
            raise Conflict(fault)
        text = None
        try:
            with self.units(serial=True) as unit:
                text = self.book.text()
                yield unit, text
        except BaseException:
            if text is not None and self.book.text() != text:
                self.book.write(text)
            raise

    def _put(self, unit: UnitOfWork, rule: str, old: str, new: str, actor: str) -> None:
        before, after = self.book.written(old, rule), self.book.written(new, rule)
        self.book.write(new)
        unit.audit.add(actor, ACTION, f"rule:{rule}", before, after)

    def _before(self, rule: str, text: str) -> Before | None:
        """What the last saving took the place of, if it was of this rule and nobody changed the file since."""
        after = digest(text)
        last = next((one for one in reversed(self._remembered()) if one.after == after), None)
        return last if last and last.rule == rule else None

    def _remembered(self) -> list[Before]:
        return _read(_befores, self.papers.get(UNDO)) or []

    def _remember(self, befores: Sequence[Before]) -> None:
        kept = [[b.rule, b.by, b.at, b.threshold, b.after, b.text] for b in befores[-REMEMBERED:]]
        self.papers.put(UNDO, {"befores": kept})


def _befores(data: Mapping[str, Any]) -> list[Before]:
    return [Before(*one) for one in data["befores"]]


def _read(reader: Callable[[Mapping[str, Any]], Value], paper: Mapping[str, Any] | None) -> Value | None:
    """A paper that another version wrote counts as absent."""
    try:
        return None if paper is None else reader(paper)
    except (KeyError, TypeError, ValueError, IndexError):
        return None


def sheet_name(rule: str) -> str:
    """The name a rule's sheet is kept by."""
    return f"sheet-{rule}"


def dry_run_name(rule: str) -> str:
    """The name a rule's last dry run is kept by."""
    return f"dry-{rule}"
