"""Learns which two states named are a dyad: `python -m training.pairs --data ../shared/data`.

Reads the labelled training texts the way the product does, with the shipped model and names, and fits the small network
of `service.domain.events.pairs` to the dyads of their labels. Writes `pairs.json` into the model's folder and its hash
into the manifest. Run it again when the model, the names or the rules of parties have changed.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from service.adapters.feeds.files import from_mapping
from service.adapters.nlp.pair_file import PAIRS
from service.adapters.nlp.sentences import PysbdSplitter
from service.bootstrap import Detente
from service.domain.events.bystander import standing
from service.domain.events.extraction import extract, uneventful
from service.domain.events.pairs import FEATURES, PairReader, seen_pairs
from service.domain.events.parties import with_parties
from service.domain.events.speech import with_sides
from service.domain.news.language import ENGLISH
from service.pipeline.attribute import named
from service.pipeline.classify import code_articles
from training.articles import dyads_of
from training.data import SURENESS, TRAIN_FILES, kept_out, portal_records, read_jsonl
from training.export import sha256

SEED = 20240118
NETWORKS, UNITS = 3, 12
"""Networks whose answers are averaged, which makes one of all their units; units in each."""
EPOCHS, BATCH, RATE, DECAY, DROPOUT = 8, 128, 3e-3, 1e-3, 0.1
NARROWEST = 0.1
"""Least standard deviation a feature is scaled by: rare ones would count too much."""
HELD_OUT = 5
"""One text of so many is left out to find the threshold, and then learnt from as well."""
DIGITS = 4
UNDATED = datetime(2024, 1, 1, tzinfo=UTC)
"""The day on which texts without a date are read."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """Pairs of states: features [N, F], whether each is a dyad, the weight of its label, the number of its text."""

    features: Any
    truth: Any
    weight: Any
    text: Any

    def only(self, chosen: Any) -> "Seen":
        """The pairs that `chosen`, a mask [N], marks."""
        return Seen(self.features[chosen], self.truth[chosen], self.weight[chosen], self.text[chosen])


def main() -> None:
    """Learn, find the threshold, write the file and its hash."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, default=Path("models/detente-coder"))
    args = parser.parse_args()
    seen = look(Detente(cores=2), records(args.data))
    reader, f1 = learn(seen)
    write(reader, args.model)
    print(f"{len(seen.truth)} pairs, {sum(map(len, reader.hidden))} weights, threshold {reader.threshold}, F1 {f1:.3f}")


def records(data: Path) -> list[Json]:
    """The labelled texts that may be trained on."""
    barred = kept_out(data)
    every = [*portal_records(data), *(r for name in TRAIN_FILES for r in read_jsonl(data / name))]
    return [r for r in every if not barred.bars(r["text"])]


def look(detente: Detente, labelled: Sequence[Json]) -> Seen:
    """What is seen of every pair of states that a text names, where the text is read in one piece."""
    rows = list(_pairs(detente, labelled))
    features, truth, weight, text = zip(*rows, strict=True)
    return Seen(np.array(features, np.float32), np.array(truth), np.array(weight, np.float32), np.array(text))


def _pairs(detente: Detente, labelled: Sequence[Json]) -> Iterator[tuple[tuple[float, ...], bool, float, int]]:
    dated = [{**r, "published_at": f"{r['date']}T12:00:00Z" if r.get("date") else None} for r in labelled]
    articles = [from_mapping(r, UNDATED) for r in dated]
    coded = code_articles([(a, ENGLISH) for a in articles], detente.classifier, detente.gazetteer, PysbdSplitter())
    for number, (record, article, answer) in enumerate(zip(labelled, articles, coded, strict=True)):
        if len(answer.sentences) != 1:
            continue
        found = extract(answer.sentences, answer.codings, article.published_at, detente.settings.model.band[1])
        plain = uneventful(answer.sentences[0], answer.codings[0], article.published_at)
        every = named(answer)[plain.sentence]
        names = standing(found[0], every) if found else every
        event = with_sides(found[0], names, None) if found else with_parties(plain, names)
        gold = dyads_of(record["actors"], record["recipients"])
        for pair, features in seen_pairs(event, names).items():
            yield features, pair in gold, SURENESS[record["confidence"]], number


def learn(seen: Seen) -> tuple[PairReader, float]:
    """The reader learnt from all pairs, and the best F1 on texts left out.

    Its threshold is half of that F1, which is the best one where probabilities are right (Lipton et al. 2014,
    arXiv:1402.1892) and varies less from sample to sample than the best one found.
    """
    out = seen.text % HELD_OUT == 0
    unseen = seen.only(out)
    shares = _answers(_fit(seen.only(~out)), unseen.features)
    f1 = max(_f1(unseen.truth, shares >= t / 100) for t in range(20, 70))
    hidden, last = _fit(seen)
    return PairReader(_rows(hidden), _rows(last[None])[0], round(f1 / 2, 2)), f1


def _f1(truth: Any, told: Any) -> float:
    return 2 * float((truth & told).sum()) / float(truth.sum() + told.sum())


def _fit(seen: Seen) -> tuple[Any, Any]:
    """Weights of the hidden units [U, F + 1] and of the answer [U + 1], for features as they are."""
    mean, spread = seen.features.mean(0), np.maximum(seen.features.std(0), NARROWEST)
    scaled = torch.tensor((seen.features - mean) / spread)
    hidden, last, constant = [], [], 0.0
    for number in range(NETWORKS):
        first, second = _network(scaled, seen, SEED + number)
        weights = first.weight.detach().numpy() / spread
        hidden.append(np.column_stack([weights, first.bias.detach().numpy() - weights @ mean]))
        last.append(second.weight.detach().numpy()[0] / NETWORKS)
        constant += float(second.bias.detach()[0]) / NETWORKS
    return np.concatenate(hidden), np.append(np.concatenate(last), constant)


def _network(scaled: Any, seen: Seen, seed: int) -> tuple[Any, Any]:
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    first, second = torch.nn.Linear(scaled.shape[1], UNITS), torch.nn.Linear(UNITS, 1)
    network = torch.nn.Sequential(torch.nn.Dropout(DROPOUT), first, torch.nn.ReLU(), torch.nn.Dropout(DROPOUT), second)
    truth, weight = torch.tensor(seen.truth.astype(np.float32)), torch.tensor(seen.weight)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    batches = -(-len(scaled) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=EPOCHS * batches)
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(scaled)).split(BATCH):
            answers = network(scaled[chosen])[:, 0]
            losses = torch.nn.functional.binary_cross_entropy_with_logits(answers, truth[chosen], reduction="none")
            optimiser.zero_grad()
            (losses * weight[chosen]).mean().backward()
            optimiser.step()
            schedule.step()
    return first, second


def _answers(weights: tuple[Any, Any], features: Any) -> Any:
    hidden, last = weights
    units = np.maximum(features @ hidden[:, :-1].T + hidden[:, -1], 0)
    return 1 / (1 + np.exp(-(units @ last[:-1] + last[-1])))


def _rows(weights: Any) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(float(w), DIGITS) for w in row) for row in weights)


def write(reader: PairReader, folder: Path) -> None:
    """The reader as `pairs.json` in the model's folder, named in the manifest with its hash."""
    content = {"features": FEATURES, "threshold": reader.threshold, "hidden": reader.hidden, "out": reader.out}
    (folder / PAIRS).write_text(json.dumps(content) + "\n", "utf-8")
    path = folder / "manifest.json"
    manifest: Json = json.loads(path.read_text("utf-8"))
    files: Mapping[str, str] = {**manifest["files"], PAIRS: sha256(folder / PAIRS)}
    path.write_text(json.dumps({**manifest, "files": files}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
