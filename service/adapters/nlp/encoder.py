"""The shipped model: reads one passage, answers all questions about it in one pass, on a CPU, without a network.

Texts are run one by one on purpose. The weights are int8 and the activations are scaled by the largest value of the
whole batch, so in a batch a text's answer depends on its neighbours: measured in batches of eight, the probability of a
signal moved by .016 on average and .37 at most, and 1.5 % of the signals changed. One by one a text always gets the
same answer. Batches sorted by length would be faster; the promise that a text is coded the same everywhere is worth
more.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.domain.events.coding import Coding, Passage
from service.domain.events.ontology import ROOTS
from service.domain.events.place import Mention
from service.domain.events.signal import MentionRole, Modality, Signal
from service.domain.news.language import ENGLISH
from service.errors import ModelError

MANIFEST = "manifest.json"
MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
WINDOW = 4000
"""Characters looked at. 128 tokens of news are about 600 characters; without a limit a huge text would be tokenised."""
DIGITS = 6
"""Decimal places of all answers."""

WORDS = 5
"""How many words are named as having decided the signal."""

SENTENCE_HEADS = ("signal", "event_type", "level", "modality")
_FUNCTION_WORDS = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "had", "has", "have", "he", "her", "his"}
    | {"in", "is", "it", "its", "of", "on", "or", "she", "that", "the", "their", "they", "this", "to", "was", "were"}
    | {"which", "who", "with"}
)
_OUTPUTS = (*SENTENCE_HEADS, "role", "embedding", "evidence")
_KNOWN: Mapping[str, frozenset[str]] = {
    "signal": frozenset(Signal),
    "event_type": frozenset({*ROOTS, "NONE"}),
    "level": frozenset("01234"),
    "modality": frozenset({*Modality, "none"}),
    "role": frozenset(MentionRole),
}
_MAY_LACK = frozenset({"modality", "role"})
"""Heads that need not know every label."""
_REMEDY = "Restore the folder from the repository, or build the model again with `python -m training.train`."

_Vector = list[float]
_Run = Callable[[list[int]], list[Any]]


@dataclass(frozen=True, slots=True)
class Logits:
    """What the model says before calibration: head → logits, the mean role logits of each mention, the embedding.

    `roles` holds None for a mention that lies behind the last token read. `evidence` is each word read that is
    not a mere function word, as (start, end, its addend to the logit of every signal).
    """

    heads: Mapping[str, _Vector]
    roles: tuple[_Vector | None, ...]
    embedding: _Vector
    evidence: tuple[tuple[int, int, _Vector], ...]


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A text as the model reads it: ids, offsets in the text as given, and the number of the word each belongs to."""

    ids: list[int]
    offsets: Sequence[tuple[int, int]]
    words: Sequence[int | None]


class OnnxClassifier:
    """Codes passages with the model in a folder. Loading takes about half a second and 110 MB.

    `threads` passages are read side by side, each on one core: more than one for a command that has the machine to
    itself, one in a pool of workers.
    """

    languages = frozenset({ENGLISH})

    def __init__(self, run: _Run, tokenizer: Any, manifest: Mapping[str, Any], threads: int = 1) -> None:
        self._run, self._threads = run, threads
        self._tokenizer = tokenizer
        self._labels: Mapping[str, Sequence[str]] = manifest["labels"]
        self._temperature: Mapping[str, float] = manifest["temperature"]
        self.version = f"{manifest['name']} {manifest['version']}+{manifest['files'][MODEL][:12]}"

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> "OnnxClassifier":
        """The model in `folder`, every file checked against the manifest.

        Raises ModelError naming the file and what to do when one is missing, cut off or changed.
        """
        manifest, contents = _read_folder(folder)
        # Imported here: only the worker that analyses may pay for them, and not before it has forked.
        from tokenizers import Tokenizer  # noqa: PLC0415

        run, tokenizer = _start(contents[MODEL], folder / MODEL), Tokenizer.from_buffer(contents[TOKENIZER])
        return cls(run, tokenizer, manifest, threads)

    @staticmethod
    def verify(folder: Path) -> None:
        """Checks the files in `folder` as `load` does, without starting the model. Raises ModelError."""
        _read_folder(folder)

    def code(self, passages: Sequence[Passage]) -> list[Coding]:
        """A coding for each passage, in order; the same passage always gets the same coding.

        Raises ValueError for a text without a character and ModelError when the model's answer is not a number.
        """
        # Each step for all passages before the next: taken in turn for every one, they drive the model's code and
        # weights out of the processor's caches, which costs a tenth of the time.
        tokens = [self._tokens(passage.text) for passage in passages]
        answers = self._run_all([one.ids for one in tokens])
        return [self._calibrated(_logits(*told)) for told in zip(passages, tokens, answers, strict=True)]

    def _run_all(self, texts: Sequence[list[int]]) -> list[list[Any]]:
        """The model's answer for the tokens of each text, side by side where there are threads for it."""
        if self._threads == 1 or len(texts) <= 1:
            return [self._run(ids) for ids in texts]
        # The longest first, so that no core is left with a long one at the end.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        with ThreadPoolExecutor(self._threads) as pool:
            answers = dict(zip(order, pool.map(self._run, [texts[i] for i in order]), strict=True))
        return [answers[i] for i in range(len(texts))]

    def logits(self, passage: Passage) -> Logits:
        """The model's raw answer for one passage; calibration is fitted on it."""
        tokens = self._tokens(passage.text)
        return _logits(passage, tokens, self._run(tokens.ids))

    def _tokens(self, text: str) -> _Tokens:
        shown, start = window(text)
        encoding = self._tokenizer.encode(shown)
        offsets = [(first + start, last + start) for first, last in encoding.offsets]
        return _Tokens(encoding.ids, offsets, encoding.word_ids)

    def _calibrated(self, logits: Logits) -> Coding:
        return Coding(
            signal=self._probabilities("signal", logits.heads["signal"]),
            event_type=self._probabilities("event_type", logits.heads["event_type"]),
            level=self._probabilities("level", logits.heads["level"]),
            modality=self._probabilities("modality", logits.heads["modality"]),
            roles=tuple(self._role(values) for values in logits.roles),
            embedding=tuple(logits.embedding),
            words=deciding_words(logits),
        )

    def _role(self, values: _Vector | None) -> dict[str, float]:
        if values is None:
            return {role: float(role == MentionRole.MENTION) for role in self._labels["role"]}
        return self._probabilities("role", values)

    def _probabilities(self, head: str, values: _Vector) -> dict[str, float]:
        shares = softmax([value / self._temperature[head] for value in values])
        return {label: round(p, DIGITS) for label, p in zip(self._labels[head], shares, strict=True)}


def softmax(logits: Sequence[float]) -> list[float]:
    """Logits as shares that sum to 1."""
    top = max(logits)
    weights = [math.exp(value - top) for value in logits]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def deciding_words(logits: Logits) -> tuple[tuple[int, int, float], ...]:
    """The words with the most weight in the choice of the signal, in the order of the text.

    A word's weight is what it adds to the logit of the chosen signal beyond the mean of the others: the signal head is
    linear in the mean of the tokens, so these addends and a constant make up the logit. A word is read in its context,
    so its weight is not its own alone. Function words are left out of the choice.
    """
    signal = logits.heads["signal"]
    chosen = signal.index(max(signal))
    weighed = [(start, end, _margin(addends, chosen)) for start, end, addends in logits.evidence]
    heaviest = sorted(weighed, key=lambda word: (-abs(word[2]), word[0]))[:WORDS]
    return tuple((start, end, round(weight, DIGITS)) for start, end, weight in sorted(heaviest))


def _margin(addends: _Vector, chosen: int) -> float:
    others = (math.fsum(addends) - addends[chosen]) / (len(addends) - 1)
    return addends[chosen] - others


def says_something(word: str) -> bool:
    """Whether a word can be named as having decided: function words and signs cannot."""
    return len(word) > 1 and word[0].isalpha() and word.lower() not in _FUNCTION_WORDS


def _logits(passage: Passage, tokens: _Tokens, answer: Sequence[Any]) -> Logits:
    outputs = dict(zip(_OUTPUTS, answer, strict=True))
    role = outputs["role"][0].tolist()
    return Logits(
        heads={head: _finite(outputs[head][0].tolist()) for head in SENTENCE_HEADS},
        roles=tuple(_mention_logits(m, tokens.offsets, role) for m in passage.mentions),
        embedding=_finite(outputs["embedding"][0].astype(float).round(DIGITS).tolist()),
        evidence=tuple(_evidence(passage.text, tokens, outputs["evidence"][0].tolist())),
    )


def _evidence(text: str, tokens: _Tokens, addends: Sequence[_Vector]) -> Iterator[tuple[int, int, _Vector]]:
    """The tokens' addends joined word by word; the marks around the text belong to no word."""
    pieces: dict[int, list[int]] = {}
    for at, word in enumerate(tokens.words):
        if word is not None:
            pieces.setdefault(word, []).append(at)
    for of_word in pieces.values():
        start, end = tokens.offsets[of_word[0]][0], tokens.offsets[of_word[-1]][1]
        if says_something(text[start:end]):
            columns = zip(*(_finite(addends[at]) for at in of_word), strict=True)
            yield start, end, [math.fsum(column) / len(addends) for column in columns]


def window(text: str) -> tuple[str, int]:
    """The part of the text to be tokenised, and where it starts in the text."""
    start = len(text) - len(text.lstrip())
    if start == len(text):
        message = "A passage without text cannot be coded."
        raise ValueError(message)
    # A lone surrogate cannot be tokenised; as "?" it keeps all offsets.
    return text[start : start + WINDOW].encode("utf-8", "replace").decode("utf-8"), start


def _mention_logits(mention: Mention, offsets: Sequence[tuple[int, int]], role: list[_Vector]) -> _Vector | None:
    """The mean of the role logits of the mention's tokens; None when no token of it was read."""
    rows = [_finite(role[i]) for i, (first, last) in enumerate(offsets) if first < mention.end and last > mention.start]
    return [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)] if rows else None


def _finite(values: _Vector) -> _Vector:
    if not all(map(math.isfinite, values)):
        message = f"The model answered with a value that is not a number. {_REMEDY}"
        raise ModelError(message)
    return values


def _read_folder(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest and the contents of the files it names, by name."""
    manifest = _read_manifest(folder)
    return manifest, {name: _read_checked(folder / name, digest) for name, digest in manifest["files"].items()}


def listed_file(folder: Path, name: str) -> bytes | None:
    """A file of the model's folder, checked against the manifest; None if that does not list it. Raises ModelError."""
    files = _read_manifest(folder)["files"]
    return _read_checked(folder / name, files[name]) if name in files else None


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(_read(path))
        _check_manifest(manifest)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path} is not a model manifest ({error}). {_REMEDY}"
        raise ModelError(message) from error
    return dict(manifest)


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    _require({MODEL, TOKENIZER} <= set(manifest["files"]), f"files must name {MODEL} and {TOKENIZER}")
    _require(all(isinstance(manifest[key], str) for key in ("name", "version")), "name and version must be text")
    for head, known in _KNOWN.items():
        labels = manifest["labels"][head]
        _require(len(set(labels)) == len(labels) and set(labels) <= known, f"labels of {head} are not ours")
        _require(head in _MAY_LACK or set(labels) == known, f"labels of {head} are not complete")
        _require(manifest["temperature"][head] > 0, f"temperature of {head} must be above 0")


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}). {_REMEDY}"
        raise ModelError(message) from error


def _read_checked(path: Path, digest: str) -> bytes:
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != digest:
        message = f"{path} is not the file the manifest names: wrong hash, {len(content)} bytes. {_REMEDY}"
        raise ModelError(message)
    return content


def _start(model: bytes, path: Path) -> _Run:
    """The model as a function: token ids → the arrays of _OUTPUTS."""
    import numpy as np  # noqa: PLC0415
    import onnxruntime  # noqa: PLC0415

    session = onnxruntime.InferenceSession(model, _options(onnxruntime), providers=["CPUExecutionProvider"])
    _check_outputs((output.name for output in session.get_outputs()), path)

    def run(ids: list[int]) -> list[Any]:
        return list(session.run(list(_OUTPUTS), {"input_ids": np.array([ids], dtype=np.int64)}))

    return run


def _check_outputs(names: Iterable[str], path: Path) -> None:
    missing = set(_OUTPUTS) - set(names)
    if missing:
        message = f"{path} lacks the outputs {sorted(missing)}. {_REMEDY}"
        raise ModelError(message)


def _options(onnxruntime: Any) -> Any:
    """One thread without spinning: the worker pool decides how many cores are used."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options
