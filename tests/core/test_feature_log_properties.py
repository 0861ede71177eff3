"""Any sequence of edits: the layer is what a dictionary says, at every past version, before and after folding."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import shapely
from edited_layer import EMPTY, FULL, TREES, planted, point, shown
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cim_core.city import City
from cim_core.store import feature_log
from cim_core.store.feature_content import Feature, checked, content_of

values = st.fixed_dictionaries(
    {
        "kind": st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=4),
        "count": st.integers(-(2**63), 2**63 - 1),
    },
    optional={
        "f_string": st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=4),
        "f_int64": st.none() | st.integers(-(2**63), 2**63 - 1),
        "f_float64": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "f_bool": st.none() | st.booleans(),
        "f_json": st.sampled_from([None, "{}", "[1,2]", '"text"', "null"]),
        "f_list<int64>": st.none() | st.lists(st.integers(-9, 9), max_size=2),
        "f_timestamp": st.none() | st.sampled_from(["2026-01-31T08:00:00+08:00", "1999-12-31T23:59:59.25+00:00"]),
    },
)
places = st.builds(point, st.floats(0, 900).map(lambda x: round(x, 4)), st.floats(0, 900).map(lambda x: round(x, 4)))
ids = st.sampled_from(["t0", "t1", "t2", "n0", "n1"])
steps = st.one_of(
    st.tuples(st.just("create"), ids, values, places),
    st.tuples(st.just("replace"), ids, values, places),
    st.tuples(st.just("update"), ids, values, st.none() | places),
    st.tuples(st.just("delete"), ids, st.just({}), st.none()),
    st.tuples(st.just("compact"), ids, st.just({}), st.none()),
)
Model = dict[str, tuple[dict[str, Any], shapely.Point]]


def apply(session: Any, model: Model, step: tuple[Any, ...]) -> None:
    """One step to the city's session and to the dictionary; what the dictionary cannot do is left out."""
    op, id_, fields, place = step
    there = id_ in model
    if op == "create" and not there:
        assert session.create_feature("trees", fields, place, feature=id_) == id_
        model[id_] = (fields, place)
    elif op == "replace" and there:
        session.replace_feature("trees", id_, fields, place)
        model[id_] = (fields, place)
    elif op == "update" and there:
        session.update_feature("trees", id_, fields, place)
        model[id_] = ({**model[id_][0], **fields}, place or model[id_][1])
    elif op == "delete" and there:
        session.delete_feature("trees", id_)
        del model[id_]


def content(model: Model) -> dict[str, Any]:
    return {id_: content_of(checked(Feature(id_, *both), TREES, "EPSG:32648")) for id_, both in model.items()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(steps, min_size=1, max_size=4), min_size=1, max_size=6), st.sampled_from([2, 5, 1000]))
def test_a_layer_is_what_its_edits_say_at_every_version(versions, most):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(feature_log, "LOG_MOST", most)
        city = planted(City.create(Path(folder) / "city"))
        model: Model = {f"t{i}": (FULL if i % 2 else EMPTY, point(10.0 * i)) for i in range(3)}
        known = {city.sequence: content(model)}
        for number, steps_of in enumerate(versions):
            before = city.layer_hash("trees")
            with City.open(city.root).edit(f"edit {number}") as session:
                if steps_of[0][0] == "compact":
                    session.compact("trees")
                else:
                    for step in steps_of:
                        apply(session, model, step)
            city = City.open(city.root)
            known[city.sequence] = content(model)
            assert (city.layer_hash("trees") == before) or session.sequence == city.sequence
        for sequence, expected in known.items():
            then = City.open(city.root, at=sequence)
            assert shown(then.layer("trees")) == expected
            assert then.versions["trees"].rows == len(expected)
            assert sorted(then.columns("trees", ["kind"])["id"]) == sorted(expected)
        assert city.versions["trees"].edits <= most
        city.database.close()
