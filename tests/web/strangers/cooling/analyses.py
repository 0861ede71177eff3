"""Where shade is near."""

import numpy as np
import pandas as pd
import shapely

from cim_core.instants import Day
from cim_core.result import Result


def shade(city, parameters, context):
    """Distance of each building to the nearest street with trees; ``context.seed`` scatters it by a metre."""
    roads, buildings = city.layer("roads"), city.layer("buildings")
    day = Day.of("workday", city.timezone)
    planted = {feature for edit in city.take_edits("roads", ["trees"], day) for feature in edit.features}
    shaded = roads[(roads["class"] == parameters.shaded) | roads.index.isin(planted)]
    context.progress(0.5, "measuring")
    _, metres = shapely.STRtree(shaded.geometry.to_numpy()).query_nearest(
        buildings.geometry.to_numpy(), return_distance=True, all_matches=False
    )
    metres = np.maximum(metres + np.random.default_rng(context.seed).normal(0, 1, len(metres)), 0)
    near = metres <= parameters.near_m
    layer = buildings[["geometry"]].assign(distance_m=metres, band=np.where(near, "near", "far"))
    hours = pd.DataFrame(
        {"time_s": np.arange(6, 20) * 3600.0, "people": near.sum() * np.sin(np.linspace(0.3, 2.8, 14))}
    )
    return Result(
        figures={
            "mean_distance": float(metres.mean()),
            "near_share": float(near.mean()),
            "streets": float(len(shaded)),
        },
        layers={"buildings_shade": layer},
        tables={"hours": hours},
    )
