"""The abstract tests of the standards, as the TOML files beside this module list them, and the tests that check them.

Each file is one standard: its conformance classes, the ids of their abstract tests, what each is for in a line of our
own, and whether it is claimed; where not, why. A test says which ids it checks::

    checks = suite("features-1")


    @checks("/conf/core/root-op")
    def test_the_landing_page_is_there(get): ...
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Check = Callable[..., Any]
CHECKED: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
"""Standard → id of an abstract test → names of the tests that check it; filled as test modules are imported."""


@dataclass(frozen=True)
class AbstractTest:
    """One abstract test; ``why`` says why it is not claimed, and is empty if it is."""

    id: str
    purpose: str
    why: str


@dataclass(frozen=True)
class ConformanceClass:
    """One conformance class of a standard."""

    standard: str
    uri: str
    tests: tuple[AbstractTest, ...]

    @property
    def claimed(self) -> bool:
        """Whether every abstract test of it is."""
        return all(not test.why for test in self.tests)


def suite(standard: str) -> Callable[..., Callable[[Check], Check]]:
    """The decorator for tests of a standard, by the name of its file without ``.toml``."""

    def checks(*ids: str) -> Callable[[Check], Check]:
        def mark(test: Check) -> Check:
            for one in ids:
                CHECKED[standard][one].append(f"{test.__module__}.{test.__qualname__}")
            return test

        return mark

    return checks


def standards() -> list[str]:
    """The names of all standards, by their files."""
    return sorted(path.stem for path in HERE.glob("*.toml"))


def conformance_classes(standard: str) -> list[ConformanceClass]:
    """The classes of a standard in the order of its file."""
    content = tomllib.loads((HERE / f"{standard}.toml").read_text(encoding="utf-8"))
    return [_class(standard, content, one) for one in content["class"]]


def _class(standard: str, content: dict[str, Any], given: dict[str, Any]) -> ConformanceClass:
    name, whole = given["name"], given.get("not_claimed", "")
    tests = tuple(
        AbstractTest(f"/conf/{name}/{test}", row[0], whole or (row[1] if len(row) > 1 else ""))
        for test, row in given["tests"].items()
    )
    return ConformanceClass(standard, f"{given.get('base', content['base'])}/conf/{name}", tests)
