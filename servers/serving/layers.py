"""What is served of a city, a result or a comparison: layers built once per content and kept in this process.

A *version* names content: a snapshot's hash, a run's hash with the layer's name. What has the same version is the same,
so it never goes stale; what is not asked for any more is forgotten first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from cim_core.canonical import content_hash
from cim_core.city import City
from cim_core.errors import NotFoundError, ParameterError
from cim_core.result import Bundle
from cim_core.schema import GRADES, Grade, LayerSchema
from servers.serving.baked.feature_pages import BakedPages
from servers.serving.baked.layout import BakedLayer
from servers.serving.baked.served import SMALL, baked_frame, baked_layer
from servers.serving.baked.spec import BakeSpec
from servers.serving.baked.tile_layer import BakedTiles
from servers.serving.cache import BuiltOnce
from servers.serving.code_version import served_version
from servers.serving.overlay import edits_of
from servers.serving.tilesets import TileSet

if TYPE_CHECKING:
    import geopandas as gpd

OPEN: Grade = "internal"
"""The highest grade that tiles show: a tile is kept by browsers and proxies."""
MOST_BYTES = 256 * 2**20
"""Bytes that a process keeps of layers in its own memory: small results, plans, edits. Mapped files do not count."""
_EACH = 10_000
"""What a layer weighs beside its content, so that those that are mapped are forgotten too."""
_NOT_IN_TILES = ("json", "list<int64>")
_NOT_DRAWN = frozenset({"source_id", "node", "from_node", "to_node", "via_node"})
"""Fields that link records and that no map shows; they would be a third of a tile. Cards and items have them."""
_Read = Callable[[], "gpd.GeoDataFrame"]


class _Ready:
    """A layer with what was edited since it was baked; its pages, and its tiles by the fields they carry."""

    def __init__(self, layer: BakedLayer, edits: tuple[NDArray[Any], BakedLayer] | None, *, in_memory: bool) -> None:
        self.layer = layer
        self._edits = edits or (None, None)
        self._in_memory = in_memory
        self._tiles: dict[tuple[str, ...], BakedTiles] = {}

    @property
    def nbytes(self) -> int:
        """Bytes of this process's own memory."""
        held = [one.nbytes for one in self._edits if one is not None]
        return _EACH + sum(held) + (self.layer.nbytes if self._in_memory else 0)

    @cached_property
    def pages(self) -> BakedPages:
        """Its features."""
        return BakedPages(self.layer, *self._edits)

    def tiles(self, fields: Sequence[str], *, chosen: bool = False) -> BakedTiles:
        """Its tiles with some of the fields; those that a client has ``chosen`` are not kept."""
        key = tuple(fields)
        if chosen:
            return BakedTiles(self.layer, key, *self._edits)
        if key not in self._tiles:
            self._tiles[key] = BakedTiles(self.layer, key, *self._edits)
        return self._tiles[key]


_ready: BuiltOnce[_Ready] = BuiltOnce(most=MOST_BYTES, weight=lambda ready: ready.nbytes)


def fields_up_to(schema: LayerSchema, grade: Grade) -> tuple[str, ...]:
    """The fields of a layer that are no more confidential than ``grade``; none if the layer itself is."""
    most = GRADES.index(grade)
    if GRADES.index(schema.grade) > most:
        return ()
    return tuple(field.name for field in schema.fields if GRADES.index(field.grade) <= most)


def tile_fields(schema: LayerSchema, grade: Grade = OPEN) -> tuple[str, ...]:
    """The fields that tiles carry: single values, at most of the grade ``internal``."""
    allowed = set(fields_up_to(schema, grade)) - _NOT_DRAWN
    return tuple(field.name for field in schema.fields if field.name in allowed and field.dtype not in _NOT_IN_TILES)


def city_tiles(
    city: City, names: Sequence[str], grade: Grade = OPEN, properties: Collection[str] | None = None
) -> TileSet:
    """Tiles of one or several layers of a city (with its plan's permanent edits, if it has a plan).

    Parameters
    ----------
    grade
        The highest of the fields that they show.
    properties
        Only these fields, of the layers that have them; all by default.

    Raises
    ------
    NotFoundError
        ``city.no_layer``; ``tiles.confidential`` for a layer graded above ``internal``.
    ParameterError
        ``tiles.properties``: none of the layers shows such a field.
    """
    if properties is not None:
        _require_shown(city, names, grade, properties)
    versions, layers = [], []
    for name in names:
        schema = city.schema(name)
        if GRADES.index(schema.grade) > GRADES.index(OPEN):
            raise _confidential(name, schema.grade)
        fields = tile_fields(schema, grade)
        if properties is not None:
            fields = tuple(field for field in fields if field in properties)
        version = _city_version(city, name)
        if fields != tile_fields(schema):
            version = content_hash([version, fields])  # another content, so another name
        versions.append(version)
        layers.append(_city_layer(city, name, schema.names).tiles(fields, chosen=properties is not None))
    return TileSet(
        served_version(versions[0] if len(versions) == 1 else content_hash([list(names), versions])), tuple(layers)
    )


def _require_shown(city: City, names: Sequence[str], grade: Grade, properties: Collection[str]) -> None:
    shown = {field for name in names for field in tile_fields(city.schema(name), grade)}
    if unknown := sorted(set(properties) - shown):
        raise ParameterError(
            "tiles.properties",
            "tiles show no such property",
            where="properties",
            expected=", ".join(sorted(shown)) or "none: these layers have no fields that tiles show",
            got=", ".join(unknown)[:200],
            remedy="leave it out, or correct the spelling",
        )


def city_pages(city: City, name: str, grade: Grade = GRADES[-1]) -> BakedPages:
    """Features of a layer of a city with the fields up to a grade; :class:`NotFoundError` (``city.no_layer``)."""
    return _city_layer(city, name, fields_up_to(city.schema(name), grade)).pages


def result_tiles(bundle: Bundle, name: str) -> TileSet:
    """Tiles of a result layer; raises :class:`NotFoundError` (``result.no_layer``)."""
    return TileSet(served_version(bundle.run), (_all_tiles(_result_layer(bundle, name)),))


def result_pages(bundle: Bundle, name: str) -> BakedPages:
    """Features of a result layer; raises :class:`NotFoundError` (``result.no_layer``)."""
    return _result_layer(bundle, name).pages


def comparison_frame(path: Path, content: Mapping[str, Any], name: str) -> gpd.GeoDataFrame:
    """A layer of a comparison (its folder, its ``comparison.json``), index ``id``.

    Raises
    ------
    NotFoundError
        ``result.no_layer``.
    """
    _require(name, content["layers"], f"comparison {path.name}")
    import geopandas as gpd

    return gpd.read_parquet(path / content["layers"][name]["frame"]).set_index("id")


def comparison_tiles(path: Path, content: Mapping[str, Any], name: str) -> TileSet:
    """Tiles of a comparison's layer; raises :class:`NotFoundError` (``result.no_layer``)."""
    return TileSet(served_version(path.name), (_all_tiles(_comparison_layer(path, content, name)),))


def comparison_pages(path: Path, content: Mapping[str, Any], name: str) -> BakedPages:
    """Features of a comparison's layer; raises :class:`NotFoundError` (``result.no_layer``)."""
    return _comparison_layer(path, content, name).pages


def _all_tiles(ready: _Ready) -> BakedTiles:
    """Tiles with all single values."""
    carried = [column.name for column in ready.layer.columns[1:] if column.dtype not in _NOT_IN_TILES]
    return ready.tiles(carried)


def _city_layer(city: City, name: str, fields: Collection[str]) -> _Ready:
    """The baked snapshot under the edits since; with a plan, what the layer would be, baked by itself."""
    version = _city_version(city, name)
    if any(edit.layer == name for edit in city.edits):
        schema, rows = city.schema(name), city.versions[name].rows
        visible = tuple(field for field in schema.fields if field.name in fields)
        return _framed(city.root, BakeSpec(name, visible, version), rows, partial(city.layer, name))

    def build() -> _Ready:
        layer = baked_layer(city, name, fields)
        return _Ready(layer, edits_of(city, name, layer), in_memory=False)

    return _ready.get((city.root, name, version, tuple(fields)), build)


def _result_layer(bundle: Bundle, name: str) -> _Ready:
    _require(name, bundle.content["layers"], f"run {bundle.run}")
    root, path = bundle.path.parents[1], bundle.path / "layers" / f"{name}.parquet"
    return _framed(root, BakeSpec(name, None, f"run:{bundle.run}"), _rows(path), partial(bundle.layer, name))


def _comparison_layer(path: Path, content: Mapping[str, Any], name: str) -> _Ready:
    _require(name, content["layers"], f"comparison {path.name}")
    rows = _rows(path / content["layers"][name]["frame"])
    spec = BakeSpec(name, None, f"comparison:{path.name}")
    return _framed(path.parents[1], spec, rows, partial(comparison_frame, path, content, name))


def _framed(root: Path, spec: BakeSpec, rows: int, read: _Read) -> _Ready:
    def build() -> _Ready:
        return _Ready(baked_frame(root, spec, rows, read), None, in_memory=rows <= SMALL)

    names = None if spec.fields is None else tuple(field.name for field in spec.fields)
    return _ready.get((root, spec.name, spec.version, names), build)


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


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
