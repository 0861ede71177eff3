"""What a standard layer's fields are when the source does not say: derived, or assumed with a reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cim_core.crs import geodesic_area_m2
from cim_core.gis.osm.building_height import MAX_HEIGHT_M, MAX_LEVELS, storey_height_m
from cim_core.gis.osm.building_use import DEFAULT_USE, USE_OF_BUILDING

_USE_IN_CHINESE = {
    "住宅": "residential",
    "商住": "residential",
    "居住": "residential",
    "办公": "office",
    "商业": "retail",
    "酒店": "hotel",
    "宾馆": "hotel",
    "工业": "industrial",
    "仓储": "industrial",
    "教育": "education",
    "学校": "education",
    "医疗": "health",
    "医院": "health",
    "行政": "civic",
    "文化": "culture",
    "体育": "sport",
    "交通": "transport",
}
_SAYS_NOTHING = ("yes", "no", "unknown", "")

_DEFAULTS: dict[str, dict[str, Any]] = {
    "rail": {"bridge": False, "tunnel": False, "layer": 0},
    "parking": {"kind": "surface"},
    "pois": {"category": "poi", "kind": "unknown"},
}
"""Layer → field → value taken where a source has the column or the layer can do without."""
_NEEDS_COLUMN = {("pois", "category"), ("pois", "kind")}
"""Fields that are only filled where the source has some values; a source without any is refused."""


class Assumed:
    """Which features had which field assumed, and why."""

    def __init__(self, index: pd.Index[Any]) -> None:
        self.index = index
        self._reasons: list[tuple[str, str, NDArray[np.bool_]]] = []

    def add(self, field: str, reason: str, mask: NDArray[np.bool_]) -> None:
        """Note that the field of the masked features was assumed for a reason."""
        if mask.any():
            self._reasons.append((field, reason, mask))

    def counts(self) -> dict[str, Counter[str]]:
        """Field → reason → number of features."""
        result: dict[str, Counter[str]] = {}
        for field, reason, mask in self._reasons:
            result.setdefault(field, Counter())[reason] += int(mask.sum())
        return result

    def by_feature(self) -> list[dict[str, str]]:
        """For each feature, in order: field → reason."""
        rows: list[dict[str, str]] = [{} for _ in self.index]
        for field, reason, mask in self._reasons:
            for position in np.flatnonzero(mask):
                rows[position][field] = reason
        return rows


def fill_layer(layer: str, columns: dict[str, pd.Series[Any]], geometry: Any, assumed: Assumed) -> None:
    """Fill the columns of a standard layer in place. ``geometry`` is in WGS84 degrees."""
    if layer == "buildings":
        _fill_buildings(columns, geometry, assumed)
    for field, value in _DEFAULTS.get(layer, {}).items():
        if (layer, field) in _NEEDS_COLUMN and field not in columns:
            continue
        column = columns.get(field, pd.Series(None, index=assumed.index, dtype=object))
        missing = column.isna().to_numpy()
        columns[field] = column.astype(object).where(~missing, value)
        assumed.add(field, "not in the source", missing)


def _fill_buildings(columns: dict[str, pd.Series[Any]], geometry: Any, assumed: Assumed) -> None:
    """Storeys from height, height from storeys; where both are missing, the median of the storeys that are known.

    Without a single storey count or height the columns stay missing, and the caller says so.
    """
    use = _uses(columns.get("use"), assumed)
    storey = use.map(storey_height_m).to_numpy(float)
    levels = _within(columns.get("levels"), MAX_LEVELS, geometry)
    height = _within(columns.get("height_m"), MAX_HEIGHT_M, geometry)
    area = geodesic_area_m2(geometry)
    columns["use"] = use
    columns["footprint_m2"] = pd.Series(area, index=assumed.index)
    no_levels, no_height = np.isnan(levels), np.isnan(height)
    if (no_levels & no_height).all():
        return
    levels = np.where(no_levels, np.maximum(np.round(height / storey), 1.0), np.maximum(np.round(levels), 1.0))
    assumed.add("levels", "from height", no_levels & ~no_height)
    levels = np.where(np.isnan(levels), np.round(np.nanmedian(levels)), levels)
    assumed.add("levels", "median of the source", no_levels & no_height)
    height = np.where(no_height, levels * storey, height)
    assumed.add("height_m", "from levels", no_height)
    columns["levels"] = pd.Series(levels, index=assumed.index)
    columns["height_m"] = pd.Series(height, index=assumed.index)
    floor_area = _within(columns.get("floor_area_m2"), np.inf, geometry)
    assumed.add("floor_area_m2", "footprint times storeys", np.isnan(floor_area))
    floor_area = np.where(np.isnan(floor_area), area * levels, floor_area)
    columns["floor_area_m2"] = pd.Series(floor_area, index=assumed.index)


def _uses(column: pd.Series[Any] | None, assumed: Assumed) -> pd.Series[Any]:
    """Uses in the words of the OSM importer where they are known, as they are where not, the default where missing."""
    text = pd.Series("", index=assumed.index) if column is None else column.astype("string").fillna("").str.strip()
    lower = text.str.lower()
    known = lower.map(lambda value: USE_OF_BUILDING.get(value) or _use_in_chinese(value) or value)
    missing = lower.isin(_SAYS_NOTHING).to_numpy(bool)
    assumed.add("use", "not in the source", missing)
    return known.astype(object).where(~missing, DEFAULT_USE)


def _use_in_chinese(text: str) -> str | None:
    return next((use for word, use in _USE_IN_CHINESE.items() if word in text), None)


def _within(column: pd.Series[Any] | None, greatest: float, geometry: Any) -> NDArray[np.float64]:
    """Values above zero and up to a limit; others, as missing ones, are NaN."""
    if column is None:
        return np.full(len(geometry), np.nan)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    return np.where((values > 0) & (values <= greatest), values, np.nan)
