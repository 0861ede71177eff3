"""One run of ``sumo``: which files and flags go in, which outputs come out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scenarios.traffic.sumo import Finished, Watch, run_child

Mode = Literal["micro", "meso"]
MODES: tuple[Mode, ...] = ("micro", "meso")
STEP_S = 1.0
MAX_DEPART_DELAY_S = 900
TIME_TO_TELEPORT_S = 300
FLAGS = (
    "--default.departlane=best",
    "--default.departspeed=max",
    f"--max-depart-delay={MAX_DEPART_DELAY_S}",
    "--ignore-junction-blocker=20",
    f"--time-to-teleport={TIME_TO_TELEPORT_S}",
    f"--step-length={STEP_S:g}",
)
"""Flags of every run. A vehicle that cannot enter for 15 minutes is discarded, one that stands for 5 is teleported."""
MESO_FLAGS = ("--mesosim", "--meso-junction-control", "--meso-minor-penalty=2", "--meso-tls-penalty=1")
_QUIET = ("--xml-validation=never", "--no-step-log=false", "--step-log.period=60", "--duration-log.disable")

TRIPINFO, STATISTICS, SUMMARY = "tripinfo.parquet", "statistics.xml", "summary.parquet"
FCD, EDGE_DATA, ROUTES, WEIGHTS = "fcd.parquet", "edgedata.parquet", "vehroutes.parquet", "weights.xml"
SUMMARY_PERIOD_S = 60


@dataclass(frozen=True)
class Simulation:
    """What is simulated, apart from what is recorded.

    Attributes
    ----------
    net, routes, additional
        Input files.
    options
        Further options that the additional files need.
    begin_s, end_s
        Simulated time, in seconds after local midnight.
    """

    net: Path
    routes: Path
    additional: tuple[Path, ...]
    options: tuple[str, ...]
    begin_s: float
    end_s: float
    mode: Mode
    seed: int

    def command(self, *recorded: Path) -> list[str]:
        """Options of the run: the same statistics come out whatever the ``recorded`` additional files write besides."""
        files = [f"--net-file={self.net}", f"--route-files={self.routes}"]
        additional = [*self.additional, *recorded]
        if additional:
            files.append("--additional-files=" + ",".join(str(file) for file in additional))
        span = [f"--begin={self.begin_s:.2f}", f"--end={self.end_s:.2f}", f"--seed={self.seed}"]
        return [*files, *span, *FLAGS, *(MESO_FLAGS if self.mode == "meso" else ()), *self.options]


@dataclass(frozen=True)
class Recording:
    """What is recorded of a run.

    Attributes
    ----------
    begin_s, end_s
        The window of edge data.
    interval_s
        Length of its intervals.
    routes
        Whether the edges that each vehicle drove are recorded, with the times at which it left them.
    trajectories_s
        Period of the positions; 0 records none.
    """

    begin_s: float
    end_s: float
    interval_s: float
    routes: bool = False
    trajectories_s: float = 0.0

    def options(self) -> list[str]:
        """Options that make ``sumo`` record vehicles; roads are in :meth:`edge_data`."""
        options = [
            f"--tripinfo-output={TRIPINFO}",
            "--tripinfo-output.write-unfinished",
            "--tripinfo-output.write-undeparted",
            f"--statistic-output={STATISTICS}",
            f"--summary-output={SUMMARY}",
            f"--summary-output.period={SUMMARY_PERIOD_S}",
        ]
        if self.routes:
            options += [
                f"--vehroute-output={ROUTES}",
                "--vehroute-output.exit-times",
                "--vehroute-output.last-route",
                "--vehroute-output.write-unfinished",
            ]
        if self.trajectories_s:
            options += [
                f"--fcd-output={FCD}",
                "--fcd-output.attributes=x,y",
                "--fcd-output.skip-empty",
                f"--device.fcd.period={self.trajectories_s:g}",
                f"--device.fcd.begin={self.begin_s:g}",
            ]
        return options

    def edge_data(self) -> str:
        """The additional file that asks for edge data."""
        return _additional(EDGE_DATA, self.begin_s, self.end_s, self.interval_s)


def _additional(file: str, begin: float, end: float, period: float) -> str:
    span = f'begin="{begin:.2f}" end="{end:.2f}" period="{period:.2f}"'
    return f'<additional><edgeData id="edges" file="{file}" {span} excludeEmpty="true"/></additional>\n'


def run(simulation: Simulation, recording: Recording, directory: Path, watch: Watch | None = None) -> Finished:
    """Simulate and record into ``directory``; raises as :func:`scenarios.traffic.sumo.run_child`."""
    record = directory / "record.add.xml"
    record.write_text(recording.edge_data(), encoding="utf-8")
    options = [*simulation.command(record), *recording.options(), *_QUIET]
    return run_child("sumo", options, directory, watch=watch)


def run_for_weights(simulation: Simulation, period_s: float, directory: Path, watch: Watch | None = None) -> Path:
    """Simulate only to learn travel times per edge and period: the weight file for the router."""
    record = directory / "weights.add.xml"
    record.write_text(_additional(WEIGHTS, simulation.begin_s, simulation.end_s, period_s), encoding="utf-8")
    run_child("sumo", [*simulation.command(record), "--no-warnings", *_QUIET], directory, watch=watch)
    return directory / WEIGHTS
