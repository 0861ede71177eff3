"""Signal programmes as SUMO reads them: ``tlLogic`` with its own id, switched by a WAUT at begin and end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cim_core.errors import PlanError

if TYPE_CHECKING:
    import geopandas as gpd

    from cim_core.overlay import TimedEdit
    from scenarios.traffic.network import Network

MIN_GREEN_S = 5.0
"""Shortest green a vehicle phase may get (GB 14886-2016 asks for no less in practice)."""
NEAREST = 3

Phases = tuple[tuple[str, float], ...]


class _Switch(NamedTuple):
    begin_s: float
    end_s: float
    name: str


def signal_elements(edits: Sequence[TimedEdit], network: Network, signals: gpd.GeoDataFrame | None) -> Iterator[str]:
    """``tlLogic``, ``WAUT`` and ``wautJunction`` elements of these edits; raises :class:`PlanError`."""
    switches: dict[str, list[_Switch]] = defaultdict(list)
    for number, edit in enumerate(edit for edit in edits if edit.fields.get("program") is not None):
        for light in sorted({_light(feature, edit.target, network, signals) for feature in edit.features}):
            name = f"plan{number}"
            program = edit.fields["program"]
            phases = planned_phases(program, network.signals.at[light, "phases"], f"signal {edit.target} ({light})")
            switches[light].append(_Switch(edit.begin_s, edit.end_s, name))
            yield _logic(light, name, float(program.get("offset_s", 0)), phases)
    for light, its in sorted(switches.items()):
        yield from _timetable(light, str(network.signals.at[light, "program"]), sorted(its))


def _logic(light: str, name: str, offset_s: float, phases: Phases) -> str:
    rows = "".join(f'<phase duration="{duration:.2f}" state="{state}"/>' for state, duration in phases)
    return f'<tlLogic id="{light}" type="static" programID="{name}" offset="{offset_s:.2f}">{rows}</tlLogic>'


def _timetable(light: str, base: str, switches: Sequence[_Switch]) -> Iterator[str]:
    steps: dict[float, str] = {}
    for switch in switches:
        steps[switch.begin_s] = switch.name
        steps.setdefault(switch.end_s, base)
    start = steps.pop(0.0, base)
    rows = "".join(f'<wautSwitch time="{time:.2f}" to="{steps[time]}"/>' for time in sorted(steps))
    name = f"waut_{light}"
    yield f'<WAUT id="{name}" refTime="0" startProg="{start}">{rows}</WAUT>'
    yield f'<wautJunction wautID="{name}" junctionID="{light}"/>'


def _light(feature: str, target: str, network: Network, signals: gpd.GeoDataFrame | None) -> str:
    node = None if signals is None or feature not in signals.index else int(signals.at[feature, "node"])
    for light, nodes in network.signals["nodes"].items():
        if node in nodes:
            return str(light)
    raise PlanError(
        "plan.no_traffic_light",
        "there is no traffic light in the road network at this signal",
        where=f"signal {target}" if target == feature else f"signal {target}, feature {feature}",
        expected="a signal at a junction where traffic streams cross",
        got="a signal that the network leaves out (at a pedestrian crossing, or at one arm of a junction only)",
        remedy=_nearest(feature, network, signals),
    )


def _nearest(feature: str, network: Network, signals: gpd.GeoDataFrame | None) -> str:
    if signals is None or feature not in signals.index:
        return "import the traffic signals (`cim import osm FILE`)"
    lit = {node for nodes in network.signals["nodes"] for node in nodes}
    others = signals.loc[signals["node"].isin(lit)]
    if others.empty:
        return "the network has no traffic light; a programme cannot be set"
    distance = others.geometry.distance(signals.geometry.at[feature]).sort_values()
    listed = ", ".join(f"{name} ({metres:.0f} m)" for name, metres in distance.head(NEAREST).items())
    return f"use one of the nearest signals with a traffic light: {listed}"


def planned_phases(program: Mapping[str, Any], base: Phases, where: str) -> Phases:
    """The phases of a planned programme, on the ground of the present ones.

    With ``phases`` they are taken as they are. With ``cycle_s`` the yellow and all-red phases keep their times and the
    rest of the cycle is shared among the green phases in proportion to ``splits`` (or to the present green times).

    >>> planned_phases({"cycle_s": 60, "splits": [2, 1]}, (("Gr", 30), ("yr", 3), ("rG", 30), ("ry", 3)), "x")
    (('Gr', 36.0), ('yr', 3), ('rG', 18.0), ('ry', 3))

    Raises :class:`PlanError` for states of another length, another number of splits, or greens that become too short.
    """
    if "phases" in program:
        return _given_phases(program["phases"], len(base[0][0]), where)
    greens = [index for index, (state, _) in enumerate(base) if is_green(state)]
    weights = [float(part) for part in program.get("splits") or [base[index][1] for index in greens]]
    if len(weights) != len(greens):
        raise _unfit(
            where,
            f"{len(greens)} splits, one for each green phase",
            f"{len(weights)}",
            "give as many splits as green phases",
        )
    lost = sum(duration for state, duration in base if not is_green(state))
    available = float(program["cycle_s"]) - lost
    shares = [available * weight / sum(weights) for weight in weights]
    if min(shares) < MIN_GREEN_S:
        raise _unfit(
            where,
            f"{len(greens)} greens of at least {MIN_GREEN_S:.0f} s each, and {lost:.0f} s of yellow and all-red",
            f"{min(shares):.1f} s",
            "lengthen the cycle, or make the splits more even",
        )
    times = dict(zip(greens, shares, strict=True))
    return tuple((state, times.get(index, duration)) for index, (state, duration) in enumerate(base))


def is_green(state: str) -> bool:
    """Whether a phase gives green to somebody and yellow to nobody."""
    return "y" not in state.lower() and "g" in state.lower()


def _given_phases(phases: Sequence[Mapping[str, Any]], links: int, where: str) -> Phases:
    wrong = [phase["state"] for phase in phases if len(phase["state"]) != links]
    if wrong:
        raise _unfit(
            where, f"{links} signals in each state", f"{wrong[0]!r}", "write one letter for each controlled movement"
        )
    return tuple((phase["state"], float(phase["duration_s"])) for phase in phases)


def _unfit(where: str, expected: str, got: str, remedy: str) -> PlanError:
    return PlanError(
        "plan.signal_program_unfit",
        "the signal programme does not fit its traffic light",
        where=where,
        expected=expected,
        got=got,
        remedy=remedy,
    )
