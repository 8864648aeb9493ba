"""Runs a target under atheris where that is installed; it is in no requirements, for it has wheels for few machines."""

import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path


def fuzz(name: str) -> None:
    """Feed the target of a module of this folder until the time is up or it fails.

    Arguments are those of libFuzzer: `-max_total_time=60`, or a file with an input that was found. Without a file it
    begins with the seeds of the target.
    """
    try:
        import atheris
    except ImportError:
        sys.stdout.write(f"{name}: skipped: atheris is not installed (pip install atheris)\n")
        return
    with atheris.instrument_imports(include=["service.adapters", "httpx2", "urllib.robotparser"]):
        target = import_module(f"tests.fuzz.{name}")
    given = sys.argv[1:]
    if all(argument.startswith("-") for argument in given):
        given.append(_corpus(target.SEEDS))
    atheris.Setup([sys.argv[0], f"-artifact_prefix=tests/fuzz/found-{name}-", "-timeout=10", *given], target.one)
    atheris.Fuzz()


def _corpus(seeds: Sequence[bytes]) -> str:
    folder = Path(tempfile.mkdtemp(prefix="detente-fuzz-"))
    for number, seed in enumerate(seeds):
        (folder / str(number)).write_bytes(seed)
    return str(folder)
