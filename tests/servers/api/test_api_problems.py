"""Problems: what each code means at its own address, and no place of this machine in any of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cim_core.errors import CimError, InputError
from servers.api.problem_meanings import ProblemType
from servers.problems import document, without_places


@pytest.mark.parametrize(
    ("code", "status"), [("plan.invalid", 422), ("http.too_large", 413), ("result.no_layer", 404), ("toy.refused", 422)]
)
def test_the_type_of_a_problem_leads_to_its_meaning(get: Any, code: str, status: int) -> None:
    found = ProblemType.model_validate(get(f"/api/problems/{code}").get_json())
    assert (found.code, found.status) == (code, status)
    assert all(one.what and one.remedy for one in found.meanings)


def test_a_problem_that_came_names_an_address_that_is_there(get: Any, refused: Any) -> None:
    problem = refused(get("/api/collections/nix"), 404, "collection.unknown")
    meaning = get(problem["type"]).get_json()
    assert meaning["status"] == 404
    assert meaning["meanings"][0]["remedy"] == problem["remedy"]


def test_people_read_it_as_a_page(get: Any) -> None:
    page = get("/api/problems/plan.invalid", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert page.mimetype == "text/html"
    assert "<h1><code>plan.invalid</code></h1>" in page.get_data(as_text=True)
    assert "HTTP status 422" in page.get_data(as_text=True)


def test_a_code_that_nothing_raises(get: Any, refused: Any) -> None:
    assert refused(get("/api/problems/plan.nix"), 404, "problem.unknown")["got"] == "plan.nix"


@pytest.mark.parametrize(
    "path",
    [
        "elevation/items",
        "elevation/items/a",
        "elevation/tiles",
        "elevation/export",
        "roads/coverage",
        "roads/terrain",
        "nix",
    ],
)
def test_no_problem_names_a_place_of_this_machine(get: Any, tiny_folder: Path, path: str) -> None:
    response = get(f"/api/collections/{path}")
    assert response.status_code == 404
    assert str(tiny_folder) not in response.get_data(as_text=True)
    assert str(tiny_folder.parent) not in response.get_data(as_text=True)


def test_places_become_names() -> None:
    root = Path("/srv/the town")
    error = InputError(
        "raster.damaged",
        "/srv/the town/tmp/a.tif cannot be read",
        where=str(root),
        expected="/opt/data/form.toml, or 3 m/s and/or km/h; https://example.org/a/b/c",
        got=f"{Path.home() / 'city' / 'x.tif'}: damaged; somebody sent /etc/ssl/passwd",
        remedy="GET /api/inputs lists them",
    )
    found = document(error, root=root, instance="/other/address")
    assert found["title"] == found["what"] == "tmp/a.tif cannot be read"
    assert found["where"] == "the city's folder"
    assert found["expected"] == "form.toml, or 3 m/s and/or km/h; https://example.org/a/b/c"
    assert found["got"] == "x.tif: damaged; somebody sent /etc/ssl/passwd"
    assert found["remedy"] == "GET /api/inputs lists them"
    assert "/srv" not in found["detail"]
    assert without_places("/srv/the towns", root) == "/srv/the towns".replace("/srv/the", "the")
    assert (
        document(CimError("a.b", "x", where="/other/address"), instance="/other/address")["where"] == "/other/address"
    )
