"""A question's identity: all that the answer stands on, and nothing else."""

import shutil
from importlib.metadata import PackageNotFoundError

import pytest
from tiny_cities import TOYS

from cim_core.city import City
from cim_core.errors import CityError, EngineError, InputError, ParameterError
from cim_core.layers import STANDARD_LAYERS
from cim_core.plan import Plan
from cim_core.question import ask
from cim_core.registry import Registry

CALM = Plan(plan="calm", measures=({"type": "calm", "road": "西桥"},))
CLOSE = Plan(plan="close", measures=({"type": "close", "road": "西桥"},))


def test_the_same_question_has_the_same_run(question):
    assert question("toy.noise").run == question("toy.noise", sigma=1.0).run
    assert question("toy.noise").run == question("toy.noise", sigma="1").run
    assert len(question("toy.noise").run) == 64


@pytest.mark.parametrize("change", [{"sigma": 2.0}, {"seed": 2}, {"plan": CALM}])
def test_another_question_has_another_run(question, change):
    one, other = question("toy.noise"), question("toy.noise", **change)
    assert one.run != other.run
    assert (one.experiment == other.experiment) == ("seed" in change), "an experiment is a question without its seed"


def test_the_seed_is_no_part_of_a_question_without_chance(question):
    assert question("toy.steady", seed=1).run == question("toy.steady", seed=2).run


def test_what_the_analysis_does_not_need_changes_nothing_and_what_it_needs_does(city, toys, question):
    before = question("toy.steady").run

    def after(layer: str, **fields) -> str:
        feature = city.layer(layer).index[0]
        with City.open(city.root).edit("correct") as session:
            session.correct(layer, feature, fields)
        return ask(City.open(city.root), toys, "toy.steady", {}, plan=Plan.empty(), seed=1).run

    assert after("buildings", levels=77) == before
    assert after("roads", lanes_forward=7) != before


def test_a_file_counts_by_its_content_not_by_its_name(question, tmp_path):
    for name, content in (("a", "same"), ("b", "same"), ("c", "other")):
        (tmp_path / name).write_text(content)
    runs = [question("toy.behave", file=str(tmp_path / name)).run for name in "abc"]
    assert runs[0] == runs[1] != runs[2]
    with pytest.raises(InputError, match=r"parameter\.file"):
        question("toy.behave", file=str(tmp_path / "absent"))


@pytest.mark.parametrize(
    ("parameters", "code", "said"),
    [
        ({"sgima": 1}, "parameter.unknown", "did you mean sigma?"),
        ({"sigma": "much"}, "parameter.invalid", "parameter sigma"),
        ({"sigma": -1, "pause_s": "x"}, "parameter.invalid", "parameter pause_s"),
        ({"sigma": float("nan")}, "parameter.invalid", "sigma"),
    ],
)
def test_parameters_that_do_not_fit_are_named(question, parameters, code, said):
    with pytest.raises(ParameterError, match=code.replace(".", r"\.")) as caught:
        question("toy.noise", **parameters)
    assert said in caught.value.where + caught.value.remedy


@pytest.mark.parametrize("seed", [-1, 2**31])
def test_a_seed_out_of_range_is_refused(question, seed):
    with pytest.raises(ParameterError, match=r"parameter\.seed"):
        question("toy.noise", seed=seed)


def test_a_city_without_what_is_needed_is_told_to_import_it(tmp_path, toys):
    with pytest.raises(CityError, match=r"city\.lacks_needs") as caught:
        ask(City.create(tmp_path / "empty"), toys, "access.reach", {}, plan=Plan.empty(), seed=1)
    assert caught.value.expected == "layer roads, layer buildings"
    assert "cim import" in caught.value.remedy


def test_an_optional_layer_counts_if_it_is_there(city, toys):
    def run() -> str:
        return ask(City.open(city.root), toys, "access.reach", {}, plan=Plan.empty(), seed=1).run

    before = run()
    with City.open(city.root).edit("fewer") as session:
        session.put_layer(city.layer("pois").iloc[:3], STANDARD_LAYERS["pois"])
    changed = run()
    with City.open(city.root).edit("none") as session:
        session.remove("pois")
    assert len({before, changed, run()}) == 3


def test_an_engine_that_is_not_installed_is_named_with_the_remedy(city, toys, monkeypatch):
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("cim_core.question.version", absent)
    with pytest.raises(EngineError, match=r"engine\.missing") as caught:
        ask(city, toys, "traffic.simulate", {}, plan=Plan.empty(), seed=1)
    assert "eclipse-sumo" in caught.value.what
    assert "make env" in caught.value.remedy


def test_another_version_of_the_engine_is_another_run_of_what_needs_it_alone(city, toys, monkeypatch):
    def runs(version: str) -> list[str]:
        monkeypatch.setattr("cim_core.question.version", lambda name: version)
        return [
            ask(city, toys, analysis, {}, plan=Plan.empty(), seed=1).run
            for analysis in ("traffic.simulate", "toy.steady")
        ]

    (simulated, steady), (simulated_later, steady_later) = runs("1.28.0"), runs("1.29.0")
    assert simulated != simulated_later
    assert steady == steady_later


def test_the_code_of_the_measures_that_a_plan_names_counts_and_no_other(city, tmp_path):
    folder = shutil.copytree(TOYS, tmp_path / "toys")

    def keys() -> dict[str, dict]:
        registry = Registry.discover(folder)
        plans = (Plan.empty(), CALM, CLOSE)
        return {plan.name: ask(city, registry, "access.reach", {}, plan=plan, seed=1).key for plan in plans}

    before = keys()
    with (folder / "toy" / "measures.py").open("a", encoding="utf-8") as module:
        module.write("# what a calm road is, has changed\n")
    after = keys()
    assert {name: list(key["code"]["measures"]) for name, key in after.items()} == {
        "baseline": [],
        "calm": ["calm"],
        "close": ["close"],
    }
    assert after["calm"]["code"]["measures"] != before["calm"]["code"]["measures"]
    assert {name for name in after if after[name] != before[name]} == {"calm"}
