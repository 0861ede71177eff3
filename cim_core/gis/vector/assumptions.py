"""What a standard layer's fields are when the source does not say: derived, or assumed with a reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cim_core.crs import geodesic_area_m2

STOREY_HEIGHT_M = 3.0
"""Between the 2.8 m (residential, GB 50096-2011, 5.5.1) and the 3.6 m and more of public buildings."""
_MAX_LEVELS = 200
_MAX_HEIGHT_M = 1000.0

_DEFAULTS: dict[str, dict[str, Any]] = {
    "buildings": {"use": "unknown"},
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
        self._index = index
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
        rows: list[dict[str, str]] = [{} for _ in self._index]
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
        column = columns.get(field, pd.Series(None, index=assumed._index, dtype=object))
        missing = column.isna().to_numpy()
        columns[field] = column.astype(object).where(~missing, value)
        assumed.add(field, "not in the source", missing)


def _fill_buildings(columns: dict[str, pd.Series[Any]], geometry: Any, assumed: Assumed) -> None:
    """Storeys from height, height from storeys; where both are missing, the median of the storeys that are known.

    Without a single storey count or height the columns stay missing, and the caller says so.
    """
    levels = _within(columns.get("levels"), _MAX_LEVELS, geometry)
    height = _within(columns.get("height_m"), _MAX_HEIGHT_M, geometry)
    area = geodesic_area_m2(geometry)
    columns["footprint_m2"] = pd.Series(area, index=assumed._index)
    no_levels, no_height = np.isnan(levels), np.isnan(height)
    if (no_levels & no_height).all():
        return
    levels = np.where(no_levels, np.maximum(np.round(height / STOREY_HEIGHT_M), 1.0), np.maximum(np.round(levels), 1.0))
    assumed.add("levels", "from height", no_levels & ~no_height)
    levels = np.where(np.isnan(levels), np.round(np.nanmedian(levels)), levels)
    assumed.add("levels", "median of the source", no_levels & no_height)
    height = np.where(no_height, levels * STOREY_HEIGHT_M, height)
    assumed.add("height_m", f"storeys times {STOREY_HEIGHT_M:g} m", no_height)
    columns["levels"] = pd.Series(levels, index=assumed._index)
    columns["height_m"] = pd.Series(height, index=assumed._index)
    floor_area = _within(columns.get("floor_area_m2"), np.inf, geometry)
    assumed.add("floor_area_m2", "footprint times storeys", np.isnan(floor_area))
    floor_area = np.where(np.isnan(floor_area), area * levels, floor_area)
    columns["floor_area_m2"] = pd.Series(floor_area, index=assumed._index)


def _within(column: pd.Series[Any] | None, greatest: float, geometry: Any) -> NDArray[np.float64]:
    """Values above zero and up to a limit; others, as missing ones, are NaN."""
    if column is None:
        return np.full(len(geometry), np.nan)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    return np.where((values > 0) & (values <= greatest), values, np.nan)
