"""What an analysis answers: figures, layers, tables, files, warnings, consequences; and its bundle on disk."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cim_core.canonical import canonical_json

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

RESULT_FORMAT = 1


@dataclass(frozen=True)
class Figure:
    """One number. ``low`` and ``high`` are the ends of its interval where it has one; NaN and None mean no value."""

    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON form; not-a-number becomes null."""
        plain: dict[str, Any] = {"value": finite(self.value), "unit": self.unit}
        if self.low is not None and self.high is not None:
            plain |= {"low": finite(self.low), "high": finite(self.high)}
        return plain


def finite(value: float | None) -> float | None:
    """The value, or None where it is missing or not finite."""
    return None if value is None or not math.isfinite(value) else value


@dataclass
class Result:
    """What an analysis hands back; the runner checks it against the declaration and writes the bundle.

    Attributes
    ----------
    figures
        Name → value in the declared unit (None: no value), or (value, low, high).
    layers
        Name → frame in the city's working CRS, index ``id``.
    tables
        Name → frame; units stand in the column names.
    files
        Name → path under the context's ``out`` directory.
    facts
        Plain JSON about how it was made: methods, versions, assumptions, where the time went.
    warnings
        Sentences a reader of the figures must know.
    consequences
        Measures (as in a plan) that this result brings for the next run.
    """

    figures: dict[str, float | tuple[float, float, float] | None] = field(default_factory=dict)
    layers: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    consequences: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Bundle:
    """A finished run's directory, read lazily: ``result.json``, ``receipt.json``, ``layers``, ``tables``, ``files``."""

    path: Path
    content: Mapping[str, Any]

    @classmethod
    def open(cls, path: Path) -> Bundle:
        """Read the bundle's index."""
        return cls(path, json.loads((path / "result.json").read_text(encoding="utf-8")))

    @classmethod
    def find(cls, root: Path, run: str) -> Bundle | None:
        """The bundle of a run in a city's folder, if it is there."""
        path = run_path(root, run)
        return cls.open(path) if (path / "result.json").exists() else None

    @property
    def run(self) -> str:
        """Hash of the run."""
        return str(self.content["run"])

    @property
    def figures(self) -> dict[str, Figure]:
        """Name → figure."""
        return {
            name: Figure(f["value"], f["unit"], f.get("low"), f.get("high"))
            for name, f in self.content["figures"].items()
        }

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """A result layer, index ``id``."""
        import geopandas as gpd

        return gpd.read_parquet(self.path / "layers" / f"{name}.parquet").set_index("id")

    def table(self, name: str) -> pd.DataFrame:
        """A result table."""
        import pandas as pd

        return pd.read_parquet(self.path / "tables" / f"{name}.parquet")

    def file(self, name: str) -> Path:
        """Path of a result file."""
        return self.path / "files" / str(self.content["files"][name])


def run_path(root: Path, run: str) -> Path:
    """Folder of a run's bundle."""
    return root / "runs" / run


def write_json(path: Path, content: Any) -> None:
    """Canonical JSON to a file."""
    path.write_bytes(canonical_json(content))
