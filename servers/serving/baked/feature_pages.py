"""Features of a baked layer in pages: found by the packed tree, written by copying (RFC 7946, OGC 17-069r4)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cim_core.errors import NotFoundError, ParameterError
from servers.serving.baked import gather, placing
from servers.serving.baked.placing import CRS84, CRS84H, ReferenceSystem
from servers.serving.baked.selection import Mask, Positions, Rows
from servers.serving.web_mercator import Bounds

if TYPE_CHECKING:
    import shapely

    from servers.serving.baked.layout import BakedLayer

_NULL = b"null"
_compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Page:
    """One page of GeoJSON; for the numbers see :class:`~servers.serving.baked.selection.Selected`.

    ``texts`` are the features in UTF-8, those of one text with commas between them.
    """

    texts: tuple[memoryview, ...]
    matched: int | None
    returned: int
    next: int | None

    def document(self, **members: Any) -> bytes:
        """A FeatureCollection with ``numberMatched``, ``numberReturned`` and further members (links, timeStamp)."""
        counted = {} if self.matched is None else {"numberMatched": self.matched}
        head = _compact({"type": "FeatureCollection", **counted, "numberReturned": self.returned, **members})[:-1]
        return self._joined(head.encode() + b',"features":[', b"]}")

    @property
    def features(self) -> bytes:
        """A JSON array of the features."""
        return self._joined(b"[", b"]")

    def _joined(self, head: bytes, tail: bytes) -> bytes:
        """All of it copied once."""
        between = [piece for text in self.texts for piece in (b",", text)][1:]
        return b"".join([head, *between, tail])


def item_etag(fragment: bytes) -> str:
    """The strong validator of a feature: of its GeoJSON in CRS84, as a baked layer has it."""
    return hashlib.sha256(fragment).hexdigest()[:32]


class BakedPages:
    """A layer ready to be read in pages and one by one, in storage order, with the edits made since it was baked.

    Parameters
    ----------
    hidden
        (N,) rows that were replaced or removed.
    added
        The rows in their place and the new ones, with the same columns. Their positions follow those of ``layer``.
    """

    def __init__(self, layer: BakedLayer, hidden: Mask | None = None, added: BakedLayer | None = None) -> None:
        self.layer = layer
        self.positions = Positions(layer, hidden, added)
        self.properties = layer.fields

    def __len__(self) -> int:
        return len(self.positions)

    @cached_property
    def has_z(self) -> bool:
        """Whether any feature has heights."""
        return any(layer.has_z for layer in self.positions.layers)

    @property
    def systems(self) -> tuple[ReferenceSystem, ...]:
        """The reference systems in which the features are served, the default first."""
        return placing.offered(self.layer.crs, self.has_z)

    @cached_property
    def bounds(self) -> Bounds | None:
        """(west, south, east, north) in degrees; None if nothing has a place."""
        known = [layer.bounds for layer in self.positions.layers if layer.bounds is not None]
        if not known:
            return None
        west, south, east, north = zip(*known, strict=True)
        return min(west), min(south), max(east), max(north)

    def page(
        self,
        *,
        properties: Sequence[str] | None = None,
        crs: ReferenceSystem | None = None,
        skip_geometry: bool = False,
        **asked: Any,
    ) -> Page:
        """The next features as GeoJSON: those that :meth:`~Positions.select` finds for ``asked``.

        Raises
        ------
        ParameterError
            ``pages.properties``; ``pages.crs_reach``; what :meth:`~Positions.select` raises.
        """
        names = self.chosen_names(properties)
        found = self.positions.select(**asked)
        texts = self._texts(found.positions, names, crs, skip_geometry)
        return Page(texts, found.matched, len(found.positions), found.next)

    def _texts(
        self, positions: Rows, names: Sequence[str] | None, crs: ReferenceSystem | None, skip_geometry: bool
    ) -> tuple[memoryview, ...]:
        """The features at some positions, with the properties ``names`` (None for all)."""
        parts = self.positions.parts(positions)
        return tuple(gather.joined(_written(layer, rows, names, crs, skip_geometry)).data for layer, rows in parts)

    def feature(self, id_: str, crs: ReferenceSystem | None = None) -> bytes:
        """One GeoJSON feature; raises :class:`NotFoundError` (``pages.no_such_feature``)."""
        return bytes(self._texts(np.array([self.row(id_)], dtype=np.int32), None, crs, False)[0])

    def row(self, id_: str) -> int:
        """The position of a feature; raises :class:`NotFoundError` (``pages.no_such_feature``)."""
        found = self.positions.find(id_)
        if found is None:
            raise NotFoundError(
                "pages.no_such_feature",
                "there is no such feature",
                where="feature id",
                expected="an id of this layer",
                got=id_[:200],
                remedy="list the layer's items, or search by name",
            )
        return found

    def geometry(self, id_: str) -> shapely.Geometry | None:
        """A feature's geometry in degrees as it is served, without heights, or None."""
        import shapely
        from shapely.geometry import shape

        found = json.loads(self.feature(id_))["geometry"]
        return None if found is None else shapely.force_2d(shape(found))

    def chosen_names(self, properties: Sequence[str] | None) -> tuple[str, ...] | None:
        """The properties in the layer's order; raises :class:`ParameterError` (``pages.properties``)."""
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


def _written(
    layer: BakedLayer, rows: Rows, names: Sequence[str] | None, crs: ReferenceSystem | None, skip_geometry: bool
) -> gather.Piece:
    """The texts of some rows' features."""
    elsewhere = crs not in (None, CRS84, CRS84H)
    if names is None and not elsewhere and not skip_geometry:
        return gather.whole(layer, rows)
    geometry = None
    if skip_geometry:
        geometry = gather.same(_NULL, len(rows))
    elif elsewhere and crs is not None:
        geometry = placing.geometry_texts(layer, rows, crs)
    return gather.without(layer, rows, geometry=geometry, names=names)
