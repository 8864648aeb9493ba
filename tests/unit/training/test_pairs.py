"""Learning which pairs are dyads, on pairs made up so that the answer is known."""

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch")

import numpy as np

from service.adapters.nlp.pair_file import load_pairs
from service.domain.events.pairs import FEATURES
from training.pairs import Seen, learn, write

FOLDER = Path(__file__).parents[3] / "models" / "detente-coder"
ACTS, GETS = FEATURES.index("first: acts"), FEATURES.index("second: gets")


def made_up(count: int) -> Seen:
    """Pairs that are dyads where the first acts and the second gets; all else is a little noise."""
    features = np.random.default_rng(7).random((count, len(FEATURES))).astype(np.float32) / 100
    features[:, [ACTS, GETS]] = (features[:, [ACTS, GETS]] * 100).round()
    truth = (features[:, ACTS] == 1) & (features[:, GETS] == 1)
    return Seen(features, truth, np.ones(count, np.float32), np.arange(count))


def test_it_learns_what_both_states_do_and_the_file_says_the_same(tmp_path: Path) -> None:
    reader, f1 = learn(made_up(2000))
    assert f1 > 0.9
    assert reader.threshold == pytest.approx(f1 / 2, abs=0.01)
    folder = Path(shutil.copytree(FOLDER, tmp_path / "model", ignore=shutil.ignore_patterns("*.onnx")))
    write(reader, folder)
    assert load_pairs(folder) == reader
    sure, unsure = [0.005] * len(FEATURES), [0.005] * len(FEATURES)
    sure[ACTS], sure[GETS], unsure[ACTS] = 1.0, 1.0, 1.0
    assert reader.probability(unsure) < reader.threshold < reader.probability(sure)
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["name"] == "detente-coder"


def test_the_same_pairs_give_the_same_weights() -> None:
    assert learn(made_up(300)) == learn(made_up(300))
