"""Frames read as the page reads them: the same vehicles at the same places."""

from __future__ import annotations

import gzip
import struct
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim_core.crs import working_crs_for
from cim_core.errors import InputError, NotFoundError
from cim_core.result import Bundle
from cim_core.trajectories import CHUNK_FRAMES, Samples, encode
from servers.serving.elevation_grid import elevation_grid
from servers.serving.flat_projection import ERROR_M, FlatProjection
from servers.serving.frames import TrajectoryFrames, packed_chunk, run_frames
from servers.serving.web_mercator import transformer

CRS = working_crs_for(106.58, 29.56)
CENTRE = transformer("EPSG:4326", CRS).transform(106.58, 29.56)


def read(body: bytes) -> tuple[dict[str, float], list[dict[str, np.ndarray]]]:
    """Header and frames, by the contract's layout and nothing of the encoder's."""
    magic, version, frames, first = struct.unpack_from("<4sIII", body, 0)
    assert (magic, version) == (b"CIMF", 1)
    names = ("begin_s", "period_s", "lon", "lat", "step_lon", "step_lat")
    head = dict(zip(names, struct.unpack_from("<6d", body, 16), strict=True)) | {"first": first}
    (z_step,) = struct.unpack_from("<f", body, 64)
    starts = np.frombuffer(body, "<u4", frames + 1, 72)
    n, at = int(starts[-1]), 72 + 4 * (frames + 1)
    vehicle = np.frombuffer(body, "<u4", n, at)
    x, y = (np.frombuffer(body, "<u2", n, at + 4 * n + 2 * n * k) for k in (0, 1))
    z = np.frombuffer(body, "<i2", n, at + 8 * n)
    assert len(body) == at + 10 * n
    columns = {
        "vehicle": vehicle,
        "lon": head["lon"] + x * head["step_lon"],
        "lat": head["lat"] + y * head["step_lat"],
        "z": z * z_step,
    }
    return head, [{name: values[low:high] for name, values in columns.items()} for low, high in pairwise(starts)]


@st.composite
def samples(draw: st.DrawFn) -> Samples:
    """Vehicles that come, stand and vanish, anywhere in a city of up to twelve kilometres."""
    present = draw(st.sets(st.tuples(st.integers(0, 130), st.integers(0, 40)), max_size=120))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = random.permutation(np.array(sorted(present), dtype=np.int64).reshape(-1, 2))
    place = random.uniform(-0.5, 0.5, (len(rows), 2)) * draw(st.sampled_from([0.0, 500.0, 12_000.0])) + CENTRE
    return Samples(25_200.0, 5.0, tuple(f"t{n}" for n in range(41)), rows[:, 0], rows[:, 1], place[:, 0], place[:, 1])


@given(samples())
@settings(deadline=None)
def test_every_vehicle_at_its_place_in_every_frame(one: Samples) -> None:
    file = TrajectoryFrames(encode(one, CRS))
    assert file.chunks == -(-file.header["frames"] // CHUNK_FRAMES)
    number = 0
    for chunk in range(file.chunks):
        head, frames = read(file.chunk(chunk))
        assert (head["first"], head["period_s"], head["begin_s"]) == (number, 5.0, 25_200 + 5 * number)
        for frame in frames:
            rows = np.flatnonzero(one.frame == number)
            rows = rows[np.argsort(one.vehicle[rows])]
            assert frame["vehicle"].tolist() == one.vehicle[rows].tolist()
            x, y = transformer("EPSG:4326", CRS).transform(frame["lon"], frame["lat"])
            assert np.hypot(x - one.x[rows], y - one.y[rows]).max(initial=0) <= 0.2
            assert not frame["z"].any()
            number += 1
    assert number == file.header["frames"]


def test_heights_are_the_grounds(city) -> None:
    coverage = city.coverage("elevation")
    left, bottom, right, top = coverage.bounds
    random = np.random.default_rng(2)
    x, y = random.uniform(left + 200, right - 200, 300), random.uniform(bottom + 200, top - 200, 300)
    frame, vehicle = np.divmod(np.arange(300), 100)
    data = encode(Samples(0.0, 1.0, tuple(map(str, range(100))), frame, vehicle, x, y), coverage.crs)
    _, frames = read(TrajectoryFrames(data, elevation=elevation_grid(coverage.path)).chunk(0))
    assert np.concatenate([one["z"] for one in frames]) == pytest.approx(coverage.sample(x, y), abs=0.2)
    other = TrajectoryFrames(encode(Samples(0.0, 1.0, ("a",), *np.zeros((2, 1), int), x[:1], y[:1]), "EPSG:32649"),
                             elevation=elevation_grid(coverage.path))  # fmt: skip
    assert not read(other.chunk(0))[1][0]["z"].any()


@pytest.mark.parametrize("size", [10.0, 5_000.0, 40_000.0, 200_000.0, 4_000_000.0])
def test_polynomial_is_as_near_as_it_says(size) -> None:
    x, y = CENTRE
    fit = FlatProjection.over((x - size / 2, y - size / 2, x + size / 2, y + size / 2), CRS)
    random = np.random.default_rng(3)
    px, py = x + size * random.uniform(-0.5, 0.5, 4000), y + size * random.uniform(-0.5, 0.5, 4000)
    back = transformer("EPSG:4326", CRS).transform(*fit.to_degrees(px, py))
    assert fit.error_m <= ERROR_M
    assert np.hypot(back[0] - px, back[1] - py).max() <= 1.05 * ERROR_M


def bundle(tmp_path, data: bytes | None) -> Bundle:
    """A run's folder as a scenario that nobody heard of may leave it."""
    (tmp_path / "run" / "files").mkdir(parents=True)
    files = {"log": "log.txt"}
    if data is not None:
        (tmp_path / "run" / "files" / "where.cimtraj").write_bytes(data)
        files["where"] = "where.cimtraj"
    return Bundle(tmp_path / "run", {"run": "ab" * 32, "files": files})


def test_frames_of_a_run(city, tmp_path) -> None:
    x, y = np.full(3, CENTRE[0]), np.full(3, CENTRE[1])
    one = Samples(0.0, 2.0, ("a", "b"), np.array([0, 0, 61]), np.array([1, 0, 1]), x, y)
    run = bundle(tmp_path, encode(one, CRS))
    frames = run_frames(run, city)
    assert frames is not None
    assert frames.header == {
        "chunks": 2, "begin_s": 0.0, "period_s": 2.0, "frames": 62, "chunk_frames": 60, "samples": 3, "vehicles": 2,
    }  # fmt: skip
    assert frames.vehicles == ["a", "b"]
    packed = packed_chunk(run, city, 1)
    assert gzip.decompress(packed) == frames.chunk(1)
    _, shown = read(gzip.decompress(packed))
    assert [one["vehicle"].tolist() for one in shown] == [[], [1]]
    assert 150 < shown[1]["z"][0] < 300
    with pytest.raises(NotFoundError, match="no such chunk"):
        packed_chunk(run, city, 2)


def test_run_without_trajectories(city, tmp_path) -> None:
    run = bundle(tmp_path, None)
    assert run_frames(run, city) is None
    with pytest.raises(NotFoundError, match="recorded no trajectories"):
        packed_chunk(run, city, 0)


def test_nobody_drove() -> None:
    none = np.zeros(0, dtype=np.int64)
    file = TrajectoryFrames(encode(Samples(0.0, 1.0, (), none, none, none.astype(float), none.astype(float)), CRS))
    assert (file.chunks, file.header["frames"]) == (0, 0)
    with pytest.raises(NotFoundError, match="no such chunk"):
        file.chunk(0)


def test_damaged_file() -> None:
    one = Samples(0.0, 1.0, ("a",), *np.zeros((2, 1), dtype=np.int64), np.array([1.0]), np.array([2.0]))
    data = encode(one, CRS)
    with pytest.raises(InputError, match="damaged"):
        TrajectoryFrames(data[:40])
    with pytest.raises(InputError, match="damaged"):
        TrajectoryFrames(data[:-5]).chunk(0)
