"""Coordinates of baked layers in the reference systems that clients ask for (OGC API Features 2, 18-058r1)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cim_core.errors import ParameterError
from servers.serving.baked import wkb_walk
from servers.serving.baked.gather import Piece, composed
from servers.serving.web_mercator import Bounds, transformer

if TYPE_CHECKING:
    from servers.serving.baked.layout import BakedLayer

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_WGS84 = ("OGC:CRS84", "EPSG:4326")
_DEGREE_DECIMALS, _METRE_DECIMALS = 7, 3
"""A centimetre and a millimetre."""
_ON_A_SIDE = 33
"""Points along each side of a box that is carried into another system."""
_RIM = 1e-9
"""Degrees by which a box that was carried over is widened against rounding."""


@dataclass(frozen=True)
class ReferenceSystem:
    """A coordinate reference system under the URI by which clients name it.

    Attributes
    ----------
    definition
        As PROJ takes it. Inside, x (easting, longitude) always comes first.
    north_first
        Whether the authority puts northing or latitude first; so then do bbox and GeoJSON.
    decimals
        Of its coordinates in GeoJSON.
    """

    uri: str
    definition: str
    north_first: bool
    decimals: int

    @property
    def is_wgs84(self) -> bool:
        """Whether it is WGS84 in degrees, in whatever order: then a box may cross the antimeridian."""
        return self.definition in _WGS84

    def x_first(self, box: Bounds) -> Bounds:
        """(min x, min y, max x, max y) of a box in the system's own axis order."""
        return (box[1], box[0], box[3], box[2]) if self.north_first else box


CRS84 = ReferenceSystem("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84", False, _DEGREE_DECIMALS)
CRS84H = ReferenceSystem("http://www.opengis.net/def/crs/OGC/0/CRS84h", "OGC:CRS84", False, _DEGREE_DECIMALS)
_EVERYWHERE = ("EPSG:4326", "EPSG:3857", "EPSG:4490")


@cache
def offered(crs: str, has_z: bool) -> tuple[ReferenceSystem, ...]:
    """What a layer whose record is in ``crs`` is served in, the default first. Heights pass unchanged, in metres."""
    systems = [CRS84H, CRS84] if has_z else [CRS84]
    record = record_system(crs)
    return tuple(dict.fromkeys([*systems, *map(_authority, _EVERYWHERE), *([] if record is None else [record])]))


@cache
def record_system(crs: str) -> ReferenceSystem | None:
    """The system of the record itself; None if no authority has named it."""
    return _authority(crs) if crs.startswith("EPSG:") else None


@cache
def _authority(definition: str) -> ReferenceSystem:
    from pyproj import CRS

    crs = CRS.from_user_input(definition)
    north_first = crs.axis_info[0].direction.lower() == "north"
    decimals = _DEGREE_DECIMALS if crs.is_geographic else _METRE_DECIMALS
    return ReferenceSystem(_EPSG + definition.partition(":")[2], definition, north_first, decimals)


def system_named(uri: str, systems: Sequence[ReferenceSystem], parameter: str) -> ReferenceSystem:
    """The system a client named; raises :class:`ParameterError` (``pages.crs``) for one that is not offered."""
    found = next((one for one in systems if one.uri == uri), None)
    if found is None:
        raise ParameterError(
            "pages.crs",
            "the layer is not served in this reference system",
            where=parameter,
            expected=", ".join(one.uri for one in systems),
            got=uri[:200],
            remedy="take one of the URIs that the collection's document lists under crs",
        )
    return found


def geometry_texts(layer: BakedLayer, rows: Rows, system: ReferenceSystem) -> Piece:
    """GeoJSON geometries of some rows in another system, in its axis order, ``null`` where there is none.

    Raises
    ------
    ParameterError
        ``pages.crs_reach``: a place lies where the system has no coordinates.
    """
    wkb, at = _records(layer, rows)
    place, first, kinds = wkb_walk.vertex_places(wkb, at)
    xy = carried(wkb_walk.coordinates(wkb, place), layer.crs, system)
    shown = np.ascontiguousarray(xy[:, ::-1]) if system.north_first else xy
    if (kinds[:, 0] == wkb_walk.COLLECTION).any():
        wkb_walk.put_coordinates(wkb, place, np.round(shown, system.decimals))
        return _texts_with_collections(wkb, at, mirrored=system.north_first)
    text, ends = wkb_walk.geometry_texts(wkb, at, place, first, shown, system.decimals)
    none = first[1:] == first[:-1]
    none[~none] = np.isnan(xy[first[:-1][~none], 0])  # a point without a place
    return text, np.where(none, -1, ends[:-1]), np.where(none, 3, ends[1:])


def wkb_in(layer: BakedLayer, rows: Rows, system: ReferenceSystem) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """WKB of some rows one after the other, x first as WKB in files has it, and (n + 1) offsets.

    Raises :class:`ParameterError` (``pages.crs_reach``).
    """
    wkb, at = _records(layer, rows)
    if system.definition != layer.crs:
        place, _, _ = wkb_walk.vertex_places(wkb, at)
        wkb_walk.put_coordinates(wkb, place, carried(wkb_walk.coordinates(wkb, place), layer.crs, system))
    return wkb, at


def _records(layer: BakedLayer, rows: Rows) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    return composed([(layer.geometry, layer.geometry_at[rows], layer.geometry_at[rows + 1])], len(rows))


def carried(xy: Floats, crs: str, system: ReferenceSystem) -> Floats:
    """(n, 2) coordinates of a record in ``system``, x first; raises :class:`ParameterError` (``pages.crs_reach``)."""
    if crs == system.definition or not len(xy):
        return xy
    x, y = transformer(crs, system.definition).transform(xy[:, 0], xy[:, 1])
    found = np.column_stack([x, y])
    if not (np.isfinite(found) | np.isnan(xy)).all():
        raise ParameterError(
            "pages.crs_reach",
            "a feature lies where the reference system has no coordinates",
            where="crs",
            expected="features within the area of the system",
            got=system.uri,
            remedy="ask for CRS84, or for a bbox nearer to the city",
        )
    return np.where(np.isnan(xy), np.nan, found)


def _texts_with_collections(wkb: NDArray[np.uint8], at: NDArray[np.int64], *, mirrored: bool) -> Piece:
    """Collections nest: these few are written by GEOS. With the axes exchanged rings turn the other way."""
    import shapely

    records = [wkb[begin:end].tobytes() or None for begin, end in itertools.pairwise(at)]
    shapes = shapely.orient_polygons(shapely.from_wkb(records), exterior_cw=mirrored)
    shapes[shapely.is_empty(shapes)] = None
    texts = [b"null" if text is None else text.encode() for text in shapely.to_geojson(shapes)]
    ends = np.cumsum([0, *map(len, texts)])
    return np.frombuffer(b"".join(texts), dtype=np.uint8), ends[:-1], ends[1:]


def outer_and_inner(box: Bounds, system: ReferenceSystem, bounds: Bounds) -> tuple[Bounds, Bounds] | None:
    """What a box of another system is in degrees: one that holds it, and one that it holds.

    Parameters
    ----------
    box
        (min x, min y, max x, max y).
    bounds
        What is searched, in degrees: the box is cut to it, so that it need not make sense elsewhere.

    Returns
    -------
    None if the box and the bounds lie apart. The inner one may be empty (its west beyond its east).
    """
    there = transformer("OGC:CRS84", system.definition)
    cut = _cut(box, there.transform_bounds(*_widened(bounds), densify_pts=_ON_A_SIDE))
    if cut is None:
        return None
    west, south, east, north = cut
    along = np.linspace(0.0, 1.0, _ON_A_SIDE)
    x, y = west + (east - west) * along, south + (north - south) * along
    sides = [
        (np.full_like(y, west), y),
        (x, np.full_like(x, south)),
        (np.full_like(y, east), y),
        (x, np.full_like(x, north)),
    ]
    back = transformer(system.definition, "OGC:CRS84")
    (lon_w, lat_w), (lon_s, lat_s), (lon_e, lat_e), (lon_n, lat_n) = (back.transform(*side) for side in sides)
    lon, lat = np.concatenate([lon_w, lon_s, lon_e, lon_n]), np.concatenate([lat_w, lat_s, lat_e, lat_n])
    outer = _widened((float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())))
    inner = (float(lon_w.max()) + _RIM, float(lat_s.max()) + _RIM, float(lon_e.min()) - _RIM, float(lat_n.min()) - _RIM)
    return outer, inner


def _widened(box: Bounds) -> Bounds:
    return max(box[0] - _RIM, -180.0), max(box[1] - _RIM, -90.0), min(box[2] + _RIM, 180.0), min(box[3] + _RIM, 90.0)


def _cut(box: Bounds, to: Bounds) -> Bounds | None:
    """The part of a box in another; None if they lie apart. Edges that PROJ has no place for cut nothing."""
    low = [max(a, b) if np.isfinite(b) else a for a, b in zip(box[:2], to[:2], strict=True)]
    high = [min(a, b) if np.isfinite(b) else a for a, b in zip(box[2:], to[2:], strict=True)]
    return (low[0], low[1], high[0], high[1]) if low[0] <= high[0] and low[1] <= high[1] else None
