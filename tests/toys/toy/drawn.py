"""A toy whose rows are drawn by the seed, with figures that say nothing, and warnings of both sides."""

import numpy as np
from pydantic import BaseModel, ConfigDict

from cim_core.result import Result

ROWS = ("0", "1")


class DrawnParameters(BaseModel):
    """None."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def drawn(city, parameters, context):
    """Each seed draws two trips, called 0 and 1 in every run; with a plan they take one second less."""
    before, now = context.baseline.layer("roads"), city.layer("roads")
    planned = not before.speed_limit_mps.equals(now.speed_limit_mps)
    random = np.random.default_rng([context.seed, int(planned)])
    trips = now[["geometry"]].iloc[[context.seed, context.seed + 1]].set_axis(ROWS)
    times = 100.0 * context.seed + np.arange(2) - float(planned)
    warnings = ["the city is small", f"{context.seed} of 1,000 trips found no way"]
    return Result(
        figures={
            "absent": None,
            "queue": float(planned) * (1 + context.seed),
            "delay": 100.0 + random.normal() - 1.0 * planned,
            "length": 100.0 + random.normal() - 2.0 * planned,
            "loaded": 100.0 + random.normal() - 1.0 * planned,
            "waiting": 100.0 + random.normal() - 2.0 * planned,
        },
        layers={"trips": trips.assign(time_s=times)},
        warnings=warnings + ([f"a queue of {10 * context.seed}.5 m"] if planned else []),
    )
