"""A city's tiles as one PMTiles archive (version 3), which any static server or CDN hands out by byte ranges.

Only what is public goes in: an archive is copied, and nobody asks it who is reading. The same city gives the same
bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cim_core.errors import NotFoundError, ParameterError
from cim_core.schema import GRADES, Grade
from cim_core.store.files import flush, storage_faults
from servers.serving.layers import city_tiles
from servers.serving.web_mercator import BUFFER, DEEPEST, EXTENT, HALF_M, MERCATOR, Bounds, transformer

if TYPE_CHECKING:
    from cim_core.city import City
    from servers.serving.tilesets import TileSet

PUBLIC: Grade = "public"
MOST_TILES = 20_000_000
"""Addresses that are looked at: two hours or so at most."""
Progress = Callable[[float, str], None]


def write_pmtiles(
    city: City,
    target: Path,
    names: Sequence[str] | None = None,
    *,
    zooms: tuple[int, int],
    progress: Progress = lambda share, text: None,
) -> dict[str, Any]:
    """Write the tiles of layers, all public ones by default, between two zooms; written aside, then renamed.

    Returns ``tiles``, ``bytes``, ``layers`` and ``bounds``.

    Raises
    ------
    NotFoundError
        ``city.no_layer``; ``export.not_public`` for a layer of a higher grade; ``export.no_tiles``.
    ParameterError
        ``export.format``, ``export.zoom``, ``export.too_many_tiles``.
    """
    from pmtiles.tile import tileid_to_zxy
    from pmtiles.writer import Writer

    _require_form(target, zooms)
    chosen = sorted(set(names)) if names is not None else public_layers(city)
    for name in chosen:
        _require_public(city, name)
    if not chosen:
        raise _nothing(city, "no public layer")
    tiles = city_tiles(city, chosen, grade=PUBLIC)
    if tiles.bounds is None:
        raise _nothing(city, "no geometry")
    total = sum(len(columns) * len(rows) for columns, rows in map(partial(_ranges, tiles.bounds), _each(zooms)))
    if total > MOST_TILES:
        raise _too_many(total, zooms)
    aside = target.with_name(f".{target.name}.part")
    with storage_faults(target):
        try:
            with aside.open("wb") as stream:
                writer = Writer(stream)
                for number, tile_id in enumerate(tile_ids(tiles.bounds, zooms)):
                    if body := tiles.tile(*tileid_to_zxy(tile_id)):
                        writer.write_tile(tile_id, body)
                    if number % 256 == 0:
                        progress(number / total, f"{writer.addressed_tiles:,} tiles")
                if not writer.addressed_tiles:
                    raise _nothing(city, f"no tile between zoom {zooms[0]} and {zooms[1]}")
                writer.finalize(_header(tiles.bounds, zooms), _metadata(city, chosen, tiles))
            flush(aside)
            size = aside.stat().st_size
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    progress(1.0, "done")
    return {"tiles": writer.addressed_tiles, "bytes": size, "layers": chosen, "bounds": list(tiles.bounds)}


def public_layers(city: City) -> list[str]:
    """The layers that anybody may have, sorted by name."""
    layers = (name for name, version in city.versions.items() if version.kind == "layer")
    return sorted(name for name in layers if city.schema(name).grade == PUBLIC)


def tile_ids(bounds: Bounds, zooms: tuple[int, int]) -> Iterator[int]:
    """PMTiles ids of all tiles that may show something within bounds in degrees, ascending: along a Hilbert curve.

    A tile reaches a little beyond its sides, so the neighbours of the outermost count too.

    >>> list(tile_ids((106.5, 29.5, 106.6, 29.6), (0, 2)))
    [0, 4, 14]
    """
    from pmtiles.tile import zxy_to_tileid

    for z in _each(zooms):
        columns, rows = _ranges(bounds, z)
        yield from sorted(zxy_to_tileid(z, x, y) for x in columns for y in rows)


def _ranges(bounds: Bounds, z: int) -> tuple[range, range]:
    """Columns and rows."""
    west, south, east, north = transformer("EPSG:4326", MERCATOR).transform_bounds(*bounds)
    count, rim = 1 << z, BUFFER / EXTENT

    def span(low_m: float, high_m: float) -> range:
        low, high = ((value / (2 * HALF_M)) * count for value in (low_m, high_m))
        return range(max(floor(low - rim), 0), min(floor(high + rim), count - 1) + 1)

    return span(west + HALF_M, east + HALF_M), span(HALF_M - north, HALF_M - south)


def _each(zooms: tuple[int, int]) -> range:
    return range(zooms[0], zooms[1] + 1)


def _header(bounds: Bounds, zooms: tuple[int, int]) -> dict[str, Any]:
    from pmtiles.tile import Compression, TileType

    west, south, east, north = (round(value * 1e7) for value in bounds)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": min(max(14, zooms[0]), zooms[1]),
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }


def _metadata(city: City, names: Sequence[str], tiles: TileSet) -> dict[str, Any]:
    """What the specification and TileJSON 3.0 ask for, and whether any of it was made by a program."""
    sources = [source for name, source in sorted(city.sources().items()) if name in names]
    synthetic = any(source.parameters.get("synthetic", False) for source in sources)
    attribution = "; ".join(sorted({source.attribution for source in sources} - {""}))
    titles = {name: city.schema(name).title.en for name in names}
    layers = tiles.tilejson("", name=city.record.name, titles=titles)["vector_layers"]
    return {
        "name": city.record.name,
        "description": f"{'synthetic data; ' if synthetic else ''}version {city.sequence}",
        "attribution": attribution,
        "type": "overlay",
        "version": str(city.sequence),
        "synthetic": synthetic,
        "vector_layers": layers,
    }


def _require_form(target: Path, zooms: tuple[int, int]) -> None:
    if target.suffix.lower() != ".pmtiles":
        raise ParameterError(
            "export.format",
            "tiles are written as PMTiles",
            where=str(target),
            expected="a name that ends in .pmtiles",
            got=target.suffix or "no ending",
            remedy="name the file so",
        )
    if not 0 <= zooms[0] <= zooms[1] <= DEEPEST:
        raise ParameterError(
            "export.zoom",
            "these are no zooms",
            where="--zoom",
            expected=f"from-to between 0 and {DEEPEST}",
            got=f"{zooms[0]}-{zooms[1]}",
            remedy="0-16 has everything; deeper ones are drawn from zoom 16",
        )


def _require_public(city: City, name: str) -> None:
    grade = city.schema(name).grade
    if GRADES.index(grade) > GRADES.index(PUBLIC):
        raise NotFoundError(
            "export.not_public",
            f"the layer {name} is not public, so it does not go into an archive that anybody may copy",
            where=name,
            expected=", ".join(public_layers(city)) or "a public layer",
            got=grade,
            remedy="leave it out",
        )


def _nothing(city: City, got: str) -> NotFoundError:
    return NotFoundError(
        "export.no_tiles",
        "there is nothing to draw",
        where=str(city.root),
        expected="a public layer with geometry",
        got=got,
        remedy="choose other layers or deeper zooms; `cim info` lists what is there",
    )


def _too_many(total: int, zooms: tuple[int, int]) -> ParameterError:
    return ParameterError(
        "export.too_many_tiles",
        "the archive would have too many tiles",
        where="--zoom",
        expected=f"at most {MOST_TILES:,} addresses within the layers' bounds",
        got=f"{total:,} up to zoom {zooms[1]}",
        remedy="stop at a lower zoom: pages draw deeper ones from it; or see whether a layer has a feature far away",
    )
