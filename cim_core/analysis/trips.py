"""Before and after, trip by trip (or building by building): who gained, who lost, who is on one side only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cim_core.analysis.statistics import Better
from cim_core.errors import ParameterError

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
ObjectArray = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(frozen=True, eq=False)
class Changes:
    """Rows of two runs paired by their index.

    ``frame`` has ``baseline``, ``plan`` and ``difference`` (plan minus baseline) for every row of either side, sorted
    by index; NaN where a side has no value. ``pairs = gained + lost + unchanged``; ``only_baseline`` and
    ``only_plan`` count rows with a value on one side alone (a trip that found no way, or only now finds one).
    """

    frame: pd.DataFrame
    pairs: int
    gained: int
    lost: int
    unchanged: int
    only_baseline: int
    only_plan: int

    def counts(self) -> dict[str, int]:
        """The six counts, JSON form."""
        names = ("pairs", "gained", "lost", "unchanged", "only_baseline", "only_plan")
        return {name: int(getattr(self, name)) for name in names}


CLASSES = ("gained", "lost", "unchanged", "only_baseline", "only_plan")
"""What can have become of a row; one without a value on either side is of none."""


def change_classes(
    baseline: FloatArray, plan: FloatArray, *, better: Better = "lower", tolerance: float = 0.0
) -> ObjectArray:
    """The class of each row, None for one without a value on either side. Rows stand at the same place in both columns.

    A difference of more than ``tolerance`` in the better direction is a gain; where neither direction is better, a
    rise counts as one. A value that is not finite is none.

    >>> change_classes(np.array([60.0, 80.0, np.nan]), np.array([50.0, np.nan, 70.0])).tolist()
    ['gained', 'only_baseline', 'only_plan']
    """
    before, after = np.isfinite(baseline), np.isfinite(plan)
    both = before & after
    difference = np.subtract(plan, baseline, out=np.zeros(len(plan)), where=both)
    gain = -difference if better == "lower" else difference
    tests = (gain > tolerance, gain < -tolerance, both, before, after)  # the first that is true
    classes = np.select(list(tests), list(CLASSES), default="").astype(object)
    classes[classes == ""] = None
    return classes


def paired_changes(
    baseline: pd.Series[Any], plan: pd.Series[Any], *, better: Better = "lower", tolerance: float = 0.0
) -> Changes:
    """Pair two columns by index and count the classes of their rows (:func:`change_classes`).

    NaN, None and infinite values mean that the row has no value on that side; a row without a value on both is counted
    nowhere. Several seeds: put the seed into the index.

    Raises
    ------
    ParameterError
        An index names a row twice.

    Examples
    --------
    >>> before, after = pd.Series({"a": 60.0, "b": 80.0}), pd.Series({"a": 50.0, "c": 70.0})
    >>> paired_changes(before, after).counts()
    {'pairs': 1, 'gained': 1, 'lost': 0, 'unchanged': 0, 'only_baseline': 1, 'only_plan': 1}
    """
    for side, column in (("baseline", baseline), ("plan", plan)):
        _refuse_repeated(column, side)
    rows = baseline.index.union(plan.index)
    frame = pd.DataFrame({"baseline": _finite(baseline, rows), "plan": _finite(plan, rows)}, index=rows)
    frame["difference"] = frame["plan"] - frame["baseline"]
    classes = change_classes(frame["baseline"].to_numpy(), frame["plan"].to_numpy(), better=better, tolerance=tolerance)
    counts = {name: int((classes == name).sum()) for name in CLASSES}
    return Changes(frame, pairs=sum(counts[name] for name in CLASSES[:3]), **counts)


def _finite(column: pd.Series[Any], rows: pd.Index[Any]) -> np.ndarray[Any, Any]:
    values = column.reindex(rows).to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _refuse_repeated(column: pd.Series[Any], side: str) -> None:
    repeated = column.index[column.index.duplicated()]
    if len(repeated):
        raise ParameterError(
            "statistics.repeated_rows",
            "rows cannot be paired: an index names some of them twice",
            where=f"{side}, column {column.name}",
            expected="each row once",
            got=f"{len(repeated)} repeated, e.g. {repeated[0]}",
            remedy="pair by a unique column; put the seed into the index where several seeds are joined",
        )
