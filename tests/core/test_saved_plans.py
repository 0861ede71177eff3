"""Saved plans: every save is a version, undo is one too, and nobody overwrites another unseen."""

from datetime import UTC, datetime

import pytest

from cim_core.errors import NotFoundError, PlanError
from cim_core.store import changes, plans


@pytest.fixture
def save(new_city):
    """``save(content)`` → the version; ``save.connection`` for the rest."""
    database = new_city().database

    def keep(measures: int, **options) -> plans.PlanVersion:
        content = {"plan": "p", "measures": [{"type": "calm"}] * measures}
        with database.write() as connection:
            return plans.save(connection, "p", content, f"hash{measures}", author="tester", **options)

    keep.database = database
    return keep


def test_versions_are_appended_and_kept(save):
    assert [save(n).number for n in (1, 2, 3)] == [1, 2, 3]
    with save.database.read() as connection:
        assert plans.names(connection) == {"p": 3}
        assert [one.number for one in plans.history(connection, "p")] == [3, 2, 1]
        assert len(plans.get(connection, "p").content["measures"]) == 3
        assert len(plans.get(connection, "p", 1).content["measures"]) == 1


def test_undo_brings_the_one_before_back_and_a_second_undo_brings_it_forth_again(save):
    save(1)
    save(2)
    with save.database.write() as connection:
        undone = plans.undo(connection, "p", "tester")
        redone = plans.undo(connection, "p", "tester")
    assert (undone.number, len(undone.content["measures"])) == (3, 1)
    assert (redone.number, len(redone.content["measures"])) == (4, 2)


def test_there_is_nothing_to_undo_in_a_first_version(save):
    save(1)
    with pytest.raises(PlanError, match=r"plan\.nothing_to_undo"), save.database.write() as connection:
        plans.undo(connection, "p", "tester")


def test_who_saves_on_an_old_version_is_told(save):
    base = save(1)
    save(2, based_on=base.number)
    with pytest.raises(PlanError, match=r"plan\.edited_meanwhile"):
        save(3, based_on=base.number)
    with save.database.read() as connection:
        assert plans.newest_number(connection, "p") == 2


def test_a_new_plan_takes_no_name_that_is_taken_and_follows_none_that_is_not_there(save):
    with pytest.raises(NotFoundError, match=r"plan\.not_saved"):
        save(1, based_on=1)
    save(1, based_on=0)
    with pytest.raises(PlanError, match=r"plan\.name_taken"):
        save(2, based_on=0)


def test_undo_follows_the_version_that_was_seen(save):
    save(1)
    save(2)
    with pytest.raises(PlanError, match=r"plan\.edited_meanwhile"), save.database.write() as connection:
        plans.undo(connection, "p", "tester", based_on=1)
    with save.database.write() as connection:
        assert plans.undo(connection, "p", "tester", based_on=2).number == 3


def test_a_clock_that_is_set_back_hides_no_saved_plan(save, monkeypatch):
    clock = iter([datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)])
    monkeypatch.setattr(plans, "now", lambda: next(clock))
    save(1)
    with save.database.read() as connection:
        seen = changes.plans_saved(connection)
    save(2)
    with save.database.read() as connection:
        assert [(one.version, one.saved) for one in changes.plans_saved_since(connection, seen, 10)] == [(2, seen + 1)]
        assert [one.version for one in changes.plans_saved_since(connection, 0, 1)] == [1]


def test_a_name_that_is_not_saved_is_answered_with_the_nearest(save):
    save(1)
    for name, number in (("pp", None), ("p", 9), ("quite other", None)):
        with pytest.raises(NotFoundError, match=r"plan\.not_saved"), save.database.read() as connection:
            plans.get(connection, name, number)
