"""How open answers are: as the most confidential of what they were made from; to strangers, work is shut."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from answered_city import Answered

from cim_core.city import City
from cim_core.registry import Registry
from cim_core.settings import Settings
from cim_core.store import tables as t
from servers.api import create_app
from servers.api.grades import grade_of

AWAY = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}


def graded(answered: Answered, folder: Path, grade: str, field: str = "public") -> City:
    """The answered city, in which the roads that its runs read were graded from the beginning."""
    root = Path(shutil.copytree(answered.root, folder / "city"))
    city = City.open(root)
    with city.database.write() as connection:
        schema = city.schema("roads")
        first = schema.fields[0].model_copy(update={"grade": field})
        changed = schema.model_copy(update={"grade": grade, "fields": (first, *schema.fields[1:])})
        snapshot = t.snapshot.update().where(t.snapshot.c.hash == city.layer_hash("roads"))
        connection.execute(snapshot.values(schema=changed.model_dump(mode="json")))
    return City.open(root)


@pytest.mark.parametrize(("layer", "field"), [("restricted", "public"), ("public", "restricted")])
def test_an_answer_is_as_confidential_as_what_it_read(
    answered: Answered, tmp_path: Path, layer: str, field: str
) -> None:
    city = graded(answered, tmp_path, layer, field)
    for kind, identifier in (("run", answered.run), ("comparison", answered.comparison)):
        assert grade_of(kind, identifier, lambda: city) == "restricted"
        assert grade_of(kind, identifier, lambda: City.open(answered.root)) == "public"
        assert grade_of(kind, "0" * 64, lambda: city) == "public"


def test_a_comparison_whose_runs_are_gone_is_as_confidential_as_can_be(answered: Answered, tmp_path: Path) -> None:
    root = Path(shutil.copytree(answered.root, tmp_path / "city"))
    shutil.rmtree(root / "runs" / answered.run)
    assert grade_of("comparison", answered.comparison, lambda: City.open(root)) == "core"


def test_a_stranger_reads_open_answers_and_no_work(answered: Answered, tmp_path: Path, toys: Registry, refused) -> None:
    city = graded(answered, tmp_path, "internal")
    shut = create_app(city.root, settings=Settings(), registry=toys).test_client()
    for path in (f"runs/{answered.run}", f"runs/{answered.run}/receipt", f"comparisons/{answered.comparison}"):
        refused(shut.get(f"/api/{path}", **AWAY), 403, "access.denied")
        assert shut.get(f"/api/{path}").status_code == 200
        assert answered.client.get(f"/api/{path}", **AWAY).status_code == 200
    for path in ("runs", "comparisons", "plans", "jobs", "inputs", "live"):
        refused(answered.client.get(f"/api/{path}", **AWAY), 403, "access.denied")
