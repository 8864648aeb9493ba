"""Reads the weights of the second reading of sides from the model's folder."""

import json
from pathlib import Path

from service.adapters.nlp.encoder import listed_file
from service.domain.events.pairs import FEATURES, PairReader
from service.errors import ModelError

PAIRS = "pairs.json"


def load_pairs(folder: Path) -> PairReader | None:
    """The reader in a model's folder, None where the manifest lists none.

    Raises ModelError when its file is missing, changed, or made for other features than this version sees.
    """
    content = listed_file(folder, PAIRS)
    if content is None:
        return None
    told = json.loads(content)
    if tuple(told["features"]) != FEATURES:
        message = f"{folder / PAIRS} was learnt for other features. Build it again with `python -m training.pairs`."
        raise ModelError(message)
    return PairReader(tuple(map(tuple, told["hidden"])), tuple(told["out"]), told["threshold"])
