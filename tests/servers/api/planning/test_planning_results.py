"""Runs over HTTP: what a document says agrees with the bundle; tables, layers, pictures, reports, receipts."""

from __future__ import annotations

import io
import json
import shutil

import mapbox_vector_tile
import numpy as np
import pytest
from answered_city import document
from PIL import Image

from cim_core.canonical import content_hash
from cim_core.city import City
from cim_core.result import Bundle
from cim_core.settings import Settings
from cim_core.trajectories import Samples, encode
from servers.api import create_app
from servers.api.models_results import RunDocument, RunList, TableDocument

LAYER = "/api/runs/{run}/layers/roads_result"


@pytest.fixture
def bundle(answered):
    return Bundle.find(answered.root, answered.run)


def test_a_run_says_what_its_bundle_holds(answered, bundle):
    found = document(answered.get("/api/runs/{run}"), RunDocument)
    frame = bundle.layer("roads_result")
    assert found.figures["mean_speed"].value == bundle.figures["mean_speed"].value
    layer = found.layers["roads_result"]
    assert (layer.rows, layer.geometry) == (len(frame), "LineString")
    assert layer.bounds == pytest.approx(list(frame.to_crs(4326).total_bounds), abs=1e-9)
    speed = layer.columns["speed"]
    assert (speed["kind"], speed["min"], speed["max"]) == ("number", frame.speed.min(), frame.speed.max())
    assert speed["quantiles"] == pytest.approx(np.quantile(frame.speed, [0.05, 0.25, 0.5, 0.75, 0.95]))
    assert (found.tables["trips"].rows, found.tables["trips"].columns) == (19, ["trip", "duration_s"])
    assert (found.synthetic, found.trajectories) == (True, None)
    assert found.declaration is not None
    assert found.declaration.tables["trips"].columns["duration_s"].tolerance == 1.0
    for place in (
        layer.tilejson,
        layer.href,
        layer.picture,
        found.tables["trips"].href,
        *(one.href for one in found.links),
    ):
        assert answered.get(place).status_code == 200, place


def test_a_receipt_gives_the_runs_name(answered):
    receipt = answered.get("/api/runs/{run}/receipt").get_json()
    assert content_hash(receipt["key"]) == answered.run
    found = document(answered.get("/api/runs/{run}"), RunDocument)
    assert found.experiment == content_hash({name: one for name, one in receipt["key"].items() if name != "seed"})


def test_runs_are_listed_newest_first(answered):
    runs = document(answered.get("/api/runs"), RunList).runs
    assert len(runs) == 6
    assert [one.finished_at for one in runs] == sorted((one.finished_at for one in runs), reverse=True)
    assert {one.plan.title for one in runs} == {"", "Calm it"}
    assert all(one.synthetic for one in runs)
    assert len(document(answered.get("/api/runs?limit=2"), RunList).runs) == 2
    assert document(answered.get("/api/runs?analysis=toy.steady"), RunList).runs == []


def test_what_is_no_run_is_not_found(answered, refused, tmp_path):
    for run in (
        "nothing",
        "0" * 64,
        answered.run[:-1],
        answered.run.upper(),
        answered.run + "%0A",
        "..",
        "%2e%2e%2fcity.json",
    ):
        response = answered.get(f"/api/runs/{run}")
        assert response.status_code == 404, run
    for path in (
        "/layers/nothing/items",
        "/tables/nothing",
        "/files/nothing",
        "/layers/..%2f..%2fx/items",
        "/frames",
        "/frames/0",
    ):
        response = answered.get("/api/runs/{run}" + path)
        assert response.status_code == 404, path
    refused(answered.get("/api/runs?limit=0"), 400, "http.query")


def test_features_come_in_pages_each_once(answered, bundle, refused):
    seen, path = [], LAYER + "/items?limit=20"
    while path:
        page = answered.get(path).get_json()
        seen += [feature["id"] for feature in page["features"]]
        path = next((link["href"].partition("localhost")[2] for link in page["links"] if link["rel"] == "next"), None)
    assert sorted(seen) == sorted(bundle.layer("roads_result").index)
    west, south, east, north = bundle.layer("roads_result").iloc[[0]].to_crs(4326).total_bounds
    near = answered.get(f"{LAYER}/items?bbox={west},{south},{east},{north}&properties=speed").get_json()
    assert seen[0] in [feature["id"] for feature in near["features"]]
    assert near["numberMatched"] < len(seen)
    assert {tuple(feature["properties"]) for feature in near["features"]} == {("speed",)}
    for query in ("bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,0,1,1", "limit=0", "after=-1"):
        refused(answered.get(f"{LAYER}/items?{query}"), 400, "http.query")


def test_tiles_show_the_layer_and_may_be_kept(answered, bundle):
    made = answered.get(LAYER + "/tiles/WebMercatorQuad").get_json()
    assert made["tilejson"] == "3.0.0"
    lon, lat = (made["bounds"][0] + made["bounds"][2]) / 2, (made["bounds"][1] + made["bounds"][3]) / 2
    z = 12
    col = int((lon + 180) / 360 * 2**z)
    row = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**z)
    address = made["tiles"][0].partition("localhost")[2].format(z=z, y=row, x=col)
    response = answered.get(address, **{"Accept-Encoding": "identity"})
    assert "immutable" in response.headers["Cache-Control"]
    features = mapbox_vector_tile.decode(response.data)["roads_result"]["features"]
    ids = set(bundle.layer("roads_result").index)
    assert features
    assert {feature["properties"]["id"] for feature in features} <= ids
    again = answered.get(address, **{"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert answered.get(LAYER + "/tiles/WebMercatorQuad/12/0/0").status_code == 204
    assert answered.get(LAYER + "/tiles/WebMercatorQuad/2/9/0").status_code == 404


def test_tables_in_pages_in_order_and_by_column(answered, bundle, refused):
    frame = bundle.table("trips")
    page = document(answered.get("/api/runs/{run}/tables/trips?limit=3&offset=2"), TableDocument)
    assert page.rows == len(frame)
    assert page.data == {name: frame[name].iloc[2:5].tolist() for name in frame}
    assert [(one.name, one.unit, one.dtype) for one in page.columns] == [
        ("trip", "", "int64"),
        ("duration_s", "s", "float64"),
    ]
    longest = document(
        answered.get("/api/runs/{run}/tables/trips?sort=-duration_s&columns=duration_s&limit=2"), TableDocument
    )
    assert longest.data == {"duration_s": frame.duration_s.nlargest(2).tolist()}
    refused(answered.get("/api/runs/{run}/tables/trips?columns=a"), 404, "table.no_column")
    refused(answered.get("/api/runs/{run}/tables/trips?sort=-a"), 404, "table.no_column")
    refused(answered.get("/api/runs/{run}/tables/trips?limit=0"), 400, "http.query")
    refused(answered.get("/api/runs/{run}/tables/trips?f=xlsx"), 400, "http.query")


def test_a_table_as_csv_says_that_it_is_synthetic(answered, bundle):
    response = answered.get("/api/runs/{run}/tables/trips?f=csv")
    assert response.mimetype == "text/csv"
    assert response.headers["Cache-Control"] == "private, no-cache"  # its address has no version
    known = {"If-None-Match": response.headers["ETag"]}
    assert answered.get("/api/runs/{run}/tables/trips?f=csv", **known).status_code == 304
    assert "synthetic" in response.headers["Content-Disposition"]
    lines = response.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "trip,duration_s"
    assert len(lines) == 1 + len(bundle.table("trips"))


def test_a_picture_is_drawn_once(answered, monkeypatch):
    path = "/api/runs/{run}/layers/roads_result/map.png?lang=en"
    first = answered.get(path)
    monkeypatch.setattr("servers.pictures.map_png", lambda *_: pytest.fail("drawn again"))
    assert answered.get(path).data == first.data


def test_a_report_is_one_page_and_a_picture_is_one(answered, refused):
    page = answered.get("/api/runs/{run}/report?lang=zh")
    assert page.mimetype == "text/html"
    text = page.get_data(as_text=True)
    assert '<html lang="zh' in text
    assert "synthetic: made by a program" in text
    assert "<script" not in text
    picture = answered.get(LAYER + "/map.png?column=speed")
    assert Image.open(io.BytesIO(picture.data)).size == (1600, 1280)
    refused(answered.get(LAYER + "/map.png?column=nothing"), 404, "result.no_column")


def test_a_run_whose_scenario_is_gone_is_still_shown(answered, toys):
    client = create_app(answered.root, settings=Settings()).test_client()
    found = document(client.get(f"/api/runs/{answered.run}"), RunDocument)
    assert (found.title.en, found.declaration) == ("toy.noise", None)
    assert client.get(f"/api/runs/{answered.run}/tables/trips").status_code == 200
    compared = client.get(f"/api/comparisons/{answered.comparison}")
    assert compared.get_json()["declaration"] is None


def drive(answered, root, run):
    """A copy of the answered city in which two vehicles drove in a run."""
    shutil.copytree(answered.root, root)
    folder = root / "runs" / run
    crs = City.open(root).crs.to_string()
    x, y = City.open(root).layer("roads").geometry.iloc[0].coords[0][:2]
    number = np.arange(4)
    samples = Samples(25200.0, 5.0, ("a", "b"), number // 2, number % 2, x + number * 10.0, y + number * 5.0)
    (folder / "files" / "trajectories.cimtraj").write_bytes(encode(samples, crs))
    content = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    content["files"] = {"trajectories": "trajectories.cimtraj"}
    (folder / "result.json").write_text(json.dumps(content), encoding="utf-8")


def test_the_replay_of_vehicles(answered, toys, refused, tmp_path):
    drive(answered, tmp_path / "driven", answered.run)
    client = create_app(tmp_path / "driven", settings=Settings(), registry=toys).test_client()
    found = document(client.get(f"/api/runs/{answered.run}"), RunDocument).trajectories
    assert found is not None
    assert (found.begin_s, found.period_s, found.frames, found.vehicles, found.chunks) == (25200.0, 5.0, 2, 2, 1)
    assert client.get(found.href).get_json()["chunks"] == 1
    chunk = client.get(found.chunk_href.format(chunk=0))
    assert chunk.data[:4] == b"CIMF"
    assert "immutable" in chunk.headers["Cache-Control"]
    assert client.get(f"{found.href}/0").headers["Cache-Control"] == "private, no-cache"
    refused(client.get(f"{found.href}/1"), 404, "frames.no_such_chunk")
    file = client.get(f"/api/runs/{answered.run}/files/trajectories")
    assert file.data[:8] == b"CIMTRAJ1"
    assert "attachment" in file.headers["Content-Disposition"]


def test_damaged_trajectories_take_nothing_else_away(answered, toys, tmp_path):
    run = answered.get("/api/comparisons/{comparison}").get_json()["runs"][2]["baseline"]
    drive(answered, tmp_path / "driven", run)
    (tmp_path / "driven" / "runs" / run / "files" / "trajectories.cimtraj").write_bytes(b"nonsense")
    client = create_app(tmp_path / "driven", settings=Settings(), registry=toys).test_client()
    found = document(client.get(f"/api/runs/{run}"), RunDocument)
    assert found.trajectories is None
    assert any("replay cannot be shown" in warning for warning in found.warnings)
    assert client.get(f"/api/runs/{run}/frames").status_code == 422
