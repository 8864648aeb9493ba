"""Fetch the libraries that the pages load in the browser, at the versions and hashes that package.json names.

    python tools/assets.py                   fetch them with npm into node_modules, copy what is shipped
    python tools/assets.py --if-possible     the same, but only what is missing, and no failure where it cannot be done
    python tools/assets.py --modules FOLDER  copy from packages that are installed there, without npm

Needs nothing but Python. What is copied lies in service/web/static/vendor, which git ignores and the wheel ships.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "package.json"
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "service" / "web" / "static" / "vendor"
MANIFEST = "manifest.json"
NPM = ("npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")
HASTY = ("--fetch-retries=1", "--fetch-timeout=15000")
"""For when doing without is good enough."""
LONGEST, LONGEST_IF_POSSIBLE = 600, 60
"""Seconds for npm."""


class AssetError(Exception):
    """What kept a library from being copied."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--if-possible", action="store_true")
    parser.add_argument("--modules", type=Path)
    asked = parser.parse_args(arguments)
    package = json.loads(PACKAGE.read_text(encoding="utf-8"))
    if asked.if_possible and is_current(package, MODULES, VENDOR):
        return 0
    try:
        if asked.modules is None:
            fetch(PACKAGE, MODULES, is_hasty=asked.if_possible)
        manifest = ship(package, asked.modules or MODULES, VENDOR)
    except AssetError as error:
        if asked.if_possible:
            print(f"The pages go without their browser libraries: {error}.")
            return 0
        print(error, file=sys.stderr)
        return 1
    print("Shipped with the pages:", ", ".join(f"{one['name']} {one['version']}" for one in manifest))
    return 0


def fetch(package: Path, modules: Path, *, is_hasty: bool) -> None:
    """Install what package.json names beside it. Raises AssetError."""
    if shutil.which(NPM[0]) is None:
        raise AssetError("npm is not installed")
    command = [*NPM, *(HASTY if is_hasty else ()), "--prefix", str(modules.parent)]
    try:
        subprocess.run(  # noqa: S603  a fixed command
            command,
            cwd=package.parent,
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_IF_POSSIBLE if is_hasty else LONGEST,
        )
    except subprocess.TimeoutExpired:
        raise AssetError("npm took too long") from None
    except subprocess.CalledProcessError as error:
        raise AssetError(f"npm failed: {' '.join(str(error.stderr).split())[:300]}") from None


def ship(package: Mapping[str, Any], modules: Path, vendor: Path) -> list[dict[str, Any]]:
    """Copy the shipped files, flat, the licences in a folder of their own. Raises AssetError; then nothing changes."""
    vendor.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=vendor.parent, prefix=".vendor-") as scratch:
        made = Path(scratch) / "new"
        (made / "licences").mkdir(parents=True)
        made.chmod(0o755)
        manifest = [_library(name, package, modules, made) for name in sorted(package["dependencies"])]
        (made / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        if vendor.exists():
            vendor.rename(Path(scratch) / "old")
        made.rename(vendor)
    return manifest


def _library(name: str, package: Mapping[str, Any], modules: Path, made: Path) -> dict[str, Any]:
    try:
        installed = json.loads((modules / name / "package.json").read_text(encoding="utf-8"))
    except OSError:
        raise AssetError(f"{name} is not installed in {modules}") from None
    wanted = package["dependencies"][name]
    if installed["version"] != wanted:
        raise AssetError(f"{name} is {installed['version']} in {modules}, not {wanted}")
    shipped = {path: digest for path, digest in package["shipped"].items() if path.startswith(f"{name}/")}
    files = [_copied(modules / path, made / target(path), digest) for path, digest in shipped.items()]
    return {"name": name, "version": wanted, "licence": installed["license"], "files": dict(files)}


def target(path: str) -> str:
    """Where a file of a package goes: `uplot/LICENSE` → `licences/uplot.txt`, all else by its last name."""
    name, _, inner = path.partition("/")
    return f"licences/{name}.txt" if inner == "LICENSE" else inner.rpartition("/")[2]


def _copied(source: Path, to: Path, digest: str) -> tuple[str, str]:
    try:
        data = source.read_bytes()
    except OSError:
        raise AssetError(f"{source} is missing") from None
    if (found := sha256(data).hexdigest()) != digest:
        raise AssetError(f"{source} has the SHA-256 {found}, not the one in package.json")
    to.write_bytes(data)
    return to.name, digest


def is_current(package: Mapping[str, Any], modules: Path, vendor: Path) -> bool:
    """Whether all shipped files are there as package.json names them, and what only the tests need."""
    return all((modules / name).is_dir() for name in package["devDependencies"]) and all(
        (vendor / target(path)).is_file() and sha256((vendor / target(path)).read_bytes()).hexdigest() == digest
        for path, digest in package["shipped"].items()
    )


if __name__ == "__main__":
    sys.exit(main())
