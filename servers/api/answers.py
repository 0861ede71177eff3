"""Runs and comparisons found by their hash, and what their documents say of layers, tables and files."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cim_core.comparison import Comparison, comparison_path
from cim_core.errors import CimError, NotFoundError
from cim_core.result import Bundle, run_path
from servers.serving.cache import BuiltOnce

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from cim_core.registry import Registry
    from cim_core.scenario import AnalysisDeclaration

_HASH = re.compile(r"[0-9a-f]{64}")
_MOST_BYTES = 200_000_000
_tables: BuiltOnce[pd.DataFrame] = BuiltOnce(
    most=_MOST_BYTES, weight=lambda frame: int(frame.memory_usage(index=True, deep=True).sum())
)
_layers: BuiltOnce[dict[str, Any]] = BuiltOnce(most=2_000, weight=lambda facts: 1)
_bundles: BuiltOnce[Bundle] = BuiltOnce(most=500, weight=lambda bundle: 1)
_comparisons: BuiltOnce[Comparison] = BuiltOnce(most=200, weight=lambda found: 1)


def find_run(root: Path, run: str) -> Bundle:
    """The bundle of a run; raises :class:`NotFoundError`. What is no hash is looked for nowhere."""
    if not _HASH.fullmatch(run) or not (run_path(root, run) / "result.json").exists():
        raise _not_there("run.unknown", "run", run)
    return _bundles.get((root, run), lambda: Bundle.open(run_path(root, run)))


def find_comparison(root: Path, comparison: str) -> Comparison:
    """A comparison; raises :class:`NotFoundError`."""
    if not _HASH.fullmatch(comparison) or not (comparison_path(root, comparison) / "comparison.json").exists():
        raise _not_there("comparison.unknown", "comparison", comparison)
    return _comparisons.get((root, comparison), lambda: Comparison.open(comparison_path(root, comparison)))


def comparison_folders(root: Path) -> list[Path]:
    """Folders of all comparisons, the newest first."""
    folder = root / "comparisons"
    found = [path for path in folder.iterdir() if _HASH.fullmatch(path.name)] if folder.is_dir() else []
    dated = [(path / "comparison.json", path) for path in found]
    return [path for _, path in sorted(((f.stat().st_mtime, p) for f, p in dated if f.exists()), reverse=True)]


def finished_at(path: Path) -> str:
    """When a result's index was written."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()


def title_of(registry: Registry, analysis: str) -> dict[str, str]:
    """The analysis' title, or its name where the scenario is gone."""
    declared = declaration_of(registry, analysis)
    return declared.title.model_dump() if declared else {"en": analysis, "zh": analysis}


def declaration_of(registry: Registry, analysis: str) -> AnalysisDeclaration | None:
    """The analysis' declaration; None where its scenario is gone or broken."""
    try:
        return registry.analysis(analysis)[1]
    except CimError:
        return None


def layer_title(registry: Registry, analysis: str, layer: str) -> dict[str, str]:
    """A result layer's title, or its name."""
    declared = declaration_of(registry, analysis)
    one = declared.layers.get(layer) if declared else None
    return one.title.model_dump() if one else {"en": layer, "zh": layer}


def plan_name(plan: dict[str, Any]) -> dict[str, str]:
    """Name and title out of a plan's JSON."""
    return {"name": plan["plan"], "title": plan.get("title", "")}


def layer_facts(key: tuple[str, str], read: Any, only: list[str] | None = None) -> dict[str, Any]:
    """Rows, geometry, bounds in degrees and column statistics of a result layer; read once."""
    from servers.serving.statistics import column_statistics

    def build() -> dict[str, Any]:
        frame: gpd.GeoDataFrame = read()
        names = [name for name in frame.columns if name != frame.geometry.name]
        return {
            "rows": len(frame),
            "geometry": _geometry_kind(frame),
            "bounds": _degrees(frame),
            "columns": column_statistics(frame, only if only is not None else names),
        }

    return _layers.get(key, build)


def _geometry_kind(frame: gpd.GeoDataFrame) -> str:
    kinds = {str(kind).removeprefix("Multi") for kind in frame.geom_type.dropna().unique()}
    return kinds.pop() if len(kinds) == 1 else ("Any" if kinds else "None")


def _degrees(frame: gpd.GeoDataFrame) -> list[float] | None:
    import numpy as np

    if not len(frame) or frame.geometry.is_empty.all() or frame.geometry.isna().all():
        return None
    bounds = frame.geometry.to_crs(4326).total_bounds if frame.crs is not None else frame.total_bounds
    return [float(value) for value in bounds] if np.isfinite(bounds).all() else None


def table(path: Path) -> pd.DataFrame:
    """A table of a run or comparison, kept in memory while it is asked for. Not to be changed."""
    import pandas as pd

    return _tables.get(path, lambda: pd.read_parquet(path))


def named(name: str, known: Any, kind: str, where: str) -> str:
    """The name itself if the result has it; raises :class:`NotFoundError`. Nothing else becomes part of a path."""
    if name in known:
        return name
    raise NotFoundError(
        "result.no_layer" if kind == "layer" else "result.no_table" if kind == "table" else "result.no_file",
        f"the result has no {kind} of this name",
        where=where,
        expected=", ".join(known) or f"no {kind} at all",
        got=name[:200],
        remedy=f"use a {kind} that the result's document lists",
    )


def no_trajectories(bundle: Bundle) -> NotFoundError:
    """For a run that recorded no positions."""
    return NotFoundError(
        "frames.none",
        "the run recorded no trajectories",
        where=f"run {bundle.run}",
        expected="a run with a file of trajectories",
        got=", ".join(bundle.content["files"]) or "no files",
        remedy="run it with trajectories recorded, if its analysis has them",
    )


def _not_there(code: str, kind: str, got: str) -> NotFoundError:
    return NotFoundError(
        code,
        f"there is no such {kind}",
        where=f"/api/{kind}s",
        expected=f"the 64 hex digits of a {kind} of this city",
        got=got[:100],
        remedy=f"GET /api/{kind}s lists them",
    )
