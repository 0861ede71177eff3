"""What is claimed is tested, what is tested is known, and the API lists only classes all of which is claimed."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from abstract_tests import CHECKED, conformance_classes, standards

from servers.api import conformance

for module in sorted(Path(__file__).parent.glob("test_ogc_*.py")):  # so that a run of this file alone knows all
    if module.stem != Path(__file__).stem:
        importlib.import_module(module.stem)

CLASSES = {name: conformance_classes(name) for name in standards()}


def test_ten_standards_are_listed() -> None:
    assert len(CLASSES) == 10
    assert sum(len(one.tests) for found in CLASSES.values() for one in found) > 250


@pytest.mark.parametrize("standard", standards())
def test_no_test_checks_what_the_standard_does_not_have(standard: str) -> None:
    known = {test.id for one in CLASSES[standard] for test in one.tests}
    assert set(CHECKED[standard]) - known == set()


@pytest.mark.parametrize("standard", standards())
def test_every_claim_has_a_test(standard: str) -> None:
    claimed = {test.id for one in CLASSES[standard] for test in one.tests if not test.why}
    assert claimed - set(CHECKED[standard]) == set()


@pytest.mark.parametrize("standard", standards())
def test_what_is_not_claimed_has_no_test_and_says_why(standard: str) -> None:
    given_up = {test.id: test.why for one in CLASSES[standard] for test in one.tests if test.why}
    assert set(given_up) & set(CHECKED[standard]) == set()
    assert all(len(why) > 5 for why in given_up.values())


@pytest.mark.parametrize("standard", standards())
def test_every_purpose_is_said(standard: str) -> None:
    assert [test.id for one in CLASSES[standard] for test in one.tests if len(test.purpose) < 10] == []


def test_the_api_lists_the_classes_that_are_claimed_as_a_whole() -> None:
    whole = [one.uri for found in CLASSES.values() for one in found if one.claimed]
    assert sorted(conformance.conformance_classes()) == sorted(whole)


def test_the_list_says_that_nobody_certified_it() -> None:
    text = conformance.LIST.read_text(encoding="utf-8")
    assert "Derived from the standards; certified by nobody." in text
