"""A tiny model goes the whole way: our own lines, one epoch, export, the product's adapter."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra `train`")
pytest.importorskip("onnx", reason="training needs the extra `train`")

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from service.domain.events.coding import Passage
from service.domain.events.place import Mention, MentionKind
from training import metrics
from training.augment import exchange_countries
from training.batches import collate, order, prepare
from training.data import Example, normalised, template_examples
from training.labels import HEADS, IGNORED
from training.model import set_deterministic, tiny
from training.release import release
from training.roles import parties, weak_role
from training.train import Recipe, Trainer, train

RECIPE = Recipe(epochs=1, batch=4, threads=1)


@pytest.fixture(scope="module")
def lines() -> list[Example]:
    return template_examples(1, seed=3)[:20]


@pytest.fixture(scope="module")
def tokenizer(lines: list[Example]) -> Tokenizer:
    made = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    made.train_from_iterator([line.text for line in lines], trainers.WordLevelTrainer(special_tokens=special))
    made.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    return prepare(made)


def trained(lines: list[Example], tokenizer: Tokenizer, work: Path) -> Trainer:
    set_deterministic(RECIPE.seed, RECIPE.threads)
    trainer = Trainer(tiny(tokenizer.get_vocab_size()), tokenizer, lines, RECIPE)
    train(trainer, work / "checkpoint.pt")
    return trainer


def test_trains_exports_and_loads(lines: list[Example], tokenizer: Tokenizer, tmp_path: Path) -> None:
    trainer = trained(lines, tokenizer, tmp_path)
    model = release(trainer.model, tokenizer, tmp_path / "model", {"seed": RECIPE.seed}, {"own lines": lines})
    name = lines[0].spans[0]
    mention = Mention(name[0], name[1], lines[0].text[name[0] : name[1]], "XXX", MentionKind.COUNTRY)
    coding = model.code([Passage(lines[0].text, (mention,))])[0]
    assert set(coding.modality) == set(HEADS["modality"])
    assert len(coding.roles) == 1


def test_same_seed_same_weights(lines: list[Example], tokenizer: Tokenizer, tmp_path: Path) -> None:
    one, two = (trained(lines, tokenizer, tmp_path / name).model.state_dict() for name in ("one", "two"))
    assert all(bool((one[key] == two[key]).all()) for key in one)


def test_goes_on_from_its_checkpoint(lines: list[Example], tokenizer: Tokenizer, tmp_path: Path) -> None:
    done = trained(lines, tokenizer, tmp_path).model.state_dict()
    again = Trainer(tiny(tokenizer.get_vocab_size()), tokenizer, lines, RECIPE)
    assert again.resume(tmp_path / "checkpoint.pt") == 1
    assert all(bool((done[key] == value).all()) for key, value in again.model.state_dict().items())


def test_contrasting_lines_share_a_batch(lines: list[Example]) -> None:
    batches = list(order(lines, 4, random.Random(1)))
    assert sorted(e.text for batch in batches for e in batch) == sorted(e.text for e in lines)
    homes = [{e.group for e in batch} for batch in batches]
    assert all(not one & other for i, one in enumerate(homes) for other in homes[:i])


def test_role_targets_stand_on_names_only(lines: list[Example], tokenizer: Tokenizer) -> None:
    batch = collate(lines[:1], tokenizer)
    named = int((batch.roles != IGNORED).sum())
    assert 0 < named < batch.roles.numel()


def test_exchange_keeps_labels_and_marks_the_new_names(lines: list[Example]) -> None:
    changed = exchange_countries(lines[0], random.Random(2))
    assert replace(changed, text=lines[0].text, spans=lines[0].spans) == lines[0]
    names = [changed.text[start:end] for start, end, _ in changed.spans]
    assert names != [lines[0].text[start:end] for start, end, _ in lines[0].spans]
    assert all(name[0].isupper() and name in changed.text for name in names)


@pytest.mark.parametrize(
    ("text", "name", "lists", "role"),
    [
        ("Chile bombs Peru", "Chile", (["CHL"], ["PER"], ["PER"]), "actor"),
        ("Chile bombs camps in Peru", "Peru", (["CHL"], ["PER"], ["PER"]), "recipient"),
        ("Chile bombs gunmen in Peru", "Peru", (["CHL"], ["PER:NSA"], ["PER"]), "recipient"),
        ("Bomb in Peru", "Peru", (["PER:NSA"], ["PER:CIV"], ["PER"]), "place"),
        ("Chile meets Peru", "Chile", (["CHL", "PER"], ["PER", "CHL"], []), "both"),
        ("Chile, like Peru, votes", "Peru", (["CHL"], [], []), "mention"),
        ("Fire in Peru", "Peru", ([], [], ["PER"]), "place"),
        ("Peru rebels take town", "Peru", (["PER:NSA"], ["PER"], ["PER"]), "actor"),
    ],
)
def test_weak_roles(text: str, name: str, lists: tuple[list[str], list[str], list[str]], role: str) -> None:
    start = text.index(name)
    mention = Mention(start, start + len(name), name, {"Chile": "CHL", "Peru": "PER"}[name], MentionKind.COUNTRY)
    assert weak_role(text, mention, parties(*lists, "ASSAULT")) == role


def test_leaks_are_found_whatever_the_writing() -> None:
    assert normalised("“Café”—closed, says U.N.") == normalised("cafe closed says u n")


def test_metrics() -> None:
    assert metrics.macro_f1([0, 0, 1], [0, 0, 1]) == 1.0
    assert metrics.within_one([0, 4], [1, 2]) == 0.5
    assert metrics.calibration_error([0, 1], [[1.0, 0.0], [1.0, 0.0]]) == 0.5
    overconfident = [[8.0, 0.0]] * 10
    assert metrics.fit_temperature([0] * 7 + [1] * 3, overconfident) > 3


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = metrics.share_interval(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)  # Brown, Cai and DasGupta 2001 print these
    assert metrics.share_interval(0, 5)[0] == 0.0
    assert metrics.share_interval(0, 0) == (0.0, 1.0)


def test_no_text_calibrates_itself() -> None:
    rows = [[0.9, 0.1]] * 400
    truth = [0 if i % 10 < 7 else 1 for i in range(400)]
    told = metrics.cross_fitted(truth, rows, seed=1)
    assert metrics.calibration_error(truth, rows) == pytest.approx(0.2)
    assert metrics.calibration_error(truth, told) < 0.06
    assert len({row[0] for row in told}) == 2
