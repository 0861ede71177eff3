"""Order of rows along a Hilbert curve, so that neighbours stand together in the arrays."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_BITS = 16


def hilbert_order(box: NDArray[np.int32]) -> NDArray[np.int64]:
    """Positions of boxes (N, 4) by the Hilbert distance of their centres, stable; empty ones (min > max) last."""
    empty = box[:, 0] > box[:, 2]
    centre = (box[:, :2].astype(np.int64) + box[:, 2:]) // 2
    if empty.all():
        return np.arange(len(box))
    low, high = centre[~empty].min(axis=0), centre[~empty].max(axis=0)
    scale = ((1 << _BITS) - 1) / max(int((high - low).max()), 1)
    cell = np.clip((centre - low) * scale, 0, (1 << _BITS) - 1).astype(np.int64)
    distance = hilbert_distance(cell)
    distance[empty] = np.iinfo(np.int64).max
    return np.argsort(distance, kind="stable")


@njit(cache=True, nogil=True)
def hilbert_distance(cell):  # type: ignore[no-untyped-def]
    """int64 (n,): distance along the curve of 2^16 × 2^16 cells (n, 2) (Skilling's xy2d in the usual loop form)."""
    found = np.zeros(len(cell), dtype=np.int64)
    for i in range(len(cell)):
        x, y = cell[i, 0], cell[i, 1]
        side = np.int64(1) << (_BITS - 1)
        total = np.int64(0)
        while side > 0:
            rx = np.int64((x & side) > 0)
            ry = np.int64((y & side) > 0)
            total += side * side * ((3 * rx) ^ ry)
            if ry == 0:
                if rx == 1:
                    x, y = (2 * side - 1) - (x & (2 * side - 1)), (2 * side - 1) - (y & (2 * side - 1))
                x, y = y, x
            side >>= 1
        found[i] = total
    return found
