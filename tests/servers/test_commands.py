"""Each command answers: one JSON object for programmes, plain lines for people."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from commands import CALM, CIM, environment
from tiny_cities import TOYS

from cim_core import jobs
from cim_core.city import City
from cim_core.instants import now
from cim_core.testing.tiny import BRIDGES, tiny_elevation, tiny_layers


def test_init_and_info(process, folder):
    made = process(
        "init", "town", "--name", "镇", "--crs", "EPSG:4544", "--timezone", "Asia/Shanghai", "--json", root=None
    )
    assert (made.code, made.json["city"], made.json["version"]) == (0, "town", 1)
    found = process("info", "--city", "town", "--json", root=None).json
    assert (found["city"], found["crs"], found["version"], found["layers"]) == ("镇", "EPSG:4544", 1, [])


def test_sample_says_that_it_is_synthetic(cim, folder):
    said = cim("sample", "town", "--json", root=None).json
    assert said["synthetic"] is True
    assert "synthetic" in said["name"]
    info = cim("info", "--city", "town", "--json", root=None).json
    assert {row["name"] for row in info["layers"]} == set(said["layers"])
    assert all("synthetic" in row["attribution"] for row in info["layers"])
    assert "synthetic" in cim("sample", "other", root=None).out


def test_info_lists_versions_quality_and_corrections(cim, city):
    cim("correct", "buildings", "b00", "levels=9", "--note", "counted", "--json", CIM_AUTHOR="me")
    found = cim("info", "--json").json
    assert [row["seq"] for row in found["versions"]] == [3, 2, 1]
    assert found["versions"][0]["author"] == "me"
    assert [(row["fields"], row["note"]) for row in found["corrections"]] == [({"levels": 9}, "counted")]
    roads = next(row for row in found["layers"] if row["name"] == "roads")
    assert roads["quality"]["layers"]["roads"]["kept"] == roads["rows"]
    assert "西桥" in cim("info", "--names", "roads", "--json").json["names"]


def test_at_shows_an_earlier_city(cim, city):
    before = now()
    time.sleep(0.01)
    cim("correct", "buildings", "b00", "levels=9", "--json")
    assert cim("info", "--json").json["version"] == 3
    assert cim("info", "--at", "2", "--json").json["version"] == 2
    assert cim("info", "--at", before.isoformat(), "--json").json["version"] == 2
    assert cim("info", "--at", "1", "--json").json["layers"] == []


@pytest.mark.parametrize("at", ["0", "9", "9" * 30, "yesterday", "2026-11-22T08:00:00", "08:00", "-1"])
def test_a_moment_that_is_none_or_unknown_is_refused(cim, at):
    said = cim("info", f"--at={at}", "--json")
    assert said.json["error"]["code"] in ("city.no_such_moment", "parameter.at")
    assert said.code in (1, 2)


def test_a_moment_before_the_city_is_refused(fails):
    fails("city.no_such_moment", 1, "info", "--at", (now() - timedelta(days=3)).isoformat())


def test_a_question_is_answered_and_then_found(cim, process):
    first = process("run", "toy.noise", "--seed", "3", "-p", "sigma=2", "--json").json
    keys = ["run", "status", "figures", "layers", "tables", "unused_edits", "warnings", "facts", "path", "seconds"]
    assert [key for key in first if key != "computed_seconds"] == keys
    assert first["status"] == "succeeded"
    assert first["figures"]["constant"] == {"value": 7.0, "unit": "1"}
    again = cim("run", "toy.noise", "--seed", "3", "-p", "sigma=2.0", "--json").json
    assert (again["run"], again["figures"]) == (first["run"], first["figures"])
    text = cim("run", "toy.noise", "--seed", "3", "-p", "sigma=2")
    assert "noisy" in text.out
    assert first["run"][:12] in text.out


def test_a_known_answer_needs_neither_frames_nor_a_database(cim, city):
    cim("run", "toy.noise", "--json")
    for command in (["run", "toy.noise", "--json"], ["--help"]):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", CIM, *command],
            env=environment(city.root),
            capture_output=True,
            text=True,
            check=True,
        )
        imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
        assert not imported & {"pandas", "geopandas", "scipy", "sqlalchemy", "matplotlib", "sumolib", "osmnx"}


def test_a_plan_is_used_and_what_it_could_not_do_is_said(cim, plan, folder):
    run = cim("run", "toy.noise", "--plan", plan, "--json").json
    assert run["unused_edits"] == []
    timed = {"plan": "timed", "measures": [CALM["measures"][0] | {"from": "07:00", "to": "08:00"}]}
    (folder / "timed.json").write_text(json.dumps(timed), encoding="utf-8")
    run = cim("run", "toy.noise", "--plan", "timed.json", "--json").json
    assert [row["reason"] for row in run["unused_edits"]] == ["this analysis does not read it"]
    assert "! not used" in cim("run", "toy.noise", "--plan", "timed.json").out


def test_compare(cim, plan):
    said = cim("compare", "toy.noise", "--plan", plan, "--seeds", "2", "--json")
    row = said.json["figures"]["mean_speed"]
    assert {"baseline", "plan", "difference", "low", "high", "p_adjusted"} <= set(row)
    assert row["difference"] < 0
    assert said.json["seeds"] == [1, 2]
    assert "mean_speed" in cim("compare", "toy.noise", "--plan", plan, "--seeds", "2").out


def test_a_report_is_written_where_it_is_wanted(cim, plan):
    assert cim("run", "toy.noise", "--out", "report", "--json").code == 0
    assert cim("compare", "toy.noise", "--plan", plan, "--seeds", "2", "--out", "both", "--json").code == 0
    assert all(Path(name, "index.html").exists() for name in ("report", "both"))


def test_plans_are_saved_undone_duplicated_and_compared(cim, plan, folder):
    assert cim("plan", "check", plan, "--json").json["edits"][0]["features"] == sorted(BRIDGES["bridge:西桥"])
    assert cim("plan", "save", plan, "--json").json == {"plan": "calm", "version": 1}
    Path(plan).write_text(json.dumps(CALM | {"measures": []}), encoding="utf-8")
    assert cim("plan", "save", plan, "--json").json["version"] == 2
    assert cim("plan", "list", "--json").json == {"plans": {"calm": 2}}
    assert cim("plan", "diff", "calm@1", "calm", "--json").json == {"added": [], "removed": CALM["measures"]}
    assert cim("plan", "undo", "calm", "--json").json == {"plan": "calm", "version": 3}
    assert json.loads(cim("plan", "show", "calm").out)["measures"] == CALM["measures"]
    assert cim("plan", "show", "calm@2", "--json").json["measures"] == []
    history = cim("plan", "history", "calm", "--json").json["versions"]
    assert [row["number"] for row in history] == [3, 2, 1]
    assert cim("plan", "duplicate", "calm", "copy", "--json").json == {"plan": "copy", "version": 1}
    by_name = cim("run", "toy.noise", "--plan", "copy", "--json").json
    assert by_name["run"] == cim("run", "toy.noise", "--plan", "calm@1", "--json").json["run"]


def test_saved_plans_that_cannot_be_what_is_wanted(cim, plan, fails):
    cim("plan", "save", plan)
    assert "calm" in fails("plan.not_saved", 1, "plan", "show", "clam")["expected"]
    fails("plan.not_saved", 1, "run", "toy.noise", "--plan", "calm@7")
    fails("plan.nothing_to_undo", 1, "plan", "undo", "calm")
    fails("plan.name_taken", 1, "plan", "duplicate", "calm", "calm")
    fails("plan.not_saved", 1, "plan", "history", "clam")


def test_imports_and_exports(cim, folder):
    tiny_layers()["pois"].reset_index().to_file("places.geojson")
    done = cim("import", "vector", "places.geojson", "--layer", "places", "--json").json
    assert (done["layers"], done["version"], done["conflicts"]) == ({"places": 5}, 3, [])
    tiny_elevation(folder / "hill.tif")
    assert cim("import", "raster", "hill.tif", "--layer", "hill", "--json").json["layers"] == {"hill": 1}
    assert cim("export", "places", "out.gpkg", "--json").json == {"file": "out.gpkg", "rows": 5}
    assert "places" in cim("import", "vector", "places.geojson", "--layer", "places").out


def test_scenarios_are_listed_described_made_and_checked(cim, folder):
    rows = {row["scenario"]: row for row in cim("scenario", "list", "--json").json["scenarios"]}
    assert rows["toy"]["error"] is None
    assert rows["torn"]["error"]["code"] == "scenario.manifest_unreadable"
    assert "BROKEN" in cim("scenario", "list").out
    described = cim("scenario", "list", "toy.noise", "--json").json
    assert described["parameters"]["properties"]["sigma"]["default"] == 1.0
    assert cim("scenario", "new", "mine", "--json").json == {"folder": "mine"}
    assert cim("scenario", "check", "mine", "--json").json == {"scenario": "mine", "findings": []}
    answer = cim("run", "mine.near", "--json", CIM_SCENARIOS=str(folder)).json
    assert answer["figures"]["buildings_near"]["value"] > 0
    broken = cim("scenario", "check", str(TOYS / "torn"), "--json")
    assert (broken.code, len(broken.json["findings"])) == (1, 1)


def test_a_broken_scenario_beside_it_disturbs_nobody(cim):
    assert cim("run", "access.reach", "--json").json["status"] == "succeeded"
    assert cim("run", "toy.steady", "--json").code == 0


def test_jobs_are_listed_resumed_and_cancelled(cim, city, question):
    queued = []
    for tag in ("a", "b"):
        asked = question("toy.behave", tag=tag)
        request = asked.request() | {"key": asked.key}
        queued.append(jobs.submit(city.database, asked.run, asked.analysis, request, "tester").id)
    assert [job["id"] for job in cim("jobs", "list", "--json").json["jobs"]] == queued
    assert cim("jobs", "cancel", queued[0], "--json").json["state"] == "cancelled"
    assert [job["id"] for job in cim("jobs", "resume", "--json").json["jobs"]] == queued[1:]
    assert [job["state"] for job in cim("jobs", "list", "--all", "--json").json["jobs"]] == ["cancelled", "succeeded"]
    assert cim("jobs", "list", "--json").json == {"jobs": []}


def test_corrections_are_withdrawn(cim, city):
    cim("correct", "roads", BRIDGES["bridge:西桥"][0], "speed_limit_mps=5", "lanes_forward=3")
    assert City.open(city.root).layer("roads").at[BRIDGES["bridge:西桥"][0], "lanes_forward"] == 3
    assert cim("correct", "roads", BRIDGES["bridge:西桥"][0], "--withdraw", "1", "--json").json["version"] == 4
    assert City.open(city.root).layer_hash("roads") == city.layer_hash("roads")


def test_gc(cim, city):
    stray = city.root / "snapshots" / "roads" / "stray.parquet"
    stray.write_bytes(b"x" * 10)
    assert cim("gc", "--dry-run", "--json").json["bytes"] == 10
    assert cim("gc", "--json").json["paths"] == ["snapshots/roads/stray.parquet"]
    assert not stray.exists()
