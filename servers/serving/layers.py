"""What is served of a city, a result or a comparison: layers built once per content and kept in this process.

A *version* names content: a snapshot's hash, a run's hash with the layer's name. What has the same version is the same,
so it never goes stale; what is not asked for any more is forgotten first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from cim_core.canonical import content_hash
from cim_core.city import City
from cim_core.errors import NotFoundError
from cim_core.result import Bundle
from cim_core.schema import GRADES, Grade, LayerSchema
from servers.serving.cache import BuiltOnce
from servers.serving.code_version import served_version
from servers.serving.pages import FeaturePages
from servers.serving.tiles import LayerTiles
from servers.serving.tilesets import TileSet

OPEN: Grade = "internal"
"""The highest grade that tiles show: a tile is kept by browsers and proxies."""
MOST_BYTES = 256 * 2**20
"""Bytes of layers ready for tiles, and as many of pages, that a process keeps: half a gigabyte together."""
_EACH = 10_000
"""What a layer weighs beside its content, so that empty ones are forgotten too."""
_NOT_IN_TILES = ("json", "list<int64>")
_NOT_DRAWN = frozenset({"source_id", "node", "from_node", "to_node", "via_node"})
"""Fields that link records and that no map shows; they would be a third of a tile. Cards and items have them."""
_tiles: BuiltOnce[LayerTiles] = BuiltOnce(most=MOST_BYTES, weight=lambda tiles: tiles.nbytes + _EACH)
_pages: BuiltOnce[FeaturePages] = BuiltOnce(most=MOST_BYTES, weight=lambda pages: pages.nbytes + _EACH, grows=True)
_Read = Callable[[], gpd.GeoDataFrame]


def fields_up_to(schema: LayerSchema, grade: Grade) -> tuple[str, ...]:
    """The fields of a layer that are no more confidential than ``grade``; none if the layer itself is."""
    most = GRADES.index(grade)
    if GRADES.index(schema.grade) > most:
        return ()
    return tuple(field.name for field in schema.fields if GRADES.index(field.grade) <= most)


def tile_fields(schema: LayerSchema) -> tuple[str, ...]:
    """The fields that tiles carry: single values, at most of the grade ``internal``."""
    allowed = set(fields_up_to(schema, OPEN)) - _NOT_DRAWN
    return tuple(field.name for field in schema.fields if field.name in allowed and field.dtype not in _NOT_IN_TILES)


def city_tiles(city: City, names: Sequence[str]) -> TileSet:
    """Tiles of one or several layers of a city (with its plan's permanent edits, if it has a plan).

    Raises
    ------
    NotFoundError
        ``city.no_layer``; ``tiles.confidential`` for a layer graded above ``internal``.
    """
    versions, layers = [], []
    for name in names:
        schema = city.schema(name)
        if GRADES.index(schema.grade) > GRADES.index(OPEN):
            raise _confidential(name, schema.grade)
        version = _city_version(city, name)
        versions.append(version)
        layers.append(_built(f"city:{name}:{version}", name, partial(city.layer, name), tile_fields(schema)))
    return TileSet(
        served_version(versions[0] if len(versions) == 1 else content_hash([list(names), versions])), tuple(layers)
    )


def city_pages(city: City, name: str) -> FeaturePages:
    """Features of a layer of a city; raises :class:`NotFoundError` (``city.no_layer``)."""
    schema = city.schema(name)
    documents = [field.name for field in schema.fields if field.dtype == "json"]
    time = next((field.name for field in schema.fields if field.dtype == "timestamp"), None)
    key = f"city:{name}:{_city_version(city, name)}"

    def build() -> FeaturePages:
        return FeaturePages(city.layer(name), properties=schema.names, json_fields=documents, time_field=time)

    return _pages.get(key, build)


def result_tiles(bundle: Bundle, name: str) -> TileSet:
    """Tiles of a result layer; raises :class:`NotFoundError` (``result.no_layer``)."""
    _require(name, bundle.content["layers"], f"run {bundle.run}")
    return TileSet(served_version(bundle.run), (_built(f"run:{bundle.run}:{name}", name, lambda: bundle.layer(name)),))


def result_pages(bundle: Bundle, name: str) -> FeaturePages:
    """Features of a result layer; raises :class:`NotFoundError` (``result.no_layer``)."""
    _require(name, bundle.content["layers"], f"run {bundle.run}")
    return _pages.get(f"run:{bundle.run}:{name}", lambda: FeaturePages(bundle.layer(name)))


def comparison_frame(path: Path, content: Mapping[str, Any], name: str) -> gpd.GeoDataFrame:
    """A layer of a comparison (its folder, its ``comparison.json``), index ``id``.

    Raises
    ------
    NotFoundError
        ``result.no_layer``.
    """
    _require(name, content["layers"], f"comparison {path.name}")
    return gpd.read_parquet(path / content["layers"][name]["frame"]).set_index("id")


def comparison_tiles(path: Path, content: Mapping[str, Any], name: str) -> TileSet:
    """Tiles of a comparison's layer; raises :class:`NotFoundError` (``result.no_layer``)."""
    _require(name, content["layers"], f"comparison {path.name}")
    key = f"comparison:{path.name}:{name}"
    return TileSet(served_version(path.name), (_built(key, name, lambda: comparison_frame(path, content, name)),))


def comparison_pages(path: Path, content: Mapping[str, Any], name: str) -> FeaturePages:
    """Features of a comparison's layer; raises :class:`NotFoundError` (``result.no_layer``)."""
    _require(name, content["layers"], f"comparison {path.name}")
    key = f"comparison:{path.name}:{name}"
    return _pages.get(key, lambda: FeaturePages(comparison_frame(path, content, name)))


def single_valued(frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    """The columns of a frame without schema that a tile can carry: numbers, flags, texts and instants."""
    return tuple(name for name in frame.columns if name != frame.geometry.name and _is_single(frame[name]))


def _is_single(values: pd.Series) -> bool:
    if not pd.api.types.is_object_dtype(values.dtype):
        return True
    known = values.dropna()
    return bool(known.map(lambda value: isinstance(value, str)).all() or known.map(lambda v: isinstance(v, bool)).all())


def _built(key: str, name: str, read: _Read, properties: Sequence[str] | None = None) -> LayerTiles:
    def build() -> LayerTiles:
        frame = read()
        return LayerTiles(frame, name=name, properties=single_valued(frame) if properties is None else properties)

    return _tiles.get(key, build)


def _city_version(city: City, name: str) -> str:
    snapshot = city.layer_hash(name)
    edits = [edit.as_dict() for edit in city.edits if edit.layer == name]
    return content_hash([snapshot, edits]) if edits else snapshot


def _require(name: str, known: Any, where: str) -> None:
    if name not in known:
        raise NotFoundError(
            "result.no_layer",
            f"there is no layer {name[:80]!r}",
            where=where,
            expected=", ".join(known) or "no layers",
            got=name[:80],
            remedy="take a name from the document's `layers`",
        )


def _confidential(name: str, grade: Grade) -> NotFoundError:
    return NotFoundError(
        "tiles.confidential",
        "this layer is not drawn as tiles",
        where=name,
        expected=f"a grade up to {OPEN}",
        got=grade,
        remedy="read its features one page at a time, with the right to do so",
    )
