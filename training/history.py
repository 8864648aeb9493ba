"""The known past that the scores are measured on, coded: what `backtest` and `audit` start from."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.adapters.nlp.tone import vader
from service.bootstrap import Detente
from service.cli.backtest import read_articles
from service.cli.output import progress
from service.config.episodes import read_known
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.reading import Item
from service.operations.backtest import items_of
from service.operations.coding import code_all

ARTICLES, EPISODES = "portal_2002_2023.jsonl.gz", "episodes.csv"


@dataclass(frozen=True, slots=True)
class History:
    """The articles as the methods see them, and the known episodes. `with_tone` where a lexicon of tone was asked."""

    detente: Detente
    items: Sequence[Item]
    episodes: Sequence[Episode]
    with_tone: bool


def asking(about: str | None) -> argparse.ArgumentParser:
    """A parser with the options that all who read the past share."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--var", type=Path, default=Path("var"), help="where codings are kept")
    return parser


def coded(data: Path, var: Path) -> History:
    """The past of the folder `data`; what is not in `var` is coded first."""
    detente = Detente(overrides={"data_dir": var}, cores=len(os.sched_getaffinity(0)))
    known, _ = read_known(data / EPISODES, detente.gazetteer.country_codes)
    told, _ = read_articles(data / ARTICLES, detente)
    with progress("coding", "articles") as advance:
        codings = code_all(told, detente.coder, detente.codings, detente.coding_version, advance)
    tone = vader()
    return History(detente, items_of(told, codings, detente.owner_in_history, tone), known, tone is not None)
