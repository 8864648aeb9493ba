"""`python -m bench.article`: what coding one article of 600 words costs a core, part by part.

The article is put together from bundled ones. Milliseconds of processor time, the median of several readings; prints
one JSON object. The plain loop stands beside it because machines are noisy and differ.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bench.run import loops_per_second
from service.bootstrap import Detente
from service.demo.simulation import as_articles, demo_articles
from service.domain.events.coding import Passage
from service.domain.events.extraction import extract
from service.domain.news.article import Article
from service.pipeline.attribute import told
from service.pipeline.classify import code_articles, is_worth_reading, language_of, names_in, read_sentences

WORDS, REPEAT = 600, 21
UNTIL = datetime.fromisoformat("2026-04-20T00:00:00+00:00")


def main() -> None:
    """Measure and print."""
    desk, article = Detente().desk, _article()
    # Not before the model has started: onnxruntime chooses slower ways in a process that has but one core.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    language = language_of(article, desk.recogniser)
    sentences = read_sentences(article, desk.splitter, language)
    asked = [s for s in sentences if is_worth_reading(s)]
    passages = [Passage(s.text, names_in(s, desk.gazetteer, article), language) for s in asked]
    (coded,) = code_articles([(article, language)], desk.classifier, desk.gazetteer, desk.splitter)
    events = extract(coded.sentences, coded.codings, article.published_at, desk.band.high)
    parts: dict[str, Callable[[], object]] = {
        "all": lambda: desk.read([article]),
        "language": lambda: language_of(article, desk.recogniser),
        "sentences": lambda: read_sentences(article, desk.splitter, language),
        "names": lambda: [names_in(s, desk.gazetteer, article) for s in sentences],
        "model": lambda: desk.classifier.code(passages),
        "events": lambda: extract(coded.sentences, coded.codings, article.published_at, desk.band.high),
        "parties": lambda: told(events, coded, desk.pairs),
    }
    figures = {name: round(statistics.median(_milliseconds(part)), 2) for name, part in parts.items()}
    print(
        json.dumps(
            {
                "words": len(article.text.split()),
                "sentences": len(sentences),
                "sentences_the_model_reads": len(asked),
                "baseline_loops_per_second": round(loops_per_second()),
                "milliseconds": figures,
            },
            indent=2,
        )
    )


def _article() -> Article:
    """The first bundled articles one after the other, cut after `WORDS` words."""
    articles = as_articles(demo_articles(), UNTIL)
    words = "\n\n".join(article.text for article in articles).split(" ")
    return replace(articles[0], text=" ".join(words[:WORDS]))


def _milliseconds(part: Callable[[], object]) -> list[float]:
    """Processor time of every run."""
    times = []
    for _ in range(REPEAT):
        began = time.process_time()
        part()
        times.append(1000 * (time.process_time() - began))
    return times


if __name__ == "__main__":
    main()
