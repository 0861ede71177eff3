"""Buildings near main roads."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import geopandas as gpd

from cim_core.result import Result

from .parameters import NearParameters

if TYPE_CHECKING:
    from cim_core.city import City
    from cim_core.scenario import Context


def near(city: City, parameters: NearParameters, context: Context) -> Result:
    """Which buildings stand near main roads. Reads the city, computes, returns; writes nothing."""
    context.progress(0.1, "reading roads and buildings")
    roads = city.layer("roads", columns=["class", "name"])
    buildings = city.layer("buildings", columns=["floor_area_m2"])
    context.progress(0.5, "measuring distances")
    found = buildings_near(buildings, roads, parameters.classes, parameters.within_m)
    context.progress(0.9, "summing up")
    total_m2 = float(buildings["floor_area_m2"].sum())
    near_m2 = float(found["floor_area_m2"].sum())
    return Result(
        figures={
            "buildings_near": len(found),
            "floor_area_near": near_m2,
            "share_near": near_m2 / total_m2 if total_m2 else None,
        },
        layers={"buildings_near": found},
    )


def buildings_near(
    buildings: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, classes: Collection[str], within_m: float
) -> gpd.GeoDataFrame:
    """Buildings within a distance of a road of these classes, with ``distance_m`` and the ``road``'s name.

    Both frames in the city's working CRS (metres). This is the science: frames in, frame out, no files, no city.
    """
    main = roads.loc[roads["class"].isin(list(classes)), ["name", "geometry"]].rename(columns={"name": "road"})
    joined = buildings.sjoin_nearest(main, how="inner", max_distance=within_m, distance_col="distance_m")
    nearest = joined.sort_values(["distance_m", "road"], na_position="last")
    nearest = nearest[~nearest.index.duplicated()].sort_index()
    return nearest[["floor_area_m2", "distance_m", "road", "geometry"]]
