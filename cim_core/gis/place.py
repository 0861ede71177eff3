"""OpenStreetMap data of a named place, by network: OSMnx finds its outline, Overpass sends what lies within.

The addresses of both services are OSMnx's settings ``nominatim_url`` and ``overpass_url``.
"""

from __future__ import annotations

import contextlib
import http.client
import shutil
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import shapely

from cim_core.crs import geodesic_area_m2
from cim_core.errors import CimError, InputError, NotFoundError
from cim_core.gis.osm.places import CATEGORIES

Report = Callable[[float, str], None]
GEOCODE_TIMEOUT_S = 15
"""A network without a way out is known after this; Nominatim answers within a few seconds."""
QUERY_TIMEOUT_S = 300
"""What Overpass is allowed for one query."""
MARGIN_DEG = 0.0005
"""About 50 m: the outline is drawn simpler and wider by this, so that the query stays short and covers the place."""
_TAIL_BYTES = 4096
_ALTERNATIVE = "download an extract (download.geofabrik.de, export.openstreetmap.org) and `cim import osm FILE`"


@contextlib.contextmanager
def fetched(place: str, report: Report) -> Iterator[Path]:
    """A temporary OSM XML file of a place such as ``渝中区, 重庆``; removed at the end of the block.

    Raises
    ------
    InputError
        ``place.no_network``, ``place.refused`` (the service is busy or gives up), ``place.too_large``.
    NotFoundError
        ``place.not_found``: no area is called so.
    """
    report(0.0, "looking the place up")
    outline = place_outline(place)
    report(0.05, "downloading from OpenStreetMap")
    with tempfile.TemporaryDirectory(prefix="cim-place-") as folder:
        path = Path(folder) / f"{place.replace('/', '_')[:60]}.osm"
        _download(overpass_query(outline), path, place)
        yield path


def place_outline(place: str) -> shapely.Geometry:
    """Polygon or multipolygon of a place in degrees, as Nominatim has it."""
    import osmnx
    from osmnx._errors import InsufficientResponseError

    try:
        with _quick_and_uncached(osmnx.settings):
            found = osmnx.geocode_to_gdf(place)
    except OSError as fault:  # what requests raises for a network that does not answer is one
        _no_network(osmnx.settings.nominatim_url, fault)
    except (InsufficientResponseError, TypeError):  # no result, or none with an area
        raise _not_found(place) from None
    except (ValueError, KeyError) as fault:  # an answer that is not Nominatim's
        raise _refused(osmnx.settings.nominatim_url, str(fault)) from None
    outline: shapely.Geometry = found.geometry.iloc[0]
    _require_size(outline, place, osmnx.settings.max_query_area_size)
    return outline


def overpass_query(outline: shapely.Geometry) -> str:
    """Overpass QL for everything within an outline that the OSM importer reads, with the nodes of its ways."""
    wide = shapely.simplify(shapely.buffer(outline, MARGIN_DEG), MARGIN_DEG)
    rings = [part.exterior.coords for part in shapely.get_parts(wide)]
    selections = [
        *(f'way["{key}"]' for key in ("highway", "railway", "waterway")),
        'nwr["building"]',
        'nwr["natural"="water"]',
        'nwr["man_made"="bridge"]',
        'nwr["landuse"~"^(basin|reservoir)$"]',
        'node["highway"]',
        *(f'node["{key}"]' if key == "railway" else f'nwr["{key}"]' for key in CATEGORIES),
        'rel["type"~"^(restriction|bridge|tunnel)$"]',
    ]
    areas = [" ".join(f"{lat:.6f} {lon:.6f}" for lon, lat in ring) for ring in rings]
    wanted = "".join(f'{one}(poly:"{area}");' for area in areas for one in selections)
    return f"[out:xml][timeout:{QUERY_TIMEOUT_S}];({wanted});(._;>;);out body;"


@contextlib.contextmanager
def _quick_and_uncached(settings: Any) -> Iterator[None]:
    """OSMnx without its cache folder in the working directory, and with a short patience."""
    before = settings.use_cache, settings.requests_timeout
    settings.use_cache, settings.requests_timeout = False, GEOCODE_TIMEOUT_S
    try:
        yield
    finally:
        settings.use_cache, settings.requests_timeout = before


def _require_size(outline: shapely.Geometry, place: str, most_m2: float) -> None:
    area_m2 = float(geodesic_area_m2([outline])[0])
    if area_m2 > most_m2:
        raise InputError(
            "place.too_large",
            "the place is too large for the public service",
            where=place,
            expected=f"at most {most_m2 / 1e6:,.0f} km²",
            got=f"{area_m2 / 1e6:,.0f} km²",
            remedy=f"name a district of it, or {_ALTERNATIVE}",
        )


def _download(query: str, path: Path, place: str) -> None:
    from osmnx import settings

    address = settings.overpass_url.rstrip("/") + "/interpreter"
    body = urllib.parse.urlencode({"data": query}).encode()
    headers = {"User-Agent": settings.http_user_agent, "Referer": settings.http_referer}
    request = urllib.request.Request(address, body, headers)  # noqa: S310 - the address is a setting, not input
    try:
        with urllib.request.urlopen(request, timeout=QUERY_TIMEOUT_S) as answer, path.open("wb") as file:  # noqa: S310
            shutil.copyfileobj(answer, file)
    except urllib.error.HTTPError as fault:
        raise _refused(address, f"HTTP {fault.code} {fault.reason}") from None
    except (OSError, http.client.HTTPException) as fault:
        _no_network(address, fault)
    _check(path, address, place)


def _check(path: Path, address: str, place: str) -> None:
    """Overpass says HTTP 200 and explains in a remark at the end that it gave up; busy, it answers in HTML."""
    with path.open("rb") as file:
        head = file.read(_TAIL_BYTES)
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = file.read()
    if b"<osm" not in head:
        raise _refused(address, head.decode("utf-8", "replace")[:200].strip() or "an empty answer")
    _, remark, rest = tail.partition(b"<remark>")
    if remark:
        raise _refused(address, rest.partition(b"</remark>")[0].decode("utf-8", "replace").strip())
    if b"</osm>" not in tail:
        raise _refused(address, "an answer that is cut short")
    if b"<way " not in head and path.stat().st_size <= _TAIL_BYTES and b"<way " not in tail:
        raise _not_found(place)


def _no_network(address: str, fault: Exception) -> NoReturn:
    raise InputError(
        "place.no_network",
        "OpenStreetMap's services cannot be reached from here",
        where=address,
        expected="a way to the Internet (https_proxy is honoured)",
        got=_cause(fault),
        remedy=_ALTERNATIVE,
    ) from None


def _cause(fault: BaseException) -> str:
    """What the operating system said, beneath the errors that libraries wrap around it."""
    inner = getattr(fault, "reason", None) or next(iter(fault.args), None)
    return _cause(inner) if isinstance(inner, BaseException) else str(fault)[:200]


def _refused(address: str, got: str) -> CimError:
    return InputError(
        "place.refused",
        "the service did not give the data",
        where=address,
        expected="OpenStreetMap data",
        got=got,
        remedy=f"try again in some minutes, or {_ALTERNATIVE}",
    )


def _not_found(place: str) -> CimError:
    return NotFoundError(
        "place.not_found",
        f"OpenStreetMap has no area called {place!r}",
        where="--place",
        expected='the name of a district, town or city, e.g. "渝中区, 重庆"',
        got=place,
        remedy="look it up on openstreetmap.org and write it as there, from small to large",
    )
