"""Bilinear values between pixel centres, with and without gaps: the one sampler of coverages and elevation grids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def bilinear(pixels: NDArray[np.floating], column: Floats, row: Floats) -> NDArray[np.floating]:
    """Values at fractional pixel coordinates, where 0.5 is the centre of the first pixel.

    Beyond the outermost centres the edge pixels hold. A NaN pixel does not weigh in, but a place whose own pixel is
    NaN has NaN.

    Parameters
    ----------
    pixels
        (rows, columns), contiguous; the answer has its precision.
    column, row
        Of one shape, which the answer has; no NaN among them.

    >>> bilinear(np.array([[0.0, 10.0]]), np.array([0.5, 1.0, 9.0]), np.array([0.5, 0.5, 0.5]))
    array([ 0.,  5., 10.])
    """
    height, width = pixels.shape
    u, v = np.clip(column - 0.5, 0, width - 1), np.clip(row - 0.5, 0, height - 1)
    left, top = np.minimum(u.astype(np.int32), max(width - 2, 0)), np.minimum(v.astype(np.int32), max(height - 2, 0))
    du, dv = (u - left).astype(pixels.dtype), (v - top).astype(pixels.dtype)
    flat, corner = pixels.ravel(), top * width + left
    right, below = int(width > 1), width * int(height > 1)
    upper = flat[corner] * (1 - du) + flat[corner + right] * du
    lower = flat[corner + below] * (1 - du) + flat[corner + below + right] * du
    values = np.asarray(upper * (1 - dv) + lower * dv)
    gaps = np.isnan(values)
    if gaps.any():
        values[gaps] = _beside_gaps(pixels, column[gaps], row[gaps])
    return values


def _beside_gaps(pixels: NDArray[np.floating], column: Floats, row: Floats) -> Floats:
    """The weighted mean of the corners that have a value; NaN where the nearest pixel has none."""
    height, width = pixels.shape
    u, v = np.clip(column - 0.5, 0, width - 1), np.clip(row - 0.5, 0, height - 1)
    left, top = u.astype(np.int64), v.astype(np.int64)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    du, dv = u - left, v - top
    corners = np.stack([pixels[top, left], pixels[top, right], pixels[bottom, left], pixels[bottom, right]])
    weights = np.stack([(1 - du) * (1 - dv), du * (1 - dv), (1 - du) * dv, du * dv])
    weights = np.where(np.isnan(corners), 0.0, weights)
    own = np.clip(row.astype(np.int64), 0, height - 1), np.clip(column.astype(np.int64), 0, width - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.nansum(np.where(weights > 0, weights * corners, 0.0), axis=0) / weights.sum(axis=0)
    return np.asarray(np.where(np.isnan(pixels[own]), np.nan, value))
