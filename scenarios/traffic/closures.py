"""Which edges are closed to cars and when.

INTERFACE (implementation follows).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from scenarios.traffic.network import Network

if TYPE_CHECKING:
    from cim_core.city import TimedEdit

ROAD_EDIT_FIELDS = (
    "closed_forward",
    "closed_backward",
    "speed_limit_mps",
    "closed_lanes_forward",
    "closed_lanes_backward",
    "bus_lanes_forward",
    "bus_lanes_backward",
)
"""What to ask of ``city.take_edits("roads", ROAD_EDIT_FIELDS, day)``."""
SIGNAL_EDIT_FIELDS = ("program",)
"""What to ask of ``city.take_edits("signals", SIGNAL_EDIT_FIELDS, day)``."""


def closed_intervals(edits: Sequence[TimedEdit], network: Network) -> pd.DataFrame:
    """Edges no car may enter: columns ``edge begin_s end_s``, disjoint and merged per edge, sorted by edge and begin.

    Seconds after local midnight, begin included, end excluded. Takes all of a plan's edits on roads (closures, and lane
    closures or bus lanes that take every lane of an edge).
    """
    raise NotImplementedError
