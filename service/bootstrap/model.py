"""The model and what reads with it."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import service
from service.adapters.nlp import cache as coding_file
from service.bootstrap.files import Files
from service.bootstrap.folders import make_folder, shipped
from service.domain.events.extraction import Band
from service.domain.news.article import Article
from service.errors import ConfigError, ModelError
from service.operations.coding import read_batch
from service.operations.preview import Coded, Desk
from service.ports import Aside, Classifier, Coder, CodingStore, KeptCoding

if TYPE_CHECKING:
    from service.adapters.nlp.hub import HubModel


_CHILDREN: dict[tuple[Path, str], "Model"] = {}
"""The services of this process, when it is a child that reads: configuration → service."""


class Model(Files):
    """The model and what reads with it."""

    @cached_property
    def classifier(self) -> Classifier:
        """The model; loading the shipped one takes a second and 100 MB. Raises ModelError."""
        from service.adapters.nlp.encoder import OnnxClassifier
        from service.adapters.nlp.hub import HubClassifier

        shipped_model = OnnxClassifier.load(self.model_folder, self.cores)
        if (configured := self.hub_model) is None:
            return shipped_model
        return HubClassifier.load(configured, shipped_model)

    @property
    def hub_model(self) -> "HubModel | None":
        """The Hugging Face model that judges signals, if one is configured. Raises ConfigError."""
        chosen = self.settings.model
        if chosen.name is None:
            return None
        from service.adapters.nlp.hub import HubModel, parse_labels

        try:
            labels = parse_labels(chosen.labels or "")
        except ValueError as error:
            raise ConfigError(f"model.labels: {error}") from None
        return HubModel(chosen.name, chosen.revision, chosen.sha256, labels or None, frozenset(chosen.languages))

    def verify_model(self) -> None:
        """Checks the models' files without starting them. Raises ModelError or ConfigError."""
        from service.adapters.nlp import hub
        from service.adapters.nlp.encoder import OnnxClassifier

        OnnxClassifier.verify(self.model_folder)
        if self.hub_model:
            hub.verify(self.hub_model)

    @property
    def model_folder(self) -> Path:
        """Where the model's files are."""
        return self.settings.model.folder or shipped("models") / "detente-coder"

    @cached_property
    def desk(self) -> Desk:
        """All that is needed to read an article."""
        from service.adapters.nlp.languages import LangidRecogniser
        from service.adapters.nlp.pair_file import load_pairs
        from service.adapters.nlp.sentences import PysbdSplitter

        band = Band(*self.settings.model.band)
        return Desk(
            self.classifier, self.gazetteer, PysbdSplitter(), LangidRecogniser(), band, load_pairs(self.model_folder)
        )

    @property
    def coder(self) -> Coder:
        """Codes many articles, on `cores` processes."""
        from service.adapters.pool import PooledCoder

        return PooledCoder(partial(_read_in_child, self.config_dir, self._overrides), self.cores)

    @cached_property
    def aside(self) -> Aside[Article, Coded]:
        """Reads an article in a process of its own, for those that serve pages and load no model."""
        from service.adapters.aside import Companion

        return Companion(partial(_code_in_child, self.config_dir, self._overrides))

    def close(self) -> None:
        """End the process that reads, and give the database connections back."""
        if "aside" in self.__dict__:
            self.aside.close()
        super().close()

    @cached_property
    def codings(self) -> CodingStore:
        """Codings kept in the data folder."""
        make_folder(self.data_dir)
        return coding_file.FileCodingStore(self.data_dir / coding_file.FILE)

    @cached_property
    def coding_version(self) -> str:
        """What codings depend on besides the text: model, names, settings, and the code that reads. Raises ModelError.

        A model of the hub is told by its settings, as its files may be out of reach.
        """
        manifest = (self.model_folder / "manifest.json").read_bytes() if self.model_version else b""
        said = json.dumps([self.settings.model.model_dump(mode="json"), self.gazetteer.version], sort_keys=True)
        return sha256(b"\0".join((manifest, said.encode(), *_code_that_reads()))).hexdigest()

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """What the figures depend on, without loading the model."""
        return {"detente": service.__version__, "model": self.model_version, "gazetteer": self.gazetteer.version}

    @property
    def model_version(self) -> str:
        """Name and version from the manifest, after the model that judges in its place. Raises ModelError."""
        path = self.model_folder / "manifest.json"
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            shipped_model = f"{manifest['name']} {manifest['version']}"
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{path}: no readable model manifest ({type(error).__name__})") from None
        return f"{self.hub_model.name} over {shipped_model}" if self.hub_model else shipped_model


def _read_in_child(config_dir: Path, overrides: Mapping[str, Any], articles: Sequence[Article]) -> list[KeptCoding]:
    """What a process of the pool does."""
    return read_batch(_in_child(config_dir, overrides).desk, articles)


def _code_in_child(config_dir: Path, overrides: Mapping[str, Any], article: Article) -> Coded:
    """What the process beside the one that serves pages does."""
    return _in_child(config_dir, overrides).desk.read([article])[0]


def _in_child(config_dir: Path, overrides: Mapping[str, Any]) -> "Model":
    """The service in a child, put together once."""
    key = (config_dir, repr(overrides))
    if key not in _CHILDREN:
        _CHILDREN[key] = Model(config_dir, overrides)
    return _CHILDREN[key]


def _code_that_reads() -> list[bytes]:
    """The sources of all that stands between a text and its events."""
    root = Path(service.__file__).parent
    folders = ("domain/events", "domain/news", "adapters/nlp")
    files = ("pipeline/classify.py", "pipeline/attribute.py", "operations/preview.py", "operations/coding.py")
    sources = [path for folder in folders for path in sorted((root / folder).glob("*.py"))]
    return [path.read_bytes() for path in (*sources, *(root / name for name in files))]
