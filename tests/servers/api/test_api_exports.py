"""Layers as files: of the city, of a run."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cim_core.question import Question
from cim_core.runner import Runner

EXPORT = "/api/collections/roads/export"


def _read(answer: TestResponse, form: str, folder: Path) -> gpd.GeoDataFrame | pd.DataFrame:
    path = folder / f"file.{form}"
    path.write_bytes(answer.data)
    if form == "csv":
        return pd.read_csv(path)
    return gpd.read_parquet(path) if form == "parquet" else gpd.read_file(path)


@pytest.mark.parametrize("form", ["gpkg", "geojson", "csv", "parquet", "fgb"])
def test_every_form_holds_every_road(get: Any, tmp_path: Path, form: str) -> None:
    answer = get(f"{EXPORT}?f={form}")
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    frame = _read(answer, form, tmp_path)
    assert len(frame) == 55
    assert "w9100-n1000" in set(frame["id"])


def test_what_is_synthetic_says_so_in_its_name(get: Any) -> None:
    header = get(f"{EXPORT}?f=csv").headers["Content-Disposition"]
    assert header.startswith("attachment")
    assert "-roads-synthetic.csv" in header
    assert "%E8%99%9A%E6%9E%84%E5%B0%8F%E5%9F%8E" in header  # 虚构小城
    assert "\n" not in header


def test_nothing_is_left_in_the_temporary_folder(get: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert len(get(EXPORT).data) > 10_000
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{EXPORT}?f=shp", 400, "http.query"),
        (f"{EXPORT}?f=../x", 400, "http.query"),
        ("/api/collections/elevation/export", 404, "collection.coverage"),
        ("/api/collections/nix/export", 404, "collection.unknown"),
        ("/api/runs/nix/layers/a/export", 404, "run.unknown"),
        (f"/api/runs/{'0' * 64}/layers/a/export", 404, "run.unknown"),
        (f"/api/comparisons/{'0' * 64}/layers/a/export", 404, "comparison.unknown"),
    ],
)
def test_what_cannot_be_exported(get: Any, refused: Any, path: str, status: int, code: str) -> None:
    refused(get(path), status, code)


def test_a_layer_of_a_run(client: FlaskClient, runner: Runner, question: Callable[..., Question], refused: Any) -> None:
    run = runner.run(question("toy.noise")).run
    answer = client.get(f"/api/runs/{run}/layers/roads_result/export?f=csv")
    assert len(pd.read_csv(io.BytesIO(answer.data))) == 55
    assert f"run-{run[:12]}-roads_result-synthetic.csv" in answer.headers["Content-Disposition"]
    refused(client.get(f"/api/runs/{run}/layers/nix/export"), 404, "result.no_layer")
