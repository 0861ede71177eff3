"""The policy is a pure table: every pair of subject, grade and action has one answer with a reason."""

from __future__ import annotations

from typing import get_args

import pytest

from cim_core.schema import GRADES
from cim_core.trust import Action, Resource, Subject, decide
from cim_core.trust.policy import OWNER, UNKNOWN

ACTIONS = get_args(Action)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("grade", GRADES)
def test_the_person_at_this_machine_may_everything(grade: str, action: Action) -> None:
    assert decide(OWNER, Resource("collection", "roads", grade), action).allowed


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("grade", GRADES)
def test_anybody_else_reads_what_is_public_and_nothing_more(grade: str, action: Action) -> None:
    decision = decide(UNKNOWN, Resource("collection", "roads", grade), action)
    assert decision.allowed == (action == "read" and grade == "public")
    assert decision.reason


def test_a_name_gives_no_right() -> None:
    assert not decide(Subject("unknown", "owner"), Resource("plan", "a"), "write").allowed


def test_the_reason_names_what_stands_in_the_way() -> None:
    assert "core" in decide(UNKNOWN, Resource("run", "a", "core"), "read").reason
    assert "run" in decide(UNKNOWN, Resource("process", "a"), "run").reason
