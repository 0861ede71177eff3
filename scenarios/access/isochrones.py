"""How much of each way is reached within a time, and the areas around it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from cim_core.analysis.segments import Segments
from cim_core.crs import geodesic_area_m2
from scenarios.access.walking import BESIDE_M

Floats = NDArray[np.float64]

BANDS = 3


def reached_shares(tail_s: Floats, head_s: Floats, forward_s: Floats, backward_s: Floats, within_s: float) -> Floats:
    """Share of each segment from which one gets there in time by its tail, and by its head: shape (segments, 2).

    ``tail_s`` and ``head_s`` are times from the segment's ends; ``backward_s`` is the time to walk the segment to its
    tail, ``forward_s`` to its head (infinite: closed). Both shares together are at most 1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        by_tail = np.clip((within_s - tail_s) / backward_s, 0, 1)
        by_head = np.clip((within_s - head_s) / forward_s, 0, 1)
    by_tail, by_head = np.nan_to_num(by_tail), np.nan_to_num(by_head)
    return np.column_stack([by_tail, np.minimum(by_head, 1 - by_tail)])


def isochrones(
    segments: Segments, times: tuple[Floats, Floats, Floats, Floats], minutes: float, crs: CRS
) -> gpd.GeoDataFrame:
    """One area a band (a third, two thirds and all of the minutes): what lies within 30 m of a way reached in time."""
    bands = [minutes * (step + 1) / BANDS for step in range(BANDS)]
    areas = [_area(segments, reached_shares(*times, within_s=60 * band)) for band in bands]
    frame = gpd.GeoDataFrame({"minutes": bands}, geometry=areas, crs=crs)
    frame["area_m2"] = geodesic_area_m2(np.asarray(frame.to_crs("EPSG:4326").geometry.values))
    frame.index = [f"within-{step + 1}-of-{BANDS}" for step in range(BANDS)]
    return frame.rename_axis("id")


def _area(segments: Segments, shares: Floats) -> shapely.Geometry:
    step = segments.end - segments.start
    from_tail = np.stack([segments.start, segments.start + shares[:, :1] * step], axis=1)
    from_head = np.stack([segments.end - shares[:, 1:] * step, segments.end], axis=1)
    lines = shapely.linestrings(np.concatenate([from_tail, from_head]))[shares.T.ravel() > 0]
    return shapely.simplify(shapely.union_all(shapely.buffer(lines, BESIDE_M, quad_segs=3)), 2.0)
