"""A finished comparison: paired differences of figures, layers and tables, and what a reader must know of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cim_core.canonical import content_hash
from cim_core.plan import Plan
from cim_core.result import Bundle, write_json
from cim_core.scenario import AnalysisDeclaration
from cim_core.store.files import staged_directory

SIDES = ("baseline", "plan")
Pair = tuple[Bundle, Bundle]


@dataclass(frozen=True)
class Comparison:
    """A finished comparison: its folder with ``comparison.json`` and the frames it names."""

    path: Path
    content: dict[str, Any]

    @property
    def id(self) -> str:
        """Hash over its runs, the plans' names and the precision asked for."""
        return self.path.name

    @classmethod
    def open(cls, path: Path) -> Comparison:
        """Read the comparison's index."""
        return cls(path, json.loads((path / "comparison.json").read_text(encoding="utf-8")))

    @classmethod
    def find(cls, root: Path, comparison: str) -> Comparison | None:
        """The finished comparison of that id in a city's folder, if it is there."""
        path = comparison_path(root, comparison)
        return cls.open(path) if (path / "comparison.json").exists() else None


def comparison_path(root: Path, comparison: str) -> Path:
    """Folder of a comparison."""
    return root / "comparisons" / comparison


def values(pairs: Sequence[Pair], side: int, figure: str) -> list[float | None]:
    """One figure of one side (0: baseline, 1: plan), a value for each pair."""
    return [pair[side].figures[figure].value for pair in pairs]


def write(
    root: Path,
    declaration: AnalysisDeclaration,
    plans: tuple[Plan, Plan],
    pairs: list[Pair],
    *,
    precision: float | None,
    waited: float,
) -> Comparison:
    """Compare the pairs of finished runs and put the comparison under its hash in the city's folder ``root``."""
    identity = [[[bundle.run for bundle in pair] for pair in pairs], [plan.name for plan in plans], precision]
    target = comparison_path(root, content_hash(identity))
    if not (target / "comparison.json").exists():
        with staged_directory(target, root) as aside:
            content = _content(declaration, plans, pairs, aside, precision)
            content["seconds"] = {"waited": round(waited, 3), "runs": _seconds(pairs), "stages": _stages(pairs)}
            write_json(aside / "comparison.json", content)
    return Comparison.open(target)


def _content(
    declaration: AnalysisDeclaration,
    plans: tuple[Plan, Plan],
    pairs: list[Pair],
    folder: Path,
    precision: float | None,
) -> dict[str, Any]:
    figures = _figures(declaration, pairs)
    first = pairs[0][1].content
    return {
        "analysis": first["analysis"],
        "parameters": first["parameters"],
        "plan": plans[1].model_dump(mode="json", by_alias=True),
        "against": plans[0].model_dump(mode="json", by_alias=True),
        "seeds": [int(pair[1].content["seed"]) for pair in pairs],
        "runs": [{side: bundle.run for side, bundle in zip(SIDES, pair, strict=True)} for pair in pairs],
        "stochastic": declaration.stochastic,
        "figures": figures,
        "layers": {name: _layer(declaration, name, pairs, folder) for name in _common(pairs, "layers")},
        "tables": {
            name: found for name in _common(pairs, "tables") if (found := _table(declaration, name, pairs, folder))
        },
        "facts": {side: pairs[0][i].content["facts"] for i, side in enumerate(SIDES)},
        "warnings": _warnings(declaration, pairs, figures, precision),
        "unused_edits": _distinct([row for pair in pairs for row in pair[1].content["unused_edits"]]),
        "unused_edits_against": _distinct([row for pair in pairs for row in pair[0].content["unused_edits"]]),
    }


def _seconds(pairs: Sequence[Pair]) -> dict[str, list[float]]:
    return {side: [float(pair[i].content["seconds"]) for pair in pairs] for i, side in enumerate(SIDES)}


def _stages(pairs: Sequence[Pair]) -> dict[str, float]:
    """Where the time of all runs together went, as the runs say it in the fact ``seconds``."""
    total: Counter[str] = Counter()
    for bundle in {bundle.run: bundle for pair in pairs for bundle in pair}.values():
        total.update(bundle.content["facts"].get("seconds", {}))
    return {name: round(seconds, 2) for name, seconds in total.items()}


def _common(pairs: Sequence[Pair], kind: str) -> list[str]:
    """Names that both sides of every pair can give, if need be as an empty frame."""
    names = [set(first.content[kind]) | set(second.content[kind]) for first, second in pairs]
    return sorted(set.intersection(*names))


def _distinct(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({content_hash(row): row for row in rows}.values())


def _figures(declaration: AnalysisDeclaration, pairs: Sequence[Pair]) -> dict[str, dict[str, Any]]:
    from cim_core.analysis.statistics import compare_figures

    declared = declaration.figures
    found: dict[str, Any] = {}
    for family in (True, False):
        names = [name for name, figure in declared.items() if figure.judged is family]
        found |= compare_figures(
            {name: values(pairs, 0, name) for name in names},
            {name: values(pairs, 1, name) for name in names},
            {name: declared[name].better for name in names},
            stochastic=declaration.stochastic,
        )
    return {name: {"unit": figure.unit, **found[name].as_dict()} for name, figure in declared.items()}


def _layer(declaration: AnalysisDeclaration, name: str, pairs: Sequence[Pair], folder: Path) -> dict[str, Any]:
    """Row by row means, differences and intervals of the compared columns; which rows are new or gone."""
    import numpy as np
    import pandas as pd

    from cim_core.analysis.statistics import clear_rows, paired_rows

    frames = [_both(pair, "layers", name) for pair in pairs]
    if declaration.layers[name].ids == "seed":
        frames = [
            [_with_seed(frame, pair[0].content["seed"]) for frame in both]
            for both, pair in zip(frames, pairs, strict=True)
        ]
    rows = frames[0][0].index
    for pair in frames:
        for frame in pair:
            rows = rows.union(frame.index)
    geometry = pd.concat([frame.geometry for pair in frames for frame in pair])
    merged = frames[0][0].iloc[:0][["geometry"]].reindex(rows)
    merged["geometry"] = geometry[~geometry.index.duplicated()].reindex(rows)
    columns = [column for column, declared in declaration.layers[name].columns.items() if declared.compare]
    for column in columns:
        both = [np.stack([pair[i][column].reindex(rows).to_numpy(float) for pair in frames]) for i in range(2)]
        found = paired_rows(*both)
        for part in ("baseline", "plan", "difference", "low", "high"):
            merged[f"{column}_{part}"] = getattr(found, part)
        certain = found.difference != 0
        merged[f"{column}_clear"] = (
            clear_rows(found.p) if declaration.stochastic else certain & np.isfinite(found.difference)
        )
    for i, side in enumerate(SIDES):
        merged[f"seeds_in_{side}"] = sum(rows.isin(pair[i].index).astype(int) for pair in frames)
    path = folder / f"layer_{name}.parquet"
    merged.reset_index(names="id").to_parquet(path, index=False, compression="zstd")
    new = [len(pair[1].index.difference(pair[0].index)) for pair in frames]
    gone = [len(pair[0].index.difference(pair[1].index)) for pair in frames]
    return {"frame": path.name, "columns": columns, "rows": len(merged), "new": _mean(new), "gone": _mean(gone)}


def _both(pair: Pair, kind: str, name: str) -> list[Any]:
    """A layer or table of both sides; a side that has none gives an empty one of the other's columns."""
    read = Bundle.layer if kind == "layers" else Bundle.table
    found = [read(bundle, name) if name in bundle.content[kind] else None for bundle in pair]
    present = next((frame for frame in found if frame is not None), None)
    if present is None:
        raise LookupError(name)
    return [present.iloc[:0] if frame is None else frame for frame in found]


def _with_seed(frame: Any, seed: int) -> Any:
    return frame.set_axis([f"seed {seed}: {row}" for row in frame.index])


def _mean(counts: Sequence[int]) -> float:
    return sum(counts) / len(counts)


def _table(declaration: AnalysisDeclaration, name: str, pairs: Sequence[Pair], folder: Path) -> dict[str, Any] | None:
    """Rows paired by the declared column within each seed: gained, lost, unchanged, on one side only."""
    import pandas as pd

    from cim_core.analysis.trips import paired_changes

    declared = declaration.tables[name]
    compared = [(column, one) for column, one in declared.columns.items() if one.compare]
    if declared.pair_by is None or not compared:
        return None
    column, one = compared[0]
    frames = [_both(pair, "tables", name) for pair in pairs]
    sides = [
        pd.concat({seed: pair[i].set_index(declared.pair_by)[column] for seed, pair in enumerate(frames)})
        for i in range(2)
    ]
    changes = paired_changes(*sides, better="lower" if one.better == "lower" else "higher", tolerance=one.tolerance)
    path = folder / f"table_{name}.parquet"
    changes.frame.rename_axis(["pair", declared.pair_by]).reset_index().to_parquet(
        path, index=False, compression="zstd"
    )
    return {"column": column, "unit": one.unit, "tolerance": one.tolerance, "frame": path.name, **changes.counts()}


def _gathered(pairs: Sequence[Pair]) -> list[str]:
    """The runs' warnings, each once with the side it is about; those that differ in numbers alone count as one."""
    first: dict[tuple[str, str], str] = {}
    for pair in pairs:
        for side, bundle in zip(SIDES, pair, strict=True):
            for text in bundle.content["warnings"]:
                first.setdefault((re.sub(r"\d[\d,.]*", "#", text), side), text)
    forms = dict.fromkeys(form for form, _ in first)
    gathered = []
    for form in forms:
        sides = [side for side in SIDES if (form, side) in first]
        same = len(sides) == 2 and first[form, SIDES[0]] == first[form, SIDES[1]]
        gathered += [first[form, sides[0]]] if same else [f"{side}: {first[form, side]}" for side in sides]
    return gathered


def _warnings(
    declaration: AnalysisDeclaration, pairs: Sequence[Pair], figures: Mapping[str, Any], precision: float | None
) -> list[str]:
    texts = _gathered(pairs)
    for name, declared in declaration.figures.items():
        row = figures[name]
        if declared.same_within is None or row["difference"] is None:
            continue
        share = row["difference"] / row["baseline"] if row["baseline"] else float(row["difference"] != 0)
        if abs(share) > declared.same_within:
            texts.append(
                f"the two sides do not serve the same demand: {name} differs by {share:+.1%}; "
                "means over those who were served hide those who were not"
            )
    if precision is not None:
        texts.append("seeds were added until the intervals were short enough: their true confidence is 92-95 %")
    return list(dict.fromkeys(texts))
