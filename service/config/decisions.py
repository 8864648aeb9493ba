"""Writing the operator's decisions on publishers."""

from pathlib import Path

from ruamel.yaml.comments import CommentedSeq

from service.config.amend import amend, plain
from service.config.schema import Publisher, PublishersFile
from service.domain.news.owner import name_key

HEADER = "# Decisions on publishers. They go before sources.yaml; `detente sources accept` writes here."


def record(path: Path, decision: Publisher) -> None:
    """Put a decision into the file, in place of an earlier one on that name; all else in it stays, comments too.

    Raises ConfigError, and leaves the file as it was, when it cannot be written or would be wrong.
    """

    def change(listed: CommentedSeq) -> None:
        same = [n for n, entry in enumerate(listed) if name_key(str(entry["name"])) == name_key(decision.name)]
        if same:
            listed[same[0]].update(plain(decision))
        else:
            listed.append(plain(decision))

    amend(path, "publishers", PublishersFile, change, HEADER)
