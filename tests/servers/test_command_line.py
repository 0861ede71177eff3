"""The ``cim`` command as it is used: one JSON object, exit codes, errors with a remedy, no traceback.

Most tests call its entry in this process, because a process costs half a second; some of each kind start one.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tiny_cities import TOYS

from cim_core import jobs
from cim_core.city import City
from cim_core.instants import now
from cim_core.registry import Registry
from cim_core.testing.tiny import BRIDGES, tiny_elevation, tiny_layers
from servers.cli import main

CIM = str(Path(sys.executable).with_name("cim"))
ANSWERS = ["code", "what", "where", "expected", "got", "remedy"]
CALM = {"plan": "calm", "measures": [{"type": "calm", "road": "西桥", "speed_mps": 5.0}]}


@dataclass
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        content = json.loads(self.out)  # one object and nothing else
        assert isinstance(content, dict)
        return content


Cim = Callable[..., Said]


def environment(root: Path | None, **more: str) -> dict[str, str]:
    """A clean environment; the city of the test, the toys."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    named = {} if root is None else {"CIM_CITY": str(root)}
    return {**kept, "PYTHONIOENCODING": "utf-8", "CIM_SCENARIOS": str(TOYS), **named, **more}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working directory of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cim(city, folder, monkeypatch, capfd) -> Cim:
    """``cim("run", …)`` on the test's tiny city, by the command's entry."""

    def run(*command: str, root: Path | None = city.root, **more: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["cim", *command])
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("CIM_")]:
                patch.delenv(name)
            for name, value in environment(root, **more).items():
                patch.setenv(name, value)
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        said = Said(int(ended.value.code or 0), *capfd.readouterr())
        assert "Traceback" not in said.out + said.err
        return said

    return run


@pytest.fixture
def process(city, folder) -> Cim:
    """The same in a process of its own."""

    def run(*command: str, root: Path | None = city.root, **more: str) -> Said:
        done = subprocess.run(
            [CIM, *command], env=environment(root, **more), capture_output=True, text=True, check=False, timeout=120
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def fails(cim) -> Callable[..., dict[str, str]]:
    """``fails("code", exit, …)`` → the error, the same five answers for programmes and for people."""

    def check(code: str, exit_code: int, *command: str, **more: Any) -> dict[str, str]:
        said = cim(*command, "--json", **more)
        assert list(said.json) == ["error"], said
        error = said.json["error"]
        assert list(error) == ANSWERS
        assert (error["code"], said.code) == (code, exit_code)
        assert error["remedy"]
        assert error["what"] in said.err
        assert error["remedy"] in said.err
        return error

    return check


@pytest.fixture
def plan(folder) -> str:
    """A plan file."""
    path = folder / "calm.json"
    path.write_text(json.dumps(CALM, ensure_ascii=False), encoding="utf-8")
    return str(path)


# Each command answers with one object


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


# What is wrong is said in one way


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["run", "toy.noise", "--sed", "1"], "--sed"),
        (["run", "toy.noise", "--seed", "abc"], "abc"),
        (["run", "toy.noise", "--seed", "1.5"], "1.5"),
        (["run"], "SCENARIO.ANALYSIS"),
        (["rum"], "rum"),
        (["compare", "toy.noise"], "--plan"),
        (["compare", "toy.noise", "--plan", "p.json", "--seeds", "many"], "many"),
        (["import", "osm"], "nothing to import"),
        (["gc", "--days", "soon"], "soon"),
    ],
)
def test_a_command_line_that_is_none(fails, command, said):
    error = fails("cli.usage", 2, *command)
    assert said in error["what"] + error["got"]


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("parameter.seed", ["run", "toy.noise", "--seed", "-1"]),
        ("parameter.seed", ["run", "toy.noise", "--seed", "99999999999999999999"]),
        ("parameter.unknown", ["run", "toy.noise", "-p", "sgima=1"]),
        ("parameter.invalid", ["run", "toy.noise", "-p", "sigma=much"]),
        ("parameter.form", ["run", "toy.noise", "-p", "sigma"]),
        ("compare.parameters", ["compare", "toy.noise", "--plan", "baseline", "--seeds", "1"]),
        ("settings.invalid", ["jobs", "list"]),
        ("correction.field", ["correct", "buildings", "b00", "levels=nine"]),
        ("correction.field", ["correct", "buildings", "b00", "footprint_m2=1"]),
        ("scenario.slug", ["scenario", "new", "My-Scenario"]),
        ("parameter.timezone", ["init", "town", "--timezone", "Mars/Olympus"]),
        ("crs.not_metric", ["init", "town", "--crs", "EPSG:4326"]),
    ],
)
def test_parameters_that_do_not_fit(fails, folder, code, command):
    more = {"CIM_LANGUAGE": "fr"} if code == "settings.invalid" else {}
    fails(code, 2, *command, **more)
    assert not (folder / "town").exists()


@pytest.mark.parametrize("hours", ["22-26", "8-7", "7", "24:30-25:00", "-1-3"])
def test_hours_that_are_no_part_of_a_day(fails, hours):
    analyses = Registry.discover().analyses()
    if "traffic.simulate" not in analyses:
        pytest.skip("traffic.simulate is absent")
    assert hours in fails("parameter.invalid", 2, "run", "traffic.simulate", "-p", f"hours={hours}")["got"]


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("analysis.unknown", ["run", "toy.nois"]),
        ("scenario.manifest_unreadable", ["run", "torn.thing"]),
        ("scenario.broken", ["run", "split.gone"]),
        ("toy.refused", ["run", "toy.behave", "-p", "how=refuse"]),
        ("scenario.crashed", ["run", "toy.behave", "-p", "how=raise"]),
        ("job.died", ["run", "toy.behave", "-p", "how=exit"]),
        ("job.timeout", ["run", "toy.hasty", "-p", "how=wait", "-p", "seconds=60"]),
        ("toy.told_to_fail", ["compare", "toy.noise", "-p", "fail_on_seed=2", "--plan", "baseline", "--seeds", "2"]),
        ("city.no_layer", ["export", "castles", "out.gpkg"]),
        ("job.unknown", ["jobs", "cancel", "nobody"]),
        ("osm.missing", ["import", "osm", "absent.osm"]),
    ],
)
def test_what_fails_fails_with_one_error(fails, code, command):
    fails(code, 1, *command)


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("plan.not_json", '{"plan": "a", "measures": [}'),
        ("plan.invalid", '{"plan": "a b"}'),
        ("plan.unknown_measure", '{"plan": "a", "measures": [{"type": "fly"}]}'),
        ("plan.invalid_measure", '{"plan": "a", "measures": [{"type": "calm"}]}'),
        ("plan.unknown_name", '{"plan": "a", "measures": [{"type": "calm", "road": "西大桥"}]}'),
        (
            "plan.contradiction",
            '{"plan": "a", "measures": [{"type": "calm", "road": "西桥"},'
            ' {"type": "calm", "road": "西桥", "speed_mps": 6}]}',
        ),
    ],
)
def test_a_plan_that_is_none(fails, cim, folder, code, content):
    (folder / "p.json").write_text(content, encoding="utf-8")
    fails(code, 1, "plan", "check", "p.json")
    error = fails(code, 1, "run", "toy.noise", "--plan", "p.json")
    if code == "plan.unknown_name":
        assert "西桥" in error["expected"]


def test_a_process_ends_with_the_same_codes(process):
    unknown, bad = process("run", "toy.nois", "--json"), process("run", "toy.noise", "--seed", "abc", "--json")
    assert (unknown.code, unknown.json["error"]["code"]) == (1, "analysis.unknown")
    assert (bad.code, bad.json["error"]["code"]) == (2, "cli.usage")


def test_a_plan_file_that_is_not_there(fails):
    fails("plan.unreadable", 1, "run", "toy.noise", "--plan", "absent.json")


def test_a_city_that_is_not_there(fails, folder):
    for command in (["info"], ["run", "toy.noise"], ["plan", "list"], ["jobs", "list"], ["gc"]):
        assert fails("city.missing", 1, *command, CIM_CITY="absent")["where"] == "absent"
        assert fails("city.missing", 1, *command, "--city", "nowhere")["where"] == "nowhere"
    assert [path.name for path in folder.iterdir()] == ["city"], "looking makes nothing"


def test_a_folder_that_is_taken(fails, folder, city):
    fails("city.exists", 1, "init", str(city.root))
    fails("city.exists", 1, "sample", str(city.root))


def test_a_spoilt_settings_file(fails, folder):
    (folder / "cim.toml").write_text("city = ")
    fails("settings.file", 2, "info")


def test_people_are_answered_on_stderr(cim):
    said = cim("run", "toy.nois")
    assert said.code == 1
    assert said.out == ""
    assert said.err.startswith("error: no analysis is called 'toy.nois' [analysis.unknown]")
    assert "remedy: " in said.err


@pytest.mark.parametrize("command", [[], ["plan"], ["scenario"], ["import"], ["jobs"]])
def test_help_is_shown_where_a_command_is_missing(cim, command):
    assert "Usage: cim" in cim(*command, "--help").out
    assert "Usage: cim" in cim(*command).out + cim(*command).err


# Interrupted


@pytest.mark.parametrize("whole_group", [False, True])
def test_ctrl_c_ends_a_run_and_leaves_nothing(city, folder, whole_group):
    command = [CIM, "run", "toy.behave", "-p", "how=wait", "-p", "seconds=100", "--json"]
    process = subprocess.Popen(
        command,
        env=environment(city.root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not [job for job in jobs.listing(city.database) if job.message == "waiting"]:
        assert process.poll() is None
        time.sleep(0.05)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)  # a terminal sends it to the whole group
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(out)["error"]["code"] == "job.cancelled"
    assert "Traceback" not in err
    assert [job.state for job in jobs.listing(city.database)] == ["cancelled"]
    assert list((city.root / "tmp").glob("*")) == []
    assert not list((city.root / "runs").glob("*"))


def test_a_bar_is_shown_on_a_terminal_alone(city, folder):
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [CIM, "run", "toy.behave", "-p", "how=work", "--json"],
        env=environment(city.root, TERM="xterm", COLUMNS="100"),
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    out, _ = done.communicate(timeout=60)
    os.close(theirs)
    drawn = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        drawn += piece
    os.close(ours)
    assert json.loads(out)["status"] == "succeeded"
    assert "toy.behave" in drawn.decode()
    assert "%" in drawn.decode()


def test_a_pipe_that_closes_is_no_fault(city, folder):
    command = f"{CIM} info --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", command], env=environment(city.root), capture_output=True, text=True, check=False
    )
    assert done.stdout == "{"
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
