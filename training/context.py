"""Whether a sentence is read better with what stands before it: `python -m training.context --data ../shared/data`.

Every event of the coded articles is looked up in its sentence, and the sentence is read alone, after the sentence
before it, and after the title.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from service.adapters.nlp.encoder import OnnxClassifier
from service.adapters.nlp.sentences import PysbdSplitter
from service.domain.events.coding import Passage

Json = dict[str, Any]

WAYS: dict[str, Callable[[str, str, str], str]] = {
    "alone": lambda sentence, _before, _title: sentence,
    "after the sentence before": lambda sentence, before, _title: f"{before} {sentence}".strip(),
    "after the title": lambda sentence, _before, title: f"{title}. {sentence}",
}


def main() -> None:
    """Print the share of events whose direction is read right, for every way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, default=Path("models/detente-coder"))
    args = parser.parse_args()
    print(json.dumps(figures(OnnxClassifier.load(args.model), all_cases(args.data)), indent=1))


def all_cases(data: Path) -> list[tuple[str, str, str, str]]:
    """Those of all coded articles."""
    lines = (data / "articles.jsonl").read_text("utf-8").splitlines()
    return [case for line in lines for case in cases(json.loads(line))]


def cases(article: Json) -> Iterator[tuple[str, str, str, str]]:
    """(sentence, the one before, title, signal) of every event in the body."""
    text = article["text"]
    spans = PysbdSplitter().spans(text)
    for event in article["events"]:
        at = text.find(event["quote"])
        for number, (start, end) in enumerate(spans):
            if at >= 0 and start <= at < end:
                before = text[slice(*spans[number - 1])] if number else ""
                yield text[start:end], before, article["title"], event["signal"]


def figures(model: OnnxClassifier, told: Sequence[tuple[str, str, str, str]]) -> dict[str, int]:
    """Way → how many events' direction is right."""
    right: Counter[str] = Counter()
    for way, join in WAYS.items():
        codings = model.code([Passage(join(sentence, before, title)) for sentence, before, title, _ in told])
        for coding, (_, _, _, signal) in zip(codings, told, strict=True):
            right[way] += max(coding.signal, key=coding.signal.__getitem__) == signal
    return {way: right[way] for way in WAYS}


if __name__ == "__main__":
    main()
