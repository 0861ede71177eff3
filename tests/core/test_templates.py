"""A new scenario works at once, and the contract finds what an author broke."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tiny_cities import TOYS

from cim_core.errors import ParameterError
from cim_core.plan import Plan
from cim_core.question import ask
from cim_core.registry import Registry
from cim_core.runner import Runner
from cim_core.templates import write_scenario
from cim_core.testing.contract import CHECKS, Check, check_folder, findings
from cim_core.testing.subject import Subject
from cim_core.testing.writes import written_outside

Change = tuple[str, str, str]
DECLARED = CHECKS[:6]


@pytest.fixture
def broken(tmp_path) -> Callable[..., str]:
    """``broken(checks, (file, old, new), …)`` → what the checks say of the template with these changes."""

    def check(checks: Sequence[Check], *changes: Change) -> str:
        folder = write_scenario("mine", tmp_path / "scenarios")
        for file, old, new in changes:
            text = (folder / file).read_text(encoding="utf-8")
            assert old in text
            (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        subject = Subject.of_folder(folder, tmp_path / "work")
        return "\n".join(sentence for one in checks for sentence in findings(subject, one))

    return check


def test_a_new_scenario_keeps_the_contract_and_answers_in_a_worker(tmp_path, city):
    folder = write_scenario("noise_map", tmp_path)
    assert check_folder(folder) == []
    registry = Registry.discover(tmp_path)
    asked = ask(city, registry, "noise_map.near", {"within_m": 100}, plan=Plan.empty(), seed=1)
    figures = Runner(city, registry, drop_in=tmp_path).run(asked).figures
    assert figures["buildings_near"].value > 0
    assert 0 < figures["share_near"].value <= 1


def test_no_trace_of_the_template_is_left(tmp_path):
    folder = write_scenario("noise_map", tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "__init__.py",
        "manifest.toml",
        "near.py",
        "parameters.py",
    ]
    assert not [path for path in folder.iterdir() if "my_scenario" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("slug", ["", "Noise", "1st", "a-b", "../up", "a" * 41, "噪声"])
def test_a_slug_that_cannot_be_one_is_refused(tmp_path, slug):
    with pytest.raises(ParameterError, match=r"scenario\.slug"):
        write_scenario(slug, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path):
    write_scenario("mine", tmp_path)
    with pytest.raises(ParameterError, match=r"scenario\.folder_exists"):
        write_scenario("mine", tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("manifest.toml", "api = 1", "api = 9"), "manifest_mismatch"),
        (("manifest.toml", 'zh = "邻近干道" }', 'zh = " " }'), "no words in 'zh'"),
        (("manifest.toml", 'unit = "m", better', 'unit = "furlong", better'), "furlong"),
        (("manifest.toml", 'show = "distance_m"', 'show = "nothing"'), "does not declare"),
        (("manifest.toml", "near:near", "near:far"), "scenario.broken"),
        (("manifest.toml", "parameters:NearParameters", "near:buildings_near"), "not a pydantic.BaseModel"),
        (("parameters.py", 'description="distance in metres that counts as near"', ""), "within_m has no description"),
        (("parameters.py", "default=30, ", ""), "within_m have no default"),
    ],
)
def test_what_is_wrong_with_a_declaration_is_said_without_a_run(broken, change, said):
    assert said in broken(DECLARED, change)


RETURNED = 'layers={"buildings_near": found},'
SHARE = '"share_near": near_m2 / total_m2 if total_m2 else None,'
EXTRA = RETURNED + ' tables={"extra": found},'


@pytest.mark.parametrize(
    ("check", "changes", "said"),
    [
        (
            "runs_as_declared",
            [("near.py", SHARE, "")],
            "share_near",
        ),
        (
            "runs_as_declared",
            [("near.py", RETURNED, "")],
            "default parameters: layers buildings_near",
        ),
        (
            "runs_as_declared",
            [("near.py", RETURNED, EXTRA)],
            "tables not declared: extra",
        ),
        ("runs_as_declared", [("near.py", RETURNED, 'layers={"buildings_near": found.to_crs(4326)},')], "working CRS"),
        ("runs_as_declared", [("manifest.toml", 'geometry = "Polygon"', 'geometry = "Point"')], "has Polygon"),
        ("runs_as_declared", [("near.py", "main = roads", "main = rods")], "NameError"),
        (
            "same_seed_same_figures",
            [("near.py", '"buildings_near": len(found)', '"buildings_near": __import__("os").getpid()')],
            "asked again, gives other figures: buildings_near",
        ),
        (
            "seed_matters_only_if_declared",
            [("near.py", '"buildings_near": len(found)', '"buildings_near": context.seed')],
            "another seed gives other figures: buildings_near",
        ),
        (
            "writes_only_where_it_may",
            [("near.py", "total_m2 = ", 'open("/tmp/cim-contract-probe", "w").close()\n    total_m2 = ')],
            "writes /tmp/cim-contract-probe",
        ),
        (
            "writes_only_where_it_may",
            [("near.py", "total_m2 = ", '(context.baseline.root / "snapshots/mine").mkdir()\n    total_m2 = ')],
            "snapshots",
        ),
        ("stops_when_cancelled", [("near.py", "context.progress(", "print(")], "it ended with a result"),
        (
            "stops_when_cancelled",
            [("near.py", 'context.progress(0.1, "reading roads and buildings")', "raise KeyError('mine')")],
            "KeyError",
        ),
    ],
)
def test_what_is_wrong_with_a_run_is_said(broken, check, changes, said):
    assert said in broken([one for one in CHECKS if one.__name__ == check], *changes)


def test_a_stochastic_analysis_may_differ_by_seed_but_not_by_process(broken):
    by_seed = [
        ("manifest.toml", "stochastic = false", "stochastic = true"),
        ("near.py", '"buildings_near": len(found)', '"buildings_near": context.seed'),
    ]
    assert broken(CHECKS, *by_seed) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("measures.py", 'kind: ClassVar[str] = "calm"', 'kind: ClassVar[str] = "loud"'), "kind = 'loud'"),
        (("measures.py", "class Calm(Measure)", "class Calm(Plain)"), "is not a cim_core.plan.Measure"),
        (("measures.py", "return edits + (", "return [] and ("), "compiles to no edit"),
        (("measures.py", "speed_limit_mps=self.speed_mps", "speed_limit_mps=object()"), "not JSON serializable"),
    ],
)
def test_what_is_wrong_with_a_measure_is_said(tmp_path, change, said):
    folder = Path(shutil.copytree(TOYS / "toy", tmp_path / "toy"))
    file, old, new = change
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    plain = "\n\nclass Plain:\n    pass\n\n\nclass Calm"
    (folder / file).write_text(text.replace(old, new).replace("\n\nclass Calm", plain, 1), encoding="utf-8")
    subject = Subject.of_folder(folder, tmp_path / "work")
    found = findings(subject, next(check for check in CHECKS if check.__name__ == "measures_compile"))
    assert said in "\n".join(found)


def test_the_toys_measures_keep_the_contract(tmp_path):
    subject = Subject.of_folder(TOYS / "toy", tmp_path)
    assert [sentence for check in DECLARED for sentence in findings(subject, check)] == []


def test_a_folder_that_is_no_scenario_is_said_so(tmp_path):
    assert "manifest_unreadable" in "\n".join(check_folder(tmp_path / "absent"))
    folder = write_scenario("access", tmp_path)
    assert "slug_taken" in "\n".join(check_folder(folder))


def test_writes_are_seen_and_those_allowed_are_not(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "there").write_text("before")
    for tree in (inside / "tree", outside / "tree"):
        (tree / "leaf").mkdir(parents=True)
    with written_outside([inside]) as seen:
        (inside / "file").write_text("fine")
        (outside / "there").read_text()
        (outside / "file").write_text("seen")
        (outside / "folder").mkdir()
        (inside / "file").rename(outside / "moved")
        (outside / "there").unlink()
        shutil.rmtree(inside / "tree")
        shutil.rmtree(outside / "tree")
        Path("/dev/null").write_text("fine")
    assert seen == [outside / name for name in ("file", "folder", "moved", "there", "tree/leaf", "tree")]
    (outside / "later").write_text("nobody looks")
    assert len(seen) == 6
