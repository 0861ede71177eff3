"""Trajectories come back as they were, within half a quantum, and stay small."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cim_core.errors import InputError
from cim_core.trajectories import QUANTUM_M, Samples, Trajectories, decode, encode, unvarints, varints

VEHICLES = 12


@st.composite
def samples(draw: st.DrawFn) -> Samples:
    """Vehicles that come, stand, vanish for a while, jump far, in any order of rows."""
    present = draw(st.sets(st.tuples(st.integers(0, 150), st.integers(0, VEHICLES - 1)), max_size=200))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = np.array(sorted(present), dtype=np.int64).reshape(-1, 2)
    rows = random.permutation(rows)
    scale = draw(st.sampled_from([0.0, 30.0, 400_000.0]))
    place = random.normal((500_000, 3_200_000), scale, (len(rows), 2))
    ids = tuple(f"车{number}" for number in range(VEHICLES))
    return Samples(25_200.0, 5.0, ids, rows[:, 0], rows[:, 1], place[:, 0], place[:, 1])


def sorted_rows(one: Samples) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    order = np.lexsort((one.vehicle, one.frame))
    return np.column_stack([one.frame, one.vehicle])[order], np.column_stack([one.x, one.y])[order]


@given(samples())
def test_round_trip(one: Samples) -> None:
    back = decode(encode(one))
    (keys, places), (keys_back, places_back) = sorted_rows(one), sorted_rows(back)
    assert np.array_equal(keys, keys_back)
    assert np.abs(places - places_back).max(initial=0) <= QUANTUM_M / 2 + 1e-6
    assert (back.begin_s, back.period_s, back.vehicles) == (one.begin_s, one.period_s, one.vehicles)


@given(samples())
def test_frames_and_chunks_tell_the_same(one: Samples) -> None:
    file = Trajectories(encode(one))
    frames = list(file.frames())
    assert len(frames) == (one.frame.max() + 1 if len(one.frame) else 0)
    assert sum(len(vehicles) for _, vehicles, _, _ in frames) == len(one.frame)
    for number, (time, vehicles, _, _) in enumerate(frames):
        assert time == 25_200 + 5 * number
        assert sorted(vehicles) == sorted(one.vehicle[one.frame == number])
    for number in reversed(range(len(file.header["chunks"]))):  # each can be read alone
        part = file.chunk(number)
        assert set(part.frame // file.header["chunk_frames"]) <= {number}


@given(st.lists(st.integers(-(2**20) + 1, 2**20 - 1)))
def test_varints_round_trip(values: list[int]) -> None:
    data = np.frombuffer(varints(np.array(values, dtype=np.int64)), dtype=np.uint8)
    assert unvarints(data).tolist() == values


def test_driving_costs_less_than_four_bytes_a_sample() -> None:
    random = np.random.default_rng(1)
    vehicles, frames = 200, 60
    speed = np.abs(np.cumsum(random.normal(0, 1.5, (vehicles, frames)), axis=1)) % 15
    along = np.cumsum(5 * speed, axis=1)
    heading = random.uniform(0, 2 * np.pi, (vehicles, 1))
    x, y = (500_000 + along * np.cos(heading)).ravel(), (3_200_000 + along * np.sin(heading)).ravel()
    vehicle, frame = np.divmod(np.arange(vehicles * frames), frames)
    one = Samples(0.0, 5.0, tuple(f"t{number:06d}" for number in range(vehicles)), frame, vehicle, x, y)
    assert len(encode(one)) / len(x) <= 4.0


def test_other_bytes_are_refused() -> None:
    with pytest.raises(InputError, match="no trajectories"):
        Trajectories(b"PAR1 something else")
