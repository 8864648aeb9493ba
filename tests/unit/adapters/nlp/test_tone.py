"""The lexicon of sentiment, where it is installed and where it is not."""

import pytest

from service.adapters.nlp import tone


def test_without_the_package_there_is_no_tone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tone, "find_spec", lambda _: None)
    assert tone.vader() is None


def test_good_news_is_above_bad_news() -> None:
    pytest.importorskip("vaderSentiment", reason="the extra baselines is not installed")
    compound = tone.vader()
    assert compound is not None
    assert -1 <= compound("Nine people are killed in a horrible attack.") < 0 < compound("They celebrate peace.") <= 1
