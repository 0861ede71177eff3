"""Trip generation: car trip ends of each building and point of interest, from floor area and use."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from scenarios.traffic.profile import LEGS, Period, period_share
from scenarios.traffic.trip_rates import (
    CAR_SHARE,
    DEFAULT_USE,
    GUESSED,
    OCCUPANCY,
    POI_FLOOR_AREA,
    RATES,
    USE_CLASSES,
    WEEKEND_FACTOR,
    use_mix,
)

_CLASSES = tuple(RATES)


def floor_areas(buildings: gpd.GeoDataFrame | None, pois: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Floor area in m² by class of use: index layer/id (sorted), columns ``x y`` and one per class.

    A point of interest stands for a stated floor area, unless it lies in a building of its own class, whose floor area
    counts already.
    """
    parts = [part for part in (_of_buildings(buildings), _of_pois(pois, buildings)) if len(part)]
    if not parts:
        return pd.DataFrame(columns=["x", "y", *_CLASSES], dtype="float64")
    return pd.concat(parts).sort_index(kind="stable")


def _of_buildings(buildings: gpd.GeoDataFrame | None) -> pd.DataFrame:
    if buildings is None or not len(buildings):
        return pd.DataFrame()
    uses = _known_uses(buildings)
    mixes = pd.DataFrame({use: use_mix(use) for use in uses.unique()}).T
    mixes = mixes.reindex(columns=_CLASSES).fillna(0.0)
    area = buildings["floor_area_m2"].fillna(0.0).clip(lower=0.0).to_numpy(dtype="float64")
    shares = mixes.loc[uses].to_numpy() * area[:, None]
    frame = pd.DataFrame(shares, index="buildings/" + buildings.index.astype(str), columns=list(_CLASSES))
    points = shapely.point_on_surface(buildings.geometry.to_numpy())
    return frame.assign(x=shapely.get_x(points), y=shapely.get_y(points))


def _known_uses(buildings: gpd.GeoDataFrame) -> pd.Series:
    """Use of each building; "" where the importer could only take the most common one (``assumed``, JSON or dict)."""
    uses = buildings["use"].fillna("").astype(str)
    if "assumed" not in buildings:
        return uses
    guessed = np.array([GUESSED in str(reasons) for reasons in buildings["assumed"]])
    return uses.mask(guessed & uses.eq(DEFAULT_USE).to_numpy(), "")


def _of_pois(pois: gpd.GeoDataFrame | None, buildings: gpd.GeoDataFrame | None) -> pd.DataFrame:
    if pois is None or not len(pois):
        return pd.DataFrame()
    pairs = zip(pois["category"].astype(str), pois["kind"].astype(str), strict=True)
    stands_for = [POI_FLOOR_AREA.get(pair) or POI_FLOOR_AREA.get((pair[0], "*")) or ("none", 0.0) for pair in pairs]
    classes = np.array([use for use, _ in stands_for], dtype=object)
    areas = np.array([area for _, area in stands_for])
    points = shapely.centroid(pois.geometry.to_numpy())
    if buildings is not None and len(buildings):
        inside, around = shapely.STRtree(buildings.geometry.to_numpy()).query(points, predicate="within")
        of_class = _known_uses(buildings).map(USE_CLASSES).to_numpy()[around]
        areas[inside[of_class == classes[inside]]] = 0.0
    frame = pd.DataFrame(0.0, index="pois/" + pois.index.astype(str), columns=list(_CLASSES))
    for use in set(classes):
        frame.loc[classes == use, use] = areas[classes == use]
    return frame.assign(x=shapely.get_x(points), y=shapely.get_y(points))[areas > 0]


def trip_ends(areas: pd.DataFrame, period: Period) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Productions and attractions in car trips over the period, linear in the floor areas.

    Both have the index of ``areas`` and a column per (purpose, leg) of :data:`LEGS`. Out: from home to activity; back:
    the same the other way round; business: from activity to activity.
    """
    shares = areas[list(_CLASSES)].to_numpy() / 100.0
    produced, attracted = {}, {}
    for purpose, leg in LEGS:
        factor = CAR_SHARE[purpose].value / OCCUPANCY[purpose].value
        factor *= period_share(purpose, leg, period)
        factor *= WEEKEND_FACTOR[purpose].value if period.day == "weekend" else 1.0
        activity = shares @ np.array([getattr(RATES[use], purpose) for use in _CLASSES])
        home = shares @ np.array([getattr(RATES[use], f"home_{purpose}", 0.0) for use in _CLASSES])
        if purpose == "business":
            home = activity
        ends = (home, activity) if leg == "out" else (activity, home)
        produced[purpose, leg], attracted[purpose, leg] = factor * ends[0], factor * ends[1]
    return pd.DataFrame(produced, index=areas.index), pd.DataFrame(attracted, index=areas.index)
