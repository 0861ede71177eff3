"""A city of an older version is brought up to this one when it is opened; its jobs keep what they were."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from cim_core import jobs
from cim_core.store import changes, plans
from cim_core.store import database as module
from cim_core.store.database import Database
from cim_core.store.revision import REVISION

QUEUED = "2026-11-20T08:00:00.000000+00:00"
FINISHED = "2026-11-20T08:05:00.000000+00:00"
ROWS = [
    ("a", "r1", "succeeded", FINISHED),
    ("b", "r2", "failed", FINISHED),
    ("c", "r3", "queued", None),
]

PLANS = [  # name, number, at, author, hash, content
    ("b", 1, "2026-11-20T08:00:00.000000+00:00", "", "x", "{}"),
    ("b", 2, "2026-11-20T09:00:00.000000+00:00", "", "x", "{}"),
    ("a", 1, "2026-11-20T09:00:00.000000+00:00", "", "x", "{}"),
]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def old(request, tmp_path):
    """A database at revision 0001 with three jobs."""
    if request.param == "sqlite":
        database = Database.in_folder(tmp_path)
    else:
        name = f"city_{uuid.uuid4().hex[:12]}"
        database = Database(request.getfixturevalue("postgres_url"), name)
        with database.write() as connection:
            connection.execute(sa.text(f"CREATE SCHEMA {name}"))
    config = Config()
    config.set_main_option("script_location", str(module._MIGRATIONS))
    config.attributes["database"] = database
    command.upgrade(config, "0001")
    insert = sa.text(
        "INSERT INTO job (id, run, analysis, request, owner, state, attempts, progress, message, queued_at,"
        " finished_at) VALUES (:id, :run, 'toy.behave', '{\"seed\": 1}', 'tester', :state, 1, 0.5, '', :queued,"
        " :finished)"
    )
    with database.write() as connection:
        for id_, run, state, finished in ROWS:
            connection.execute(insert, {"id": id_, "run": run, "state": state, "queued": QUEUED, "finished": finished})
        for row in PLANS:
            connection.execute(sa.text(f"INSERT INTO plan_version VALUES ({', '.join(map(repr, row))})"))
    yield database
    database.close()


def test_jobs_of_the_first_revision_are_runs_with_their_results(old):
    old.migrate()
    assert old.revision() == REVISION
    found = {job.id: job for job in jobs.listing(old)}
    assert {job.kind for job in found.values()} == {"run"}
    assert [found[id_].result for id_ in "abc"] == ["r1", None, None]
    assert found["a"].updated_at == found["a"].finished_at
    assert found["c"].updated_at == found["c"].queued_at
    assert {job.parent for job in found.values()} == {None}


def test_plans_of_the_first_revision_are_numbered_and_the_next_follows(old):
    old.migrate()
    with old.write() as connection:
        plans.save(connection, "c", {}, "x", author="")
        found = changes.plans_saved_since(connection, 0, 10)
    assert [(one.name, one.version, one.saved) for one in found] == [("b", 1, 1), ("a", 1, 2), ("b", 2, 3), ("c", 1, 4)]


def test_the_queue_goes_on_after_it(old):
    old.migrate()
    assert jobs.claim(old, "c")
    assert jobs.report(old, "c", 0.9, "nearly")
    jobs.finish(old, "c", "succeeded", result="r3")
    with old.read() as connection:
        assert [job.id for job in jobs.changed_since(connection, 0, 10)] == ["c"]
        assert jobs.newest_change(connection) == jobs.get(old, "c").change == 3
