"""Parameters that do not fit are refused with a reason; those that do mean what they say."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from scenarios.traffic.parameters import SimulateParameters
from scenarios.traffic.times import Times


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"hours": "7-25"}, "not a part of one day"),
        ({"hours": "9-7"}, "not a part of one day"),
        ({"day": "someday"}, "Invalid isoformat string"),
        ({"mode": "macro"}, "Input should be 'micro' or 'meso'"),
        ({"routing": "best"}, "Input should be 'equilibrium' or 'oneshot'"),
        ({"iterations": 0}, "greater than or equal to 1"),
        ({"demand_scale": 0}, "greater than 0"),
        ({"warmup_min": -1}, "greater than or equal to 0"),
        ({"trajectories_s": 0.5}, "whole number of seconds"),
        ({"trips": "a.csv", "od": "b.csv"}, "give one demand, not trips and od"),
        ({"speed": 3}, "Extra inputs are not permitted"),
    ],
)
def test_refuses_what_does_not_fit(given: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        SimulateParameters.model_validate(given)


def test_every_parameter_has_texts_in_both_languages() -> None:
    for name, field in SimulateParameters.model_json_schema()["properties"].items():
        for text in ("title", "description", "title_zh", "description_zh"):
            assert field.get(text), f"{name} has no {text}"


def test_times_around_the_window() -> None:
    assert Times.of(SimulateParameters(hours="7-8.5")) == Times(24_300, 25_200, 30_600, 34_200)
    midnight = Times.of(SimulateParameters(hours="0-1", warmup_min=30, follow_min=0))
    assert midnight == Times(0, 0, 3600, 3600)


def test_reading_the_parameters_imports_nothing_heavy() -> None:
    code = "import sys, scenarios.traffic.parameters; print({'pandas', 'numpy', 'geopandas'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
