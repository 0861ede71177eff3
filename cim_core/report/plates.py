"""The maps of a report, each with its titles: results of a run, differences and results of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from cim_core.report.maps import Backdrop, Map, category_map, difference_map, result_map
from cim_core.report.words import WORDS, unit_words
from cim_core.schema import Text

if TYPE_CHECKING:
    from cim_core.result import Bundle
    from cim_core.scenario import AnalysisDeclaration, ColumnDeclaration, LayerDeclaration

Layers = Mapping[str, gpd.GeoDataFrame]


@dataclass(frozen=True)
class Plate:
    """A map with its title, and a remark under its legend."""

    title: Text
    subtitle: Text
    map: Map
    unit: Text
    remark: Text | None = None


def run_plates(bundle: Bundle, declaration: AnalysisDeclaration, under: Layers) -> list[Plate]:
    """The shown column of every declared layer that has features."""
    frames = {
        name: bundle.layer(name)
        for name, declared in declaration.layers.items()
        if name in bundle.content["layers"] and declared.show in declared.columns
    }
    backdrop = _backdrop(frames.values(), under)
    plates = []
    for name, frame in _drawable(frames):
        layer = declaration.layers[name]
        column = layer.columns[str(layer.show)]
        if is_numeric_dtype(frame[layer.show]) and not is_bool_dtype(frame[layer.show]):
            drawn = result_map(frame, str(layer.show), column.unit, layer.title, backdrop)
        else:
            drawn = category_map(frame, str(layer.show), layer.title, backdrop)
        plates.append(Plate(layer.title, column.title, drawn, unit_words(column.unit)))
    return plates


def difference_plates(
    content: Mapping[str, Any], folder: Path, declaration: AnalysisDeclaration, under: Layers
) -> list[Plate]:
    """Of every layer with a compared column: its difference, and its value under the plan."""
    compared = {
        name: found
        for name, layer in declaration.layers.items()
        if name in content["layers"] and (found := _compared_column(layer)) is not None
    }
    frames = {name: gpd.read_parquet(folder / content["layers"][name]["frame"]) for name in compared}
    backdrop = _backdrop(frames.values(), under)
    remark = WORDS["clear_only" if content.get("stochastic", declaration.stochastic) else "certain_only"]
    plates = []
    for name, frame in _drawable(frames):
        column, declared = compared[name]
        layer, unit = declaration.layers[name].title, unit_words(declared.unit)
        title = Text(en=f"{layer.en}: difference", zh=f"{layer.zh}：差值")
        under_plan = Text(en=f"{layer.en}: under the plan", zh=f"{layer.zh}：方案下")
        difference = difference_map(frame, column, declared.unit, title, backdrop)
        result = result_map(frame, f"{column}_plan", declared.unit, under_plan, backdrop)
        plates.append(Plate(title, declared.title, difference, unit, remark))
        plates.append(Plate(under_plan, declared.title, result, unit))
    return plates


def _compared_column(layer: LayerDeclaration) -> tuple[str, ColumnDeclaration] | None:
    """The compared column that the map shows first."""
    compared = [(name, column) for name, column in layer.columns.items() if column.compare]
    return min(compared, key=lambda pair: pair[0] != layer.show, default=None)


def _drawable(frames: Layers) -> list[tuple[str, gpd.GeoDataFrame]]:
    return [(name, frame) for name, frame in frames.items() if len(frame) and not frame.geometry.is_empty.all()]


def _backdrop(frames: Iterable[gpd.GeoDataFrame], under: Layers) -> Backdrop:
    """All maps of a report show one extent, that of all their layers."""
    bounds = np.array([frame.total_bounds for frame in frames if len(frame)]).reshape(-1, 4)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return Backdrop(under, (0.0, 0.0, 1.0, 1.0))
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    return Backdrop(under, (float(west), float(south), float(east), float(north)))
