"""Another model in place of the shipped one: tiny Hugging Face models made here, loaded by the code that loads real ones."""

import json
import sys
from pathlib import Path

import pytest

from service.adapters.nlp.hub import HYPOTHESES, HubClassifier, HubModel, _judge, parse_labels
from service.bootstrap import Detente
from service.domain.events import fallback
from service.domain.events.coding import Coding, Passage
from service.domain.events.ontology import ROOTS
from service.domain.events.signal import Signal
from service.errors import ConfigError, ModelError

TEXTS = ("Peru and Chile sign a truce.", "Kenya shelled a border post.", "A ferry sank.", "long " * 3000)
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "truce", "shelled", "ferry", "a", "and", "long", ".")


class Base:
    """A classifier that always says the same, to see what is replaced."""

    version = "base 1"
    languages = frozenset({"en"})

    def code(self, passages: list[Passage]) -> list[Coding]:
        one = Coding({str(s): 1 / 3 for s in Signal}, {"AGREE": 1.0}, {"2": 1.0}, {"actual": 1.0}, words=((0, 1, 0.5),))
        return [one for _ in passages]


def make_model(folder: Path, labels: list[str]) -> Path:
    """A BERT of one layer with random weights, saved as Hugging Face saves models."""
    torch = pytest.importorskip("torch", reason="needs the extra `torch`")
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(1)
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
    )
    BertForSequenceClassification(config).save_pretrained(folder, safe_serialization=True)
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    return folder


def signals(classifier: HubClassifier) -> list[dict[str, float]]:
    return [dict(c.signal) for c in classifier.code([Passage(text) for text in TEXTS])]


def test_a_classifier_whose_labels_are_signals(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["Escalation", "De_escalation", "NEUTRAL"])
    classifier = HubClassifier.load(HubModel(str(folder)), Base())
    answers = signals(classifier)
    assert answers == signals(classifier)
    assert len({json.dumps(a) for a in answers}) > 1
    assert all(sum(a.values()) == pytest.approx(1, abs=1e-5) for a in answers)
    assert classifier.version.startswith("tiny+")
    assert classifier.version.endswith(" over base 1")


def test_all_but_the_signal_comes_from_the_shipped_model(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["escalation", "de-escalation", "neutral"])
    coding = HubClassifier.load(HubModel(str(folder)), Base()).code([Passage(TEXTS[0])])[0]
    assert (coding.event_type, coding.level, coding.modality) == ({"AGREE": 1.0}, {"2": 1.0}, {"actual": 1.0})
    assert coding.words == ()


class Counting(Base):
    """A base that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def code(self, passages: list[Passage]) -> list[Coding]:
        self.asked += [p.text for p in passages]
        return super().code(passages)


MIXED = [Passage(TEXTS[0]), Passage("Une trêve, a ferry.", language="fr"), Passage(TEXTS[1])]


def test_a_text_the_shipped_model_cannot_read_is_judged_without_it(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["escalation", "de-escalation", "neutral"])
    base = Counting()
    classifier = HubClassifier.load(HubModel(str(folder), languages=frozenset({"en", "fr"})), base)
    assert classifier.languages == {"en", "fr"}
    first, french, last = classifier.code(MIXED)
    assert base.asked == [TEXTS[0], TEXTS[1]]
    assert first.event_type == last.event_type == {"AGREE": 1.0}
    assert first.signal != last.signal, "both are judged by the configured model"
    assert set(french.event_type) == {*ROOTS, "NONE"}
    assert sum(french.signal.values()) == pytest.approx(1, abs=1e-5)
    assert french == fallback.coding_of(french.signal, ())


def test_a_model_that_reads_no_english_leaves_it_to_the_shipped_one(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["escalation", "de-escalation", "neutral"])
    classifier = HubClassifier.load(HubModel(str(folder), languages=frozenset({"fr"})), Base())
    assert classifier.languages == {"en", "fr"}
    english, french, _ = classifier.code(MIXED)
    assert english == Base().code([Passage("")])[0]
    assert french.signal != english.signal


def test_an_nli_model_judges_another_language(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "nli", ["contradiction", "neutral", "entailment"])
    model = HubModel(str(folder), languages=frozenset({"ru"}))
    (coding,) = HubClassifier.load(model, Base()).code([Passage("Перемирие truce.", language="ru")])
    assert sum(coding.signal.values()) == pytest.approx(1, abs=1e-5)


def test_labels_are_mapped_and_those_of_one_signal_add_up(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["war", "riot", "calm", "other"])
    names = parse_labels("war=escalation, riot=escalation, calm=de-escalation, other=neutral")
    merged = signals(HubClassifier.load(HubModel(str(folder), labels=names), Base()))
    split = parse_labels("war=escalation, riot=neutral, calm=de-escalation, other=neutral")
    apart = signals(HubClassifier.load(HubModel(str(folder), labels=split), Base()))
    assert all(m["escalation"] > a["escalation"] for m, a in zip(merged, apart, strict=True))
    assert [m["de-escalation"] for m in merged] == [a["de-escalation"] for a in apart]


def test_an_nli_model_is_known_by_its_label(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "nli", ["contradiction", "neutral", "ENTAILMENT"])
    answers = signals(HubClassifier.load(HubModel(str(folder)), Base()))
    assert all(set(a) == set(Signal) and sum(a.values()) == pytest.approx(1, abs=1e-5) for a in answers)


def test_unknown_labels_are_named_with_what_would_be_right(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["LABEL_0", "LABEL_1", "LABEL_2"])
    with pytest.raises(ModelError, match=r"model.labels: nothing is said of LABEL_0, LABEL_1, LABEL_2.*LABEL=SIGNAL"):
        HubClassifier.load(HubModel(str(folder)), Base())


def test_a_wrong_hash_is_refused(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["escalation", "de-escalation", "neutral"])
    with pytest.raises(ModelError, match=r"model\.safetensors is not the file .* wrong hash"):
        HubClassifier.load(HubModel(str(folder), sha256="0" * 64), Base())


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["escalation", "de-escalation", "neutral"])
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot be loaded"):
        HubClassifier.load(HubModel(str(folder)), Base())


def test_weights_that_are_cut_off_are_refused(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["escalation", "de-escalation", "neutral"])
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:900])
    with pytest.raises(ModelError, match="cannot be loaded"):
        HubClassifier.load(HubModel(str(folder)), Base())


def test_a_model_without_a_head_to_classify_is_refused(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["escalation", "de-escalation", "neutral"])
    from transformers import BertModel

    BertModel.from_pretrained(folder).save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text()) | {"id2label": {0: "escalation", 1: "neutral"}}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"weights lack classifier\.\w+, so it was not made to classify"):
        HubClassifier.load(HubModel(str(folder)), Base())


def test_odd_characters_are_read(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["escalation", "de-escalation", "neutral"])
    assert HubClassifier.load(HubModel(str(folder)), Base()).code([Passage(" \udc80 truce")])


def test_the_hypothesis_that_is_entailed_names_the_signal() -> None:
    def logits(text: str, hypothesis: str | None) -> list[float]:
        return [0.0, 4.0 if hypothesis == HYPOTHESES[Signal.DE_ESCALATION] and "truce" in text else 0.0]

    judge = _judge(["contradiction", "entailment"], HubModel("any"), logits)
    assert judge("a truce")[Signal.DE_ESCALATION] > 0.9
    assert judge("a ferry")[Signal.DE_ESCALATION] == pytest.approx(1 / 3)


def test_up_and_config_check_see_a_model_that_cannot_be_used(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs the extra `torch`")
    with pytest.raises(ModelError, match=r"model\.name"):
        Detente(None, {"data_dir": tmp_path, "model": {"name": str(tmp_path / "none")}}).verify_model()


def test_what_is_no_model_is_named(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs the extra `torch`")
    with pytest.raises(ModelError, match=r"model\.name: .*nothing-here.* cannot be loaded .* must be a folder"):
        HubClassifier.load(HubModel(str(tmp_path / "nothing-here")), Base())


def test_without_torch_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModelError, match=r"pip install 'detente\[torch\]'"):
        HubClassifier.load(HubModel("any/model"), Base())


@pytest.mark.parametrize("written", ["LABEL_0", "=neutral", "LABEL_0=war", "A=neutral, B"])
def test_wrong_maps_of_labels_say_what_would_be_right(written: str) -> None:
    with pytest.raises(ValueError, match="LABEL=SIGNAL"):
        parse_labels(written)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"threshold": 0.3, "abstain": 0.4}, "abstain must not be above threshold"),
        ({"abstain": 0.7}, "abstain must not be above threshold"),
        ({"labels": "A=neutral"}, "which is not set"),
        ({"name": "x", "revision": "main"}, "revision"),
        ({"languages": "en, fr"}, "which is not set"),
        ({"name": "x", "languages": "en, klingon"}, "'klingon': known languages are af, am, ar"),
        ({"name": "x", "languages": ""}, "'': known languages are"),
        ({"name": "x", "languages": []}, "must be a list of languages such as en, fr"),
        ({"name": "x", "languages": 7}, "must be a list of languages such as en, fr"),
    ],
)
def test_settings_that_do_not_fit_together(model: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Detente(None, {"model": model})


@pytest.mark.parametrize(
    ("model", "band"),
    [
        ({}, (0.5, 0.6)),
        ({"threshold": 0.3}, (0.2, 0.3)),
        ({"threshold": 0.05}, (0.0, 0.05)),
        ({"abstain": 0.5}, (0.5, 0.6)),
    ],
)
def test_the_band_hangs_on_the_threshold(model: dict[str, object], band: tuple[float, float]) -> None:
    assert Detente(None, {"model": model}).settings.model.band == pytest.approx(band)


def test_the_configured_model_is_the_one_that_codes(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", ["escalation", "de-escalation", "neutral"])
    detente = Detente(None, {"data_dir": tmp_path / "var", "model": {"name": str(folder)}})
    assert isinstance(detente.classifier, HubClassifier)
    assert detente.classifier.version.startswith("tiny+")
    assert detente.versions["model"].startswith(f"{folder} over detente-coder ")


def test_a_wrong_map_in_the_settings_is_an_error_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"model\.labels: must be LABEL=SIGNAL"):
        _ = Detente(None, {"data_dir": tmp_path, "model": {"name": "x", "labels": "A=B"}}).hub_model


@pytest.mark.parametrize(
    ("written", "languages"),
    [("en", {"en"}), ("fr, en ,ES", {"en", "es", "fr"}), (["pt-BR", "pt", "nb"], {"no", "pt"})],
)
def test_languages_are_a_list_or_text(written: object, languages: set[str]) -> None:
    detente = Detente(None, {"model": {"name": "x", "languages": written}})
    assert detente.hub_model
    assert detente.hub_model.languages == languages


def test_without_the_setting_a_model_reads_english() -> None:
    detente = Detente(None, {"model": {"name": "x"}})
    assert detente.hub_model
    assert detente.hub_model.languages == {"en"}


def test_languages_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETENTE_MODEL__NAME", "x")
    monkeypatch.setenv("DETENTE_MODEL__LANGUAGES", "ar,fa")
    assert Detente(None).settings.model.languages == ("ar", "fa")
