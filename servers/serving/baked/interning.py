"""Each distinct value of a column once, over batches: a hash table of keys, in memory while it pays."""

# ruff: noqa: PLR0917 - compiled kernels take plain arrays and branch on bytes

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from servers.serving.baked.hashing import hashes, same
from servers.serving.baked.heaps import Heap, frozen

_TRIAL = 65_536
"""Values after which a column that hardly repeats is given up."""
_REPEATS = 0.5
"""Share of rows with a value of their own above which it is given up."""


class Interning:
    """Hands out codes to values by their keys. A column whose values hardly repeat is not looked through any more."""

    def __init__(self) -> None:
        self.count = 0
        self._rows = 0
        self._given_up = False
        self._table = np.full(1024, -1, dtype=np.int32)
        self._hash = np.zeros(512, dtype=np.uint64)
        self._text = np.zeros(16_384, dtype=np.uint8)
        self._at = np.zeros(513, dtype=np.int64)

    def codes(self, key: Heap, rows: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """int32 code of each key, and the positions of the keys that are new, in the order of their codes.

        ``rows`` is how many rows the keys are of.
        """
        self._rows += rows
        count = len(key[1]) - 1
        if self._given_up:
            found = np.arange(self.count, self.count + count, dtype=np.int32)
            self.count += count
            return found, np.arange(count)
        self._make_room(count, len(key[0]))
        code = np.empty(count, dtype=np.int32)
        before = self.count
        self.count = _intern(
            *frozen(key), hashes(*frozen(key)), code, self._table, self._hash, self._text, self._at, before
        )
        if self.count > max(_TRIAL, _REPEATS * self._rows):
            self._given_up = True
            self._table = self._hash = self._text = self._at = np.zeros(0)  # type: ignore[assignment]
        return code, np.flatnonzero(code >= before) if count else np.zeros(0, dtype=np.int64)

    def _make_room(self, count: int, size: int) -> None:
        values, used = self.count + count, int(self._at[self.count]) + size
        if values > len(self._hash):
            self._hash = _longer(self._hash, 2 * values)
            self._at = _longer(self._at, 2 * values + 1)
        if used > len(self._text):
            self._text = _longer(self._text, 2 * used)
        if 2 * values > len(self._table):
            self._table = np.full(1 << int(4 * values).bit_length(), -1, dtype=np.int32)
            _refill(self._table, self._hash, self.count)


def _longer(array: NDArray, length: int) -> NDArray:  # type: ignore[type-arg]
    found = np.zeros(length, dtype=array.dtype)
    found[: len(array)] = array
    return found


@njit(cache=True, nogil=True)
def _intern(heap, at, keys, code, table, hash_, text, text_at, count):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(table) - 1)
    for i in range(len(code)):
        slot = keys[i] & mask
        while True:
            held = table[slot]
            if held < 0:
                table[slot] = count
                hash_[count] = keys[i]
                begin = text_at[count]
                for k in range(at[i + 1] - at[i]):
                    text[begin + k] = heap[at[i] + k]
                text_at[count + 1] = begin + at[i + 1] - at[i]
                code[i] = count
                count += 1
                break
            if hash_[held] == keys[i] and same(text[text_at[held] : text_at[held + 1]], heap[at[i] : at[i + 1]]):
                code[i] = held
                break
            slot = (slot + np.uint64(1)) & mask
    return count


@njit(cache=True, nogil=True)
def _refill(table, hash_, count):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(table) - 1)
    for i in range(count):
        slot = hash_[i] & mask
        while table[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = i
