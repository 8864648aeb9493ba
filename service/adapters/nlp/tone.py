"""Sentiment by the VADER lexicon (Hutto and Gilbert 2014), which only the back-test's baselines use."""

from importlib.util import find_spec

from service.ports import Tone

EXTRA = "the extra baselines, which has vaderSentiment, is not installed"


def vader() -> Tone | None:
    """VADER's compound score of a text, None where the package is not installed."""
    if find_spec("vaderSentiment") is None:
        return None
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415  an optional package

    analyser = SentimentIntensityAnalyzer()

    def compound(text: str) -> float:
        return float(analyser.polarity_scores(text)["compound"])

    return compound
