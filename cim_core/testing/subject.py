"""A scenario under test."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cim_core.registry import MANIFEST, Registry, ScenarioRecord
from cim_core.scenario import Manifest
from cim_core.testing.trial import Trial


@dataclass(frozen=True)
class Subject:
    """A scenario under test, and a folder in which it is tried."""

    slug: str
    registry: Registry
    work: Path
    drop_in: Path | None = None

    @classmethod
    def of_folder(cls, folder: Path, work: Path) -> Subject:
        """A scenario by its folder, installed or not."""
        folder = folder.resolve()
        for slug, record in Registry.discover().records.items():
            if record.folder.resolve() == folder:
                return cls.installed(slug, work)
        return cls(folder.name, Registry.discover(folder.parent), work, folder.parent)

    @classmethod
    def installed(cls, slug: str, work: Path) -> Subject:
        """A scenario that came with a distribution."""
        return cls(slug, Registry.discover(), work)

    @property
    def record(self) -> ScenarioRecord:
        """As the registry found it; raises the error that keeps it out."""
        taken = self.registry.records.get(f"{self.slug} (dropped in)") if self.drop_in else None
        record = taken or self.registry.records.get(self.slug)
        if record is None:
            where = (self.drop_in or Path()) / self.slug
            Manifest.read(where / MANIFEST)
            raise ValueError(f"the registry does not find {where}; a folder must not begin with . or _")
        if record.error is not None:
            raise record.error
        return record

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        assert self.record.manifest is not None  # noqa: S101 - a record without error has one
        return self.record.manifest

    @cached_property
    def trials(self) -> dict[str, Trial]:
        """Analysis → its runs on the tiny city, made once and shared by the checks."""
        return {
            name: Trial(f"{self.slug}.{name}", self.registry, self.drop_in, self.work / name)
            for name in self.manifest.analyses
        }
