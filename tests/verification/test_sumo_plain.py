"""What we report against what plain ``sumo`` says on the same files, and against theory."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from lxml import etree
from traffic_streets import LINE, PLACES, SPEED_MPS, network_of, street

from cim_core.city import City
from cim_core.result import Result
from cim_core.scenario import Context
from cim_core.store.cache import FileCache
from cim_core.testing.tiny_city import tiny_city
from scenarios.traffic import outputs, simulation
from scenarios.traffic.netconvert import environment, programme
from scenarios.traffic.parameters import SimulateParameters
from scenarios.traffic.route_files import Vehicle, write_vehicles
from scenarios.traffic.routing import Router, equilibrium, route_once
from scenarios.traffic.run import Prepared, Run
from scenarios.traffic.simulate import Stages, prepare, to_result
from scenarios.traffic.simulation import MODES, Mode, Recording, Simulation

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return tiny_city(tmp_path_factory.mktemp("plain") / "town")


def recorded(city: City, folder: Path, mode: Mode) -> tuple[Prepared, Result, Run]:
    for part in ("scratch", "out"):
        (folder / part).mkdir()
    context = Context(7, folder / "scratch", folder / "out", city, FileCache(city.root))
    asked = SimulateParameters(mode=mode, routing="oneshot", warmup_min=0, follow_min=30, demand_scale=3)
    prepared = prepare(city, asked, context, Stages(context))
    finished = simulation.run(prepared.job, prepared.recording, context.scratch)
    run = Run(**vars(prepared), finished=finished, directory=context.scratch, out=context.out)
    return prepared, to_result(run), run


@pytest.mark.parametrize("mode", MODES)
def test_same_seed_statistics_are_those_of_plain_sumo(city: City, tmp_path: Path, mode: Mode) -> None:
    prepared, result, run = recorded(city, tmp_path, mode)
    plain = tmp_path / "plain"
    plain.mkdir()
    command = [programme("sumo"), *prepared.job.command(), "--statistic-output=plain.xml", "--duration-log.statistics"]
    subprocess.run(command, cwd=plain, env=environment(), check=True, capture_output=True)
    ours, theirs = (
        etree.parse(str(path)).getroot() for path in (run.directory / "statistics.xml", plain / "plain.xml")
    )
    for name in ("vehicles", "teleports", "safety", "vehicleTripStatistics"):
        pair = [dict(root.find(name).attrib) for root in (ours, theirs)]
        for one in pair:
            one.pop("departDelayWaiting", None)  # plain sumo does not look at vehicles that never set out
        assert pair[0] == pair[1], name
    said = {name: float(value) for name, value in theirs.find("vehicleTripStatistics").attrib.items()}
    pairs = {
        "mean_duration": "duration",
        "mean_time_loss": "timeLoss",
        "mean_depart_delay": "departDelay",
        "mean_route_length": "routeLength",
        "mean_speed": "speed",
    }
    for figure, name in pairs.items():
        assert result.figures[figure] == pytest.approx(said[name], abs=0.0051), figure  # SUMO writes two digits
    counted = theirs.find("vehicles")
    assert result.figures["inserted"] == int(counted.get("inserted"))
    assert result.figures["running"] == int(counted.get("running"))


def test_flow_is_conserved_on_every_edge(city: City, tmp_path: Path) -> None:
    _, result, run = recorded(city, tmp_path, "micro")
    raw = pd.read_parquet(run.directory / simulation.EDGE_DATA)
    flows = raw.groupby("edge_id")[["edge_departed", "edge_arrived", "edge_entered", "edge_left"]].sum()
    inside = flows["edge_departed"] + flows["edge_entered"] - flows["edge_left"] - flows["edge_arrived"]
    still_there = outputs.read_summary(run.directory).set_index("time_s")["running"].get(28_800.0)
    assert (inside >= 0).all()
    assert inside.sum() <= still_there
    assert flows["edge_departed"].sum() == result.figures["inserted"]


@pytest.mark.parametrize("mode", MODES)
def test_free_flow_time_is_length_over_speed(tmp_path: Path, mode: Mode) -> None:
    network = network_of(tmp_path, LINE)
    lengths = network.edges["length_m"]
    ways = [network.edges_of([road], "forward")[0] for road in ("ab", "bc", "cd")]
    write_vehicles(tmp_path / "one.xml", [Vehicle(0, 0.0, ways[0], ways[-1], " ".join(ways))])
    job = Simulation(network.net_file, tmp_path / "one.xml", (), ("--default.speeddev=0",), 0, 600, mode, 1)
    folder = tmp_path / "run"
    folder.mkdir()
    simulation.run(job, Recording(0, 600, 600, trajectories_s=0), folder)
    trip = outputs.read_trips(folder).iloc[0]
    assert trip["route_length_m"] == pytest.approx(lengths[ways].sum(), abs=20)
    # dawdling of the Krauss model (sigma 0.5) holds a lone car a few per cent below the limit
    assert trip["duration_s"] == pytest.approx(trip["route_length_m"] / SPEED_MPS, rel=0.06)


def test_equilibrium_shares_a_narrow_way_and_a_detour(tmp_path: Path) -> None:
    streets = {"ab": street([1, 2]), "be": street([2, 5]), "ec": street([5, 3]), "cd": street([3, 4])}
    streets |= {"bm": street([2, 9]), "mc": street([9, 3], 1, speed_limit_mps=5.0)}  # the queue stands on bm
    network = network_of(tmp_path, streets, places=PLACES | {9: (900, 0)})
    start, goal = network.edges_of(["ab"], "forward")[0], network.edges_of(["cd"], "forward")[0]
    vehicles = [Vehicle(number, number * 2.5, start, goal, None) for number in range(600)]
    folder = tmp_path / "work"
    folder.mkdir()
    router = Router(network, [], folder, 1)
    job = Simulation(network.net_file, folder / "it.xml", (), (), 0, 3600, "meso", 1)

    def learn(driving: Sequence[Vehicle]) -> Path:
        write_vehicles(folder / "it.xml", driving)
        return simulation.run_for_weights(job, 300, folder)

    once = route_once(router, vehicles)
    assert len({vehicle.route for vehicle in once.vehicles}) == 1  # everybody takes the short, narrow way
    settled = equilibrium(router, once, learn, iterations=8)
    assert settled.gaps[0] > 0.2
    assert min(settled.gaps) >= 0
    assert sum(settled.gaps[-3:]) / 3 < settled.gaps[0] / 3  # it swings while it falls
    assert len({vehicle.route for vehicle in settled.vehicles}) == 2
