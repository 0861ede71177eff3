"""Compiled steps of drawing a tile, each against Shapely or the letter of the specification."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from servers.serving.baked.clipping import GROWTH, clipped_ring, clipped_segment
from servers.serving.baked.rings import doubled_area, is_convex, nested_right, rounded_ring, touch, within
from servers.serving.baked.tile_commands import put, put_line, put_points, put_rings, size_of
from servers.serving.baked.tile_encoder import ABSENT, features, layer_entry, messages, numbered

LOW, HIGH = -2.0, 2.0
whole = st.integers(-5, 5)
places = st.tuples(whole, whole)
rings = st.lists(places, min_size=3, max_size=12)
long_rings = st.lists(st.tuples(st.integers(-90, 90), st.integers(-90, 90)), min_size=41, max_size=60)


def arrays(points: list[tuple[int, int]], dtype: type = np.int64) -> np.ndarray:
    return np.array(points, dtype=dtype).T.copy()


def clean(ring: list[tuple[int, int]]) -> np.ndarray:
    to = np.zeros((2, len(ring)), dtype=np.int64)
    return to[:, : rounded_ring(arrays(ring, np.float64), len(ring), to, 0)]


@settings(deadline=None)
@given(rings)
def test_a_cleaned_ring_has_the_same_area_and_no_point_in_line(ring) -> None:
    found = clean(ring)
    before = doubled_area(arrays(ring), 0, len(ring))
    assert (doubled_area(found, 0, found.shape[1]) if found.shape[1] else 0) == before
    for i in range(found.shape[1]):
        a, b, c = (found[:, (i + k) % found.shape[1]] for k in range(3))
        assert np.cross([*(b - a), 0], [*(c - a), 0])[2] != 0


@settings(deadline=None)
@given(rings | long_rings)
def test_rings_touch_where_shapely_says_so(ring) -> None:
    found = clean(ring)
    if found.shape[1]:
        ring_at = np.array([0, found.shape[1]], dtype=np.int64)
        simple = shapely.LinearRing(found.T).is_simple
        assert touch(found, ring_at, 1) == (not simple)
        if is_convex(found, 0, found.shape[1]):
            polygon = shapely.Polygon(found.T)
            assert polygon.is_valid
            assert polygon.equals(polygon.convex_hull)


def test_a_large_ring_is_simple_until_two_of_its_sides_meet() -> None:
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    ring = [(round(1000 * np.cos(a)), round(1000 * np.sin(a))) for a in turn]
    crossed = [*ring[:100], ring[300], *ring[100:]]
    for points, expected in ((ring, False), (crossed, True)):
        found = clean(points)
        assert touch(found, np.array([0, found.shape[1]], dtype=np.int64), 1) is expected


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 8), st.integers(-9, 8), st.integers(1, 17), st.integers(1, 17)), max_size=5))
def test_nesting_is_right_where_shapely_says_valid(boxes) -> None:
    corners = [[(x, y), (x + w, y), (x + w, y + h), (x, y + h)] for x, y, w, h in [(-20, -20, 40, 40), *boxes]]
    points = np.concatenate([arrays(ring) for ring in corners], axis=1)
    ring_at = np.arange(len(corners) + 1, dtype=np.int64) * 4
    if not touch(points, ring_at, len(corners)):
        is_hole = np.arange(len(corners)) > 0
        polygon = shapely.Polygon(corners[0], corners[1:])
        assert nested_right(points, ring_at, len(corners), is_hole) == polygon.is_valid
        apart = shapely.MultiPolygon([shapely.Polygon(ring) for ring in corners])
        assert nested_right(points, ring_at, len(corners), np.zeros(len(corners), dtype=bool)) == apart.is_valid


@settings(deadline=None)
@given(rings, places)
def test_within_is_shapelys(ring, place) -> None:
    polygon, point = shapely.Polygon(ring), shapely.Point(place)
    if polygon.is_valid and not polygon.boundary.intersects(point):
        assert within(*place, arrays(ring), 0, len(ring)) == polygon.contains(point)


@settings(deadline=None)
@given(rings)
def test_a_cut_ring_encloses_what_shapely_cuts(ring) -> None:
    polygon = shapely.Polygon(ring)
    work, spare = np.zeros((2, GROWTH * len(ring) + 8)), np.zeros((2, GROWTH * len(ring) + 8))
    work[:, : len(ring)] = arrays(ring, np.float64)
    count = clipped_ring(work, len(ring), spare, LOW, HIGH)
    kept = work[:, :count]
    assert ((kept >= LOW) & (kept <= HIGH)).all()
    if polygon.is_valid:
        area = abs(doubled_area(work, 0, count)) / 2 if count else 0
        assert np.isclose(area, polygon.intersection(shapely.box(LOW, LOW, HIGH, HIGH)).area)


@settings(deadline=None)
@given(places, places)
def test_a_cut_segment_is_shapelys(a, b) -> None:
    enters, leaves = clipped_segment(*map(float, (*a, *b)), LOW, HIGH)
    wanted = shapely.LineString([a, b]).intersection(shapely.box(LOW, LOW, HIGH, HIGH))
    length = max(leaves - enters, 0) * float(np.hypot(b[0] - a[0], b[1] - a[1]))
    assert np.isclose(length, wanted.length)


@settings(deadline=None)
@given(st.integers(0, 2**63 - 1))
def test_varints_are_protobufs(number: int) -> None:
    out = np.zeros(16, dtype=np.uint8)
    end = put(out, 0, number)
    assert end == size_of(number)
    assert sum((int(byte) & 127) << 7 * place for place, byte in enumerate(out[:end])) == number
    assert [byte >= 128 for byte in out[:end]] == [True] * (end - 1) + [False]


def test_commands_are_those_of_the_specifications_examples() -> None:
    """Mapbox Vector Tile 2.1, section 4.3.5: point, multipoint, linestring, polygon."""
    out = np.zeros(200, dtype=np.uint8)

    def words(end: int) -> list[int]:
        return out[:end].tolist()

    assert words(put_points(out, 0, arrays([(25, 17)]), 1)) == [9, 50, 34]
    assert words(put_points(out, 0, arrays([(5, 7), (3, 2)]), 2)) == [17, 10, 14, 3, 9]
    line = arrays([(2, 2), (2, 10), (10, 10)])
    assert words(put_line(out, 0, line, 3, 0, 0)) == [9, 4, 4, 18, 0, 16, 16, 0]
    ring, ring_at = arrays([(3, 6), (8, 12), (20, 34)]), np.array([0, 3], dtype=np.int64)
    assert words(put_rings(out, 0, ring, ring_at, 1, np.array([False]))) == [9, 6, 12, 18, 10, 12, 24, 44, 15]


@settings(deadline=None)
@given(st.lists(st.integers(-1, 9), min_size=1, max_size=40), st.integers(0, 300))
def test_values_are_numbered_by_first_use_and_copied(codes: list[int], first: int) -> None:
    texts = [b"", *(bytes([65 + i]) * i for i in range(1, 10))]  # the first has no message
    heap = np.frombuffer(b"".join(texts), dtype=np.uint8)
    at = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int64)
    numbers = np.array(codes, dtype=np.int32)
    used, size = numbered(numbers, at, first)
    assert used.tolist() == list(dict.fromkeys(code for code in codes if code > 0))
    expected = [first + used.tolist().index(code) if code > 0 else ABSENT for code in codes]
    assert numbers.tolist() == expected
    assert messages(used, size, heap, at).tobytes() == b"".join(texts[code] for code in used)


def test_a_feature_without_properties_has_no_tags() -> None:
    geometry = np.array([9, 50, 34], dtype=np.uint8)
    ends = np.array([3], dtype=np.int64)
    body = features(
        np.array([300]), np.array([1], dtype=np.uint8), np.zeros((0, 1), dtype=np.int32), geometry, ends - 3, ends
    )
    assert body.tobytes() == bytes([0x12, 10, 0x08, 0xAC, 0x02, 0x18, 1, 0x22, 3, 9, 50, 34])
    entry = layer_entry("a", [body], [], [], 4096)
    assert entry == bytes([0x1A, 20, 0x78, 2, 0x0A, 1, 97]) + body.tobytes() + bytes([0x28, 0x80, 0x20])
