"""The map between a city's roads and signals and the edges and traffic lights that netconvert made of them."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from scenarios.traffic.net_xml import NetTables


def with_roads(edges: pd.DataFrame, road_of_way: Mapping[int, str]) -> pd.DataFrame:
    """netconvert names edges ``[-]way[#part][-AddedOn/OffRampEdge]``; the sign is the direction against the drawing."""
    ways = edges.index.str.extract(r"^(-?)(\d+)", expand=True)
    frame = edges.copy()
    frame.insert(0, "road", [road_of_way[int(way)] for way in ways[1]])
    frame.insert(1, "direction", np.where(ways[0] == "-", "backward", "forward"))
    frame["passenger"] = [any(lanes) for lanes in frame["passenger_lanes"]]
    return frame


def with_passenger(connections: pd.DataFrame, lanes: pd.Series) -> pd.DataFrame:
    """Connections with ``passenger``: whether cars may use both lanes (``lanes``: edge → tuple of bool)."""
    ends = ("from_edge", "from_lane", "to_edge", "to_lane")
    rows = zip(*(connections[column] for column in ends), strict=True)
    allowed = lanes.to_dict()
    passenger = [allowed[came][lane] and allowed[left][ahead] for came, lane, left, ahead in rows]
    return connections.assign(passenger=np.array(passenger, dtype=bool))


def junction_of_node(junctions: pd.Index) -> dict[int, str]:
    """OSM node → junction it became or was joined into (``cluster_1_2_3``)."""
    return {int(part): name for name in junctions for part in str(name).split("_") if part.isdigit()}


def unmapped_roads(
    roads: gpd.GeoDataFrame, edges: pd.DataFrame, left_out: Mapping[str, str], junctions: pd.Index
) -> dict[str, str]:
    """Road parts without an edge → why; ``left_out`` are those that were not handed to netconvert."""
    place = junction_of_node(junctions)
    missing = roads.loc[~roads.index.isin(edges["road"]) & ~roads.index.isin(list(left_out))]
    reasons = dict(left_out)
    for road, first, last in zip(missing.index, missing["from_node"], missing["to_node"], strict=True):
        inside = place.get(int(first)) is not None and place.get(int(first)) == place.get(int(last))
        reasons[str(road)] = "inside a junction that its ends were joined into" if inside else "dropped by netconvert"
    return reasons


def with_nodes(tables: NetTables, edges: pd.DataFrame, signal_nodes: tuple[int, ...]) -> pd.DataFrame:
    """Traffic lights with the signal nodes they stand for: at the junction itself, or on an edge that leads to it."""
    controlled = tables.connections.dropna(subset="tls")
    heads = controlled.assign(junction=controlled["from_edge"].map(edges["to_junction"]))
    light_of = dict(zip(heads["junction"], heads["tls"], strict=True))
    place = junction_of_node(tables.junctions.index)
    onward = dict(zip(edges["from_junction"], edges["to_junction"], strict=True))
    nodes: dict[str, list[int]] = {}
    for node in sorted(signal_nodes):
        junction = place.get(node)
        light = light_of.get(junction) or light_of.get(onward.get(junction))
        if light is not None:
            nodes.setdefault(light, []).append(node)
    places = tables.junctions.loc[list(light_of)].groupby(pd.Series(light_of))[["x", "y"]].mean()
    listed = pd.Series({light: tuple(nodes.get(light, ())) for light in tables.signals.index}, dtype=object)
    return tables.signals.assign(nodes=listed).join(places)
