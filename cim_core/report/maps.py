"""Maps as inline SVG: classes by colour and width, over a faint backdrop, with what a legend needs to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

from cim_core.report.drawing import Drawing, path_of
from cim_core.report.number_words import CLOCK_COLUMNS, clock, nice_step, number, shown, step_decimals
from cim_core.report.words import both
from cim_core.schema import Text

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]

WIDTH, HEIGHTS = 1000, (360, 760)
FINE = 10
"""Coordinates are written in tenths of a user unit."""
MOST_BYTES = 2_000_000
CLASSES = 7
_SHARES = (0.15, 0.35, 0.55, 0.75, 0.88, 0.96)
"""Shares of the features below each class edge: finer at the top, where the few that matter lie."""
_LINE_WIDTHS = np.linspace(0.9, 5.0, CLASSES)


@dataclass(frozen=True)
class Backdrop:
    """What lies under every map of a report, and the extent they share (west, south, east, north in the maps' CRS)."""

    layers: Mapping[str, gpd.GeoDataFrame]
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True)
class Map:
    """A drawn map with its legend: (CSS class, width in pixels, words) a class, and the length of its scale bar."""

    svg: Markup
    legend: list[tuple[str, float, Text]]
    unit: str
    kind: str
    """``line``, ``area`` or ``point``: the shape of the legend's samples."""
    scale_share: float
    """Length of the scale bar as a share of the map's width."""
    scale_words: str
    missing: int = 0
    """Features without a value, drawn grey."""
    grey: int = 0
    """Features without a clear difference, drawn grey."""


@dataclass(frozen=True)
class _View:
    """From metres to whole tenths of user units, y downwards."""

    west: float
    north: float
    scale: float
    height: float

    @classmethod
    def of(cls, bounds: Sequence[float]) -> _View:
        west, south, east, north = bounds
        width, height = max(east - west, 1.0), max(north - south, 1.0)
        wide = max(width, height * WIDTH / HEIGHTS[1]) * 1.06
        tall = float(np.clip(height * 1.06 * WIDTH / wide, *HEIGHTS))
        middle = (west + east) / 2, (south + north) / 2
        return cls(middle[0] - wide / 2, middle[1] + tall * wide / WIDTH / 2, WIDTH / wide, tall)

    def project(self, geometry: Any, tolerance: float) -> Any:
        """Geometries in view units, thinned to ``tolerance`` user units."""

        def to_view(xy: Floats) -> Floats:
            return np.column_stack([(xy[:, 0] - self.west), (self.north - xy[:, 1])]) * self.scale * FINE

        return shapely.simplify(shapely.transform(np.asarray(geometry, dtype=object), to_view), tolerance * FINE)


def result_map(frame: gpd.GeoDataFrame, column: str, unit: str, title: Text, backdrop: Backdrop) -> Map:
    """A column by colour (viridis), and by width for lines; the upper classes hold fewer features."""
    values = _numbers(frame, column, unit)
    few = np.unique(values[np.isfinite(values)])
    edges = few if 0 < len(few) <= CLASSES else class_edges(values)
    inner = edges[1:] if edges is few else edges[1:-1]
    classes = np.where(
        np.isfinite(values), np.searchsorted(inner, values, side="right" if edges is few else "left"), -1
    )
    marks = [clock(edge) for edge in edges] if column in CLOCK_COLUMNS else _labels(edges)
    words = [both(mark) for mark in marks] if edges is few else [_span(low, high) for low, high in pairwise(marks)]
    spread = np.rint(np.linspace(0, CLASSES - 1, len(words))).astype(int)
    legend = [(f"v{place}", float(_LINE_WIDTHS[place]), text) for place, text in zip(spread, words, strict=True)]
    return _draw(frame, classes, legend, unit=unit, title=title, backdrop=backdrop, missing=int((classes < 0).sum()))


def category_map(frame: gpd.GeoDataFrame, column: str, title: Text, backdrop: Backdrop) -> Map:
    """A column of names, each in a colour of its own; beyond seven the rarer ones share grey."""
    names = frame[column].astype("string")
    common = list(names.value_counts().index[:CLASSES])
    classes = names.map({name: place for place, name in enumerate(common)}).fillna(-1).to_numpy(dtype=np.int64)
    legend = [
        (f"c{place}", 2.2, both(f"{name} ({int((classes == place).sum())})")) for place, name in enumerate(common)
    ]
    return _draw(frame, classes, legend, unit="", title=title, backdrop=backdrop, missing=int((classes < 0).sum()))


def difference_map(frame: gpd.GeoDataFrame, column: str, unit: str, title: Text, backdrop: Backdrop) -> Map:
    """``<column>_difference`` from blue (less) over zero to orange (more); grey where ``<column>_clear`` is false."""
    values = _numbers(frame, f"{column}_difference", unit)
    clear = frame[f"{column}_clear"].to_numpy(bool) & np.isfinite(values) & (values != 0)
    step = nice_step(float(np.quantile(np.abs(values[clear]), 0.9)) if clear.any() else 1.0, 3)
    edges = np.array([-2 * step, -step, 0, step, 2 * step])
    classes = np.where(clear, np.searchsorted(edges, values, side="left"), -1)
    marks = _labels(edges, signed=True)
    words = [both(f"< {marks[0]}"), *(_span(low, high) for low, high in pairwise(marks)), both(f"> {marks[-1]}")]
    widths = (5.0, 3.6, 2.2, 2.2, 3.6, 5.0)
    legend = [(f"d{i}", width, text) for i, (width, text) in enumerate(zip(widths, words, strict=True))]
    missing = int((~np.isfinite(values)).sum())
    return _draw(
        frame,
        classes,
        legend,
        unit=unit,
        title=title,
        backdrop=backdrop,
        missing=missing,
        grey=int((~clear).sum()) - missing,
    )


def class_edges(values: Floats) -> Floats:
    """Class edges near quantiles (two figures above the least), each once, from the least to the largest value
    (rounded outwards)."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.array([0.0, 1.0])
    low, high = float(known.min()), float(known.max())
    step = nice_step((high - low) / 20 or abs(high) or 1.0, 5)
    ends = np.floor(low / step) * step, max(np.ceil(high / step), np.floor(low / step) + 1) * step
    inner = np.array([ends[0] + float(f"{edge - ends[0]:.2g}") for edge in np.quantile(known, _SHARES)])
    return np.unique(np.r_[ends, inner[(inner > ends[0]) & (inner < ends[1])]])


def _span(low: str, high: str) -> Text:
    return both(f"{low} to {high}", f"{low} 至 {high}")


def _labels(edges: Floats, *, signed: bool = False) -> list[str]:
    """Edges in as few decimals as tell them apart."""
    decimals = min(max(step_decimals(float(edge)) for edge in edges), 3)
    return [number(float(edge), decimals, signed=signed) for edge in edges]


def _numbers(frame: gpd.GeoDataFrame, column: str, unit: str) -> Floats:
    values = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(values * (shown(1.0, unit) or 1.0), dtype=np.float64)


def _draw(
    frame: gpd.GeoDataFrame,
    classes: NDArray[np.int64],
    legend: list[tuple[str, float, Text]],
    *,
    unit: str,
    title: Text,
    backdrop: Backdrop,
    missing: int = 0,
    grey: int = 0,
) -> Map:
    view = _View.of(backdrop.bounds)
    kind = _kind(frame)
    for tolerance in (0.3, 0.8, 2.0, 5.0, 12.0):
        drawing = Drawing(WIDTH, view.height, title, css=f"map {kind}")
        _draw_backdrop(drawing, view, backdrop, frame, tolerance)
        shapes = view.project(frame.geometry.values, tolerance)
        _draw_class(drawing, shapes[classes < 0], "none", 0.9)
        order = list(enumerate(legend))
        for position, (css, width, _) in order[:: -1 if kind == "area" else 1]:  # small areas may lie within large ones
            _draw_class(drawing, shapes[classes == position], css, width if kind != "point" else 7.0)
        if len(drawing) < MOST_BYTES:
            break
    metres = nice_step(WIDTH / view.scale / 6, 1)
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    return Map(drawing.markup(), legend, unit, kind, metres * view.scale / WIDTH, words, missing, grey)


def _draw_class(drawing: Drawing, shapes: NDArray[np.object_], css: str, width: float) -> None:
    data = path_of(shapes)
    if data:
        drawing.add("path", css, d=data, transform=f"scale({1 / FINE:g})", stroke_width=round(width * FINE, 1))


def _draw_backdrop(
    drawing: Drawing,
    view: _View,
    backdrop: Backdrop,
    frame: gpd.GeoDataFrame,
    tolerance: float,
) -> None:
    for name, layer in backdrop.layers.items():
        if len(layer):
            shapes = view.project(layer.to_crs(frame.crs).geometry.values, max(tolerance, 0.6))
            lines = shapes[shapely.get_dimensions(shapes) == 1]
            areas = shapes[shapely.get_dimensions(shapes) == 2]
            _draw_class(drawing, areas, f"back area {name}", 0.5)
            _draw_class(drawing, lines, f"back {name}", 6.0 if name == "water" else 0.8)


def _kind(frame: gpd.GeoDataFrame) -> str:
    if not len(frame):
        return "line"
    dimension = int(np.max(shapely.get_dimensions(np.asarray(frame.geometry.values))))
    return ("point", "line", "area")[max(dimension, 0)]
