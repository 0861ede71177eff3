"""What is wrong is said in one way: a code, five answers, an exit code; never a traceback."""

from __future__ import annotations

import pytest


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
