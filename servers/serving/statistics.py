"""What a legend needs to know of a column: its kind, its spread, its most frequent values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_CATEGORIES = 12


def column_statistics(frame: pd.DataFrame, columns: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Column → ``kind`` and what a legend draws from.

    ``number`` has ``min``, ``max`` and ``quantiles`` (5, 25, 50, 75, 95 %) over finite values, None and [] without
    any; ``category`` has ``categories``, at most twelve, the most frequent first, and ``distinct``; ``bool`` has
    ``true``, the number of rows that are. ``missing`` counts the rows without a value. Columns that hold documents or
    lists, or that the frame lacks, are left out.

    >>> column_statistics(pd.DataFrame({"a": [1.0, 3.0]}), ["a"])["a"]["max"]
    3.0
    """
    found = {name: _statistics(frame[name]) for name in columns if name in frame.columns}
    return {name: one for name, one in found.items() if one is not None}


def _statistics(values: pd.Series) -> dict[str, Any] | None:
    known = values.dropna()
    missing = {"missing": len(values) - len(known)}
    if pd.api.types.is_bool_dtype(known.infer_objects().dtype) and len(known):
        return {"kind": "bool", "true": int(known.astype(bool).sum()), **missing}
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _number(known.to_numpy(dtype=np.float64), len(values))
    if not known.map(lambda value: isinstance(value, str) or pd.api.types.is_scalar(value)).all():
        return None
    counts = known.astype(str).value_counts(sort=True)
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_CATEGORIES]
    return {"kind": "category", "categories": [name for name, _ in top], "distinct": len(counts), **missing}


def _number(numbers: np.ndarray, rows: int) -> dict[str, Any]:
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return {"kind": "number", "min": None, "max": None, "quantiles": [], "missing": rows}
    return {
        "kind": "number",
        "min": float(finite.min()),
        "max": float(finite.max()),
        "quantiles": [float(one) for one in np.quantile(finite, QUANTILES)],
        "missing": rows - len(finite),
    }
