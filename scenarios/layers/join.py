"""For every feature of a layer: how many of another it is related to, and what a field of these adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cim_core.analysis.spatial_join import CHUNK, pair_chunks
from cim_core.errors import NotFoundError
from cim_core.result import Result
from scenarios.layers.parameters import JoinParameters

if TYPE_CHECKING:
    from cim_core.city import City
    from cim_core.scenario import Context

NONE = np.iinfo(np.int64).max


@dataclass
class Matches:
    """Matches of each left feature, added up chunk by chunk, so that the pairs themselves are never all in memory.

    Attributes
    ----------
    count
        How many, shape (left,).
    first
        The match whose place in ``rank`` is least; :data:`NONE` without any.
    total, known
        Sum of the values of the matches that have one, and how many these are.
    other
        Which right features are matched, shape (right,).
    """

    count: NDArray[np.int64]
    first: NDArray[np.int64]
    total: NDArray[np.float64]
    known: NDArray[np.int64]
    other: NDArray[np.bool_]

    @classmethod
    def none(cls, left: int, right: int) -> Matches:
        """Before anything was compared."""
        zeros = np.zeros(left, np.int64)
        return cls(zeros, np.full(left, NONE), np.zeros(left), zeros.copy(), np.zeros(right, bool))

    def add(
        self, left: NDArray[Any], right: NDArray[Any], rank: NDArray[np.int64], values: NDArray[np.float64]
    ) -> None:
        """Add pairs of rows; ``rank`` and ``values`` (NaN: none) are those of the right features."""
        np.add.at(self.count, left, 1)
        np.minimum.at(self.first, left, rank[right])
        found = values[right]
        has = ~np.isnan(found)
        np.add.at(self.total, left[has], found[has])
        np.add.at(self.known, left[has], 1)
        self.other[right] = True


def join_layers(city: City, parameters: JoinParameters, context: Context) -> Result:
    """Join two layers of the city; see ``scenarios/layers/README.md``.

    Raises
    ------
    NotFoundError
        ``layers.no_field`` for a value that the counted layer does not have.
    """
    context.progress(0.05, "reading the layers")
    _require_field(city, parameters)
    left = city.layer(parameters.left, columns=[])
    right = city.layer(parameters.right, columns=[parameters.value] if parameters.value else [])
    texts = right[parameters.value] if parameters.value else pd.Series(None, index=right.index, dtype=object)
    values = _numbers(texts)
    rank = np.empty(len(right), np.int64)
    order = np.argsort(right.index.to_numpy(str), kind="stable")  # the first by id, however the layer is stored
    rank[order] = np.arange(len(right))
    matches = Matches.none(len(left), len(right))
    same = parameters.left == parameters.right
    chunks = pair_chunks(_geometries(left), _geometries(right), parameters.predicate, distance_m=parameters.reach_m)
    steps = max(1, (max(len(left), len(right)) + CHUNK - 1) // CHUNK)
    for step, (mine, theirs) in enumerate(chunks):
        keep = mine != theirs if same else np.ones(len(mine), bool)
        matches.add(mine[keep], theirs[keep], rank, values)
        context.progress(0.2 + 0.7 * step / steps, "comparing")
    context.progress(0.95, "writing down")
    return Result(
        figures=_figures(matches),
        layers={"joined": _joined(left, matches, right.index.to_numpy()[order], texts.to_numpy(object)[order])},
        facts={
            "left": parameters.left,
            "right": parameters.right,
            "distances": f"in the plane of {city.crs.name}",
        },
    )


def _geometries(frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    return np.asarray(frame.geometry.values, dtype=object)


def _require_field(city: City, parameters: JoinParameters) -> None:
    schema = city.schema(parameters.right)
    if parameters.value is not None and schema.field(parameters.value) is None:
        raise NotFoundError(
            "layers.no_field",
            f"the layer {parameters.right} has no such field",
            where="parameter value",
            expected=", ".join(schema.names),
            got=parameters.value,
            remedy="name one of these fields, or none",
        )


def _numbers(values: pd.Series[Any]) -> NDArray[np.float64]:
    """The values as numbers, NaN for what is none; texts and instants are none."""
    if not pd.api.types.is_numeric_dtype(values):
        return np.full(len(values), np.nan)
    return np.asarray(values.to_numpy(np.float64, na_value=np.nan))


def _figures(matches: Matches) -> dict[str, Any]:
    found = int((matches.count > 0).sum())
    total = len(matches.count)
    return {
        "pairs": int(matches.count.sum()),
        "matched": found,
        "unmatched": total - found,
        "share_matched": found / total if total else None,
        "other_matched": int(matches.other.sum()),
    }


def _joined(left: gpd.GeoDataFrame, matches: Matches, ids: NDArray[Any], values: NDArray[Any]) -> gpd.GeoDataFrame:
    """``ids`` and ``values`` are those of the right features, in the order of their ids."""
    has = matches.count > 0
    known = matches.known > 0
    first, value = np.full(len(left), None, object), np.full(len(left), None, object)
    first[has] = ids[matches.first[has]]
    value[has] = [None if pd.isna(one) else str(one) for one in values[matches.first[has]]]
    mean = np.full(len(left), np.nan)
    mean[known] = matches.total[known] / matches.known[known]
    columns = {
        "matches": matches.count,
        "first": first,
        "value_of_first": value,
        "value_sum": np.where(known, matches.total, np.nan),
        "value_mean": mean,
    }
    return gpd.GeoDataFrame(columns, index=left.index, geometry=left.geometry.values, crs=left.crs)
