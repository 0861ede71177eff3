"""Arrays that grow by appending: kept in memory, or written to ``.npy`` files whose headers are set at the end."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_HEADER = 128
"""Bytes that numpy writes for every array of one or two dimensions (format 1.0, padded to 64)."""


def read_only(array: Array) -> Array:
    """A plain, contiguous, read-only view: mapped or not, kernels are compiled for one type of array."""
    view = np.ascontiguousarray(array).view(np.ndarray)
    view.flags.writeable = False
    return view


class Arrays(Protocol):
    """Where a bake puts its arrays."""

    def append(self, name: str, array: Array) -> None:
        """Add an array at the end of what is there under that name; same dtype and trailing shape."""

    def read(self, name: str) -> Array:
        """All that was added under a name."""


class MemoryArrays:
    """Arrays in this process."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Array]] = {}

    def append(self, name: str, array: Array) -> None:
        """See :class:`Arrays`."""
        self._parts.setdefault(name, []).append(array)

    def read(self, name: str) -> Array:
        """See :class:`Arrays`."""
        parts = self._parts[name]
        if len(parts) > 1:
            parts[:] = [np.concatenate(parts)]
        return parts[0]


class FolderArrays:
    """Files ``<name>.npy`` in a folder. A context manager: the files are whole when it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, tuple[BinaryIO, np.dtype[Any], tuple[int, ...]]] = {}
        self._rows: dict[str, int] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> FolderArrays:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if kind is None:
                for name in self._open:
                    self._set_header(name)

    def append(self, name: str, array: Array) -> None:
        """See :class:`Arrays`."""
        if name not in self._open:
            opened = self._stack.enter_context((self._folder / f"{name}.npy").open("w+b"))
            opened.write(bytes(_HEADER))
            self._open[name] = (opened, array.dtype, array.shape[1:])
            self._rows[name] = 0
        stream, dtype, trailing = self._open[name]
        if array.dtype != dtype or array.shape[1:] != trailing:
            raise TypeError(f"{name} is {dtype}{trailing}, not {array.dtype}{array.shape[1:]}")
        stream.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        self._rows[name] += len(array)

    def read(self, name: str) -> Array:
        """See :class:`Arrays`; mapped, not read."""
        self._set_header(name)
        return np.asarray(np.load(self._folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))

    def _set_header(self, name: str) -> None:
        stream, dtype, trailing = self._open[name]
        shape = (self._rows[name], *trailing)
        stream.seek(0)
        about = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(stream, about)
        if stream.tell() != _HEADER:
            raise RuntimeError(f"numpy's header takes {stream.tell()} bytes, not {_HEADER}")
        stream.seek(0, 2)
        stream.flush()
