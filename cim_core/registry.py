"""Which scenarios there are. Built-in ones and strangers' come through one door; a broken one is a record."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import importlib
import importlib.util
import os
import sys
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from cim_core.errors import CimError, NotFoundError, ScenarioError
from cim_core.plan import Measure
from cim_core.scenario import Analysis, AnalysisDeclaration, Manifest

GROUP = "cim.scenarios"
MANIFEST = "manifest.toml"
DROP_IN = "cim_scenario_"
_STAMP = "__cim_stamp__"
_importing = threading.RLock()
"""Held while a drop-in's modules are loaded: another thread may just find that they are out of date."""


@dataclass(frozen=True)
class ScenarioRecord:
    """One scenario as found: with its manifest, or with the error that keeps it out."""

    slug: str
    folder: Path
    package: str
    origin: str
    manifest: Manifest | None = None
    error: CimError | None = None
    stamp: str = ""
    """Of a drop-in's files when it was found: its modules are loaded anew for a record with another one."""

    def load(self, reference: str) -> Any:
        """The object behind ``module:name`` in the scenario's package; raises :class:`ScenarioError`."""
        module, _, name = reference.partition(":")
        try:
            with _importing if self.package.startswith(DROP_IN) else contextlib.nullcontext():
                _ensure_importable(self.package, self.folder, self.stamp)
                return getattr(importlib.import_module(f"{self.package}.{module}"), name)
        except Exception as fault:
            raise ScenarioError(
                "scenario.broken",
                f"scenario {self.slug!r} cannot be loaded",
                where=f"{self.folder}, {reference}",
                expected=f"a module {module!r} that defines {name!r}",
                got=f"{type(fault).__name__}: {fault}",
                remedy=f"mend it, then `cim scenario check {self.folder}`; other scenarios go on",
            ) from fault

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the scenario's files: a change of code is another run."""
        return tree_digest(self.folder)


def tree_digest(folder: Path, without: Collection[str] = ()) -> str:
    """SHA-256 over names and bytes of all files that make a package (caches and texts for people left out)."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        left_out = {"__pycache__", *without} & set(inner.parts) or path.suffix in (".md", ".pyc")
        if path.is_file() and not left_out:
            content = path.read_bytes()
            digest.update(f"{inner.as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def tree_stamp(folder: Path | None) -> str:
    """SHA-256 over names, times and sizes of a folder's files: cheap, nothing is read, and an edit makes another one.

    Where there is no folder it is that of an empty one.
    """
    digest = hashlib.sha256()
    for name, changed_ns, size in sorted(_entries(str(folder), "")) if folder is not None else ():
        digest.update(f"{name}\0{changed_ns}\0{size}\0".encode())
    return digest.hexdigest()


def _entries(folder: str, inner: str) -> Iterator[tuple[str, int, int]]:
    """(path, time of change, size) of all files; folders count by their names, what vanishes meanwhile not at all."""
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError:
        return
    for entry in entries:
        name = f"{inner}{entry.name}"
        with contextlib.suppress(OSError):
            if entry.is_dir():
                if entry.name not in ("__pycache__", ".git"):
                    yield f"{name}/", 0, 0
                    yield from _entries(entry.path, f"{name}/")
            else:
                facts = entry.stat()
                yield name, facts.st_mtime_ns, facts.st_size


@lru_cache(maxsize=1)
def core_digest() -> str:
    """SHA-256 over what of ``cim_core`` can change an answer."""
    return tree_digest(Path(__file__).parent, without=("report", "templates", "testing", "migrations"))


def _ensure_importable(package: str, folder: Path, stamp: str) -> None:
    if not package.startswith(DROP_IN):
        return
    known = sys.modules.get(package)
    if known is not None and str(folder) in known.__path__ and getattr(known, _STAMP, "") == stamp:
        return
    _forget(package)  # a drop-in of that name from another folder, or one that was edited since
    init = folder / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        package, init if init.exists() else None, submodule_search_locations=[str(folder)]
    ) or ModuleSpec(package, None, is_package=True)
    if spec.submodule_search_locations == []:
        spec.submodule_search_locations.append(str(folder))
    module = importlib.util.module_from_spec(spec)
    setattr(module, _STAMP, stamp)
    sys.modules[package] = module
    if spec.loader is not None and init.exists():
        try:
            spec.loader.exec_module(module)
        except BaseException:
            _forget(package)
            raise


def _forget(package: str) -> None:
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]


@dataclass(frozen=True)
class Registry:
    """All scenarios found, by slug."""

    records: dict[str, ScenarioRecord] = field(default_factory=dict)

    @classmethod
    def discover(cls, drop_in: Path | None = None) -> Registry:
        """Look at the installed entry points, then at the drop-in folder. Nothing is imported."""
        found: dict[str, ScenarioRecord] = {}
        for record in (*_installed(), *_dropped(drop_in)):
            if record.slug in found:
                found[f"{record.slug} ({record.origin})"] = _taken(record, found[record.slug])
            else:
                found[record.slug] = record
        return cls(found)

    @property
    def sound(self) -> dict[str, ScenarioRecord]:
        """Those with a manifest."""
        return {slug: record for slug, record in self.records.items() if record.manifest is not None}

    def analyses(self) -> dict[str, AnalysisDeclaration]:
        """``scenario.analysis`` → declaration."""
        return {
            f"{slug}.{name}": declaration
            for slug, record in sorted(self.sound.items())
            for name, declaration in (record.manifest.analyses if record.manifest else {}).items()
        }

    def analysis(self, name: str) -> tuple[ScenarioRecord, AnalysisDeclaration]:
        """Find ``scenario.analysis``; raises :class:`NotFoundError`, or the error of a broken scenario."""
        slug, _, _ = name.partition(".")
        record = self.records.get(slug)
        if record is not None and record.error is not None:
            raise record.error
        declaration = self.analyses().get(name)
        if record is None or declaration is None:
            known = list(self.analyses())
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.3) or known
            raise NotFoundError(
                "analysis.unknown",
                f"no analysis is called {name!r}",
                where="SCENARIO.ANALYSIS",
                expected=", ".join(near) or "an installed scenario",
                got=name,
                remedy="`cim scenario list` shows all",
            )
        return record, declaration

    def function(self, name: str) -> Analysis:
        """The analysis' function."""
        record, declaration = self.analysis(name)
        function: Analysis = record.load(declaration.function)
        return function

    def parameters(self, name: str) -> type[BaseModel]:
        """The analysis' parameter model."""
        record, declaration = self.analysis(name)
        model: type[BaseModel] = record.load(declaration.parameters)
        return model

    def measure_types(self) -> Mapping[str, type[Measure]]:
        """Type name → model, of all sound scenarios; loaded when asked for, so that a broken one harms no other."""
        found: dict[str, tuple[ScenarioRecord, str]] = {}
        for record in self.sound.values():
            for name, declaration in (record.manifest.measures if record.manifest else {}).items():
                found.setdefault(name, (record, declaration.model))
        return _MeasureTypes(found)


class _MeasureTypes(Mapping[str, type[Measure]]):
    def __init__(self, found: Mapping[str, tuple[ScenarioRecord, str]]) -> None:
        self._found = found

    def __getitem__(self, name: str) -> type[Measure]:
        record, reference = self._found[name]
        model: type[Measure] = record.load(reference)
        return model

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _installed() -> Iterator[ScenarioRecord]:
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            spec = importlib.util.find_spec(point.value)
        except ImportError:
            spec = None
        locations = list(spec.submodule_search_locations or ()) if spec else []
        folder = Path(locations[0]) if locations else Path(point.value)
        yield _record(point.name, folder, point.value, "installed")


def _dropped(drop_in: Path | None) -> Iterator[ScenarioRecord]:
    if drop_in is None or not drop_in.is_dir():
        return
    for folder in sorted(drop_in.iterdir()):
        if folder.is_dir() and not folder.name.startswith((".", "_")):
            yield _record(folder.name, folder, DROP_IN + folder.name, "dropped in", tree_stamp(folder))


def _record(slug: str, folder: Path, package: str, origin: str, stamp: str = "") -> ScenarioRecord:
    record = ScenarioRecord(slug, folder, package, origin, stamp=stamp)
    try:
        return replace(record, manifest=Manifest.read(folder / MANIFEST))
    except CimError as fault:
        return replace(record, error=fault)


def _taken(record: ScenarioRecord, first: ScenarioRecord) -> ScenarioRecord:
    error = ScenarioError(
        "scenario.slug_taken",
        f"two scenarios are called {record.slug!r}",
        where=str(record.folder),
        expected="a slug of its own",
        got=f"the slug of {first.folder}",
        remedy="rename one folder and its manifest's slug; the first one found is used",
    )
    return replace(record, manifest=None, error=error)
