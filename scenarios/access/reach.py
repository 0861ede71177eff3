"""Walking time from every building to the nearest place of a kind, and what lies within some minutes of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cim_core.analysis.segments import Accesses, Segments, accesses, segments_of
from cim_core.errors import NotFoundError
from cim_core.instants import Day
from cim_core.result import Result
from scenarios.access.isochrones import isochrones, reached_shares
from scenarios.access.parameters import ReachParameters
from scenarios.access.walk import Walk, walk_from, walk_of_buildings
from scenarios.access.walking import BESIDE_M, FARTHEST_DOOR_M, FLAT_MPS, STAIRS_DOWN_MPS, STAIRS_UP_MPS
from scenarios.access.ways import closures, walkable, without_fragments

if TYPE_CHECKING:
    from cim_core.city import City
    from cim_core.scenario import Context


def reach(city: City, parameters: ReachParameters, context: Context) -> Result:
    """Walking reach; see ``scenarios/access/README.md``.

    Raises
    ------
    NotFoundError
        No place of that kind, or none near a way.
    """
    context.progress(0.05, "reading the ways")
    ways = walkable(city)
    segments = segments_of(ways)
    kept = without_fragments(segments)
    ground = segments.take(kept)
    goals = destinations(city, parameters)
    context.progress(0.3, "placing doors")
    doors = ~(ways["bridge"] | ways["tunnel"]).to_numpy(bool)[ground.feature]
    entries = accesses(ground, goals.geometry.values, beside=BESIDE_M, within=FARTHEST_DOOR_M, allowed=doors)
    _check_entries(entries, parameters)
    day = Day.of(parameters.day, city.timezone)
    shut = closures(city, ways, day, parameters.clock_s)
    walk = walk_from(ground, ways, shut, entries)
    context.progress(0.6, "walking")
    buildings = city.layer("buildings", columns=["floor_area_m2"])
    houses = walk_of_buildings(buildings, walk, doors, goals.index, 60 * parameters.minutes)
    context.progress(0.85, "drawing")
    return Result(
        figures=_figures(houses, walk, parameters),
        layers={
            "buildings_result": houses,
            "ways_result": _ways_result(ways, walk, shut),
            "isochrones": isochrones(walk.segments, walk.times, parameters.minutes, ways.crs),
        },
        tables={"destinations": _destination_table(goals, houses)},
        facts=_facts(ways, segments, kept, goals),
        warnings=_warnings(segments, kept, goals, entries, houses),
    )


def destinations(city: City, parameters: ReachParameters) -> gpd.GeoDataFrame:
    """The places walked to: index id, column ``name``; raises :class:`NotFoundError` where there is none."""
    if parameters.places is not None:
        names = [f"{lon:.6f},{lat:.6f}" for lon, lat in parameters.places]
        points = gpd.points_from_xy(*zip(*parameters.places, strict=True), crs="EPSG:4326")
        return gpd.GeoDataFrame({"name": names}, geometry=points, index=names).to_crs(city.crs)
    pois = city.layer("pois") if city.has_layer("pois") else None
    found = pois[(pois["kind"] == parameters.to) | (pois["category"] == parameters.to)] if pois is not None else None
    if found is None or found.empty:
        common = [] if pois is None else list(pois["kind"].value_counts().index[:12])
        raise NotFoundError(
            "access.no_destination",
            "the city has no place of that kind",
            where="parameter to",
            expected="a kind of the layer pois" + (f": {', '.join(common)}, …" if common else " (there is none yet)"),
            got=parameters.to,
            remedy="choose a kind that is there, give longitude,latitude, or import points of interest",
        )
    return found[["name", "geometry"]]


def _check_entries(entries: Accesses, parameters: ReachParameters) -> None:
    if not len(entries.item):
        raise NotFoundError(
            "access.destination_off_network",
            "no place of that kind lies near a way that people walk on",
            where="parameter to",
            expected=f"a place within {FARTHEST_DOOR_M:.0f} m of a street, walkway or stairway",
            got=parameters.to,
            remedy="choose another place, or import the ways around it",
        )


def _figures(houses: gpd.GeoDataFrame, walk: Walk, parameters: ReachParameters) -> dict[str, Any]:
    area = houses["floor_area_m2"].fillna(0.0)
    reached, connected = houses["reached"], houses["walk_time_s"].notna()
    walked = (area * houses["walk_time_s"])[connected].sum()
    shares = reached_shares(*walk.times, within_s=60 * parameters.minutes).sum(axis=1)
    return {
        "buildings_reached": int(reached.sum()),
        "floor_area_reached": float(area[reached].sum()),
        "share_reached": float(area[reached].sum() / area.sum()) if area.sum() else None,
        "mean_walk_time": float(walked / area[connected].sum()) if area[connected].sum() else None,
        "stairs_share": float((area * houses["stairs_time_s"])[connected].sum() / walked) if walked else None,
        "buildings_cut_off": int((~connected).sum()),
        "network_length": float((shares * walk.segments.length_m).sum()),
    }


def _ways_result(ways: gpd.GeoDataFrame, walk: Walk, shut: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    tail_s, head_s, forward_s, backward_s = walk.times
    by_tail, by_head = np.where(np.isinf(backward_s), np.inf, tail_s), np.where(np.isinf(forward_s), np.inf, head_s)
    nearest = np.full(len(ways), np.inf)
    np.minimum.at(nearest, walk.segments.feature, np.minimum(by_tail, by_head))
    result = ways[["geometry", "stairs"]].copy()
    result["walk_time_s"] = np.where(np.isfinite(nearest), nearest, np.nan)
    result["closed"] = shut.all(axis=1)
    return result


def _destination_table(goals: gpd.GeoDataFrame, houses: gpd.GeoDataFrame) -> pd.DataFrame:
    area = houses["floor_area_m2"].fillna(0.0)
    rows = houses.assign(area=area, weighted=area * houses["walk_time_s"]).groupby("destination")
    sums = rows[["area", "weighted"]].sum().reindex(goals.index, fill_value=0.0)
    return pd.DataFrame(
        {
            "id": goals.index.astype(str),
            "name": goals["name"].to_numpy(),
            "buildings": rows.size().reindex(goals.index, fill_value=0).to_numpy(),
            "floor_area_m2": sums["area"].to_numpy(),
            "mean_walk_time_s": (sums["weighted"] / sums["area"].where(sums["area"] > 0)).to_numpy(),
        }
    )


def _facts(
    ways: gpd.GeoDataFrame, segments: Segments, kept: NDArray[np.bool_], goals: gpd.GeoDataFrame
) -> dict[str, Any]:
    return {
        "speeds": {
            "slopes": "Tobler 1993",
            "flat_mps": round(FLAT_MPS, 4),
            "stairs": "Weidmann 1993, horizontal",
            "stairs_up_mps": STAIRS_UP_MPS,
            "stairs_down_mps": STAIRS_DOWN_MPS,
        },
        "doors": {"beside_m": BESIDE_M, "farthest_m": FARTHEST_DOOR_M},
        "destinations": len(goals),
        "ways": len(ways),
        "stairways": int(ways["stairs"].sum()),
        "length_m": round(float(segments.length_m.sum()), 1),
        "fragments_left_out_m": round(float(segments.length_m[~kept].sum()), 1),
    }


def _warnings(
    segments: Segments, kept: NDArray[np.bool_], goals: gpd.GeoDataFrame, entries: Accesses, houses: gpd.GeoDataFrame
) -> list[str]:
    found = []
    unknown = np.isnan(segments.rise_m).mean() if len(segments) else 1.0
    if unknown > 0:
        found.append(f"{unknown:.0%} of the ways have no elevation and are walked as if level.")
    left_out = segments.length_m[~kept].sum() / 1000
    if left_out > 0:
        found.append(f"{left_out:.1f} km of ways in fragments that do not join the rest were left out.")
    lost = len(goals) - len(np.unique(entries.item))
    if lost:
        found.append(f"{lost} of {len(goals)} places lie over {FARTHEST_DOOR_M:.0f} m from every way: not counted.")
    if houses["walk_time_s"].isna().any():
        found.append(f"{int(houses['walk_time_s'].isna().sum())} buildings have no way to any place.")
    return found
