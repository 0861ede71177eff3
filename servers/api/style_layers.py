"""What a plain map draws of each layer: the layers of a MapLibre style, from the ground up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cim_core.schema import LayerSchema

StyleLayer = dict[str, Any]

_COLOURS: Mapping[str, Mapping[str, str]] = {
    "light": {
        "land": "#f4f3ee", "water": "#a9cbe0", "parking": "#dfe3e8", "road": "#ffffff", "casing": "#b9b2a4",
        "major": "#f6d58a", "walk": "#b29a78", "rail": "#7d7d88", "building": "#d9d2c4", "poi": "#8a5a9e",
        "signal": "#c0392b", "restriction": "#b03a2e", "other": "#5b7f95",
    },
    "dark": {
        "land": "#161c22", "water": "#12384f", "parking": "#232d36", "road": "#46525c", "casing": "#0d1216",
        "major": "#8a7233", "walk": "#7d6a50", "rail": "#8b8b98", "building": "#3a4854", "poi": "#c39bd3",
        "signal": "#e57366", "restriction": "#d98880", "other": "#7fa9c2",
    },
}  # fmt: skip
_MAJOR = ["motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link"]
_ORDER = ("water", "parking", "roads", "walkways", "rail", "buildings", "restrictions", "signals", "pois")
"""From the ground up; layers of other names come after the railways."""
_BUILDINGS_FROM = 13.0
_DEFAULT_HEIGHT_M = 3.0


def style_layers(
    source: str, schemas: Mapping[str, LayerSchema], titles: Mapping[str, str], theme: str
) -> list[StyleLayer]:
    """Style layers for the layers of a city, in the order in which they are drawn.

    Parameters
    ----------
    source
        Name of the style's vector source; the layers in its tiles are called as the city's.
    schemas, titles
        Of the layers to draw.
    theme
        ``light`` or ``dark``.
    """
    colours = _COLOURS[theme]
    drawn = [{"id": "background", "type": "background", "paint": {"background-color": colours["land"]}}]
    for name in sorted(schemas, key=_place):
        common = {"source": source, "source-layer": name, "metadata": {"title": titles[name]}}
        for number, part in enumerate(_parts(name, schemas[name], colours)):
            drawn.append({"id": name if number == 0 else f"{name}-{number}", **common, **part})
    return drawn


def _place(name: str) -> tuple[int, str]:
    """Where a layer lies in the drawing order; unknown ones below the buildings."""
    return (_ORDER.index(name), "") if name in _ORDER else (_ORDER.index("buildings") - 1, name)


def _parts(name: str, schema: LayerSchema, colours: Mapping[str, str]) -> list[StyleLayer]:
    """What is drawn of one layer: by its name if it is a standard one, else by its geometry."""
    if name == "roads":
        return _roads(colours)
    if schema.field("height_m") is not None and schema.geometry == "Polygon":
        return [_filled(colours["building"]), _extruded(colours["building"])]  # QGIS 3.22 draws the first alone
    colour = colours[_COLOUR_OF.get(name, "other")]
    each = {"Polygon": _filled(colour), "LineString": _line(colour, 1.2), "Point": _circles(colour)}
    if schema.geometry in each:
        return [each[schema.geometry]]
    return [part | _only(kind) for kind, part in each.items()] if schema.geometry == "Any" else []


_COLOUR_OF = {
    "water": "water", "parking": "parking", "walkways": "walk", "rail": "rail",
    "pois": "poi", "signals": "signal", "restrictions": "restriction",
}  # fmt: skip


def _only(kind: str) -> StyleLayer:
    return {"filter": ["==", ["geometry-type"], kind]}


def _roads(colours: Mapping[str, str]) -> list[StyleLayer]:
    fill = ["match", ["get", "class"], _MAJOR, colours["major"], colours["road"]]
    return [_line(colours["casing"], 2.2), _line(fill, 1.4)]


def _line(colour: Any, width_px: float) -> StyleLayer:
    """A line ``width_px`` wide at zoom 12 that grows with the map."""
    width = [
        "interpolate",
        ["exponential", 1.5],
        ["zoom"],
        8,
        round(width_px / 3, 2),
        12,
        width_px,
        18,
        round(width_px * 6, 1),
    ]
    layout = {"line-cap": "round", "line-join": "round"}
    return {"type": "line", "layout": layout, "paint": {"line-color": colour, "line-width": width}}


def _filled(colour: str) -> StyleLayer:
    return {"type": "fill", "paint": {"fill-color": colour}}


def _circles(colour: str) -> StyleLayer:
    radius = ["interpolate", ["linear"], ["zoom"], 12, 2, 18, 6]
    return {"type": "circle", "paint": {"circle-color": colour, "circle-radius": radius}}


def _extruded(colour: str) -> StyleLayer:
    """Areas as high as their field ``height_m`` says, in metres above the ground."""
    height = ["coalesce", ["to-number", ["get", "height_m"]], _DEFAULT_HEIGHT_M]
    paint = {"fill-extrusion-color": colour, "fill-extrusion-height": height, "fill-extrusion-opacity": 0.85}
    return {"type": "fill-extrusion", "minzoom": _BUILDINGS_FROM, "paint": paint}
