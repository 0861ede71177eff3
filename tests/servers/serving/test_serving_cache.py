"""The cache builds once, forgets the oldest, and keeps no failure; the statistics that legends draw from."""

from __future__ import annotations

import threading

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from servers.serving.cache import BuiltOnce
from servers.serving.statistics import column_statistics


def test_threads_wait_for_the_one_that_builds() -> None:
    cache: BuiltOnce[str] = BuiltOnce(most=100, weight=len)
    begun, go_on, built = threading.Event(), threading.Event(), []

    def build() -> str:
        built.append(1)
        begun.set()
        assert go_on.wait(10)
        return "value"

    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(cache.get("key", build))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    assert cache.get("other", lambda: "at once") == "at once"  # one key's building holds up no other
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert (found, len(built)) == (["value"] * 8, 1)


def test_oldest_leave_first() -> None:
    cache: BuiltOnce[bytes] = BuiltOnce(most=10, weight=len)
    for key in "abc":
        cache.get(key, lambda: b"xxx")
    cache.get("a", lambda: pytest.fail("is there"))
    cache.get("d", lambda: b"xxxx")
    assert [key in cache for key in "abcd"] == [True, False, True, True]
    assert cache.total == 10
    cache.get("e", lambda: b"x" * 50)  # larger than all: kept, alone
    assert (len(cache), cache.total) == (1, 50)


def test_what_grows_is_weighed_again() -> None:
    cache: BuiltOnce[bytearray] = BuiltOnce(most=10, weight=len, grows=True)
    for key in "ab":
        cache.get(key, lambda: bytearray(4))
    cache.get("b", bytearray).extend(b"xxxx")
    assert (len(cache), cache.total) == (2, 8)
    cache.get("b", bytearray)
    assert ("a" in cache, cache.total) == (False, 8)


def test_failure_is_not_kept() -> None:
    cache: BuiltOnce[bytes] = BuiltOnce(most=10, weight=len)

    def fail() -> bytes:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        cache.get("a", fail)
    assert "a" not in cache
    assert cache.get("a", lambda: b"now") == b"now"


def test_statistics_of_each_kind() -> None:
    frame = pd.DataFrame(
        {
            "speed": [*range(101), np.nan, np.inf],
            "lanes": pd.array([None, *[2] * 101, 3], dtype="Int64"),
            "open": [True, False, None] + [True] * 100,
            "status": ["late"] * 60 + ["early"] * 40 + [None] * 3,
            "trip": [f"t{n:03d}" for n in range(103)],
            "doc": [{"a": 1}] * 103,
            "empty": [np.nan] * 103,
        }
    )
    found = column_statistics(frame, [*frame.columns, "absent"])
    assert found["speed"] == {
        "kind": "number", "min": 0.0, "max": 100.0, "quantiles": [5.0, 25.0, 50.0, 75.0, 95.0], "missing": 2,
    }  # fmt: skip
    assert (found["lanes"]["min"], found["lanes"]["max"], found["lanes"]["missing"]) == (2.0, 3.0, 1)
    assert found["open"] == {"kind": "bool", "true": 101, "missing": 1}
    assert found["status"] == {"kind": "category", "categories": ["late", "early"], "distinct": 2, "missing": 3}
    assert (len(found["trip"]["categories"]), found["trip"]["distinct"]) == (12, 103)
    assert found["empty"] == {"kind": "number", "min": None, "max": None, "quantiles": [], "missing": 103}
    assert {"doc", "absent"}.isdisjoint(found)


def test_statistics_of_a_city_layer(city) -> None:
    frame = city.layer("roads")
    assert isinstance(frame, gpd.GeoDataFrame)
    found = column_statistics(frame, frame.columns.drop("geometry"))
    assert found["class"]["kind"] == "category"
    assert found["bridge"] == {"kind": "bool", "true": int(frame["bridge"].sum()), "missing": 0}
    assert "nodes" not in found
