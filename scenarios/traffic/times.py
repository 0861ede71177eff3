"""The simulated times of a run."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.traffic.parameters import SimulateParameters


@dataclass(frozen=True)
class Times:
    """Seconds after local midnight: the warm-up begins, the window begins and ends, nobody is followed any longer."""

    start_s: float
    begin_s: float
    end_s: float
    stop_s: float

    @classmethod
    def of(cls, parameters: SimulateParameters) -> Times:
        """The warm-up is cut at midnight."""
        begin, end = parameters.window_s
        start = max(0.0, begin - 60 * parameters.warmup_min)
        return cls(start, float(begin), float(end), end + 60 * parameters.follow_min)
