"""The parts of the recipe beside plain training: masked words, teachers, low rank, rounding, human roots."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")
pytest.importorskip("onnx", reason="training needs the extra `train`")

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from training import pretrain as pretraining
from training import train as stages
from training.batches import collate, prepare
from training.data import Example, template_examples
from training.distil import taught
from training.labels import ASIDE, HEADS, IGNORED, ROLES
from training.layers import LowRank, Rounded, unwrap, wrap
from training.model import Coder, set_deterministic, tiny
from training.one_text import OneText
from training.recipe import Recipe
from training.train import Trainer, class_weights, contrastive, train

RECIPE = Recipe(epochs=1, batch=4, threads=1)
LINES = template_examples(1, seed=3)[:20]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made.train_from_iterator([line.text for line in LINES], trainers.WordLevelTrainer(special_tokens=special))
    made.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    return prepare(made)


@pytest.fixture
def model(tokenizer: Tokenizer) -> Coder:
    set_deterministic(RECIPE.seed, RECIPE.threads)
    return tiny(tokenizer.get_vocab_size())


def answers(model: Coder, tokenizer: Tokenizer, lines: Sequence[Example] = LINES) -> list[torch.Tensor]:
    batch = collate(lines, tokenizer)
    with torch.inference_mode():
        return list(model.eval()(batch.input_ids, batch.attention_mask))


def loss_of(model: Coder, tokenizer: Tokenizer, lines: Sequence[Example], recipe: Recipe) -> float:
    trainer = Trainer(model, tokenizer, lines, recipe)
    batch = collate(lines, tokenizer)
    return float(trainer.loss(model.eval()(batch.input_ids, batch.attention_mask), batch).detach())


def test_what_is_exported_answers_as_the_coder_does(model: Coder, tokenizer: Tokenizer) -> None:
    one, line = OneText(model).eval(), LINES[0]
    ids = torch.tensor([tokenizer.encode(line.text).ids])
    with torch.inference_mode():
        for apart, together in zip(one(ids), answers(model, tokenizer, [line]), strict=True):
            assert torch.allclose(apart, together, atol=1e-5)


def test_a_low_rank_update_starts_at_nothing_and_merges_to_the_same_answers(model: Coder, tokenizer: Tokenizer) -> None:
    before = answers(model, tokenizer)
    trainer = Trainer(model, tokenizer, LINES, replace(RECIPE, lora=2))
    assert all(torch.equal(a, b) for a, b in zip(before, answers(model, tokenizer), strict=True))
    frozen = [m.layer.weight.clone() for m in model.modules() if isinstance(m, LowRank)]
    trainer.run_epoch(0)
    assert all(torch.equal(a, m.layer.weight) for a, m in zip(frozen, _low_rank(model), strict=True))
    trained = answers(model, tokenizer)
    unwrap(model.encoder.encoder)
    assert not _low_rank(model)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(trained, answers(model, tokenizer), strict=True))
    assert not torch.allclose(before[0], trained[0])


def _low_rank(model: Coder) -> list[LowRank]:
    return [m for m in model.modules() if isinstance(m, LowRank)]


def test_rounding_moves_answers_a_little_and_lets_gradients_through(model: Coder, tokenizer: Tokenizer) -> None:
    before = answers(model, tokenizer)[0]
    wrap(model.encoder.encoder, Rounded)
    after = answers(model, tokenizer)[0]
    assert 0 < float((before - after).abs().max()) < 0.2
    batch = collate(LINES, tokenizer)
    model(batch.input_ids, batch.attention_mask)[0].sum().backward()
    unwrap(model.encoder.encoder)
    weights = [p.grad for n, p in model.encoder.encoder.named_parameters() if n.endswith("dense.weight")]
    assert all(grad is not None and bool(grad.abs().sum() > 0) for grad in weights)
    assert torch.equal(answers(model, tokenizer)[0], before)


def test_rounding_is_that_of_a_text_alone(model: Coder) -> None:
    layer = Rounded(torch.nn.Linear(4, 3))
    one, other = torch.randn(1, 5, 4), 100 * torch.randn(1, 5, 4)
    together = layer(torch.cat([one, other]))
    assert torch.allclose(together[:1], layer(one), atol=1e-6)


def test_masked_words_are_learnt_and_the_stage_is_not_run_twice(
    model: Coder, tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretraining, "texts", lambda _: [line.text for line in LINES] * 40)
    before = [p.clone() for p in model.encoder.parameters()]
    done = tmp_path / "work" / "pretrained.pt"
    pretraining.pretrain(model, tokenizer, tmp_path, replace(RECIPE, pretraining=1.0), done)
    assert any(not torch.equal(a, b) for a, b in zip(before, model.encoder.parameters(), strict=True))
    monkeypatch.setattr(pretraining, "texts", lambda _: pytest.fail("the stage ran again"))
    again = tiny(tokenizer.get_vocab_size())
    pretraining.pretrain(again, tokenizer, tmp_path, replace(RECIPE, pretraining=1.0), done)
    pairs = zip(model.encoder.state_dict().values(), again.encoder.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_teachers_answer_in_order_and_their_mean_is_taught(model: Coder, tokenizer: Tokenizer) -> None:
    other = tiny(tokenizer.get_vocab_size())
    lines = [replace(LINES[0], spans=((0, 5, IGNORED),), weight=0.0, source="unlabelled"), *LINES[1:9]]
    found = taught([model, other], tokenizer, lines)
    assert [e.text for e in found] == [e.text for e in lines]
    assert [e.targets for e in found] == [e.targets for e in lines]
    assert all(sum(shares) == pytest.approx(1, abs=0.01) for e in found for shares in e.soft)
    assert found[0].spans[0][2] in {IGNORED, *range(len(ROLES))}
    assert [e.spans for e in found[1:]] == [e.spans for e in lines[1:]]
    means = [(a[0].softmax(-1) + b[0].softmax(-1)) / 2 for a, b in [_single(model, other, tokenizer, found[3])]]
    assert found[3].soft[0] == pytest.approx(tuple(means[0][0].tolist()), abs=0.02)


def _single(one: Coder, other: Coder, tokenizer: Tokenizer, line: Example) -> tuple[list, list]:
    return answers(one, tokenizer, [line]), answers(other, tokenizer, [line])


def test_a_text_without_labels_is_learnt_from_teachers_alone(model: Coder, tokenizer: Tokenizer) -> None:
    blank = [replace(line, weight=0.0, spans=()) for line in LINES[:4]]
    nothing = loss_of(model, tokenizer, [*blank, LINES[5]], RECIPE)
    soft = [replace(line, soft=tuple((1.0, *[0.0] * (len(HEADS[h]) - 1)) for h in list(HEADS)[:4])) for line in blank]
    assert loss_of(model, tokenizer, [*soft, LINES[5]], RECIPE) > nothing


def test_third_party_and_mention_are_one_where_the_label_cannot_tell(model: Coder, tokenizer: Tokenizer) -> None:
    def with_role(role: int) -> float:
        return loss_of(model, tokenizer, [replace(LINES[0], spans=((0, 5, role),))], replace(RECIPE, balance=0.0))

    third, mention = ROLES.index("third"), ROLES.index("mention")
    assert with_role(ASIDE) < min(with_role(third), with_role(mention))


def test_the_other_losses_can_be_switched_on(model: Coder, tokenizer: Tokenizer) -> None:
    plain = loss_of(model, tokenizer, LINES, RECIPE)
    assert loss_of(model, tokenizer, LINES, replace(RECIPE, focal=2.0)) < plain
    assert loss_of(model, tokenizer, LINES, replace(RECIPE, contrast=1.0)) > plain


def test_texts_of_one_label_are_drawn_together() -> None:
    near = torch.nn.functional.normalize(torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]]), dim=-1)
    alike, unlike = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1])
    assert contrastive(near, alike) < contrastive(near, unlike)
    assert contrastive(near, torch.tensor([0, 1, 2, 3])) == 0


def test_human_roots_are_learnt(model: Coder, tokenizer: Tokenizer) -> None:
    human = [(line.text, "YIELD") for line in LINES]
    trainer = Trainer(model, tokenizer, LINES, replace(RECIPE, plover=1.0), human)
    before = trainer._human_loss(random.Random(1))
    for epoch in range(3):
        trainer.run_epoch(epoch)
    assert before is not None
    assert float(trainer._human_loss(random.Random(1)).detach()) < float(before.detach())
    assert Trainer(model, tokenizer, LINES, RECIPE, human)._human_loss(random.Random(1)) is None


def test_rounded_epochs_end_in_a_plain_model(model: Coder, tokenizer: Tokenizer, tmp_path: Path) -> None:
    done = train(Trainer(model, tokenizer, LINES, replace(RECIPE, quantised=1)), tmp_path / "checkpoint.pt")
    assert not any(isinstance(m, Rounded) for m in done.modules())


def test_last_lessons_are_learnt_among_what_is_known(
    model: Coder, tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "last_lessons", lambda _: LINES[:2])
    monkeypatch.setattr(stages, "LESSONS_AMONG", 8)
    before = [p.clone() for p in model.parameters()]
    done = stages.touch_up(model, tokenizer, LINES, RECIPE, tmp_path, tmp_path)
    assert any(not torch.equal(a, b) for a, b in zip(before, done.parameters(), strict=True))
    assert not any(isinstance(m, Rounded) for m in done.modules())
    assert (tmp_path / "last.pt").exists()


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_class_weights(power: float) -> None:
    weights = class_weights([40, 10, 0], power)
    assert (weights * torch.tensor([40.0, 10.0, 0.0])).sum() == pytest.approx(50)
    assert weights[2] == 0
    assert float(weights[1] / weights[0]) == pytest.approx(4**power)
