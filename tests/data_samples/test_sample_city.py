"""The sample city as a whole: complete, marked synthetic, small, the same for the same seed, its plans compile."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cim_core.city import City
from cim_core.errors import CityError
from cim_core.layers import STANDARD_LAYERS
from cim_core.registry import Registry
from cim_core.store import plans as saved
from data_samples.city import ATTRIBUTION, sample, sample_city
from data_samples.plans import NAMES, sample_plans

COUNTS = {
    "roads": (1400, 1800),
    "walkways": (350, 700),
    "buildings": (2600, 3500),
    "pois": (350, 600),
    "signals": (60, 140),
    "water": (4, 12),
    "rail": (5, 12),
    "parking": (30, 60),
    "restrictions": (3, 12),
}
HAN = re.compile(r"[一-鿿]")
NAMED = ("roads", "pois", "rail", "signals", "parking")


@pytest.mark.parametrize("layer", COUNTS)
def test_it_has_about_as_much_as_is_said(town: City, layer: str) -> None:
    low, high = COUNTS[layer]
    assert low <= town.versions[layer].rows <= high


def test_it_has_every_standard_layer_and_the_ground(town: City) -> None:
    assert set(town.versions) == {*STANDARD_LAYERS, "elevation"}


@pytest.mark.parametrize("layer", NAMED)
def test_names_are_in_both_languages(town: City, layer: str) -> None:
    frame = town.layer(layer, ["name", "name_zh", "name_en"])
    assert frame[frame["name_zh"].isna() | frame["name_en"].isna()].empty
    assert frame["name_zh"].map(lambda name: bool(HAN.search(name))).all()
    assert not frame["name_en"].map(lambda name: bool(HAN.search(name))).any()
    assert (frame["name"] == frame["name_zh"]).all()


def test_a_name_in_one_language_has_one_in_the_other(town: City) -> None:
    for layer in ("buildings", "walkways", "water"):
        frame = town.layer(layer, ["name_zh", "name_en"])
        assert (frame["name_zh"].isna() == frame["name_en"].isna()).all(), layer


def test_everything_says_that_it_is_synthetic(town: City) -> None:
    assert "synthetic" in town.record.name
    assert {source.attribution for source in town.sources().values()} == {ATTRIBUTION}
    for layer in STANDARD_LAYERS:
        frame = town.layer(layer, ["source_id", "tags"])
        assert frame["source_id"].str.startswith("synthetic/").all(), layer
        assert {json.loads(tags)["synthetic"] for tags in frame["tags"]} == {"yes"}, layer


def test_the_same_seed_gives_the_same_city_in_another_process(town: City, tmp_path: Path) -> None:
    code = (
        "import json, sys\nfrom pathlib import Path\nfrom data_samples.city import sample_city\n"
        "city = sample_city(Path(sys.argv[1]))\n"
        "print(json.dumps({name: version.snapshot for name, version in city.versions.items()}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "again")],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PATH": ""},
        cwd=Path(__file__).parents[2],
    )
    assert json.loads(done.stdout) == {name: version.snapshot for name, version in town.versions.items()}


def test_another_seed_gives_another_city_of_the_same_kind(town: City) -> None:
    other = sample(seed=7).layers
    assert 1300 < len(other["roads"]) < 1900
    assert 2400 < len(other["buildings"]) < 3700
    assert set(other) == set(STANDARD_LAYERS)
    first = town.layer("buildings")
    assert not first.geometry.iloc[0].equals(other["buildings"].geometry.iloc[0])


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(CityError, match="not empty"):
        sample_city(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_it_is_small_on_disk(sample_folder: Path) -> None:
    assert sum(path.stat().st_size for path in sample_folder.rglob("*") if path.is_file()) < 8_000_000


def test_its_plans_compile_and_are_saved(town: City) -> None:
    registry = Registry.discover()
    for plan in sample_plans():
        edits = plan.compile(registry.measure_types(), town.find)
        assert len(edits) == len(plan.measures)
        assert all(edit.features for edit in edits)
    with town.database.read() as connection:
        assert saved.names(connection) == dict.fromkeys(NAMES, 1)
        assert saved.get(connection, NAMES[0]).content == sample_plans()[0].model_dump(mode="json", by_alias=True)
