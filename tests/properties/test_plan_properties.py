"""Properties of time windows, plans and edits."""

import json
import string
from datetime import UTC, date, datetime, timedelta
from functools import cache

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim_core.canonical import canonical_json, content_hash
from cim_core.errors import ParameterError, PlanError
from cim_core.instants import DAY_S, OPEN_END_S, Day, Moment, Window, parse_hours, parse_moment
from cim_core.layers import STANDARD_LAYERS
from cim_core.overlay import Ledger, apply_edits
from cim_core.plan import Edit, Plan, difference, refuse_contradictions
from cim_core.testing.tiny import tiny_layers

CRS = "EPSG:32648"
clocks = st.integers(0, DAY_S).map(lambda seconds: Moment(clock_s=seconds))
instants = st.integers(0, 365 * DAY_S).map(
    lambda seconds: Moment(instant=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
)
day_types = st.sampled_from(["any", "workday", "weekend"])
dates = st.dates(date(2025, 12, 25), date(2027, 1, 7))
zones = st.sampled_from(["Asia/Shanghai", "UTC", "America/New_York", "Australia/Lord_Howe"])
days = st.one_of(
    st.builds(Day, st.sampled_from(["workday", "weekend"]), st.none(), zones),
    st.builds(lambda day, zone: Day.of(day.isoformat(), zone), dates, zones),
)


@st.composite
def windows(draw) -> Window:
    moments = draw(st.sampled_from([clocks, instants]))
    first, second = draw(st.none() | moments), draw(st.none() | moments)
    if first and second:
        key = (lambda m: m.clock_s) if first.instant is None else (lambda m: m.instant)
        first, second = sorted([first, second], key=key)
        if key(first) == key(second):
            second = None
    return Window(first, second, draw(day_types))


@given(clocks | instants)
def test_a_moment_reads_back_from_its_text(moment):
    assert parse_moment(str(moment)) == moment


@given(st.text(string.digits + ":+-TZ. ", max_size=25))
def test_a_text_is_a_moment_or_a_value_error(text):
    try:
        moment = parse_moment(text)
    except ValueError:
        return
    assert (moment.clock_s is None) != (moment.instant is None)
    assert moment.clock_s is None or 0 <= moment.clock_s <= DAY_S


@given(windows(), windows())
def test_overlap_is_mutual(one, other):
    assert one.overlaps(other) == other.overlaps(one)


@given(windows())
def test_a_window_overlaps_itself(window):
    assert window.overlaps(window)


@given(windows(), days)
def test_seconds_lie_within_the_day(window, day):
    found = window.seconds(day)
    if found is not None:
        assert 0 <= found[0] < DAY_S
        assert found[0] < found[1] <= OPEN_END_S


@given(windows(), windows(), days)
def test_windows_that_meet_on_some_day_overlap(one, other, day):
    first, second = one.seconds(day), other.seconds(day)
    if first and second and max(first[0], second[0]) < min(first[1], second[1]):
        assert one.overlaps(other)


@given(instants, st.integers(1, 40 * DAY_S))
def test_the_days_of_a_window_add_up_to_it(begin, seconds):
    start, end = begin.instant, begin.instant + timedelta(seconds=seconds)
    window = Window(begin, Moment(instant=end))
    first, last = (moment.astimezone(UTC).date() for moment in (start, end))
    span = [first + timedelta(days=n) for n in range(-1, (last - first).days + 2)]
    parts = [window.seconds(Day.of(day.isoformat(), "UTC")) for day in span]
    total = sum(min(part[1], DAY_S) - part[0] for part in parts if part)  # the next day counts its own part
    assert total == pytest.approx((end - start).total_seconds())


@given(windows())
def test_a_window_that_always_holds_says_nothing(window):
    assert window.always == (window.as_dict() == {})


@given(st.integers(0, 1439), st.integers(0, 1440))
def test_hours_are_what_was_written(begin, end):
    texts = [f"{m // 60:02d}:{m % 60:02d}" for m in (begin, end)]
    written = "-".join(texts)
    if begin < end:
        assert parse_hours(written) == (60 * begin, 60 * end)
        assert parse_hours(f"{begin / 60}-{end / 60}") == (60 * begin, 60 * end)
    else:
        with pytest.raises(ParameterError, match=r"parameter\.hours"):
            parse_hours(written)


@given(st.text(string.digits + ":.-– ", max_size=14))
def test_a_text_is_hours_of_one_day_or_refused(text):
    try:
        begin, end = parse_hours(text)
    except ParameterError as fault:
        assert fault.got == text  # noqa: PT017 - either is right, and each is checked
        return
    assert 0 <= begin < end <= DAY_S


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
measures = st.lists(st.dictionaries(names, values, max_size=4), max_size=4)


def shuffled(value, turn):
    """The same content with its keys in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(one, turn)) for key, one in value.items()]
        return dict(items[turn:] + items[:turn] if turn % 2 else items[::-1])
    return [shuffled(one, turn) for one in value] if isinstance(value, list) else value


@given(values, st.integers(0, 3))
def test_a_content_hash_does_not_know_the_order_of_keys(value, turn):
    assert content_hash(shuffled(value, turn)) == content_hash(value)


@given(values)
def test_canonical_json_reads_back(value):
    assert json.loads(canonical_json(value)) == value
    assert canonical_json(json.loads(canonical_json(value))) == canonical_json(value)


@given(values, values)
def test_two_contents_have_two_hashes(one, other):
    assert (content_hash(one) == content_hash(other)) == (canonical_json(one) == canonical_json(other))


@given(measures, st.integers(0, 3))
def test_a_plan_reads_back_and_its_hash_does_not_know_the_order_of_keys(raw, turn):
    plan = Plan(plan="p", measures=tuple(raw))
    assert Plan.parse(plan.dumps(), "here") == plan
    assert Plan(plan="q", measures=tuple(shuffled(raw, turn))).hash == plan.hash


@given(measures, measures)
def test_a_difference_leads_from_one_to_the_other(before, after):
    one, other = Plan(plan="p", measures=tuple(before)), Plan(plan="p", measures=tuple(after))
    found, back = difference(one, other), difference(other, one)
    assert (found["added"], found["removed"]) == (back["removed"], back["added"])
    left = list(one.measures)
    for measure in found["removed"]:
        left.remove(measure)
    counted = [*left, *found["added"]]
    assert sorted(map(canonical_json, counted)) == sorted(map(canonical_json, other.measures))


@cache
def roads() -> gpd.GeoDataFrame:
    return tiny_layers()["roads"].to_crs(CRS)


@st.composite
def edits(draw, kinds=("set", "remove")) -> Edit:
    features = tuple(draw(st.lists(st.sampled_from(list(roads().index)), min_size=1, max_size=4, unique=True)))
    op = draw(st.sampled_from(kinds))
    possible = {
        "speed_limit_mps": st.floats(1, 40),
        "lanes_forward": st.integers(0, 6),
        "name": st.none() | names,
        "bridge": st.booleans(),
        "closed_forward": st.booleans(),
    }
    fields = draw(st.lists(st.sampled_from(list(possible)), min_size=1, max_size=3, unique=True))
    chosen = tuple((name, draw(possible[name])) for name in sorted(fields)) if op == "set" else ()
    return Edit("roads", features[0], features, op, chosen, draw(windows()))


@settings(deadline=None, max_examples=40)
@given(st.lists(edits(), max_size=4))
def test_applying_edits_twice_is_applying_them_once_and_changes_no_dtype(made):
    once = apply_edits(roads(), made, roads().crs)
    assert apply_edits(once, made, roads().crs).equals(once)
    assert (once.dtypes == roads().dtypes).all()
    assert set(once.columns) == set(roads().columns)
    untouched = roads().index.difference([feature for edit in made for feature in edit.features])
    assert once.loc[untouched].equals(roads().loc[untouched])


def test_no_edits_change_nothing():
    assert apply_edits(roads(), [], roads().crs).equals(roads())


@given(st.lists(edits(), max_size=5), days)
def test_every_edit_is_shown_taken_or_listed_as_unused(made, day):
    ledger, schema = Ledger(made), STANDARD_LAYERS["roads"]
    shown = ledger.permanent("roads", schema)
    fields = {name for edit in made for name, _ in edit.fields}
    taken = ledger.take("roads", fields, day, schema)
    unused = ledger.unused()
    assert len(shown) + len(taken) + len(unused) == len(made)
    assert all(row["reason"] for row in unused)
    assert all(0 <= one.begin_s < one.end_s <= OPEN_END_S for one in taken)


@given(st.lists(edits(kinds=("set",)), max_size=4))
def test_contradictions_do_not_depend_on_the_order(made):
    def refused(several) -> bool:
        try:
            refuse_contradictions(several, "p")
        except PlanError:
            return True
        return False

    assert refused(made) == refused(made[::-1])
    assert not refused([*made[:1], *made[:1]])
