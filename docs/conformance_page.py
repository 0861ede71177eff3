"""The conformance classes of the OGC standards as tables: what is claimed, what is not and why."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from schema_tables import table

TESTS = Path(__file__).parents[1] / "tests" / "conformance"
sys.path.insert(0, str(TESTS))

from abstract_tests import ConformanceClass, conformance_classes  # noqa: E402 - found on the path above

ORDER = (
    "common-1", "common-2", "features-1", "features-2", "features-3", "features-4", "cql2", "tiles-1", "records-1",
    "processes-1",
)  # fmt: skip


def conformance_lines() -> list[str]:
    """For each standard a table of its classes, and one of the abstract tests that are not claimed."""
    lines = [
        "The API is derived from these standards of the OGC. Each abstract test that is claimed has a test in",
        "`tests/conformance`; `/api/conformance` lists the classes all of whose tests are claimed and pass. Nobody has",
        "certified it. Tests of CQL2 that need the standard's own data hold only where these are served: they are not.",
    ]
    for name in ORDER:
        lines += ["", *_standard(name)]
    return lines


def _standard(name: str) -> list[str]:
    content = tomllib.loads((TESTS / f"{name}.toml").read_text(encoding="utf-8"))
    classes = conformance_classes(name)
    rows = [(f"`{_short(one)}`", str(len(one.tests)), "yes" if one.claimed else "no", _why(one)) for one in classes]
    head = [f"## {content['title']}", "", f"{content['document']}; classes below `{content['base']}/conf/`.", ""]
    return [*head, *table(("class", "abstract tests", "claimed", "why not"), rows)]


def _short(one: ConformanceClass) -> str:
    return one.uri.rpartition("/")[2]


def _why(one: ConformanceClass) -> str:
    """The reason for the class as a whole, or for each test of it."""
    given_up = [test for test in one.tests if test.why]
    if len({test.why for test in given_up}) == 1 and len(given_up) == len(one.tests):
        return given_up[0].why
    return "; ".join(f"`{test.id.rpartition('/')[2]}`: {test.why}" for test in given_up)
