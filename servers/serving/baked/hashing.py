"""FNV-1a hashes of texts, and the look-up of a feature id by them."""

# ruff: noqa: PLR0917, SIM110 - compiled kernels take plain arrays and branch on bytes

from __future__ import annotations

import numpy as np
from numba import njit

_OFFSET, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


@njit(cache=True, nogil=True)
def fnv1a(text):  # type: ignore[no-untyped-def]
    """FNV-1a, 64 bits, of bytes (http://www.isthe.com/chongo/tech/comp/fnv/)."""
    found = _OFFSET
    for one in text:
        found = (found ^ np.uint64(one)) * _PRIME
    return found


@njit(cache=True, nogil=True)
def hashes(text, at):  # type: ignore[no-untyped-def]
    """uint64 (n,): FNV-1a of each text of a heap."""
    found = np.empty(len(at) - 1, dtype=np.uint64)
    for i in range(len(found)):
        found[i] = fnv1a(text[at[i] : at[i + 1]])
    return found


@njit(cache=True, nogil=True)
def same(one, other):  # type: ignore[no-untyped-def]
    """Whether two runs of bytes are equal."""
    if len(one) != len(other):
        return False
    for i in range(len(one)):
        if one[i] != other[i]:
            return False
    return True


@njit(cache=True, nogil=True)
def equal_row(word, key, id_hash, id_row, code, text, text_at):  # type: ignore[no-untyped-def]
    """The row whose id is ``word`` (with hash ``key``), or −1."""
    at = np.searchsorted(id_hash, key)
    while at < len(id_hash) and id_hash[at] == key:
        row = id_row[at]
        value = code[row]
        if same(text[text_at[value] : text_at[value + 1]], word):
            return row
        at += 1
    return -1
