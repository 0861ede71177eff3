"""Trajectories of a run as the page replays them: frames in chunks, positions in 16 bits a coordinate.

Layout of a chunk (little endian): ``CIMF``; version uint32 = 1; frames uint32; first frame uint32; time of the first
frame float64 (s); period float64 (s); origin longitude, latitude, step of longitude, latitude, each float64 (degrees);
step of elevation float32 (m); reserved float32; first sample of each frame and their end, uint32 × (frames + 1); then
for all samples the vehicle uint32, x uint16, y uint16, z int16. Longitude = origin + x · step. Within a frame samples
are in the order of their vehicles. Origin and steps are those of the chunk: half a step is less than a decimetre in a
city of thirteen kilometres.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

from cim_core.city import City
from cim_core.errors import NotFoundError
from cim_core.result import Bundle
from cim_core.trajectories import Samples, Trajectories, trajectory_file
from servers.serving.cache import BuiltOnce
from servers.serving.elevation_grid import ElevationGrid, elevation_grid
from servers.serving.flat_projection import FlatProjection

MAGIC = b"CIMF"
VERSION = 1
MEDIA_TYPE = "application/octet-stream"
Z_STEP_M = 0.1
_HEADER = struct.Struct("<4sIII6dff")
_STEPS = 65_535
_ELEVATION = "elevation"
_MOST_BYTES = 96 * 2**20
_files: BuiltOnce[TrajectoryFrames] = BuiltOnce(most=4 * _MOST_BYTES, weight=len)
_chunks: BuiltOnce[bytes] = BuiltOnce(most=_MOST_BYTES, weight=len)


class TrajectoryFrames:
    """A file of trajectories, ready to be sent chunk by chunk.

    Parameters
    ----------
    data
        Bytes of a ``.cimtraj`` file.
    crs
        Where its header names none.
    elevation
        Where elevations come from; 0 without, and where its CRS is another.

    Raises
    ------
    InputError
        ``trajectories.*`` for other bytes.
    """

    def __init__(self, data: bytes, *, crs: str = "", elevation: ElevationGrid | None = None) -> None:
        self._file = Trajectories(data)
        self._crs = self._file.header["crs"] or crs
        fitting = elevation is not None and _agree(elevation.crs, self._crs)
        self._elevation = elevation if fitting else None
        self._size_bytes = len(data)

    def __len__(self) -> int:
        return self._size_bytes

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return len(self._file.header["chunks"])

    @property
    def header(self) -> dict[str, Any]:
        """What the page asks for first: chunks, begin_s, period_s, frames, chunk_frames, vehicles (a number)."""
        head = self._file.header
        kept = {name: head[name] for name in ("begin_s", "period_s", "frames", "chunk_frames", "samples")}
        return {"chunks": self.chunks, **kept, "vehicles": len(head["vehicles"])}

    @property
    def vehicles(self) -> list[str]:
        """Ids of the vehicles in the order of their numbers: those of the table of trips."""
        return list(self._file.header["vehicles"])

    def chunk(self, number: int) -> bytes:
        """One chunk, not compressed; raises :class:`NotFoundError` (``frames.no_such_chunk``)."""
        self.require(number)
        head = self._file.header
        first = number * head["chunk_frames"]
        frames = min(head["chunk_frames"], head["frames"] - first)
        return encode_frames(self._file.chunk(number), first, frames, self._crs, self._elevation)

    def require(self, number: int) -> None:
        """Raise :class:`NotFoundError` (``frames.no_such_chunk``) for a chunk that is not there."""
        if not 0 <= number < self.chunks:
            raise NotFoundError(
                "frames.no_such_chunk",
                "the trajectories have no such chunk",
                where="frames",
                expected=f"0 to {self.chunks - 1}" if self.chunks else "no chunk: nobody drove",
                got=str(number),
                remedy="take the number of chunks from the run's `trajectories`",
            )


def encode_frames(samples: Samples, first: int, frames: int, crs: str, elevation: ElevationGrid | None = None) -> bytes:
    """Frames ``first`` … ``first + frames − 1`` of samples that are ordered by vehicle within a frame already.

    Parameters
    ----------
    samples
        Of these frames alone; x and y in ``crs``.
    """
    x, y = samples.x, samples.y
    bounds = (x.min(), y.min(), x.max(), y.max()) if len(x) else (0.0, 0.0, 0.0, 0.0)
    degrees = FlatProjection.over(bounds, crs).to_degrees(x, y) if len(x) else (x, y)
    (origin_lon, step_lon, across), (origin_lat, step_lat, up) = (_quantised(axis) for axis in degrees)
    frame = (samples.frame - first).astype(np.uint16)
    order = np.argsort(frame, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(frame, minlength=frames))])
    height = np.zeros(len(x), dtype="<i2") if elevation is None else _heights(elevation.sample(x, y))
    head = _HEADER.pack(
        MAGIC, VERSION, frames, first, samples.begin_s + first * samples.period_s, samples.period_s,
        origin_lon, origin_lat, step_lon, step_lat, Z_STEP_M, 0.0,
    )  # fmt: skip
    columns = (samples.vehicle.astype("<u4"), across, up, height)
    return b"".join([head, starts.astype("<u4").tobytes(), *(column[order].tobytes() for column in columns)])


def run_frames(bundle: Bundle, city: City) -> TrajectoryFrames | None:
    """The frames of a run, with elevations if the city has any; None for a run that recorded no trajectories.

    Raises
    ------
    InputError
        ``trajectories.*`` for a damaged file.
    """
    name = trajectory_file(bundle.content["files"])
    if name is None:
        return None

    def build() -> TrajectoryFrames:
        crs = city.crs.to_string()
        elevation = elevation_grid(city.coverage(_ELEVATION).path) if city.has_coverage(_ELEVATION) else None
        return TrajectoryFrames(bundle.file(name).read_bytes(), crs=crs, elevation=elevation)

    return _files.get(_key(bundle, city), build)


def packed_chunk(bundle: Bundle, city: City, number: int) -> bytes:
    """One chunk as it is sent (``Content-Encoding: gzip``), from memory if it was asked for before.

    Raises
    ------
    NotFoundError
        ``frames.none`` for a run without trajectories, ``frames.no_such_chunk``.
    """
    frames = run_frames(bundle, city)
    if frames is None:
        raise NotFoundError(
            "frames.none",
            "the run recorded no trajectories",
            where=f"run {bundle.run}",
            expected="a run with a file of trajectories",
            got=", ".join(bundle.content["files"]) or "no files",
            remedy="run it with trajectories (`trajectories_s` above 0)",
        )
    frames.require(number)
    return _chunks.get((*_key(bundle, city), number), lambda: packed(frames.chunk(number)))


def packed(body: bytes) -> bytes:
    """A gzip stream by Huffman codes alone: positions repeat nothing, and this takes half the time of level 1."""
    stream = zlib.compressobj(1, zlib.DEFLATED, 31, 9, zlib.Z_HUFFMAN_ONLY)
    return stream.compress(body) + stream.flush()


def _key(bundle: Bundle, city: City) -> tuple[str, str]:
    return bundle.run, city.layer_hash(_ELEVATION) if city.has_coverage(_ELEVATION) else ""


def _agree(first: str, second: str) -> bool:
    from pyproj import CRS

    return bool(CRS.from_user_input(first).equals(CRS.from_user_input(second), ignore_axis_order=True))


def _quantised(degrees: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Origin, step and whole steps of coordinates."""
    if not len(degrees):
        return 0.0, 1.0, np.zeros(0, dtype="<u2")
    low, high = float(degrees.min()), float(degrees.max())
    step = (high - low) / _STEPS or 1e-9
    return low, step, np.rint((degrees - low) / step).astype("<u2")


def _heights(elevations: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(elevations / Z_STEP_M), -32_768, 32_767).astype("<i2")
