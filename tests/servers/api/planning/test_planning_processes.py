"""Processes, measures and scenarios: forms made from declarations."""

from __future__ import annotations

from pathlib import Path

import pytest
from answered_city import document
from jsonschema_rs import Draft202012Validator
from pydantic import BaseModel, Field

from cim_core.city import City
from cim_core.errors import ParameterError, ScenarioError
from cim_core.question import check_parameters
from cim_core.registry import Registry
from cim_core.settings import Settings
from servers.api import create_app
from servers.api.asking import parameters_given
from servers.api.forms import file_fields, form_schema
from servers.api.models_plans import MeasureList
from servers.api.models_processes import ProcessDescription, ProcessList, ScenarioList


def test_every_analysis_of_a_sound_scenario_is_listed(get, toys):
    listed = document(get("/api/processes"), ProcessList).processes
    assert [one.id for one in listed] == list(toys.analyses())
    noise = next(one for one in listed if one.id == "toy.noise")
    assert (noise.title, noise.titles.zh, noise.scenario_titles.zh) == ("Known noise", "已知噪声", "玩具")
    assert noise.stochastic
    assert noise.missing == []
    assert {link.rel.rpartition("/")[2] for link in noise.links} == {"self", "execute"}


def test_what_the_city_lacks_is_said_by_name_and_title(tmp_path, toys):
    City.create(tmp_path / "empty")
    client = create_app(tmp_path / "empty", settings=Settings(), registry=toys).test_client()
    listed = document(client.get("/api/processes"), ProcessList).processes
    reach = next(one for one in listed if one.id == "access.reach")
    assert reach.missing == ["roads", "buildings"]
    assert [title.zh for title in reach.missing_titles] == ["道路", "建筑"]


@pytest.mark.parametrize("process", ["toy.noise", "traffic.simulate", "access.reach"])
def test_a_description_has_the_form_and_the_meaning_of_answers(get, toys, process):
    found = document(get(f"/api/processes/{process}"), ProcessDescription)
    declared = toys.analysis(process)[1]
    Draft202012Validator(found.parameters)  # it raises for a schema that is none
    assert found.inputs.keys() == found.parameters["properties"].keys() == toys.parameters(process).model_fields.keys()
    assert found.figures.keys() == declared.figures.keys()
    assert {name: table.pair_by for name, table in found.tables.items()} == {
        name: table.pair_by for name, table in declared.tables.items()
    }
    for name, layer in found.layers.items():
        assert layer.show == declared.layers[name].show
        assert layer.columns.keys() == declared.layers[name].columns.keys()


def test_forms_have_both_languages_units_and_no_union_with_null(get):
    form = document(get("/api/processes/traffic.simulate"), ProcessDescription).parameters["properties"]
    assert (form["warmup_min"]["title_zh"], form["warmup_min"]["unit"]) == ("预热", "min")
    assert form["trips"] == {
        "type": "string",
        "format": "path",
        "title": "Trips",
        "title_zh": "出行清单",
        "description": form["trips"]["description"],
        "description_zh": form["trips"]["description_zh"],
        "input_file": True,
    }
    assert not [name for name, field in form.items() if "anyOf" in field or "title" not in field]


def test_a_default_of_null_goes_and_other_unions_stay():
    class Parameters(BaseModel):
        limit: int | None = None
        place: int | str = 3

    form = form_schema(Parameters)["properties"]
    assert form["limit"] == {"type": "integer", "title": "Limit"}
    assert form["place"]["anyOf"] == [{"type": "integer"}, {"type": "string"}]


def test_a_file_hidden_in_another_field_cannot_be_asked_for_over_http():
    class Pair(BaseModel):
        file: Path

    class Parameters(BaseModel):
        plain: Path | None = None
        pairs: list[Pair] = []

    with pytest.raises(ScenarioError, match="hides a file inside another field"):
        file_fields(Parameters)


class Renamed(BaseModel):
    """A file whose name in questions is another than in the code."""

    trips: Path | None = Field(default=None, alias="trips-file")
    counts: Path | None = Field(default=None, validation_alias="counts-file")


class _Renamed(Registry):
    def parameters(self, name: str) -> type[BaseModel]:
        return Renamed


def test_a_file_by_its_alias_is_looked_for_among_the_inputs_alone(city):
    assert file_fields(Renamed) == ("trips-file", "counts-file")
    assert [field["input_file"] for field in form_schema(Renamed)["properties"].values()] == [True, True]
    inputs = city.root / "inputs"
    inputs.mkdir()
    (inputs / "counts.csv").write_text("a")
    found = parameters_given(city, _Renamed({}), "x.y", {"counts-file": "counts.csv"})
    assert found == {"counts-file": inputs / "counts.csv"}
    for name in ("trips-file", "counts-file"):
        with pytest.raises(ParameterError, match="no input file has this name"):
            parameters_given(city, _Renamed({}), "x.y", {name: "/etc/passwd"})


def test_a_question_has_one_name_for_each_parameter(tmp_path):
    with pytest.raises(ParameterError, match="no parameter 'trips'"):
        check_parameters(Renamed, {"trips": "/etc/passwd"}, "x.y")
    (tmp_path / "trips.csv").write_text("a")
    read = check_parameters(Renamed, {"trips-file": tmp_path / "trips.csv"}, "x.y")
    assert read.trips == tmp_path / "trips.csv"


def test_scenarios_are_listed_with_the_error_that_keeps_one_out(get):
    found = {one.slug: one for one in document(get("/api/scenarios"), ScenarioList).scenarios}
    assert found["toy"].error is None
    assert found["toy"].title is not None
    assert "toy.noise" in found["toy"].analyses
    assert found["torn"].error is not None
    assert (found["torn"].error["code"], found["torn"].analyses) == ("scenario.manifest_unreadable", [])


def test_unknown_and_broken_processes(get, refused):
    problem = refused(get("/api/processes/toy.noize"), 404, "analysis.unknown")
    assert "toy.noise" in problem["expected"]
    refused(get("/api/processes/split.gone"), 500, "scenario.broken")


def test_measures_have_forms_targets_and_both_languages(get):
    found = document(get("/api/measures"), MeasureList)
    measures = {one.type: one for one in found.measures}
    assert {"close", "bus_lane", "calm"} <= measures.keys()
    close = measures["close"]
    assert {(target.field, target.layer) for target in close.targets} == {("road", "roads"), ("walkway", "walkways")}
    assert (close.title.zh, close.scenario) == ("封闭道路", "traffic")
    assert close.schema_["properties"]["type"]["const"] == "close"
    assert {"from", "to", "days", "note"} <= close.schema_["properties"].keys()
    for one in measures.values():
        Draft202012Validator(one.schema_)  # it raises for a schema that is none


def test_a_measure_that_cannot_be_loaded_takes_no_other_away(get):
    broken = document(get("/api/measures"), MeasureList).broken
    assert [(one.type, one.scenario, one.error["code"]) for one in broken] == [("snap", "split", "scenario.broken")]
