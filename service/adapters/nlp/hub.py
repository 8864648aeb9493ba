"""A Hugging Face model as the judge of the signal, in place of the shipped one.

Two kinds are known by their labels: a sequence classifier, whose labels are mapped to signals, and a natural language
inference (NLI) model, which is asked how far the text entails one hypothesis per signal (zero-shot classification after
Yin, Hay & Roth 2019, arXiv:1909.00161). What such a model does not answer (type, level, modality, roles, embedding)
comes from the shipped model where it knows the language, so it reads those texts too; in other languages from a fixed
fallback (`domain.events.fallback`).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from service.adapters.nlp.encoder import DIGITS, softmax, window
from service.domain.events import fallback
from service.domain.events.coding import Coding, Passage
from service.domain.events.signal import Signal
from service.domain.news.language import ENGLISH
from service.errors import ModelError
from service.ports import Classifier

MAX_TOKENS = 512
HYPOTHESES: Mapping[Signal, str] = {
    Signal.ESCALATION: "This text reports violence, a threat or another hostile act that makes a conflict worse.",
    Signal.DE_ESCALATION: "This text reports a truce, talks, a release or another act that calms a conflict.",
    Signal.NEUTRAL: "This text reports nothing that makes a political conflict worse or calmer.",
}
_ENTAILMENT = "entailment"
_PLACES_BEFORE_TEXT = 2
"""Positions that RoBERTa and its kin keep before the first token."""

_Judge = Callable[[str], dict[Signal, float]]


@dataclass(frozen=True, slots=True)
class HubModel:
    """Which model, as configured.

    `name` is a local folder or a hub id, `revision` a commit of the hub, `sha256` the hash of a local folder's
    `model.safetensors`, `labels` the model's labels by signal; where it is empty, labels must be called like signals.
    `languages` (ISO 639-1) are those it reads; a text in another is left to the shipped model.
    """

    name: str
    revision: str | None = None
    sha256: str | None = None
    labels: Mapping[str, Signal] | None = None
    languages: frozenset[str] = frozenset({ENGLISH})


class HubClassifier:
    """Implements `ports.Classifier`: in its `own` languages the signal is a Hugging Face model's.

    All else, and texts in other languages, are coded by `base`.
    """

    def __init__(self, judge: _Judge, name: str, base: Classifier, own: frozenset[str]) -> None:
        self._judge, self._base, self._own = judge, base, own
        self.languages = base.languages | own
        self.version = f"{name} over {base.version}"

    @classmethod
    def load(cls, model: HubModel, base: Classifier) -> "HubClassifier":
        """The model, from its folder or the hub, on the CPU; only safetensors weights, no code of the model's own.

        Raises ModelError when torch is missing, the model cannot be had, its hash is another, or its labels cannot
        be understood.
        """
        torch, transformers = _libraries()
        verify(model)
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(model.name, revision=model.revision)
            network, report = transformers.AutoModelForSequenceClassification.from_pretrained(
                model.name,
                revision=model.revision,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
        # safetensors raises an exception of its own for a file that is cut off.
        except Exception as error:
            raise _unusable(model, type(error).__name__) from error
        if unset := sorted([*report["missing_keys"], *report["mismatched_keys"]]):
            raise _unusable(model, f"its weights lack {unset[0]}, so it was not made to classify")
        logits = _runner(torch, tokenizer, network.eval())
        return cls(
            _judge(_label_names(network.config), model, logits), _version(model, network.config), base, model.languages
        )

    def code(self, passages: Sequence[Passage]) -> list[Coding]:
        """One coding for each passage, in order. The words that decided are not known for such a model.

        A passage must be in one of `languages`.
        """
        base = iter(self._base.code([p for p in passages if p.language in self._base.languages]))
        return [self._code(p, next(base) if p.language in self._base.languages else None) for p in passages]

    def _code(self, passage: Passage, coding: Coding | None) -> Coding:
        if coding is None:
            return fallback.coding_of(self._signal(passage.text), passage.mentions)
        if passage.language not in self._own:
            return coding
        return replace(coding, signal=self._signal(passage.text), words=())

    def _signal(self, text: str) -> dict[str, float]:
        shares = self._judge(window(text)[0])
        return {str(signal): round(shares[signal], DIGITS) for signal in Signal}


def parse_labels(written: str) -> dict[str, Signal]:
    """The map in a setting such as `LABEL_0=escalation, LABEL_1=neutral`.

    Raises ValueError that says what would be right.
    """
    found = {}
    for part in filter(None, (part.strip() for part in written.split(","))):
        label, _, signal = (piece.strip() for piece in part.partition("="))
        if not label or signal not in set(Signal):
            raise ValueError(f"must be LABEL=SIGNAL, …, each signal one of {', '.join(Signal)}")
        found[label] = Signal(signal)
    return found


def verify(model: HubModel) -> None:
    """Checks what can be checked without loading the weights: torch, hash, labels. Raises ModelError."""
    _, transformers = _libraries()
    _check_hash(model)
    try:
        config = transformers.AutoConfig.from_pretrained(model.name, revision=model.revision)
    except (OSError, ValueError) as error:
        raise _unusable(model, type(error).__name__) from error
    names = _label_names(config)
    if _entailment(names) is None:
        _signals(names, model)


def _unusable(model: HubModel, why: str) -> ModelError:
    return ModelError(
        f"model.name: {model.name!r} cannot be loaded ({why}). It must be a folder with config.json, model.safetensors "
        "and a tokenizer, or the id of such a model on a hub that is in reach, made for sequence classification."
    )


def _label_names(config: Any) -> list[str]:
    return [str(config.id2label[i]) for i in range(config.num_labels)]


def _entailment(names: Sequence[str]) -> int | None:
    return next((i for i, name in enumerate(names) if name.lower() == _ENTAILMENT), None)


def _libraries() -> tuple[Any, Any]:
    try:
        import torch  # noqa: PLC0415  heavy, and an extra
        import transformers  # noqa: PLC0415
    except ImportError as error:
        raise ModelError(
            "model.name needs the extra `torch`: pip install 'detente[torch]', or leave the setting out to use the "
            "shipped model."
        ) from error
    transformers.utils.logging.disable_progress_bar()
    return torch, transformers


def _check_hash(model: HubModel) -> None:
    if model.sha256 is None:
        return
    path = Path(model.name) / "model.safetensors"
    if not path.is_file():
        raise ModelError(f"model.sha256: {path} is not there to be checked; for a model of a hub set model.revision.")
    if _digest(path) != model.sha256.lower():
        raise ModelError(f"{path} is not the file model.sha256 names: wrong hash.")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _version(model: HubModel, config: Any) -> str:
    weights = Path(model.name) / "model.safetensors"
    mark = _digest(weights) if weights.is_file() else str(getattr(config, "_commit_hash", "") or model.revision or "")
    return f"{Path(model.name).name}+{mark[:12]}"


_Logits = Callable[[str, str | None], list[float]]


def _runner(torch: Any, tokenizer: Any, network: Any) -> _Logits:
    """(text, hypothesis or None) → logits. The text is cut at the end, the hypothesis never."""
    places = getattr(network.config, "max_position_embeddings", MAX_TOKENS)
    limit = min(MAX_TOKENS, tokenizer.model_max_length, places - _PLACES_BEFORE_TEXT)

    def run(text: str, hypothesis: str | None) -> list[float]:
        how = "only_first" if hypothesis else "longest_first"
        batch = tokenizer(text, hypothesis, truncation=how, max_length=limit, return_tensors="pt")
        with torch.inference_mode():
            logits = network(**batch).logits[0]
        if not bool(torch.isfinite(logits).all()):
            raise ModelError("The configured model answered with a value that is not a number.")
        return [float(value) for value in logits]

    return run


def _judge(names: Sequence[str], model: HubModel, logits: _Logits) -> _Judge:
    entails = _entailment(names)
    return _by_label(_signals(names, model), logits) if entails is None else _by_entailment(entails, logits)


def _by_entailment(index: int, logits: _Logits) -> _Judge:
    """A signal's share is the softmax of the hypotheses' entailment logits, as usual for one label out of several."""

    def judge(text: str) -> dict[Signal, float]:
        shares = softmax([logits(text, hypothesis)[index] for hypothesis in HYPOTHESES.values()])
        return dict(zip(HYPOTHESES, shares, strict=True))

    return judge


def _by_label(signals: Sequence[Signal], logits: _Logits) -> _Judge:
    """Labels of one signal add up."""

    def judge(text: str) -> dict[Signal, float]:
        found = dict.fromkeys(Signal, 0.0)
        for signal, share in zip(signals, softmax(logits(text, None)), strict=True):
            found[signal] += share
        return found

    return judge


def _signals(names: Sequence[str], model: HubModel) -> list[Signal]:
    known = model.labels or {str(signal): signal for signal in Signal}
    by_name = {_plain(label): signal for label, signal in known.items()}
    missing = [name for name in names if _plain(name) not in by_name]
    if missing:
        raise ModelError(
            f"model.labels: nothing is said of {', '.join(missing)}. The model's labels are {', '.join(names)}; give "
            f"each a signal: LABEL=SIGNAL, …, with {', '.join(Signal)}. An NLI model needs a label `entailment`."
        )
    return [by_name[_plain(name)] for name in names]


def _plain(label: str) -> str:
    return label.lower().replace("_", "-").replace(" ", "-")
