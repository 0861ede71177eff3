"""Pictures of result layers for slides and letters: one PNG with legend, scale, north and source."""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cim_core.report.maps import class_edges
from cim_core.report.number_words import nice_step, number, shown

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_INCHES, _DPI = (8.0, 6.4), 200
_CJK = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Serif CJK SC", "Noto Serif CJK JP", "Source Han Sans SC",
        "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "PingFang SC", "Microsoft YaHei", "SimHei")  # fmt: skip
_DIVERGING = ("#0b559f", "#5b9bd0", "#b9d4ea", "#f3c99a", "#e08a2e", "#a34b00")
"""Less is blue, more is orange: both ends are told apart by those who see no red or no green."""
_CATEGORIES = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb")
_NO_VALUE = "#b5b5b5"
_FEW = 7
_turn = threading.Lock()
"""Matplotlib's font machinery is not made for threads."""
Kind = Literal["amount", "difference"]


@dataclass(frozen=True)
class Caption:
    """The words on a picture, in one language."""

    title: str
    column: str
    unit: str
    source: str
    synthetic: str = ""
    """The mark for made-up data; empty for real ones."""
    unclear: str = ""
    """What grey means on a map of differences."""


def chinese_fonts() -> bool:
    """Whether this machine can draw Chinese signs."""
    return _chinese_font() is not None


@lru_cache(maxsize=1)
def _chinese_font() -> str | None:
    from matplotlib import font_manager

    names = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _CJK if name in names), None)


def map_png(
    frame: gpd.GeoDataFrame, column: str, caption: Caption, under: Mapping[str, gpd.GeoDataFrame], kind: Kind = "amount"
) -> bytes:
    """Draw a column of a layer over quiet water and roads.

    Numbers are in classes near quantiles (viridis); a ``difference`` (``<column>_difference`` with
    ``<column>_clear``) is in classes either side of zero, grey where it is not clear; other columns are categories.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    fonts = [name for name in (_chinese_font(), "DejaVu Sans") if name]
    with _turn, rc_context({"font.family": fonts, "axes.unicode_minus": False, "text.parse_math": False}):
        figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.02, 0.15, 0.96, 0.77))
        _frame_axes(axes, frame)
        _draw_under(axes, frame, under)
        if kind == "difference":
            _draw_difference(figure, axes, frame, column, caption)
        elif _is_number(frame[column]):
            _draw_amount(figure, axes, frame, column, caption)
        else:
            _draw_categories(axes, frame, column)
        _draw_words(figure, axes, caption)
        stream = io.BytesIO()
        figure.savefig(stream, format="png", metadata={"Title": caption.title, "Source": caption.source})
        return stream.getvalue()


def _is_number(column: Any) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return bool(is_numeric_dtype(column) and not is_bool_dtype(column))


def _frame_axes(axes: Axes, frame: gpd.GeoDataFrame) -> None:
    """Metres of equal length both ways, the layer in the middle; drawing does not move it any more."""
    bounds = frame.total_bounds if len(frame) else np.full(4, np.nan)
    west, south, east, north = bounds if np.isfinite(bounds).all() else (0.0, 0.0, 1.0, 1.0)
    place = axes.get_position()
    shape = place.width * _INCHES[0] / (place.height * _INCHES[1])
    height = 1.08 * max(north - south, (east - west) / shape, 1.0)
    middle = (west + east) / 2, (south + north) / 2
    axes.set_xlim(middle[0] - height * shape / 2, middle[0] + height * shape / 2)
    axes.set_ylim(middle[1] - height / 2, middle[1] + height / 2)
    axes.autoscale(enable=False)
    axes.set_axis_off()


def _draw_under(axes: Axes, frame: gpd.GeoDataFrame, under: Mapping[str, gpd.GeoDataFrame]) -> None:
    looks = {"water": {"color": "#d6e6f2", "linewidth": 0.6}, "roads": {"color": "#dddddd", "linewidth": 0.4}}
    for name, layer in under.items():
        if len(layer):
            layer.to_crs(frame.crs).plot(ax=axes, zorder=1, aspect=None, **looks.get(name, looks["roads"]))


def _plot(axes: Axes, part: gpd.GeoDataFrame, color: Any, order: int, width: float = 1.6) -> None:
    if len(part):
        part.plot(ax=axes, color=color, linewidth=width, markersize=9, zorder=order, aspect=None)


def _in_classes(
    figure: Figure, frame: gpd.GeoDataFrame, values: NDArray[np.float64], edges: Any, colours: Any, *, words: str
) -> None:
    """Each class in its colour, the higher ones on top; a bar of the colours with the class edges."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap

    classes = np.clip(np.searchsorted(edges, values, side="left") - 1, 0, len(edges) - 2)
    for place in range(len(edges) - 1):
        _plot(figure.axes[0], frame[classes == place], colours[place], 3 + place)
    bar_axes = figure.add_axes((0.06, 0.105, 0.5, 0.022))
    mappable = ScalarMappable(BoundaryNorm(edges, len(edges) - 1), ListedColormap(list(colours)))
    bar = figure.colorbar(mappable, cax=bar_axes, orientation="horizontal", ticks=edges, spacing="uniform")
    bar.ax.set_xticklabels([number(float(edge), _decimals(edges)) for edge in edges], fontsize=7)
    bar.outline.set_linewidth(0.3)
    figure.text(0.06, 0.135, words, fontsize=8)


def _decimals(edges: Any) -> int:
    """So few that two edges never read alike."""
    step = float(np.min(np.diff(edges)))
    return int(np.clip(np.ceil(-np.log10(step)) if step > 0 else 0, 0, 4))


def _draw_amount(figure: Figure, axes: Axes, frame: gpd.GeoDataFrame, column: str, caption: Caption) -> None:
    from matplotlib import colormaps

    values = frame[column].to_numpy(dtype=np.float64, na_value=np.nan) * (shown(1.0, caption.unit) or 1.0)
    known = np.isfinite(values)
    _plot(axes, frame[~known], _NO_VALUE, 2, 0.8)
    few = np.unique(values[known])
    if len(few) <= _FEW:
        _draw_values(figure, frame[known], values[known], few, _with_unit(caption))
        return
    edges = class_edges(values)
    colours = colormaps["viridis"].reversed()(np.linspace(0.0, 1.0, len(edges) - 1))
    _in_classes(figure, frame[known], values[known], edges, colours, words=_with_unit(caption))


def _draw_values(figure: Figure, frame: gpd.GeoDataFrame, values: NDArray[np.float64], few: Any, words: str) -> None:
    """A handful of values, each in its colour and named in the legend."""
    from matplotlib import colormaps
    from matplotlib.patches import Patch

    colours = colormaps["viridis"].reversed()(np.linspace(0.1, 1.0, max(len(few), 1)))
    decimals = _decimals(few) if len(few) > 1 else 2
    for place, value in enumerate(few):
        _plot(figure.axes[0], frame[values == value], colours[place], 3 + place)
    handles = [Patch(color=colours[i], label=number(float(value), decimals)) for i, value in enumerate(few)]
    figure.text(0.06, 0.135, words, fontsize=8)
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.05, 0.13), ncols=4, fontsize=7, frameon=False)


def _draw_difference(figure: Figure, axes: Axes, frame: gpd.GeoDataFrame, column: str, caption: Caption) -> None:
    values = frame[f"{column}_difference"].to_numpy(dtype=np.float64, na_value=np.nan)
    values = values * (shown(1.0, caption.unit) or 1.0)
    clear = frame[f"{column}_clear"].to_numpy(bool) & np.isfinite(values) & (values != 0)
    _plot(axes, frame[~clear], _NO_VALUE, 2, 0.8)
    step = nice_step(float(np.quantile(np.abs(values[clear]), 0.9)) if clear.any() else 1.0, 3)
    most = max(float(np.abs(values[clear]).max()) if clear.any() else 0.0, 3 * step)
    edges = np.array([-most, -2 * step, -step, 0.0, step, 2 * step, most])
    _in_classes(figure, frame[clear], values[clear], edges, _DIVERGING, words=_with_unit(caption))
    figure.text(0.6, 0.105, "■", color=_NO_VALUE, fontsize=10)
    figure.text(0.625, 0.107, caption.unclear, fontsize=7)


def _draw_categories(axes: Axes, frame: gpd.GeoDataFrame, column: str) -> None:
    from matplotlib.patches import Patch

    names = frame[column].astype("string")
    common = list(names.value_counts().index[: len(_CATEGORIES) - 1])
    _plot(axes, frame[~names.isin(common)], _NO_VALUE, 2, 0.8)
    handles = []
    for place, name in enumerate(common):
        part = frame[(names == name).fillna(False).to_numpy(bool)]
        _plot(axes, part, _CATEGORIES[place], 3 + place)
        handles.append(Patch(color=_CATEGORIES[place], label=f"{name} ({len(part):,})"))
    if handles:
        axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.03, -0.01), ncols=4, fontsize=7, frameon=False)


def _with_unit(caption: Caption) -> str:
    unit = _symbol(caption.unit)
    return f"{caption.column} ({unit})" if unit else caption.column


def _symbol(unit: str) -> str:
    from cim_core.report.words import unit_words

    return unit_words(unit).en


def _draw_words(figure: Figure, axes: Axes, caption: Caption) -> None:
    figure.text(0.03, 0.945, caption.title, fontsize=13, fontweight="bold")
    figure.text(0.03, 0.025, caption.source, fontsize=6.5, color="#444444", wrap=True)
    if caption.synthetic:
        box = {"facecolor": "#fff3cd", "edgecolor": "#8a6d00", "boxstyle": "round,pad=0.35", "linewidth": 0.6}
        figure.text(0.97, 0.95, caption.synthetic, fontsize=9, ha="right", bbox=box, color="#5c4700")
    west, east = axes.get_xlim()
    length = nice_step((east - west) / 8, 1)
    share = length / (east - west) * axes.get_position().width
    figure.add_artist(_line(0.96 - share, 0.96, 0.112))
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    figure.text(0.96 - share / 2, 0.122, words, fontsize=7, ha="center")
    figure.text(0.965, 0.875, "N\n▲", fontsize=9, ha="center", linespacing=0.9)


def _line(left: float, right: float, height: float) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([left, right], [height, height], color="black", linewidth=1.4)
