"""Comparisons over HTTP: differences, paired rows, samples, pictures, reports; what does not fit is refused."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from answered_city import CALM, document, ended
from PIL import Image

from servers.api.models_processes import StatusInfo
from servers.api.models_results import ComparisonDocument, ComparisonList, TableDocument

BODY = {"analysis": "toy.noise", "plan": CALM, "seeds": 3}
TABLE = "/api/comparisons/{comparison}/tables/trips"


def test_a_comparison_says_what_differs_and_what_it_stands_on(answered):
    found = document(answered.get("/api/comparisons/{comparison}"), ComparisonDocument)
    assert (found.seeds, len(found.runs), found.stochastic, found.synthetic) == ([1, 2, 3], 3, True, True)
    speed = found.figures["mean_speed"]
    assert speed.verdict == "loss"
    assert speed.plan == pytest.approx(speed.baseline + speed.difference)
    layer = found.layers["roads_result"]
    assert layer.columns == ["speed"]
    assert set(layer.columns_stats) == {"speed_baseline", "speed_plan", "speed_difference"}
    assert layer.columns_stats["speed_difference"]["min"] < 0
    table = found.tables["trips"]
    assert table.rows == table.pairs + table.only_baseline + table.only_plan
    assert (table.pair_by, table.lost, table.gained) == ("trip", 9, 0)
    assert found.declaration is not None
    for place in (layer.tilejson, layer.href, layer.picture, table.href, *(one.href for one in found.links)):
        assert answered.get(place).status_code == 200, place


def test_rows_drawn_by_the_seed_stay_apart_and_figures_may_be_absent(client, service):
    body = {"analysis": "toy.drawn", "plan": CALM, "seeds": 2}
    job = client.post("/api/compare", json=body).get_json()["jobID"]
    found = document(client.get(f"/api/comparisons/{ended(client, job)['comparison']}"), ComparisonDocument)
    assert found.layers["trips"].picture is not None
    assert found.layers["trips"].rows == 4
    assert any(column.startswith("time_s_") for column in found.layers["trips"].columns_stats)
    assert found.figures["absent"].baseline is None


def test_comparisons_are_listed(answered):
    (one,) = document(answered.get("/api/comparisons"), ComparisonList).comparisons
    assert (one.id, one.plan.title, one.against.name, one.seeds) == (answered.comparison, "Calm it", "baseline", 3)
    assert document(answered.get("/api/comparisons?analysis=toy.steady"), ComparisonList).comparisons == []


def test_paired_rows_have_classes_that_add_up(answered):
    found = document(answered.get("/api/comparisons/{comparison}"), ComparisonDocument).tables["trips"]
    part = document(answered.get(TABLE + "?limit=1000"), TableDocument)
    frame = pd.DataFrame(part.data)
    counts = frame["class"].value_counts().to_dict()
    said = {name: getattr(found, name) for name in ("gained", "lost", "unchanged", "only_baseline", "only_plan")}
    assert counts == {name: number for name, number in said.items() if number}
    lost = document(answered.get(TABLE + "?class=lost&limit=1000"), TableDocument)
    assert (lost.rows, set(lost.data["class"])) == (found.lost, {"lost"})
    assert {column.name: column.unit for column in part.columns if column.unit} == dict.fromkeys(
        ("baseline", "plan", "difference"), "s"
    )
    alone = document(answered.get(TABLE + "?class=only_baseline"), TableDocument)
    assert set(alone.data["plan"]) == {None}


def test_a_sample_is_drawn_by_its_seed_and_says_of_how_many(answered):
    first, again, other = (
        document(answered.get(f"{TABLE}?sample=20&seed={seed}"), TableDocument) for seed in (1, 1, 2)
    )
    assert first == again != other
    assert (first.sampled_of, first.rows, len(first.data["trip"])) == (60, 60, 20)
    keys = list(zip(first.data["pair"], first.data["trip"], strict=True))
    assert len(set(keys)) == 20
    assert keys == sorted(keys)
    everything = document(answered.get(TABLE + "?sample=5000"), TableDocument)
    assert (everything.sampled_of, len(everything.data["trip"])) == (60, 60)


def test_features_tiles_and_picture(answered, refused):
    page = answered.get("/api/comparisons/{comparison}/layers/roads_result/items?limit=3").get_json()
    assert page["numberReturned"] == 3
    assert {"speed_baseline", "speed_plan", "speed_difference", "speed_clear"} <= page["features"][0][
        "properties"
    ].keys()
    picture = answered.get("/api/comparisons/{comparison}/layers/roads_result/map.png?lang=zh")
    colours = np.asarray(Image.open(io.BytesIO(picture.data)).convert("RGB")).reshape(-1, 3)
    assert (colours == (0x5B, 0x9B, 0xD0)).all(axis=1).any(), "the road that became slower is blue"
    refused(answered.get("/api/comparisons/{comparison}/layers/roads_result/map.png?column=x"), 404, "result.no_column")


def test_a_report_is_one_page(answered):
    page = answered.get("/api/comparisons/{comparison}/report")
    assert page.mimetype == "text/html"
    assert "synthetic: made by a program" in page.get_data(as_text=True)


def test_the_same_comparison_is_answered_at_once(answered, city, toys, tmp_path):
    import shutil

    from cim_core.settings import Settings
    from servers.api import create_app

    root = shutil.copytree(answered.root, tmp_path / "again")
    client = create_app(root, settings=Settings(), registry=toys).test_client()
    found = document(client.post("/api/compare", json=BODY), StatusInfo)
    assert (found.status, found.comparison, found.seeds) == ("successful", answered.comparison, 3)
    results = client.get(f"/api/jobs/{found.jobID}/results")
    assert document(results, ComparisonDocument).id == answered.comparison


UNFIT = [
    ({}, 422, "http.body"),
    (BODY | {"seeds": 1}, 422, "http.body"),
    (BODY | {"seeds": 31}, 422, "http.body"),
    (BODY | {"seeds": "5"}, 422, "http.body"),
    (BODY | {"precision": 0}, 422, "http.body"),
    (BODY | {"precision": 1.5}, 422, "http.body"),
    (BODY | {"plan": None}, 422, "http.body"),
    (BODY | {"analysis": "toy.nothing"}, 404, "analysis.unknown"),
    (BODY | {"parameters": {"sigma": -1}}, 400, "parameter.invalid"),
    (BODY | {"parameters": {"x": 1}}, 400, "parameter.unknown"),
    (BODY | {"plan": {"plan": "x", "measures": [{"type": "fly"}]}}, 422, "plan.unknown_measure"),
    (BODY | {"against": {"plan": "x", "measures": [{"type": "calm", "road": "?"}]}}, 422, "plan.unknown_name"),
    (BODY | {"against": "nowhere"}, 404, "plan.not_saved"),
]


@pytest.mark.parametrize("case", UNFIT, ids=str)
def test_what_does_not_fit_is_refused_and_nothing_is_queued(client, refused, jobs_of, case):
    body, status, code = case
    refused(client.post("/api/compare", json=body), status, code)
    assert jobs_of() == []


def test_a_comparison_waits_in_the_queue(client):
    asked = document(client.post("/api/compare", json=BODY | {"against": "baseline"}), StatusInfo, 201)
    assert (asked.kind, asked.status, asked.seeds, asked.position) == ("comparison", "accepted", 3, 1)
    assert (asked.plan.name, asked.against and asked.against.name) == ("calm", "baseline")


def test_unknown_comparisons(answered, refused):
    for path in ("", "/report", "/layers/roads_result/items", "/tables/trips"):
        refused(answered.get(f"/api/comparisons/{'0' * 64}{path}"), 404, "comparison.unknown")
    for path in ("/layers/nothing/items", "/tables/nothing", "/layers/nothing/map.png"):
        assert answered.get("/api/comparisons/{comparison}" + path).status_code == 404
    refused(answered.get(TABLE + "?class=better"), 400, "http.query")
    refused(answered.get("/api/comparisons/..%2f..%2fcity.json"), 404, "http.not_found")
