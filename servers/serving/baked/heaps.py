"""Heaps of bytes: texts end to end with offsets; made into JSON strings and into values of vector tiles."""

# ruff: noqa: PLR0911, PLR1714 - compiled kernels take plain arrays and branch on bytes

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from servers.serving.baked.array_files import read_only

Heap = tuple[NDArray[np.uint8], NDArray[np.int64]]
"""Bytes, and where each text begins (one more than there are texts)."""


def empty_heap(count: int = 0) -> Heap:
    """``count`` texts without a byte."""
    return np.zeros(0, dtype=np.uint8), np.zeros(count + 1, dtype=np.int64)


def frozen(heap: Heap) -> Heap:
    """A heap as kernels take it: they are compiled for read-only arrays."""
    return read_only(heap[0]), read_only(heap[1])


def heap_of(texts: list[bytes]) -> Heap:
    """Texts end to end."""
    at = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(one) for one in texts], out=at[1:])
    return np.frombuffer(b"".join(texts), dtype=np.uint8), at


def json_strings(heap: Heap) -> Heap:
    """UTF-8 texts as JSON strings, escaped as Python's ``json`` does with ``ensure_ascii=False``."""
    out = np.empty(6 * len(heap[0]) + 2 * (len(heap[1]) - 1), dtype=np.uint8)
    at = _json_strings(*frozen(heap), out)
    return out[: at[-1]].copy(), at


def mvt_texts(heap: Heap) -> Heap:
    """``values`` entries (0x22) of texts (``string_value``, 0x0a)."""
    out = np.empty(len(heap[0]) + 22 * (len(heap[1]) - 1), dtype=np.uint8)
    at = _mvt_texts(*frozen(heap), out)
    return out[: at[-1]].copy(), at


def mvt_numbers(values: NDArray[Any]) -> Heap:
    """``values`` entries of floats (single precision, 0x15), whole numbers (``sint_value``, 0x30) or flags (0x38)."""
    if values.dtype == np.bool_:
        entries = np.full((len(values), 4), (0x22, 2, 0x38, 0), dtype=np.uint8)
        entries[:, 3] = values
    elif values.dtype.kind == "f":
        entries = np.full((len(values), 7), (0x22, 5, 0x15, 0, 0, 0, 0), dtype=np.uint8)
        most = np.finfo(np.float32).max
        entries[:, 3:] = np.clip(values, -most, most).astype("<f4").view(np.uint8).reshape(-1, 4)
    else:
        whole = values.astype(np.int64)
        out = np.empty(13 * len(whole), dtype=np.uint8)
        at = _mvt_whole(((whole << 1) ^ (whole >> 63)).view(np.uint64), out)
        return out[: at[-1]].copy(), at
    return entries.ravel(), np.arange(len(values) + 1, dtype=np.int64) * entries.shape[1]


def joined(heaps: list[Heap]) -> Heap:
    """Heaps end to end as one."""
    ends = np.cumsum([0, *(len(heap[0]) for heap in heaps)])
    at = [heap[1][:-1] + start for heap, start in zip(heaps, ends, strict=False)]
    return np.concatenate([heap[0] for heap in heaps]), np.concatenate([*at, ends[-1:]]).astype(np.int64)


def chosen(heap: Heap, keep: NDArray[np.int64]) -> Heap:
    """The texts at some positions."""
    at = np.zeros(len(keep) + 1, dtype=np.int64)
    np.cumsum(heap[1][keep + 1] - heap[1][keep], out=at[1:])
    out = np.empty(at[-1], dtype=np.uint8)
    _copy(*frozen(heap), read_only(keep), out, at)
    return out, at


@njit(cache=True, nogil=True)
def _copy(text, at, keep, out, to):  # type: ignore[no-untyped-def]
    for i in range(len(keep)):
        begin = at[keep[i]]
        for k in range(to[i + 1] - to[i]):
            out[to[i] + k] = text[begin + k]


@njit(cache=True, nogil=True)
def _json_strings(text, at, out):  # type: ignore[no-untyped-def]
    found = np.zeros(len(at), dtype=np.int64)
    end = 0
    for i in range(len(at) - 1):
        out[end] = 34
        end += 1
        for k in range(at[i], at[i + 1]):
            byte = text[k]
            if byte >= 32 and byte != 34 and byte != 92:
                out[end] = byte
                end += 1
                continue
            out[end] = 92
            short = _short_escape(byte)
            if short:
                out[end + 1] = short
                end += 2
            else:
                out[end + 1], out[end + 2], out[end + 3] = 117, 48, 48
                out[end + 4] = _HEX[byte >> 4]
                out[end + 5] = _HEX[byte & 15]
                end += 6
        out[end] = 34
        end += 1
        found[i + 1] = end
    return found


_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


@njit(cache=True, nogil=True)
def _short_escape(byte):  # type: ignore[no-untyped-def]
    """The letter after the backslash, or 0 for what has none."""
    if byte == 34 or byte == 92:
        return np.uint8(byte)
    if byte == 10:
        return np.uint8(110)
    if byte == 13:
        return np.uint8(114)
    if byte == 9:
        return np.uint8(116)
    if byte == 12:
        return np.uint8(102)
    if byte == 8:
        return np.uint8(98)
    return np.uint8(0)


@njit(cache=True, nogil=True)
def _varint(out, end, word):  # type: ignore[no-untyped-def]
    while word >= np.uint64(128):
        out[end] = np.uint8(word & np.uint64(127)) | np.uint8(128)
        word >>= np.uint64(7)
        end += 1
    out[end] = np.uint8(word)
    return end + 1


@njit(cache=True, nogil=True)
def _varint_size(word):  # type: ignore[no-untyped-def]
    size = 1
    while word >= np.uint64(128):
        word >>= np.uint64(7)
        size += 1
    return size


@njit(cache=True, nogil=True)
def _mvt_texts(text, at, out):  # type: ignore[no-untyped-def]
    found = np.zeros(len(at), dtype=np.int64)
    end = 0
    for i in range(len(at) - 1):
        size = at[i + 1] - at[i]
        out[end] = 0x22
        end = _varint(out, end + 1, np.uint64(1 + _varint_size(np.uint64(size)) + size))
        out[end] = 0x0A
        end = _varint(out, end + 1, np.uint64(size))
        for k in range(at[i], at[i + 1]):
            out[end] = text[k]
            end += 1
        found[i + 1] = end
    return found


@njit(cache=True, nogil=True)
def _mvt_whole(words, out):  # type: ignore[no-untyped-def]
    found = np.zeros(len(words) + 1, dtype=np.int64)
    end = 0
    for i in range(len(words)):
        out[end] = 0x22
        out[end + 1] = np.uint8(1 + _varint_size(words[i]))
        out[end + 2] = 0x30
        end = _varint(out, end + 3, words[i])
        found[i + 1] = end
    return found
