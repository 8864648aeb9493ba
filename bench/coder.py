"""`python -m bench.coder`: the shipped model against the same encoder in torch, one core each, in one run.

Needs the extra `train`. Texts: those of our own training lines that have about 30 word pieces.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from service.adapters.nlp.encoder import OnnxClassifier
from service.domain.events.coding import Passage
from training.data import marked_examples

FOLDER = Path(__file__).parents[1] / "models" / "detente-coder"
TEXTS, PIECES, TOLERANCE = 300, 30, 4
BATCHES = (1, 8, 32)
REPEAT = 3


def main() -> None:
    """Measure and print one JSON object."""
    start = _start_up()
    model = OnnxClassifier.load(FOLDER)
    texts = _texts()
    # Not before the model has started: onnxruntime chooses slower ways in a process that has but one core.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    ours = _best(lambda: model.code([Passage(text) for text in texts]), len(texts))
    resident = psutil.Process().memory_info().rss / 2**20
    torch = {batch: _torch(texts, batch) for batch in BATCHES}
    fastest = max(torch.values())
    print(
        json.dumps(
            {
                "texts": len(texts),
                "detente_per_second": round(ours),
                "torch_per_second_by_batch": {batch: round(speed) for batch, speed in torch.items()},
                "ratio_to_torch_one_by_one": round(ours / torch[1], 2),
                "ratio_to_torch_fastest": round(ours / fastest, 2),
                "rss_mb_with_model": round(resident),
                "seconds_to_first_answer": round(start, 2),
            },
            indent=2,
        )
    )


def _texts() -> list[str]:
    """Texts of about `PIECES` word pieces."""
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    near = [e.text for e in marked_examples() if abs(len(tokenizer.encode(e.text).ids) - PIECES) <= TOLERANCE]
    return near[:TEXTS]


def _best(work: Callable[[], object], texts: int) -> float:
    """Texts a second of processor time, the best of several runs."""
    times = []
    for _ in range(REPEAT):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return texts / min(times)


def _torch(texts: Sequence[str], batch: int) -> float:
    import torch  # noqa: PLC0415
    from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415

    from training.model import base_folder  # noqa: PLC0415

    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(str(base_folder()))
    model = AutoModel.from_pretrained(str(base_folder())).eval()
    ordered = sorted(texts, key=len)

    def run() -> None:
        with torch.inference_mode():
            for at in range(0, len(ordered), batch):
                model(**tokenizer(ordered[at : at + batch], padding=True, truncation=True, return_tensors="pt"))

    return _best(run, len(texts))


def _start_up() -> float:
    """Seconds from the start of a process to its first answer."""
    code = (
        "from pathlib import Path; from service.adapters.nlp.encoder import OnnxClassifier;"
        "from service.domain.events.coding import Passage;"
        f"OnnxClassifier.load(Path({str(FOLDER)!r})).code([Passage('Peru and Chile talk.')])"
    )
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
