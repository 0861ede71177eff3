"""A MapLibre style of the city for other clients: plain, with every layer, in a light and a dark theme.

The page draws its own map; this one is for QGIS, for a page of somebody else's, for a look at the tiles.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from cim_core.city import City
from cim_core.errors import NotFoundError
from cim_core.schema import GRADES
from servers.api.content import json_response
from servers.api.documents import Document, Link
from servers.api.operations import Api, AtQuery, Call, operation
from servers.api.provenance import city_bounds, provenance, title_of
from servers.api.style_layers import style_layers
from servers.serving.layers import OPEN

STYLE = "city"
MEDIA_TYPE = "application/vnd.mapbox.style+json"
_LIST = "/api/styles"
_SOURCE = "city"


class StyleQuery(AtQuery):
    """Which colours."""

    theme: Literal["light", "dark"] = Field(default="light", description="colours: light or dark")


class StyleItem(Document):
    """A style in the list."""

    id: str
    title: str
    links: list[Link]


class StyleList(Document):
    """All styles."""

    styles: list[StyleItem]
    default: str
    links: list[Link]


class MapStyle(Document):
    """A style as MapLibre's style specification has it, version 8."""

    model_config = ConfigDict(frozen=True, extra="allow")

    version: Literal[8]
    name: str
    sources: dict[str, Any]
    layers: list[dict[str, Any]]


@operation("GET", _LIST, summary="Styles for maps of the city", tag="tiles", responses={200: StyleList})
def styles(call: Call) -> StyleList:
    """There is one, in two themes."""
    path = f"{_LIST}/{STYLE}"
    themes = [
        Link(href=call.url(path, theme=theme), rel="stylesheet", type=MEDIA_TYPE, title=f"MapLibre style, {theme}")
        for theme in ("light", "dark")
    ]
    one = StyleItem(id=STYLE, title=call.city.record.name, links=themes)
    own = Link(href=call.url(_LIST), rel="self", type="application/json")
    return StyleList(styles=[one], default=STYLE, links=[own])


@operation(
    "GET",
    f"{_LIST}/<style>",
    summary="A MapLibre style of the city",
    tag="tiles",
    query=StyleQuery,
    responses={200: (MapStyle, MEDIA_TYPE)},
)
def style(call: Call, style: str) -> Any:
    """Version 8, without text (no fonts are served): every layer that tiles show, buildings as high as they are."""
    if style != STYLE:
        raise NotFoundError(
            "styles.unknown",
            "there is no such style",
            where=_LIST,
            expected=STYLE,
            got=style[:80],
            remedy="take the one that GET /api/styles lists",
        )
    return json_response(map_style(call, call.city, call.query.theme), media_type=MEDIA_TYPE)


def map_style(call: Call, city: City, theme: str) -> dict[str, Any]:
    """The style document of a city for the one who asks: no layer in it that its tiles would not show."""
    known, box = provenance(call.context, city), city_bounds(city)
    shown = {name: city.schema(name) for name in sorted(city.versions) if _is_shown(call, city, name)}
    titles = {name: title_of(city.versions[name])[call.language] for name in shown}
    source = {"type": "vector", "url": call.url("/api/tiles/WebMercatorQuad", f="tilejson", at=call.query.at)}
    made: dict[str, Any] = {
        "version": 8,
        "name": city.record.name,
        "metadata": {"synthetic": known.synthetic, "attribution": known.attribution, "theme": theme},
        "sources": {_SOURCE: source},
        "layers": style_layers(_SOURCE, shown, titles, theme),
    }
    if box is not None:
        west, south, east, north = box
        made |= {"center": [(west + east) / 2, (south + north) / 2], "zoom": 14, "pitch": 45}
    return made


def _is_shown(call: Call, city: City, name: str) -> bool:
    if city.versions[name].kind != "layer" or not call.sees(name):
        return False
    return GRADES.index(city.schema(name).grade) <= GRADES.index(OPEN)


def register(api: Api) -> None:
    """Add the operations."""
    api.add(styles, style)
