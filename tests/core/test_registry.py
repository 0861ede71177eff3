"""The registry: one door, and a broken scenario is a record that disturbs nobody."""

import os
import shutil
from pathlib import Path

import pytest
from tiny_cities import TOYS

from cim_core.errors import NotFoundError, ScenarioError
from cim_core.plan import Plan
from cim_core.registry import Registry, tree_digest, tree_stamp
from cim_core.templates import write_scenario

MANIFEST = (TOYS / "toy" / "manifest.toml").read_text(encoding="utf-8")


@pytest.fixture
def dropped(tmp_path):
    """``dropped(slug, manifest)`` → the registry with such a folder in its drop-in folder."""

    def drop(slug: str, manifest: str | None) -> Registry:
        folder = tmp_path / "scenarios" / slug
        folder.mkdir(parents=True)
        if manifest is not None:
            (folder / "manifest.toml").write_text(manifest, encoding="utf-8")
        return Registry.discover(tmp_path / "scenarios")

    return drop


def test_built_in_and_dropped_in_come_through_one_door(toys):
    assert {"access.reach", "toy.noise", "toy.steady"} <= set(toys.analyses())
    assert toys.records["access"].origin == "installed"
    assert toys.records["toy"].origin == "dropped in"
    assert toys.function("toy.steady").__module__ == "cim_scenario_toy.analyses"


def test_nothing_is_imported_by_looking(tmp_path):
    folder = write_scenario("loud", tmp_path)
    (folder / "near.py").write_text("raise SystemExit('imported')")
    (folder / "__init__.py").write_text("raise SystemExit('imported')")
    assert "loud.near" in Registry.discover(tmp_path).analyses()


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (lambda text: None, "manifest_unreadable", "No such file"),
        (lambda text: "not = [toml", "manifest_unreadable", ""),
        (lambda text: text.replace("api = 1", "api = 2"), "manifest_mismatch", "api = 2"),
        (lambda text: text.replace('slug = "toy"', 'slug = "other"'), "manifest_mismatch", "other"),
        (lambda text: text.replace('slug = "toy"', 'slug = "To y"'), "manifest_invalid", "slug"),
        (lambda text: text.replace('unit = "m/s"', 'unit = "mph"'), "manifest_invalid", "mph"),
        (lambda text: text.replace('better = "higher"', 'better = "more"'), "manifest_invalid", "better"),
        (lambda text: text.replace("stochastic", "chancy"), "manifest_invalid", "chancy"),
        (lambda text: text.replace(', zh = "玩具" }', " }"), "manifest_invalid", "title.zh"),
        (lambda text: text.replace('function = "analyses:steady"', ""), "manifest_invalid", "function"),
    ],
)
def test_a_broken_manifest_is_a_record_with_its_error(dropped, spoil, code, said):
    registry = dropped("toy", spoil(MANIFEST))
    record = registry.records["toy"]
    assert record.manifest is None
    assert record.error.code == f"scenario.{code}"
    assert said in record.error.got
    assert "access.reach" in registry.analyses()
    with pytest.raises(ScenarioError, match=code):
        registry.analysis("toy.steady")


def test_a_slug_that_is_taken_keeps_the_first(dropped):
    registry = dropped("access", MANIFEST.replace('slug = "toy"', 'slug = "access"'))
    assert registry.records["access"].origin == "installed"
    second = registry.records["access (dropped in)"]
    assert (second.manifest, second.error.code) == (None, "scenario.slug_taken")


def test_files_and_hidden_folders_are_no_scenarios(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for name in (".git", "__pycache__"):
        (tmp_path / name).mkdir()
    assert Registry.discover(tmp_path).records.keys() == Registry.discover().records.keys()
    assert Registry.discover(tmp_path / "absent").records.keys() == Registry.discover().records.keys()


def test_a_missing_module_is_an_error_of_that_scenario_alone(toys):
    with pytest.raises(ScenarioError, match=r"scenario\.broken") as caught:
        toys.function("split.gone")
    assert "nowhere" in caught.value.got
    assert "RuntimeError" not in caught.value.got
    assert callable(toys.function("toy.steady"))


def test_a_broken_measure_harms_only_who_names_it(toys, city):
    assert {"calm", "snap"} <= set(toys.measure_types())
    named = Plan(plan="p", measures=({"type": "calm", "road": "西桥"},))
    assert named.compile(toys.measure_types(), city.find)
    with pytest.raises(ScenarioError, match=r"scenario\.broken"):
        Plan(plan="p", measures=({"type": "snap"},)).compile(toys.measure_types(), city.find)


def test_an_unknown_analysis_is_answered_with_the_nearest(toys):
    with pytest.raises(NotFoundError, match=r"analysis\.unknown") as caught:
        toys.analysis("toy.stedy")
    assert "toy.steady" in caught.value.expected
    with pytest.raises(NotFoundError, match=r"analysis\.unknown"):
        toys.analysis("nothing")
    with pytest.raises(NotFoundError, match=r"analysis\.unknown"):
        Registry().analysis("toy.steady")


def test_a_drop_in_of_the_same_name_from_another_folder_is_its_own(tmp_path):
    results = []
    for number in (1, 2):
        folder = write_scenario("twin", tmp_path / str(number))
        (folder / "near.py").write_text(f"def near(city, parameters, context):\n    return {number}\n")
        results.append(Registry.discover(tmp_path / str(number)).function("twin.near")(None, None, None))
    assert results == [1, 2]


def test_a_package_that_failed_to_load_fails_again_until_it_is_mended(tmp_path):
    folder = write_scenario("mended", tmp_path)
    sound = (folder / "__init__.py").read_text()
    (folder / "__init__.py").write_text("raise ValueError('broken package')")
    for _ in range(2):
        with pytest.raises(ScenarioError, match=r"scenario\.broken") as caught:
            Registry.discover(tmp_path).function("mended.near")
        assert "broken package" in caught.value.got
    (folder / "__init__.py").write_text(sound + "# mended\n")
    assert callable(Registry.discover(tmp_path).function("mended.near"))


def test_the_digest_is_of_the_code(tmp_path):
    folder = Path(shutil.copytree(TOYS / "toy", tmp_path / "toy", ignore=shutil.ignore_patterns("__pycache__")))
    before = tree_digest(folder)
    assert tree_digest(TOYS / "toy") == before
    (folder / "README.md").write_text("for people")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"compiled")
    assert tree_digest(folder) == before
    (folder / "analyses.py").write_text((folder / "analyses.py").read_text() + "\n")
    assert tree_digest(folder) != before
    renamed = tree_digest(folder)
    (folder / "analyses.py").rename(folder / "analysis.py")
    assert tree_digest(folder) != renamed


def test_a_stamp_changes_with_every_edit_and_with_nothing_else(tmp_path):
    folder = write_scenario("stamped", tmp_path)
    before = tree_stamp(tmp_path)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"compiled")
    assert tree_stamp(tmp_path) == before
    seen = {before}
    for change in (
        lambda: (folder / "near.py").write_text("# other\n"),
        lambda: os.utime(folder / "near.py", ns=(1, 1)),
        lambda: (folder / "near.py").rename(folder / "far.py"),
        (tmp_path / "empty").mkdir,
        (folder / "far.py").unlink,
    ):
        change()
        seen.add(tree_stamp(tmp_path))
    assert len(seen) == 6
    assert tree_stamp(tmp_path / "nowhere") == tree_stamp(None)


def test_an_edited_drop_in_is_loaded_anew_by_the_next_registry_alone(tmp_path):
    folder = write_scenario("edited", tmp_path)
    answers = []
    for text in ("1", "'another'"):
        (folder / "near.py").write_text(f"def near(city, parameters, context):\n    return {text}\n")
        registry = Registry.discover(tmp_path)
        answers.append(registry.function("edited.near")(None, None, None))
        assert registry.function("edited.near") is registry.function("edited.near")
    assert answers == [1, "another"]
