"""What operators change of feeds, as it stands in the record of changes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from service.ports import Units


@contextmanager
def recorded(units: Units | None, actor: str, action: str, after: Mapping[str, Any]) -> Iterator[None]:
    """Within the block the files are changed; `after` says by name of the feed how it is then.

    Nothing is recorded if the block fails. Without a database there is no record.
    """
    if units is None:
        yield
        return
    with units() as unit:
        for name, values in after.items():
            unit.audit.add(actor, action, f"feed:{name}", None, values)
        yield


def revive(units: Units, actor: str, name: str) -> bool:
    """Ask a feed again that was gone. False where it was not."""
    with units() as unit:
        is_back = unit.feeds.revive(name)
        if is_back:
            unit.audit.add(actor, "feed.revive", f"feed:{name}", None, None)
        return is_back
