"""`detente calibrate`."""

import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from service.adapters.feeds.files import read_dated
from service.bootstrap import Detente
from service.cli.output import note, out, out_json, progress, table
from service.cli.replay import uncollected
from service.config import calibration
from service.config.settings import load_settings
from service.domain.evaluation.calibration import Anchor, read_anchors
from service.domain.risk.score import Scale, band
from service.errors import ConfigError
from service.operations.calibrate import Calibration, calibrate
from service.operations.coding import code_all

ANCHORS = "anchors.csv"
"""Where anchors stand in the folder of configuration files."""


def run(detente: Detente, articles: Path, anchors: Path | None, *, write: bool, as_json: bool) -> int:
    """Fit the scale; 1 when a line was bad or there is too little to fit."""
    chosen = anchors or detente.config_dir / ANCHORS
    if not articles.is_file():
        raise ConfigError(f"{articles}: no such file")
    began = time.monotonic()
    known, mistakes = _anchors(chosen, detente.gazetteer.country_codes)
    read, refused = read_dated(articles, detente.clock.now())
    note([f"{chosen}: {mistake}" for mistake in mistakes])
    note([f"{line.where}: {line.refusal}: {line.message}" for line in refused])
    engine = detente.replay(())
    with uncollected():
        new = engine.store_new(read)
    if not new:
        note(["there is no article to fit to"])
        return 1
    with progress("coding", "articles") as advance:
        codings = code_all(new, detente.coder, detente.codings, detente.coding_version, advance)
    try:
        with uncollected(), progress("booking", "articles") as advance:
            found = calibrate(new, [coding.events for coding in codings], known, engine, advance)
    except ValueError as error:
        note([f"the scale cannot be fitted: {error}"])
        return 1
    digest = sha256(sha256(articles.read_bytes()).digest() + sha256(chosen.read_bytes()).digest()).hexdigest()
    if as_json:
        seconds = round(time.monotonic() - began, 3)
        out_json(as_data(found, digest) | {"seconds": seconds, "versions": dict(detente.versions)})
    else:
        _show(found, detente.gauge.scale)
    if write:
        _write(detente, found, digest)
    return 1 if mistakes or refused else 0


def _anchors(path: Path, countries: frozenset[str]) -> tuple[list[Anchor], list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return read_anchors(lines, countries)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None


def _settings(found: Calibration) -> dict[str, float]:
    return {"c": found.fit.scale.c, "r_max": found.fit.scale.r_max, "usual": found.usual}


def _write(detente: Detente, found: Calibration, digest: str) -> None:
    fitted_at, ids = detente.clock.now(), [row.anchor.id for row in found.anchors]
    path = calibration.write(detente.config_dir, _settings(found), fitted_at, ids, digest)
    note([f"{path}: written; it counts from the next start"])
    in_force = load_settings(detente.config_dir).scale
    if given := [key for key, value in _settings(found).items() if getattr(in_force, key) != value]:
        keys = ", ".join(f"scale.{key}" for key in given)
        note([f"{keys} stands in detente.yaml or the environment and goes before it: take it out there"])


def as_data(found: Calibration, digest: str) -> dict[str, Any]:
    """The result in its published shape."""
    return {
        "scale": _settings(found),
        "residual": round(found.fit.residual, 3),
        "residual_before": round(found.residual_before, 3),
        "anchors": [
            {
                "id": row.anchor.id,
                "subject": str(row.anchor.subject),
                "start": row.anchor.start.isoformat(),
                "band": str(row.anchor.band),
                "before": round(row.before, 2),
                "after": round(row.after, 2),
            }
            for row in found.anchors
        ],
        "left_out": list(found.left_out),
        "digest": digest,
    }


def _show(found: Calibration, present: Scale) -> None:
    rows = [
        [
            row.anchor.id,
            row.anchor.start.isoformat(),
            str(row.anchor.subject),
            str(row.anchor.band),
            f"{row.before:.1f} {band(row.before)}",
            f"{row.after:.1f} {band(row.after)}",
        ]
        for row in found.anchors
    ]
    table("Anchors: the highest level within three days", ["id", "start", "subject", "band", "before", "after"], rows)
    if found.left_out:
        out(f"Outside the history: {', '.join(found.left_out)}")
    out(f"Before: {present}; off by {found.residual_before:.1f} points (root of the mean square).")
    out(f"Fitted: {found.fit.scale}, usual {found.usual:g}; off by {found.fit.residual:.1f} points.")
