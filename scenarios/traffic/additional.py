"""A plan's timed edits as SUMO additional files: the base network stays untouched.

INTERFACE (implementation follows).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from scenarios.traffic.network import Network

if TYPE_CHECKING:
    import geopandas as gpd

    from cim_core.city import TimedEdit


@dataclass(frozen=True, eq=False)
class Additional:
    """What to hand to ``sumo`` for a plan.

    Attributes
    ----------
    files
        For ``--additional-files`` (empty if nothing is edited), in order.
    options
        Command line options that ``sumo`` needs with them (rerouting mode 8, ignored route errors, …).
    closed
        As :func:`scenarios.traffic.closures.closed_intervals`.
    warnings
        Sentences for the reader (an edit on a road without an edge, …).
    """

    files: tuple[Path, ...]
    options: tuple[str, ...]
    closed: pd.DataFrame
    warnings: tuple[str, ...] = ()


def write_additional(
    road_edits: Sequence[TimedEdit],
    signal_edits: Sequence[TimedEdit],
    network: Network,
    signals: gpd.GeoDataFrame | None,
    directory: Path,
) -> Additional:
    """Write the additional files into ``directory``; raises :class:`cim_core.errors.PlanError` for what cannot be done."""
    raise NotImplementedError
