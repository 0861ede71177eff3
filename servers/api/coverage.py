"""Coverages: a piece of the raster as a picture or a GeoTIFF, and elevation as terrain tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from flask import Response
from pydantic import Field

from cim_core.city import City
from cim_core.errors import NotFoundError, ParameterError
from cim_core.gis.coverage import Coverage
from servers.api.collections import version_of
from servers.api.content import PUBLIC_IMMUTABLE, REVALIDATE, bytes_response
from servers.api.documents import TileJson
from servers.api.items_query import Box
from servers.api.operations import Api, AtQuery, Call, operation
from servers.api.provenance import degrees, provenance, title_of
from servers.api.tiles import TileQuery
from servers.serving.code_version import served_version
from servers.serving.coverage_pieces import coverage_piece
from servers.serving.terrain import terrain, terrain_picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PNG, TIFF = "image/png", "image/tiff"
MOST_ACROSS = 2048
MOST_PIXELS = 1024 * 1024
"""Of a whole picture: it costs a fifth of a second and a few megabytes."""
_TERRAIN = "/api/collections/<collection>/terrain"


class CoverageQuery(AtQuery):
    """Which piece, how large, in which form."""

    bbox: Box | None = Field(default=None, description="west,south,east,north in degrees; all of it by default")
    width: int = Field(default=512, ge=1, le=MOST_ACROSS, description="columns; a million pixels in all at most")
    height: int | None = Field(default=None, ge=1, le=MOST_ACROSS, description="rows; by the box's shape by default")
    f: Literal["png", "tiff"] = Field(default="tiff", description="tiff: values; png: a grey picture of them")


def _coverage(city: City, name: str) -> Coverage:
    version_of(city, name)
    return city.coverage(name)


@operation(
    "GET",
    "/api/collections/<collection>/coverage",
    summary="A piece of a coverage",
    tag="coverages",
    query=CoverageQuery,
    responses={200: [TIFF, PNG]},
    resource="collection",
)
def coverage(call: Call, collection: str) -> Response:
    """Values on a regular grid of degrees (bilinear). In a PNG black is the lowest value of the whole coverage."""
    city, query = call.city, call.query
    found = _coverage(city, collection)
    version = city.versions[collection]
    box = query.bbox or degrees(city, version.bounds)
    if box is None or box[0] >= box[2] or box[1] >= box[3]:
        raise _no_area(query.bbox)
    height = query.height or _height(query.width, box)
    if query.width * height > MOST_PIXELS:
        raise _too_many(query.width, height)
    values = coverage_piece(found.path, box, query.width, height)
    piece = f"{query.width}x{height}-{query.f}-" + "_".join(f"{edge:.9g}" for edge in box)
    etag = f"{served_version(version.snapshot)[:16]}-{piece}"
    if query.f == "png":
        low, high = version.schema.get("minimum", 0.0), version.schema.get("maximum", 1.0)
        return bytes_response(_picture(values, float(low), float(high)), PNG, etag=etag)
    return bytes_response(_geotiff(values, box), TIFF, etag=etag)


def _height(width: int, box: tuple[float, float, float, float]) -> int:
    """Rows of square pixels in degrees, as many as may be at most."""
    rows = round(width * (box[3] - box[1]) / (box[2] - box[0]))
    return min(max(rows, 1), MOST_ACROSS, MOST_PIXELS // width)


def _too_many(width: int, height: int) -> ParameterError:
    return ParameterError(
        "coverage.too_many_pixels",
        "the picture would have too many pixels",
        where="width and height",
        expected=f"at most {MOST_PIXELS:,} pixels in all",
        got=f"{width} × {height}",
        remedy="ask for fewer, or for one piece after the other with bbox",
    )


def _no_area(box: Any) -> ParameterError:
    return ParameterError(
        "coverage.no_area",
        "the box has no area",
        where="bbox",
        expected="west < east and south < north",
        got=str(box),
        remedy="leave bbox out for the whole coverage, or give a box",
    )


def _picture(values: NDArray[np.float32], low: float, high: float) -> bytes:
    import io

    import numpy as np
    from PIL import Image

    known = np.isfinite(values)
    share = np.clip((np.where(known, values, low) - low) / max(high - low, 1e-9), 0, 1)
    bands = np.stack([np.rint(255 * share), np.where(known, 255, 0)], axis=2).astype(np.uint8)
    target = io.BytesIO()
    Image.fromarray(bands, "LA").save(target, "PNG")
    return target.getvalue()


def _geotiff(values: NDArray[np.float32], box: tuple[float, float, float, float]) -> bytes:
    import numpy as np
    from rasterio.io import MemoryFile
    from rasterio.transform import from_bounds

    height, width = values.shape
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 1,
        "compress": "deflate",
        "zlevel": 1,
        "nodata": float("nan"),
    }
    with MemoryFile() as memory:
        with memory.open(
            width=width, height=height, crs="EPSG:4326", transform=from_bounds(*box, width, height), **profile
        ) as raster:
            raster.write(values.astype(np.float32), 1)
        return bytes(memory.read())


@operation(
    "GET",
    _TERRAIN,
    summary="TileJSON of the terrain",
    tag="coverages",
    query=AtQuery,
    responses={200: TileJson},
    resource="collection",
)
def tileset(call: Call, collection: str) -> dict[str, Any]:
    """A ``raster-dem`` source in Terrarium code."""
    city = call.city
    found = _coverage(city, collection)
    version = city.versions[collection]
    source = provenance(call.context, city).sources.get(collection)
    path = f"/api/collections/{collection}/terrain"
    template = call.url(
        f"{path}/WebMercatorQuad/{{z}}/{{y}}/{{x}}", v=served_version(version.snapshot), at=call.query.at
    )
    made = terrain(found.path).tilejson(
        template, name=title_of(version)[call.language], attribution=source.attribution if source else ""
    )
    return made | {"links": [{"href": call.url(path), "rel": "self", "type": "application/json"}]}


@operation(
    "GET",
    _TERRAIN + "/WebMercatorQuad/<int:z>/<int:row>/<int:col>",
    summary="One terrain tile",
    tag="coverages",
    query=TileQuery,
    responses={200: PNG},
    resource="collection",
)
def tile(call: Call, collection: str, z: int, row: int, col: int) -> Response:
    """Elevation in metres = red · 256 + green + blue / 256 − 32768."""
    city = call.city
    found = _coverage(city, collection)
    version = served_version(city.versions[collection].snapshot)
    deepest = terrain(found.path).max_zoom
    if z > deepest:
        raise NotFoundError(
            "terrain.too_deep",
            "there is no terrain tile so deep",
            where=f"zoom {z}",
            expected=f"zoom 0 to {deepest}",
            got=str(z),
            remedy="interpolate the deepest tiles",
        )
    body = terrain_picture(found.path, z, col, row)
    cache = PUBLIC_IMMUTABLE if call.query.v == version else REVALIDATE
    return bytes_response(body, PNG, etag=f"{version[:24]}-{z}-{row}-{col}", cache=cache)


def register(api: Api) -> None:
    """Add the operations."""
    api.add(coverage, tileset, tile)
