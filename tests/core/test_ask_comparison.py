"""A comparison is checked as a whole before anything is queued, and has one identity."""

from __future__ import annotations

import pytest

from cim_core import jobs
from cim_core.compare import Comparison, answer, ask_comparison
from cim_core.errors import CityError, NotFoundError, ParameterError, PlanError
from cim_core.plan import Plan

CALM = Plan(plan="calm", measures=({"type": "calm", "road": "西桥", "speed_mps": 1.0},))
LOST = Plan(plan="lost", measures=({"type": "calm", "road": "no such bridge"},))
TORN = Plan(plan="torn", measures=(CALM.measures[0], CALM.measures[0] | {"speed_mps": 2.0}))
FOREIGN = Plan(plan="foreign", measures=({"type": "teleport", "road": "西桥"},))


@pytest.fixture
def asked(runner):
    def ask(analysis: str = "toy.noise", plan: Plan = CALM, parameters=None, **rest):
        return ask_comparison(runner.city, runner.registry, analysis, parameters or {}, plan=plan, **rest)

    return ask


@pytest.mark.parametrize(
    ("changed", "kind", "code"),
    [
        ({"analysis": "toy.nothing"}, NotFoundError, r"analysis\.unknown"),
        ({"parameters": {"sigma": "much"}}, ParameterError, r"parameter\.invalid"),
        ({"parameters": {"colour": 1}}, ParameterError, r"parameter\.unknown"),
        ({"plan": LOST}, PlanError, r"plan\.unknown_name"),
        ({"plan": TORN}, PlanError, r"plan\.contradiction"),
        ({"plan": FOREIGN}, PlanError, r"plan\.unknown_measure"),
        ({"against": LOST}, PlanError, r"plan\.unknown_name"),
        ({"seeds": 1}, ParameterError, r"compare\.parameters"),
        ({"seeds": 31}, ParameterError, r"compare\.parameters"),
        ({"precision": 0.0}, ParameterError, r"compare\.precision"),
        ({"precision": float("nan")}, ParameterError, r"compare\.precision"),
        ({"precision": 1.5}, ParameterError, r"compare\.precision"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_queued(asked, runner, changed, kind, code):
    with pytest.raises(kind, match=code):
        asked(**changed)
    assert jobs.listing(runner.city.database) == []


def test_a_city_that_lacks_what_is_needed_is_told_so(asked, runner, tmp_path):
    runner.city = type(runner.city).create(tmp_path / "empty")
    with pytest.raises(CityError, match=r"city\.lacks_needs"):
        asked(plan=Plan.empty())


def test_the_same_comparison_has_one_identity_and_another_has_another(asked):
    same = asked()
    assert asked(parameters={"sigma": 1.0}).identity == same.identity, "the default is said"
    others = [
        asked(plan=CALM.duplicate("quiet")),
        asked(seeds=4),
        asked(precision=0.5),
        asked(against=CALM),
        asked(parameters={"sigma": 2.0}),
        asked(analysis="toy.steady"),
    ]
    assert len({same.identity, *(one.identity for one in others)}) == 7


@pytest.mark.parametrize("analysis", ["toy.noise", "toy.steady"])
def test_the_answer_bears_the_promised_id(asked, runner, analysis):
    question = asked(analysis, seeds=2)
    found = answer(runner, question.request)
    assert found.id == question.comparison == question.identity
    assert Comparison.find(runner.city.root, found.id).content == found.content
    assert Comparison.find(runner.city.root, "0" * 64) is None
