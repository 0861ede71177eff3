"""A small made-up town: a street grid, a bridge of two one-way carriageways to the north, an arterial to the west."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, box

from scenarios.traffic.connectivity import passenger_graph, reach

STEP_M = 200.0
CRS = "EPSG:32648"


def roads(size: int = 6, *, exits: bool = True) -> gpd.GeoDataFrame:
    """Streets of ``size`` × ``size`` crossings; ``exits`` adds 北桥 (in and out) and 西路 (two-way)."""
    rows = []

    def road(name: str, start: tuple[float, float], end: tuple[float, float], road_class: str, **more: object) -> None:
        group = more.get("group")
        two_way = not more.get("oneway", False)
        rows.append(
            {
                "id": f"w{len(rows)}",
                "name": name,
                "group": group,
                "class": road_class,
                "bridge": group is not None,
                "tunnel": False,
                "oneway": not two_way,
                "lanes": int(more.get("lanes", 1)),
                "geometry": LineString([start, end]),
            }
        )

    def at(i: float, j: float) -> tuple[float, float]:
        return i * STEP_M, j * STEP_M

    for i in range(size):
        for j in range(size):
            if i + 1 < size:
                road(f"横{j}街", at(i, j), at(i + 1, j), "residential")
            if j + 1 < size:
                road(f"纵{i}街", at(i, j), at(i, j + 1), "residential")
    if exits:
        top, far = size - 1, size + 6
        road("北桥", at(2, far), at(2, top), "primary", oneway=True, lanes=2, group="bridge:北桥")
        road("北桥", at(3, top), at(3, far), "primary", oneway=True, lanes=2, group="bridge:北桥")
        road("西路", at(-6, 1), at(0, 1), "secondary", lanes=1)
    return gpd.GeoDataFrame(rows, crs=CRS).set_index("id")


def network(streets: gpd.GeoDataFrame) -> SimpleNamespace:
    """Edges (``e<road>`` forward, ``-e<road>`` backward), connections that turn back at dead ends alone, reach."""
    rows = []
    for name, road in streets.iterrows():
        (x0, y0), (x1, y1) = road.geometry.coords[0], road.geometry.coords[-1]
        common = {
            "road": name,
            "length_m": road.geometry.length,
            "speed_mps": 11.1,
            "lanes": road.lanes,
            "passenger": True,
        }
        rows.append({"edge": f"e{name}", "direction": "forward", "x0": x0, "y0": y0, "x1": x1, "y1": y1, **common})
        if not road.oneway:
            rows.append(
                {"edge": f"-e{name}", "direction": "backward", "x0": x1, "y0": y1, "x1": x0, "y1": y0, **common}
            )
    edges = pd.DataFrame(rows).set_index("edge").sort_index()
    pairs = edges.reset_index().merge(
        edges.reset_index(), left_on=["x1", "y1"], right_on=["x0", "y0"], suffixes=("", "_to")
    )
    leaving = pairs.groupby("edge")["edge_to"].transform("size")
    pairs = pairs[(pairs["road"] != pairs["road_to"]) | (leaving == 1)]
    connections = pd.DataFrame({"from_edge": pairs["edge"], "to_edge": pairs["edge_to"], "passenger": True})
    graph = passenger_graph(edges.index, connections)
    span = reach(graph, edges["passenger"].to_numpy(), edges["length_m"].to_numpy())
    edges["reachable"] = span.both
    return SimpleNamespace(
        edges=edges,
        connections=connections,
        reachable=frozenset(edges.index[span.both]),
        sources=frozenset(edges.index[span.sources]),
        sinks=frozenset(edges.index[span.sinks]),
    )


def buildings(size: int = 6, floor_area_m2: float = 20_000.0) -> gpd.GeoDataFrame:
    """One building in each block, homes in the west and offices in the east."""
    rows = []
    for i in range(size - 1):
        for j in range(size - 1):
            x, y = (i + 0.3) * STEP_M, (j + 0.3) * STEP_M
            use = "residential" if i < size // 2 else "office"
            rows.append(
                {"id": f"b{i}{j}", "use": use, "floor_area_m2": floor_area_m2, "geometry": box(x, y, x + 40, y + 40)}
            )
    return gpd.GeoDataFrame(rows, crs=CRS).set_index("id")


def pois(rows: list[tuple[str, str, float, float]]) -> gpd.GeoDataFrame:
    """Points of interest from (category, kind, x, y)."""
    frame = pd.DataFrame(rows, columns=["category", "kind", "x", "y"])
    points = [Point(xy) for xy in zip(frame["x"], frame["y"], strict=True)]
    index = pd.Index([f"n{number}" for number in range(len(frame))], name="id")
    return gpd.GeoDataFrame(frame[["category", "kind"]].set_index(index), geometry=np.array(points), crs=CRS)
