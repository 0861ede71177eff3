"""Where a plan changes the city."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from servers.serving.cache import BuiltOnce

if TYPE_CHECKING:
    from cim_core.city import City
    from cim_core.plan import Edit

_MOST_ROWS = 2_000_000
_boxes: BuiltOnce[tuple[Any, Any]] = BuiltOnce(most=_MOST_ROWS, weight=lambda both: len(both[0]))


def bounds(city: City, edits: Sequence[Edit]) -> list[float] | None:
    """West, south, east, north in degrees of all features that the edits name; None if there are none."""
    found = [np.array([_added(edit)]) for edit in edits if edit.op == "add"]
    for layer in sorted({edit.layer for edit in edits}):
        wanted = sorted({feature for edit in edits if edit.layer == layer for feature in edit.features})
        if city.has_layer(layer):
            index, boxes = _boxes_of(city, layer)
            rows = index.get_indexer(wanted)
            found.append(boxes[rows[rows >= 0]])
    every = np.concatenate([np.empty((0, 4)), *found])
    every = every[np.isfinite(every).all(axis=1)]
    return [*every[:, :2].min(axis=0).tolist(), *every[:, 2:].max(axis=0).tolist()] if len(every) else None


def _boxes_of(city: City, layer: str) -> tuple[Any, Any]:
    """Ids and boxes in degrees of a layer's features, read once per snapshot."""

    def build() -> tuple[Any, Any]:
        frame = city.layer(layer, columns=[])
        return frame.index, frame.geometry.to_crs(4326).bounds.to_numpy()

    return _boxes.get((layer, city.layer_hash(layer)), build)


def _added(edit: Edit) -> list[float]:
    """Box of a feature that the plan brings itself (GeoJSON, degrees)."""
    import shapely

    try:
        return list(shapely.from_geojson(json.dumps(dict(edit.fields).get("geometry"))).bounds)
    except (shapely.GEOSException, TypeError, ValueError):
        return [np.nan] * 4
