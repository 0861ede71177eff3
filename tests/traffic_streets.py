"""Small street networks and SUMO runs on them, for tests of the network and of the measures."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj
from lxml import etree
from shapely.geometry import LineString, Point

from cim_core.canonical import content_hash
from cim_core.overlay import TimedEdit
from scenarios.traffic.netconvert import environment, programme
from scenarios.traffic.network import Network, build_network

CRS = pyproj.CRS("EPSG:32648")
ORIGIN = (652_000.0, 3_271_000.0)
SPEED_MPS = 50 / 3.6
PLACES = {
    1: (0, 0),
    2: (500, 0),
    3: (1000, 0),
    4: (1500, 0),
    5: (750, 400),
    6: (2000, 0),
    7: (500, -400),
    8: (500, 400),
}


def street(nodes: Sequence[int], forward: int = 2, backward: int = 2, **fields: object) -> dict[str, object]:
    """One road part through these places, with lanes in each direction."""
    return {"nodes": list(nodes), "lanes_forward": forward, "lanes_backward": backward, **fields}


def roads_frame(
    streets: dict[str, dict[str, object]], places: dict[int, tuple[float, float]] | None = None
) -> gpd.GeoDataFrame:
    """A roads layer of these streets (columns that the network reads)."""
    where = PLACES if places is None else places
    rows = []
    for name, fields in streets.items():
        nodes = list(fields["nodes"])  # type: ignore[call-overload]
        line = LineString([(ORIGIN[0] + where[node][0], ORIGIN[1] + where[node][1]) for node in nodes])
        defaults = {
            "id": name,
            "name": None,
            "tags": "{}",
            "class": "secondary",
            "speed_limit_mps": SPEED_MPS,
            "oneway": fields["lanes_backward"] == 0,
            "access": "all",
            "from_node": nodes[0],
            "to_node": nodes[-1],
            "bridge": False,
            "tunnel": False,
            "layer": 0,
            "geometry": line,
        }
        rows.append(defaults | fields)
    return gpd.GeoDataFrame(rows, crs=CRS).set_index("id")


def signals_frame(nodes: Iterable[int], places: dict[int, tuple[float, float]] | None = None) -> gpd.GeoDataFrame:
    """A signals layer with one signal ``n<node>`` at each place."""
    where = PLACES if places is None else places
    points = [Point(ORIGIN[0] + where[node][0], ORIGIN[1] + where[node][1]) for node in nodes]
    return gpd.GeoDataFrame(
        {"node": list(nodes), "id": [f"n{node}" for node in nodes]}, geometry=points, crs=CRS
    ).set_index("id")


@dataclass
class FolderCache:
    """The cache interface over a directory, counting what was built."""

    root: Path
    built: int = 0

    def get(self, kind: str, key: object, build: Callable[[Path], None]) -> Path:
        directory = self.root / kind / content_hash(key)
        if not directory.exists():
            directory.mkdir(parents=True)
            build(directory)
            self.built += 1
        return directory


def network_of(
    tmp_path: Path,
    streets: dict[str, dict[str, object]],
    signals: gpd.GeoDataFrame | None = None,
    places: dict[int, tuple[float, float]] | None = None,
) -> Network:
    """The network of these streets."""
    return build_network(roads_frame(streets, places), signals, None, CRS, FolderCache(tmp_path / "cache"))


LINE = {"ab": street([1, 2]), "bc": street([2, 3]), "cd": street([3, 4])}
"""Three streets in a row."""
LINE_WITH_DETOUR = {**LINE, "be": street([2, 5]), "ec": street([5, 3])}
CROSSING = {"ab": street([1, 2]), "bc": street([2, 3]), "south": street([7, 2]), "north": street([2, 8])}


def edit(road: str, begin_s: float = 300, end_s: float = 900, **fields: object) -> TimedEdit:
    """A timed edit of one feature."""
    return TimedEdit((road,), dict(fields), "set", begin_s, end_s, road, 0)


@dataclass
class Run:
    """What a SUMO run left behind."""

    folder: Path
    status: int
    messages: str

    def xml(self, name: str) -> etree._Element:
        return etree.parse(self.folder / name).getroot()

    @property
    def teleports(self) -> int:
        found = self.xml("statistics.xml").find("teleports")
        return int(found.get("total"))

    def trips(self) -> pd.DataFrame:
        rows = [dict(trip.attrib) for trip in self.xml("trips.xml").iter("tripinfo")]
        frame = pd.DataFrame(rows).set_index("id")
        return frame.astype({"depart": float, "duration": float, "routeLength": float})

    def arrival_edges(self) -> pd.Series:
        return self.trips()["arrivalLane"].str.rpartition("_")[0]

    def entries(self, edge: str) -> pd.Series:
        """Vehicle → second at which it drove onto the edge (who started there is not in it)."""
        found = {}
        for vehicle in self.xml("routes.out.xml").iter("vehicle"):
            route = vehicle.findall(".//route")[-1]
            edges, left = route.get("edges").split(), [float(time) for time in route.get("exitTimes").split()]
            found |= {
                vehicle.get("id"): left[i - 1] for i in range(1, len(edges)) if edges[i] == edge and left[i - 1] >= 0
            }
        return pd.Series(found, dtype=float)

    def lane_seconds(self) -> pd.DataFrame:
        """Vehicle seconds on each lane (column) in each interval of 100 s (index: its begin)."""
        rows = [
            (float(interval.get("begin")), lane.get("id"), float(lane.get("sampledSeconds")))
            for interval in self.xml("lanes.xml").iter("interval")
            for lane in interval.iter("lane")
        ]
        frame = pd.DataFrame(rows, columns=["begin", "lane", "seconds"])
        return frame.pivot_table(index="begin", columns="lane", values="seconds", fill_value=0.0)


def vehicles(route: Sequence[str], departs: Iterable[float], prefix: str = "v", **attributes: str) -> list[str]:
    """Vehicle elements on one route."""
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return [
        f'<vehicle id="{prefix}{depart:g}" depart="{depart:.1f}" departLane="best"{more}>'
        f'<route edges="{" ".join(route)}"/></vehicle>'
        for depart in departs
    ]


def run_sumo(
    folder: Path, network: Network, demand: Iterable[str], files: Sequence[Path] = (), options: Sequence[str] = ()
) -> Run:
    """Run SUMO with outputs that the tests read."""
    folder.mkdir(parents=True, exist_ok=True)
    types = '<vType id="car" sigma="0" speedDev="0"/><vType id="bus" vClass="bus"/>'
    ordered = sorted(demand, key=lambda element: float(element.split('depart="')[1].split('"')[0]))
    (folder / "demand.rou.xml").write_text(f"<routes>{types}{''.join(ordered)}</routes>")
    lanes = '<laneData id="lanes" file="lanes.xml" period="100" excludeEmpty="true"/>'
    (folder / "lanes.add.xml").write_text(f"<additional>{lanes}</additional>")
    additional = ",".join(str(file) for file in (folder / "lanes.add.xml", *files))
    command = [
        str(programme("sumo")),
        "-n",
        str(network.net_file),
        "-r",
        "demand.rou.xml",
        "-a",
        additional,
        "-e",
        "4000",
    ]
    command += [
        "--vehroute-output",
        "routes.out.xml",
        "--vehroute-output.exit-times",
        "--vehroute-output.write-unfinished",
    ]
    command += ["--statistic-output", "statistics.xml", "--tripinfo-output", "trips.xml", "--no-step-log", *options]
    child = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    return Run(folder, child.returncode, child.stderr)
