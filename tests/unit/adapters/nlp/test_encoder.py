"""The shipped model behind its adapter: promises about loading, determinism, odd texts, and a few readings."""

import json
import math
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from service.adapters.nlp.encoder import MODEL, TOKENIZER, Logits, OnnxClassifier, deciding_words, softmax
from service.domain.events.coding import Coding, Passage
from service.domain.events.place import Mention, MentionKind
from service.errors import ModelError

FOLDER = Path(__file__).parents[4] / "models" / "detente-coder"
LINES = (
    "Brazil and Argentina sign a truce after months of border clashes.",
    "Kenya recalls its ambassador from Kampala.",
    "A ferry sank in the strait on Monday; rescuers found forty survivors on the rocks near the lighthouse.",
    "Peru",
    "Greek jets bombed Turkish positions, and Turkey vowed to answer.",
)


@pytest.fixture(scope="module")
def classifier() -> OnnxClassifier:
    return OnnxClassifier.load(FOLDER)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "model"))


def first(probabilities: Mapping[str, float]) -> str:
    return max(probabilities, key=probabilities.__getitem__)


def passage(text: str, *names: str) -> Passage:
    mentions = []
    for name in names:
        start = text.index(name)
        mentions.append(Mention(start, start + len(name), name, "XXX", MentionKind.COUNTRY))
    return Passage(text, tuple(mentions))


def code(classifier: OnnxClassifier, text: str, *names: str) -> Coding:
    return classifier.code([passage(text, *names)])[0]


def test_version_names_the_weights(classifier: OnnxClassifier) -> None:
    digest = json.loads((FOLDER / "manifest.json").read_text("utf-8"))["files"][MODEL]
    assert classifier.version == f"detente-coder 0.3.0+{digest[:12]}"


def test_folder_is_small_enough_to_ship() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= 30_000_000


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("Chile and Bolivia agree to de-escalate after air strikes on each other", "de-escalation"),
        ("Chile, Bolivia trade air strikes after agreeing to de-escalate", "escalation"),
        ("Pakistan and Iran agree to de-escalate after air strikes on each other", "de-escalation"),
        ("Pakistan, Iran trade air strikes after agreeing to de-escalate", "escalation"),
        ("Ceasefire collapses as strikes resume", "escalation"),
        ("Strikes stop as ceasefire takes hold", "de-escalation"),
        ("Attacks cease in Yemen after truce takes hold", "de-escalation"),
        ("Kenya expels the Ugandan ambassador", "escalation"),
        ("Rain delays the opening match in Quito", "neutral"),
    ],
)
def test_reads_the_order_of_words(classifier: OnnxClassifier, text: str, signal: str) -> None:
    assert first(code(classifier, text).signal) == signal


def test_tells_actor_from_recipient(classifier: OnnxClassifier) -> None:
    active = code(classifier, "Chile bombed army camps in Bolivia.", "Chile", "Bolivia").roles
    passive = code(classifier, "Army camps in Bolivia were bombed by Chile.", "Chile", "Bolivia").roles
    assert first(active[0]) == first(passive[0]) == "actor"
    assert first(active[1]) in {"recipient", "place"}


def test_both_sides_of_an_agreement(classifier: OnnxClassifier) -> None:
    roles = code(classifier, "Chile and Bolivia sign a truce.", "Chile", "Bolivia").roles
    assert [first(role) for role in roles] == ["both", "both"]


def test_a_text_is_coded_the_same_whatever_its_neighbours(classifier: OnnxClassifier) -> None:
    together = classifier.code([Passage(text) for text in LINES])
    backwards = classifier.code([Passage(text) for text in reversed(LINES)])
    alone = [code(classifier, text) for text in LINES]
    assert together == alone == backwards[::-1]


def test_several_threads_give_the_same_answers_in_order(classifier: OnnxClassifier) -> None:
    passages = [passage(text) for text in (*LINES, *reversed(LINES))]
    assert OnnxClassifier.load(FOLDER, threads=3).code(passages) == classifier.code(passages)


def test_probabilities_are_probabilities(classifier: OnnxClassifier) -> None:
    coding = code(classifier, LINES[4], "Greek", "Turkish")
    for answer in (coding.signal, coding.event_type, coding.level, coding.modality, *coding.roles):
        assert math.isclose(sum(answer.values()), 1.0, abs_tol=1e-4)
    assert [len(a) for a in (coding.signal, coding.event_type, coding.level)] == [3, 17, 5]
    assert math.isclose(sum(value**2 for value in coding.embedding), 1.0, abs_tol=1e-3)


def test_words_are_words_of_the_text(classifier: OnnxClassifier) -> None:
    text = "  Truce collapses as Greek jets bomb Turkish positions"
    words = [text[start:end] for start, end, _ in code(classifier, text).words]
    assert set(words) <= set(text.split())
    assert words


def test_a_mention_behind_the_last_token_is_a_mere_mention(classifier: OnnxClassifier) -> None:
    role = code(classifier, "The sea was calm. " * 60 + "Chile attacked.", "Chile").roles[0]
    assert role == {"actor": 0.0, "recipient": 0.0, "both": 0.0, "place": 0.0, "third": 0.0, "mention": 1.0}


def test_only_the_beginning_of_a_huge_text_is_read(classifier: OnnxClassifier) -> None:
    began = time.monotonic()
    huge = code(classifier, LINES[0] + " word" * 200_000)
    assert time.monotonic() - began < 2
    assert huge == code(classifier, LINES[0] + " word" * 200)


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_refuses_a_text_without_a_character(classifier: OnnxClassifier, text: str) -> None:
    with pytest.raises(ValueError, match="without text"):
        classifier.code([Passage(text)])


@pytest.mark.parametrize(
    "text", ["\ud800 Chile", "\x00", "🕊️", "\u200b", "ب" * 9000, "a" * 1_000_000, " " * 5000 + "Chile"]
)
def test_odd_texts_get_an_answer(classifier: OnnxClassifier, text: str) -> None:
    assert sum(code(classifier, text).signal.values()) == pytest.approx(1.0, abs=1e-4)


def test_space_before_a_text_moves_no_role(classifier: OnnxClassifier) -> None:
    plain = code(classifier, "Chile bombed Bolivia.", "Chile", "Bolivia")
    moved = code(classifier, " " * 5000 + "Chile bombed Bolivia.", "Chile", "Bolivia")
    assert moved.roles == plain.roles


def test_no_passages_no_codings(classifier: OnnxClassifier) -> None:
    assert classifier.code([]) == []


@pytest.mark.parametrize("name", [MODEL, TOKENIZER, "manifest.json"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match=rf"{name}.*Restore"):
        OnnxClassifier.load(copy)


@pytest.mark.parametrize("name", [MODEL, TOKENIZER, "manifest.json"])
def test_a_truncated_file_is_named(copy: Path, name: str) -> None:
    (copy / name).write_bytes((copy / name).read_bytes()[:-100])
    with pytest.raises(ModelError, match=rf"{name}.*Restore"):
        OnnxClassifier.load(copy)


def changed(folder: Path, key: str, value: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest[key] = value
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("labels", {}),
        ("labels", {"signal": ["up", "down", "neutral"]}),
        ("temperature", {"signal": 0}),
        ("files", {}),
        ("files", None),
        ("version", 1),
    ],
)
def test_a_manifest_that_is_none_is_refused(copy: Path, key: str, value: Any) -> None:
    changed(copy, key, value)
    with pytest.raises(ModelError, match="manifest"):
        OnnxClassifier.load(copy)


def test_verify_finds_what_load_would_refuse(copy: Path) -> None:
    OnnxClassifier.verify(copy)
    (copy / MODEL).write_bytes(b"")
    with pytest.raises(ModelError, match=r"wrong hash, 0 bytes"):
        OnnxClassifier.verify(copy)


def test_an_answer_that_is_no_number_is_an_error(classifier: OnnxClassifier) -> None:
    class Array(list[Any]):
        def tolist(self) -> list[Any]:
            return list(self)

    def broken(ids: list[int]) -> list[Any]:
        nothing = [Array([math.nan] * 3) for _ in ids]
        return [[Array(math.nan for _ in range(17))]] * 4 + [[Array(nothing)], [Array([0.0])], [Array(nothing)]]

    manifest = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    with pytest.raises(ModelError, match="not a number"):
        OnnxClassifier(broken, classifier._tokenizer, manifest).code([Passage("Chile")])


def test_importing_the_module_loads_no_model_stack() -> None:
    script = (
        "import sys, service.adapters.nlp.encoder; "
        "print(sorted({'onnxruntime', 'tokenizers', 'transformers', 'torch', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_loading_and_coding_never_import_torch() -> None:
    script = (
        "import sys; from pathlib import Path; from service.adapters.nlp.encoder import OnnxClassifier; "
        "from service.domain.events.coding import Passage; "
        f"OnnxClassifier.load(Path({str(FOLDER)!r})).code([Passage('Chile')]); "
        "print(sorted({'transformers', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_softmax_stands_large_logits() -> None:
    assert softmax([1000.0, 1000.0]) == [0.5, 0.5]


def test_deciding_words_weigh_the_chosen_signal_against_the_others() -> None:
    heads = {"signal": [2.0, 0.0, 1.0]}
    logits = Logits(heads, (), [], ((0, 3, [0.5, 0.1, 0.3]), (4, 9, [-1.0, 0.0, 0.0])))
    assert deciding_words(logits) == ((0, 3, 0.3), (4, 9, -1.0))
