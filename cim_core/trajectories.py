"""Where every vehicle is every few seconds, in a few bytes per sample.

Format ``CIMTRAJ1`` (little endian)
-----------------------------------
===================  =======================================================================================
``CIMTRAJ1``         8 bytes
header length        uint32
header               zlib stream of UTF-8 JSON: ``begin_s``, ``period_s``, ``frames``, ``chunk_frames``,
                     ``quantum_m``, ``x0``, ``y0`` (origin, m), ``crs``, ``samples``, ``vehicles`` (ids, in the
                     order of their numbers), ``chunks`` (offset from the end of the header and length of each)
chunks               each a zlib stream of ``chunk_frames`` frames that can be read alone
===================  =======================================================================================

A *segment* is one vehicle in consecutive frames of a chunk. A chunk holds, in this order: uint32 number of segments
*s*; uint32 number of samples *n*; uint32 × *s* vehicle numbers; uint16 × *s* first frame within the chunk; uint16 ×
*s* number of frames; int32 × *s* first x; int32 × *s* first y (in quanta from the origin); the *moved* bitmap, one
bit for each of the *n* − *s* samples that are not first in their segment (most significant bit first, padded to a
byte); then for each moved sample the change of x, then for each the change of y, against the sample before. Changes
are zigzag varints (7 bits a byte, least significant group first, high bit: more follows). A jump beyond ±2²⁰ quanta
begins a new segment. Positions are rounded to the quantum (0.1 m) before they are differenced, so errors do not add
up.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cim_core.errors import InputError

MAGIC = b"CIMTRAJ1"
SUFFIX = ".cimtraj"
"""Result files with this ending are trajectories, whoever made them."""
QUANTUM_M = 0.1
CHUNK_FRAMES = 60
_JUMP = 1 << 20
_LEVEL = 1

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Samples:
    """Positions: one row per vehicle and frame.

    Attributes
    ----------
    frame, vehicle
        Number of the frame (time = ``begin_s + frame · period_s``) and of the vehicle, int64.
    x, y
        Position in metres, float64.
    """

    begin_s: float
    period_s: float
    vehicles: tuple[str, ...]
    frame: Ints
    vehicle: Ints
    x: Floats
    y: Floats


def encode(samples: Samples, crs: str = "") -> bytes:
    """All samples as one file's bytes. The order of the rows does not matter; a vehicle is once in a frame."""
    axes = (samples.x, samples.y)
    origin = [float(np.floor(axis.min())) if len(axis) else 0.0 for axis in axes]
    x, y = (np.rint((axis - start) / QUANTUM_M).astype(np.int64) for axis, start in zip(axes, origin, strict=True))
    frames = int(samples.frame.max()) + 1 if len(samples.frame) else 0
    order = np.argsort(samples.frame // CHUNK_FRAMES, kind="stable")
    bounds = np.searchsorted(samples.frame[order], np.arange(0, frames + CHUNK_FRAMES, CHUNK_FRAMES))
    chunks = []
    for number in range(-(-frames // CHUNK_FRAMES)):
        rows = order[bounds[number] : bounds[number + 1]]
        frame = samples.frame[rows] - number * CHUNK_FRAMES
        chunks.append(_encode_chunk(frame, samples.vehicle[rows], x[rows], y[rows]))
    ends = np.cumsum([0, *(len(chunk) for chunk in chunks)]).tolist()
    header = {
        "begin_s": samples.begin_s,
        "period_s": samples.period_s,
        "frames": frames,
        "chunk_frames": CHUNK_FRAMES,
        "quantum_m": QUANTUM_M,
        "x0": origin[0],
        "y0": origin[1],
        "crs": crs,
        "samples": len(samples.frame),
        "vehicles": list(samples.vehicles),
        "chunks": [[start, end - start] for start, end in pairwise(ends)],
    }
    text = zlib.compress(json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode(), _LEVEL)
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *chunks])


def _encode_chunk(frame: Ints, vehicle: Ints, x: Ints, y: Ints) -> bytes:
    order = np.argsort(vehicle * CHUNK_FRAMES + frame, kind="stable")
    frame, vehicle, x, y = frame[order], vehicle[order], x[order], y[order]
    step = (np.diff(vehicle) == 0) & (np.diff(frame) == 1)
    dx, dy = np.diff(x), np.diff(y)
    follows = step & (np.abs(dx) < _JUMP) & (np.abs(dy) < _JUMP)
    first = np.flatnonzero(np.concatenate([np.ones(min(len(x), 1), dtype=bool), ~follows]))
    lengths = np.diff(np.append(first, len(x)))
    dx, dy = dx[follows], dy[follows]
    moved = (dx != 0) | (dy != 0)
    plain = b"".join(
        [
            struct.pack("<II", len(first), len(x)),
            vehicle[first].astype("<u4").tobytes(),
            frame[first].astype("<u2").tobytes(),
            lengths.astype("<u2").tobytes(),
            x[first].astype("<i4").tobytes(),
            y[first].astype("<i4").tobytes(),
            np.packbits(moved).tobytes(),
            varints(np.concatenate([dx[moved], dy[moved]])),
        ]
    )
    return zlib.compress(plain, _LEVEL)


def varints(values: Ints) -> bytes:
    """Zigzag varints of integers within ±2²⁰ (at most three bytes each).

    >>> varints(np.array([0, -1, 1, 64])).hex()
    '0001028001'
    """
    zigzag = (values << 1) ^ (values >> 63)
    groups = np.stack([zigzag & 127, (zigzag >> 7) & 127, zigzag >> 14], axis=1).astype(np.uint8)
    size = 1 + (zigzag >= 1 << 7) + (zigzag >= 1 << 14)
    more = np.arange(3)[None, :] < (size - 1)[:, None]
    used = np.arange(3)[None, :] < size[:, None]
    return (groups | (more.astype(np.uint8) << 7))[used].tobytes()


def unvarints(data: NDArray[np.uint8]) -> Ints:
    """The integers that :func:`varints` wrote.

    >>> unvarints(np.frombuffer(bytes.fromhex("0001028001"), dtype=np.uint8)).tolist()
    [0, -1, 1, 64]
    """
    last = np.flatnonzero(data < 128)
    begin = np.concatenate([[0], last[:-1] + 1]) if len(last) else last
    place = np.arange(len(data)) - np.repeat(begin, np.diff(np.append(begin, len(data))))
    parts = (data & 127).astype(np.int64) << (7 * place)
    zigzag = np.add.reduceat(parts, begin) if len(begin) else parts
    return (zigzag >> 1) ^ -(zigzag & 1)


class Trajectories:
    """A file of trajectories, read chunk by chunk. Raises :class:`InputError` for bytes that are something else."""

    def __init__(self, data: bytes) -> None:
        if data[: len(MAGIC)] != MAGIC:
            raise InputError(
                "trajectories.format",
                "these are no trajectories",
                where="trajectory file",
                expected=f"{MAGIC.decode()} in the first bytes",
                got=repr(data[: len(MAGIC)]),
                remedy=f"take the file {SUFFIX} of a result",
            )
        try:
            (length,) = struct.unpack_from("<I", data, len(MAGIC))
            start = len(MAGIC) + 4
            self.header = json.loads(zlib.decompress(data[start : start + length]))
        except (struct.error, zlib.error, ValueError) as fault:
            raise _damaged(fault) from fault
        self._body = memoryview(data)[start + length :]

    def chunk(self, number: int) -> Samples:
        """The samples of one chunk, ordered by vehicle and frame; :class:`InputError` if its bytes are damaged."""
        offset, length = self.header["chunks"][number]
        try:
            frame, vehicle, x, y = _decode_chunk(zlib.decompress(self._body[offset : offset + length]))
        except (struct.error, zlib.error, ValueError) as fault:
            raise _damaged(fault) from fault
        return self._samples(frame + number * self.header["chunk_frames"], vehicle, x, y)

    def frames(self) -> Iterator[tuple[float, Ints, Floats, Floats]]:
        """(time, vehicle numbers, x, y) of every frame in order."""
        for number in range(len(self.header["chunks"])):
            part = self.chunk(number)
            order = np.argsort(part.frame, kind="stable")
            first = number * self.header["chunk_frames"]
            last = min(first + self.header["chunk_frames"], self.header["frames"])
            bounds = np.searchsorted(part.frame[order], np.arange(first, last + 1))
            for frame, low, high in zip(range(first, last), bounds, bounds[1:], strict=False):
                rows = order[low:high]
                time = self.header["begin_s"] + frame * self.header["period_s"]
                yield time, part.vehicle[rows], part.x[rows], part.y[rows]

    def _samples(self, frame: Ints, vehicle: Ints, x: Ints, y: Ints) -> Samples:
        head = self.header
        place = [head[f"{axis}0"] + values * head["quantum_m"] for axis, values in (("x", x), ("y", y))]
        return Samples(head["begin_s"], head["period_s"], tuple(head["vehicles"]), frame, vehicle, *place)


def _damaged(fault: Exception) -> InputError:
    return InputError(
        "trajectories.damaged",
        "the trajectories are damaged or cut short",
        where="trajectory file",
        expected="a whole file",
        got=f"{type(fault).__name__}: {fault}",
        remedy="run the question again, or restore the file",
    )


def trajectory_file(files: Mapping[str, str]) -> str | None:
    """The name of the first of a result's files that holds trajectories, or None.

    >>> trajectory_file({"log": "log.txt", "positions": "out/positions.cimtraj"})
    'positions'
    """
    return next((name for name, path in sorted(files.items()) if str(path).endswith(SUFFIX)), None)


def decode(data: bytes) -> Samples:
    """All samples, ordered by chunk, vehicle and frame."""
    file = Trajectories(data)
    parts = [file.chunk(number) for number in range(len(file.header["chunks"]))]
    none = np.array([], dtype=np.int64)
    names = ("frame", "vehicle", "x", "y")
    columns = [np.concatenate([none, *(getattr(part, name) for part in parts)]) for name in names]
    head = file.header
    return Samples(head["begin_s"], head["period_s"], tuple(head["vehicles"]), *columns)


def _decode_chunk(body: bytes) -> tuple[Ints, Ints, Ints, Ints]:
    segments, samples = struct.unpack_from("<II", body, 0)
    place = 8
    columns = []
    for dtype in ("<u4", "<u2", "<u2", "<i4", "<i4"):
        columns.append(np.frombuffer(body, dtype, segments, place).astype(np.int64))
        place += segments * np.dtype(dtype).itemsize
    vehicle, frame, lengths, x0, y0 = columns
    first = np.cumsum(lengths) - lengths
    later = np.ones(samples, dtype=bool)
    later[first] = False
    bits = -(-(samples - segments) // 8)
    moved = np.unpackbits(np.frombuffer(body, np.uint8, bits, place), count=samples - segments).astype(bool)
    deltas = unvarints(np.frombuffer(body, np.uint8, offset=place + bits)) if moved.any() else np.zeros(0, np.int64)
    at = np.flatnonzero(later)[moved]
    within = np.arange(samples) - np.repeat(first, lengths)
    axes = []
    for start, change in ((x0, deltas[: len(at)]), (y0, deltas[len(at) :])):
        steps = np.zeros(samples, dtype=np.int64)
        steps[at] = change
        total = np.cumsum(steps)
        axes.append(total - np.repeat(total[first], lengths) + np.repeat(start, lengths))
    return np.repeat(frame, lengths) + within, np.repeat(vehicle, lengths), axes[0], axes[1]
