"""One run of ``sumo``: which files and flags go in, which outputs come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scenarios.traffic.sumo import Finished, Watch, run_child

Mode = Literal["micro", "meso"]
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
FCD, EDGE_DATA, CLOSED_DATA, WEIGHTS = "fcd.parquet", "edgedata.parquet", "closed.parquet", "weights.xml"
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

    def command(self) -> list[str]:
        """Options of the plain run: the same statistics come out whatever is recorded besides."""
        meso = MESO_FLAGS if self.mode == "meso" else ()
        files = [f"--net-file={self.net}", f"--route-files={self.routes}"]
        span = [f"--begin={self.begin_s:g}", f"--end={self.end_s:g}", f"--seed={self.seed}"]
        return [*files, *span, *_additional(self.additional), *FLAGS, *meso, *self.options]


@dataclass(frozen=True)
class Recording:
    """What is recorded of a run.

    Attributes
    ----------
    begin_s, end_s
        The window of edge data.
    interval_s
        Length of its intervals.
    closed
        (edge, begin_s, end_s): who enters these edges in these times is counted.
    trajectories_s
        Period of the positions; 0 records none.
    """

    begin_s: float
    end_s: float
    interval_s: float
    closed: Sequence[tuple[str, float, float]] = ()
    trajectories_s: float = 0.0

    def options(self, directory: Path) -> list[str]:
        """Options and files (written into ``directory``) that make ``sumo`` record it."""
        options = [
            f"--tripinfo-output={TRIPINFO}",
            "--tripinfo-output.write-unfinished",
            "--tripinfo-output.write-undeparted",
            f"--statistic-output={STATISTICS}",
            f"--summary-output={SUMMARY}",
            f"--summary-output.period={SUMMARY_PERIOD_S}",
        ]
        if self.trajectories_s:
            options += [
                f"--fcd-output={FCD}",
                "--fcd-output.attributes=x,y",
                "--fcd-output.skip-empty",
                f"--device.fcd.period={self.trajectories_s:g}",
                f"--device.fcd.begin={self.begin_s:g}",
            ]
        (directory / "record.add.xml").write_text(self._edge_data(), encoding="utf-8")
        return options

    def _edge_data(self) -> str:
        rows = [_edge_data("roads", EDGE_DATA, self.begin_s, self.end_s, self.interval_s)]
        windows: dict[tuple[float, float], list[str]] = {}
        for edge, begin, end in self.closed:
            windows.setdefault((begin, end), []).append(edge)
        for (begin, end), edges in sorted(windows.items()):
            row = _edge_data(f"closed {begin:g} {end:g}", CLOSED_DATA, begin, end, end - begin)
            rows.append(row.replace("/>", f' edges="{" ".join(sorted(edges))}"/>'))
        return "<additional>\n" + "\n".join(rows) + "\n</additional>\n"


def _edge_data(name: str, file: str, begin: float, end: float, period: float) -> str:
    return (
        f'  <edgeData id="{name}" file="{file}" begin="{begin:g}" end="{end:g}" period="{period:g}" excludeEmpty="true"/>'
    )


def _additional(files: Sequence[Path]) -> list[str]:
    return ["--additional-files=" + ",".join(str(file) for file in files)] if files else []


def run(simulation: Simulation, recording: Recording, directory: Path, watch: Watch | None = None) -> Finished:
    """Simulate and record into ``directory``; raises as :func:`scenarios.traffic.sumo.run_child`."""
    options = recording.options(directory)
    recorded = [*simulation.additional, directory / "record.add.xml"]
    command = [option for option in simulation.command() if not option.startswith("--additional-files=")]
    return run_child("sumo", [*command, *_additional(recorded), *options, *_QUIET], directory, watch=watch)


def run_for_weights(simulation: Simulation, period_s: float, directory: Path, watch: Watch | None = None) -> Path:
    """Simulate only to learn travel times per edge and period: the weight file for the router."""
    row = _edge_data("weights", WEIGHTS, simulation.begin_s, simulation.end_s, period_s)
    extra = directory / "weights.add.xml"
    extra.write_text(f"<additional>\n{row}\n</additional>\n", encoding="utf-8")
    command = [option for option in simulation.command() if not option.startswith("--additional-files=")]
    quiet = ["--xml-validation=never", "--no-step-log", "--duration-log.disable", "--no-warnings"]
    run_child("sumo", [*command, *_additional([*simulation.additional, extra]), *quiet], directory, watch=watch)
    return directory / WEIGHTS
