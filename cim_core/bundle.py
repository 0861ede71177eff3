"""From what an analysis returned to the bundle on disk: checked against its declaration, written whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cim_core.canonical import content_hash
from cim_core.errors import ScenarioError
from cim_core.result import RESULT_FORMAT, Figure, Result, write_json
from cim_core.scenario import AnalysisDeclaration
from cim_core.store.records import SourceRecord


def check(result: Result, declaration: AnalysisDeclaration, analysis: str) -> None:
    """Raise :class:`ScenarioError` if the result has what is not declared, or lacks a declared figure."""
    faults = []
    for kind in ("figures", "layers", "tables"):
        given, declared = set(getattr(result, kind)), set(getattr(declaration, kind))
        if given - declared:
            faults.append(f"{kind} not declared: {', '.join(sorted(given - declared))}")
    missing = set(declaration.figures) - set(result.figures)
    if missing:
        faults.append(f"figures missing: {', '.join(sorted(missing))}")
    for kind, frames in (("layer", result.layers), ("table", result.tables)):
        for name, frame in frames.items():
            declared = getattr(declaration, f"{kind}s").get(name)
            absent = set(declared.columns if declared else ()) - set(frame.columns)
            if absent:
                faults.append(f"{kind} {name} lacks {', '.join(sorted(absent))}")
    if faults:
        raise ScenarioError(
            "scenario.undeclared",
            "the result differs from its declaration",
            where=analysis,
            expected="what the manifest declares",
            got="; ".join(faults),
            remedy="declare it in manifest.toml, or return it; `cim scenario check` runs this test",
        )


def provenance_of(sources: Mapping[str, SourceRecord], names: Iterable[str]) -> dict[str, Any]:
    """``attribution`` of the layers that an analysis may read, and whether any of them is ``synthetic``."""
    read = [sources[name] for name in names if name in sources]
    return {
        "attribution": sorted({source.attribution for source in read if source.attribution}),
        "synthetic": any(source.parameters.get("synthetic", False) for source in read),
    }


def write(
    folder: Path,
    result: Result,
    declaration: AnalysisDeclaration,
    *,
    key: Mapping[str, Any],
    request: Mapping[str, Any],
    unused_edits: list[dict[str, Any]],
    provenance: Mapping[str, Any],
    seconds: float,
) -> None:
    """Write the bundle into a staged folder. Files of the result are in ``folder/files`` already.

    ``provenance`` joins the facts: whose data these are (:func:`provenance_of`).
    """
    for kind, frames in (("layers", result.layers), ("tables", result.tables)):
        (folder / kind).mkdir()
        for name, frame in frames.items():
            plain = frame.reset_index(names="id") if kind == "layers" else frame
            plain.to_parquet(folder / kind / f"{name}.parquet", index=False, compression="zstd")
    content = {
        "format": RESULT_FORMAT,
        "run": content_hash(key),
        **{name: request[name] for name in ("analysis", "parameters", "plan", "seed", "sequence")},
        "figures": {name: _figure(value, declaration.figures[name].unit) for name, value in result.figures.items()},
        "layers": sorted(result.layers),
        "tables": sorted(result.tables),
        "files": {name: str(path.relative_to(folder / "files")) for name, path in result.files.items()},
        "facts": {**result.facts, **provenance},
        "warnings": result.warnings,
        "consequences": result.consequences,
        "unused_edits": unused_edits,
        "seconds": round(seconds, 3),
    }
    write_json(folder / "receipt.json", {"run": content_hash(key), "key": dict(key)})
    write_json(folder / "result.json", content)


def _figure(value: float | tuple[float, float, float] | None, unit: str) -> dict[str, Any]:
    if isinstance(value, tuple):
        return Figure(float(value[0]), unit, float(value[1]), float(value[2])).as_dict()
    return Figure(None if value is None else float(value), unit).as_dict()
