"""`python -m bench.hostile`: what bad feeds and pages cost the worker that reads them, and what a jail costs good ones.

Each body of `tests/corpus/bodies.py` is read by a `JailedReader` as the service has it. A line has the seconds it
took, by how much the worker's memory grew at its highest beyond the body itself, and what became of it. Then one JSON
object: reads a second of a page of 40 kB and of a feed of 30 items, in this process and in the jail, in turn.
"""

import ctypes
import gc
import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.run import loops_per_second
from service.adapters.clock import SystemClock
from service.adapters.feeds.parsers import PARSERS
from service.adapters.feeds.reader import JailedReader
from service.errors import RefusedInput
from tests.corpus.bodies import HOSTILE, HOSTILE_PAGES, item, rss

READS, ROUNDS, AT_ONCE = 60, 3, 2
ADDRESS = "https://wire.example/"
_TEXT = "The ministry of Kestrel said on Monday that two of its brigades had moved to the border, {n}. "
_MIB = 1024


def main() -> None:
    """Read the bad, then the good, and print."""
    reader = JailedReader()
    reader.read("feed", rss(item()).encode(), address=ADDRESS, headers={})
    for name, body in HOSTILE.items():
        _tell(name, lambda: _feed(reader, body))  # noqa: B023  it is called at once
    for name, body in HOSTILE_PAGES.items():
        _tell(name, lambda: _page(reader, body))  # noqa: B023
    print(json.dumps({"loops_per_second": round(loops_per_second()), **_speed(reader)}))
    reader.close()


def _feed(reader: JailedReader, body: bytes) -> str:
    found = reader.feed(body, {}, ADDRESS, "", SystemClock().now())
    return f"{len(found.items)} articles" + (f", {len(found.refused)} refused" if found.refused else "")


def _page(reader: JailedReader, body: bytes) -> str:
    return f"{len(reader.page(body, ADDRESS, SystemClock().now()).text)} characters"


def _tell(name: str, read: Callable[[], str]) -> None:
    """One line of the table."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # the highest mark begins anew
    before, began = _memory("VmRSS"), time.perf_counter()
    try:
        end = read()
    except RefusedInput as refused:
        end = f"{refused.refusal}: {refused}"
    seconds = time.perf_counter() - began
    print(f"| {name} | {seconds:.2f} | {max(0, _memory('VmHWM') - before) / _MIB:.0f} | {end} |", flush=True)


def _memory(name: str) -> int:
    """KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(name)))


def _speed(reader: JailedReader) -> Mapping[str, Any]:
    bodies = {"page": _sound_page(), "feed": rss(*(item(n, body=_TEXT.format(n=n) * 4) for n in range(30))).encode()}
    return {kind: {"bytes": len(body), **_compared(reader, kind, body)} for kind, body in bodies.items()}


def _sound_page() -> bytes:
    links = "".join(f'<li><a href="/story/{n}">Another story of this day, number {n}</a></li>' for n in range(150))
    text = "".join(f"<p>{_TEXT.format(n=n) * 4}</p>" for n in range(60))
    return (
        f'<html lang="en"><head><title>Brigades at the border</title></head><body><nav><ul>{links}</ul></nav>'
        f"<article><h1>Brigades at the border</h1>{text}</article><ul>{links[:4000]}</ul></body></html>"
    ).encode()


def _compared(reader: JailedReader, kind: str, body: bytes) -> Mapping[str, float]:
    """Reads a second: the best of some rounds, taken in turn."""
    given: dict[str, Any] = {"address": ADDRESS, "headers": {}}

    def jailed() -> object:
        return reader.read(kind, body, **given)

    def in_process() -> object:
        return PARSERS[kind](body, given)

    rates: dict[str, list[float]] = {"in_process": [], "jailed": [], "jailed_two_at_once": []}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(ROUNDS):
            rates["in_process"].append(_rate(in_process, pool, 1))
            rates["jailed"].append(_rate(jailed, pool, 1))
            rates["jailed_two_at_once"].append(_rate(jailed, pool, AT_ONCE))
    return {name: round(max(found), 1) for name, found in rates.items()}


def _rate(read: Callable[[], object], pool: ThreadPoolExecutor, at_once: int) -> float:
    began = time.perf_counter()
    for left in range(0, READS, at_once):
        for done in [pool.submit(read) for _ in range(min(at_once, READS - left))]:
            done.result()
    return READS / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
