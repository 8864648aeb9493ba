"""`detente dead list` and `detente dead replay`."""

from collections.abc import Sequence

from service.bootstrap import Detente
from service.cli.output import out, out_json, table
from service.cli.reading import need_database
from service.cli.users import actor
from service.errors import ConfigError
from service.operations.dead_letters import dead_letters, replay
from service.ports import Dead


def dead_list(detente: Detente, *, as_json: bool) -> None:
    """Print the rows that were given up, and why."""
    need_database(detente)
    found = dead_letters(detente.units)
    if as_json:
        out_json(_shown(found))
        return
    rows = [[row.kind, row.id, row.what, f"{row.died_at:%Y-%m-%d %H:%M}", row.error] for row in found]
    table("Given up", ["kind", "id", "what", "since", "reason"], rows)


def dead_replay(detente: Detente, row_id: str | None, *, every: bool, force: bool, as_json: bool) -> None:
    """Bring rows back. Raises ConfigError when it is not said which, NotFound when there is no such row."""
    need_database(detente)
    if (row_id is None) is not every:
        raise ConfigError("dead replay: name a row by its id, or all with --all")
    brought = replay(detente.units, row_id, actor(), as_new=force)
    if as_json:
        out_json(_shown(brought))
        return
    out(f"{len(brought)} brought back")


def _shown(rows: Sequence[Dead]) -> list[dict[str, object]]:
    return [
        {
            "kind": str(row.kind),
            "id": row.id,
            "what": row.what,
            "reason": row.error,
            "created_at": row.created_at.isoformat(),
            "died_at": row.died_at.isoformat(),
        }
        for row in rows
    ]
