"""Settings: default < file < environment < flag."""

from pathlib import Path

import pytest

from cim_core.errors import ParameterError
from cim_core.settings import Settings, load


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_default_gives_way_to_file_environment_and_flag(here):
    assert load(environment={}).city == Path("city")
    (here / "cim.toml").write_text('city = "file"\nworkers = 3\n')
    assert load(environment={}).city == Path("file")
    environment = {"CIM_CITY": "environment"}
    assert load(environment=environment).city == Path("environment")
    assert load({"city": Path("flag"), "workers": None}, environment=environment).city == Path("flag")
    assert load({"city": Path("flag")}, environment=environment).workers == 3


def test_a_file_can_be_named_and_must_then_be_there(here):
    (here / "other.toml").write_text('author = "who"')
    assert load(environment={"CIM_CONFIG": "other.toml"}).author == "who"
    with pytest.raises(ParameterError, match=r"settings\.file"):
        load(environment={"CIM_CONFIG": "absent.toml"})


@pytest.mark.parametrize("content", ["city = ", "\x00", "[[["])
def test_a_file_that_is_no_toml_is_named(here, content):
    (here / "cim.toml").write_text(content)
    with pytest.raises(ParameterError, match=r"settings\.file") as caught:
        load(environment={})
    assert "cim.toml" in caught.value.where


@pytest.mark.parametrize(
    ("environment", "flags", "named"),
    [
        ({"CIM_WORKERS": "many"}, {}, "workers"),
        ({"CIM_WORKERS": "-1"}, {}, "workers"),
        ({"CIM_LANGUAGE": "fr"}, {}, "language"),
        ({}, {"colour": "red"}, "colour"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(environment, flags, named):
    with pytest.raises(ParameterError, match=r"settings\.invalid") as caught:
        load(flags, environment=environment)
    assert named in caught.value.where


def test_an_unknown_setting_in_the_file_is_named(here):
    (here / "cim.toml").write_text("wokers = 2")
    with pytest.raises(ParameterError, match=r"settings\.invalid") as caught:
        load(environment={})
    assert "wokers" in caught.value.where


def test_settings_are_frozen_and_each_is_described():
    with pytest.raises(ValueError, match="frozen"):
        load(environment={}).city = Path("other")
    assert all(field.description for field in Settings.model_fields.values())


def test_all_cores_work_unless_told():
    assert load(environment={}).parallel >= 1
    assert load(environment={"CIM_WORKERS": "2"}).parallel == 2
