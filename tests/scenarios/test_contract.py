"""Every scenario that is installed keeps the contract that strangers' scenarios are held to."""

import pytest

from cim_core.registry import Registry
from cim_core.testing.contract import CHECKS, findings
from cim_core.testing.subject import Subject

INSTALLED = [slug for slug, record in Registry.discover().records.items() if record.origin == "installed"]


@pytest.fixture(scope="module")
def subjects(tmp_path_factory) -> dict[str, Subject]:
    """One subject for each scenario, so that its runs are shared by the checks."""
    return {slug: Subject.installed(slug, tmp_path_factory.mktemp(slug)) for slug in INSTALLED}


def test_the_built_in_scenarios_are_found():
    assert {"access", "layers", "traffic"} <= set(INSTALLED)


@pytest.mark.parametrize("slug", [pytest.param(s, marks=[pytest.mark.engine] * (s == "traffic")) for s in INSTALLED])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_an_installed_scenario_keeps_the_contract(subjects, slug, check):
    assert findings(subjects[slug], check) == []
