"""Where thresholds are tuned: the parts of `operations.tuner`, put together."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import service
from service.adapters.bench import ChildBench
from service.adapters.papers import FilePapers
from service.config import episodes
from service.config.reading import FILES
from service.config.rule_tests import FOLDER
from service.config.rulebook import FileRuleBook
from service.operations.sheets import Listed
from service.operations.tuner import Tuner
from service.ports import Stamps

if TYPE_CHECKING:
    from service.bootstrap import Detente

CHILD = (sys.executable, "-m", "service.bootstrap.computing")


def tuner_of(detente: "Detente", overrides: Mapping[str, Any]) -> Tuner:
    """The thresholds of a service's rules. `overrides` of its settings go to the process that computes."""
    given = {"config_dir": str(detente.config_dir.absolute()), "overrides": overrides}
    return Tuner(
        units=detente.units,
        papers=papers_of(detente),
        bench=ChildBench(CHILD, folder_of(detente), given),
        book=book_of(detente),
        clock=detente.clock,
        tunables=lambda: detente.tunables,
        stamps=lambda: stamps_of(detente),
        taken=lambda: detente.renew(at_once=True),
    )


def folder_of(detente: "Detente") -> Path:
    """Where sheets, dry runs and the state of the job stand."""
    return detente.data_dir / "tuning"


def papers_of(detente: "Detente") -> FilePapers:
    """What was computed."""
    return FilePapers(folder_of(detente))


def book_of(detente: "Detente") -> FileRuleBook:
    """The file of rules."""
    return FileRuleBook(detente.rules_file, Path(service.__file__).parent)


def listed_in(detente: "Detente") -> Listed:
    """The operator's list of known episodes. Raises ConfigError where there is one that cannot be read."""
    path = detente.config_dir / episodes.FILE
    if not path.exists():
        return Listed()
    found, mistakes = episodes.read_known(path, detente.gazetteer.country_codes)
    return Listed(found, mistakes)


def stamps_of(detente: "Detente") -> Stamps:
    """What figures depend on besides the history, and the rule tests."""
    figures, settings = sha256(), detente.settings
    named = (*(name for name in FILES if name != "routes.yaml"), episodes.FILE)
    for said in (service.__version__, detente.scale, settings.scale, settings.intake.quarantine):
        figures.update(f"{said!r}\0".encode())
    for part in _contents(detente.config_dir / name for name in named):
        figures.update(part)
    tests = sha256()
    for part in _contents(sorted((detente.config_dir / FOLDER).glob("*"))):
        tests.update(part)
    return Stamps(figures.hexdigest(), tests.hexdigest())


def _contents(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        try:
            yield f"{path.name}\0".encode() + sha256(path.read_bytes()).digest()
        except OSError:
            yield f"{path.name}\0-".encode()
