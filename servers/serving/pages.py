"""Features of a frame in pages of GeoJSON, assembled from fragments that are written once (RFC 7946)."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from cim_core.errors import NotFoundError, ParameterError
from servers.serving.integer_geometry import geometry_bytes
from servers.serving.plain_values import plain_values
from servers.serving.web_mercator import DEGREES, Bounds

MOST_IN_A_PAGE = 10_000
_DECIMALS = 7
"""Of a degree: a centimetre."""
Ints = NDArray[np.int64]
Interval = tuple[datetime | None, datetime | None]
"""Begin and end, both included; None is open."""
_compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Page:
    """Some of the features that were asked for.

    Attributes
    ----------
    features
        A JSON array of GeoJSON features, UTF-8.
    matched, returned
        How many there are in all pages together, and in this one.
    next
        What to hand in as ``after`` for the page that follows; None at the end.
    """

    features: bytes
    matched: int
    returned: int
    next: int | None

    def document(self, **members: Any) -> bytes:
        """A FeatureCollection with ``numberMatched``, ``numberReturned`` and further members (links, timeStamp)."""
        counts = {"numberMatched": self.matched, "numberReturned": self.returned, **members}
        head = _compact({"type": "FeatureCollection", **counts})[:-1]
        return b"".join([head.encode(), b',"features":', self.features, b"}"])


class FeaturePages:
    """A layer ready to be read in pages and one by one, in the order of its rows.

    Parameters
    ----------
    frame
        In any CRS (served in WGS84 longitude and latitude); its index is the feature id.
    properties
        Columns that are served; all but the geometry by default.
    json_fields
        Columns whose texts are JSON documents.
    time_field
        Column with the instant of each feature, if the layer has one.
    """

    def __init__(
        self,
        frame: gpd.GeoDataFrame,
        *,
        properties: Sequence[str] | None = None,
        json_fields: Collection[str] = (),
        time_field: str | None = None,
    ) -> None:
        names = [name for name in frame.columns if name != frame.geometry.name] if properties is None else properties
        self.properties = tuple(names)
        self._table = pd.DataFrame(frame[list(names)])
        self._json = frozenset(json_fields)
        self._times = None if time_field is None else pd.to_datetime(frame[time_field], utc=True)
        self.ids = [str(one) for one in frame.index]
        geometries = np.asarray(frame.geometry.to_crs(DEGREES).array)
        self._geometries = shapely.set_precision(shapely.force_2d(geometries), 10.0**-_DECIMALS, mode="pointwise")
        self._tree = shapely.STRtree(self._geometries)
        self._tree.query(shapely.Point(0, 0))  # builds it now, before threads share it
        self._heads = np.full(len(frame), None, dtype=object)
        self._whole = np.full(len(frame), None, dtype=object)

        self._text_bytes = 0
        self._fixed_bytes = (
            geometry_bytes(self._geometries)
            + int(self._table.memory_usage(index=True, deep=True).sum())
            + sum(map(sys.getsizeof, self.ids))
        )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """What it takes of memory, about: coordinates, table, and the fragments written so far."""
        return self._fixed_bytes + self._text_bytes

    @cached_property
    def bounds(self) -> Bounds | None:
        """(west, south, east, north) in degrees; None if nothing has a place."""
        if not len(self._geometries):
            return None
        west, south, east, north = (float(edge) for edge in shapely.total_bounds(self._geometries))
        return None if np.isnan(west) else (west, south, east, north)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {one: row for row, one in enumerate(self.ids)}

    def page(
        self,
        *,
        bbox: Bounds | None = None,
        limit: int = 100,
        after: int | None = None,
        properties: Sequence[str] | None = None,
        during: Interval | None = None,
    ) -> Page:
        """The next features in the order of their rows.

        Parameters
        ----------
        bbox
            (west, south, east, north) in degrees: features that meet it. West beyond east crosses the antimeridian.
        limit
            1 … 10,000.
        after
            ``next`` of the page before.
        properties
            Only these; all by default.
        during
            Features whose time lies in it, and those that have none. A layer without a time field is always in it.

        Raises
        ------
        ParameterError
            ``pages.limit``, ``pages.bbox``, ``pages.properties``.
        """
        _require_limit(limit)
        wanted = self._selected(properties)
        rows = np.arange(len(self)) if bbox is None else self._within(bbox)
        rows = rows if during is None else rows[self._at(during)[rows]]
        begin = 0 if after is None else int(np.searchsorted(rows, after, side="right"))
        chosen = rows[begin : begin + limit]
        more = begin + limit < len(rows)
        body = b"[" + b",".join(self._features(chosen, wanted)) + b"]"
        return Page(body, len(rows), len(chosen), int(chosen[-1]) if more else None)

    def feature(self, id_: str) -> bytes:
        """One GeoJSON feature; raises :class:`NotFoundError` (``pages.no_such_feature``)."""
        return self._features(np.array([self.row(id_)]), None)[0]

    def row(self, id_: str) -> int:
        """The row number of a feature; raises :class:`NotFoundError` (``pages.no_such_feature``)."""
        if id_ not in self._rows:
            raise NotFoundError(
                "pages.no_such_feature",
                "there is no such feature",
                where="feature id",
                expected="an id of this layer",
                got=id_[:200],
                remedy="list the layer's items, or search by name",
            )
        return self._rows[id_]

    def geometry(self, id_: str) -> shapely.Geometry:
        """A feature's geometry in degrees, or None."""
        return self._geometries[self.row(id_)]

    def _within(self, bbox: Bounds) -> Ints:
        west, south, east, north = bbox
        if not (np.isfinite(bbox).all() and south <= north):
            raise ParameterError(
                "pages.bbox",
                "the bounding box is none",
                where="bbox",
                expected="west,south,east,north in degrees, south ≤ north",
                got=",".join(f"{edge:g}" for edge in bbox),
                remedy="give the lower left and the upper right corner, longitude first",
            )
        boxes = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        found = [self._tree.query(shapely.box(a, south, b, north), predicate="intersects") for a, b in boxes]
        return np.unique(np.concatenate(found))

    def _at(self, during: Interval) -> NDArray[np.bool_]:
        found = np.ones(len(self), dtype=bool)
        if self._times is not None:
            begin, end = during
            found &= True if begin is None else (self._times >= begin).to_numpy()
            found &= True if end is None else (self._times <= end).to_numpy()
            found |= self._times.isna().to_numpy()
        return found

    def _selected(self, properties: Sequence[str] | None) -> tuple[str, ...] | None:
        if properties is None:
            return None
        unknown = sorted(set(properties) - set(self.properties))
        if unknown:
            raise ParameterError(
                "pages.properties",
                "the layer has no such property",
                where="properties",
                expected=", ".join(self.properties),
                got=", ".join(unknown)[:200],
                remedy="leave it out, or correct the spelling",
            )
        return tuple(name for name in self.properties if name in set(properties))

    def _features(self, rows: Ints, wanted: tuple[str, ...] | None) -> list[bytes]:
        """The features of some rows; whole ones are written once and kept."""
        if wanted is None:
            missing = rows[self._whole[rows] == None]  # noqa: E711 - an array
            if len(missing):
                self._whole[missing] = self._kept(self._written(missing, self.properties))
            return list(self._whole[rows])
        return self._written(rows, wanted)

    def _written(self, rows: Ints, names: tuple[str, ...]) -> list[bytes]:
        missing = rows[self._heads[rows] == None]  # noqa: E711 - an array
        self._heads[missing] = self._kept(self._begun(missing))
        part = self._table.iloc[rows]
        columns = [plain_values(part[name], parse_json=name in self._json) for name in names]
        tables = zip(*columns, strict=True) if columns else ((),) * len(rows)
        texts = (_compact(dict(zip(names, values, strict=True))).encode() for values in tables)
        return [b"".join([head, text, b"}"]) for head, text in zip(self._heads[rows], texts, strict=True)]

    def _kept(self, fragments: list[bytes]) -> list[bytes]:
        self._text_bytes += sum(map(sys.getsizeof, fragments))
        return fragments

    def _begun(self, rows: Ints) -> list[bytes]:
        """Each feature up to its properties."""
        shapes = shapely.to_geojson(shapely.orient_polygons(self._geometries[rows], exterior_cw=False))
        return [
            f'{{"type":"Feature","id":{_compact(self.ids[row])},"geometry":{shape or "null"},"properties":'.encode()
            for row, shape in zip(rows.tolist(), shapes, strict=True)
        ]


def _require_limit(limit: int) -> None:
    if not 1 <= limit <= MOST_IN_A_PAGE:
        raise ParameterError(
            "pages.limit",
            "the page is too large or too small",
            where="limit",
            expected=f"1 to {MOST_IN_A_PAGE}",
            got=str(limit),
            remedy="ask for less and follow the link to the next page",
        )
