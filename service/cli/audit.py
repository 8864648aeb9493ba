"""`detente audit`."""

from service.bootstrap import Detente
from service.cli.output import out, out_json, table
from service.cli.reading import need_database
from service.domain.audit import BEGINNING, verify
from service.operations.present_subscribers import entry


def show(detente: Detente, subject: str | None, last: int, *, as_json: bool) -> None:
    """Print the last changes."""
    need_database(detente)
    with detente.units(read_only=True) as unit:
        found = [entry(written) for written in unit.audit.entries(subject, last)]
    if as_json:
        out_json(found)
        return
    rows = [[str(e["number"]), e["at"][:19], e["actor"], e["action"], e["subject"]] for e in found]
    table("Changes", ["number", "at", "who", "did", "to"], rows)


def check(detente: Detente, known: str | None, *, as_json: bool) -> int:
    """Look along the chain; 1 when it is broken or does not hold the hash that is known."""
    need_database(detente)
    with detente.units(read_only=True) as unit:
        entries = unit.audit.entries()
    verdict = verify(entries)
    is_cut = known is not None and known not in {BEGINNING, *(e.hashed for e in entries)}
    ok = verdict.broken is None and not is_cut
    if as_json:
        out_json({"ok": ok, "entries": len(entries), "broken": verdict.broken, "cut": is_cut, "hash": verdict.head})
    elif verdict.broken is not None:
        out(f"entry {verdict.broken} is not as it was written, or one before it is gone")
    elif is_cut:
        out("no entry has the known hash: the end was cut off, or the record was written anew")
    else:
        out(f"{len(entries)} entries, all as they were written; hash {verdict.head}")
    return 0 if ok else 1
