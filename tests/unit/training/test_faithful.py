"""Deleting words from a text."""

import random

from training import faithful


def test_pieces_are_taken_out_whatever_their_order() -> None:
    assert faithful.without("Peru bombs Chile again", [(11, 16), (0, 4)]) == "bombs again"


def test_random_words_are_words_of_the_text() -> None:
    text = "Peru bombs the port of Chile's capital, 12 dead"
    found = {text[a:b] for a, b in faithful._random(text, [(5, 10)], random.Random(1))}
    assert len(found) == faithful.WORDS
    assert found <= {"Peru", "Chile's", "port", "capital", "dead"}
