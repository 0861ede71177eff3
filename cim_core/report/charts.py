"""Charts as inline SVG, about 460 by 260 user units each: histograms, before against after, lines over the day."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike, NDArray

from cim_core.report.drawing import Drawing
from cim_core.report.number_words import clock, nice_step, number, step_decimals, ticks
from cim_core.report.words import WORDS
from cim_core.schema import Text

Floats = NDArray[np.float64]

WIDTH, HEIGHT, SQUARE = 460.0, 260.0, 350.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 26.0, 14.0, 44.0
_FEW = 400
"""Up to so many pairs are drawn as points, more as a density."""


class _Axes:
    """A plot area with linear axes, gridlines, ticks and titles."""

    def __init__(self, title: Text, x: tuple[float, float], y: tuple[float, float], *, square: bool = False) -> None:
        self.height = SQUARE if square else HEIGHT
        self.right = _LEFT + self.height - _TOP - _BOTTOM if square else WIDTH - _RIGHT
        self.drawing = Drawing(WIDTH, self.height, title, css="chart")
        self._x, self._y = x, y

    def x(self, value: float) -> float:
        """User units of a value on the horizontal axis."""
        low, high = self._x
        return _LEFT + (value - low) / (high - low) * (self.right - _LEFT)

    def y(self, value: float) -> float:
        """User units of a value on the vertical axis."""
        low, high = self._y
        return self.height - _BOTTOM - (value - low) / (high - low) * (self.height - _TOP - _BOTTOM)

    def frame(self, x_title: Text, *, clocks: bool = False, steps: int = 5) -> None:
        """Gridlines and tick labels, and the horizontal axis' title."""
        for value, words in _labelled(*self._y, 4):
            self.drawing.add("line", "grid", x1=_LEFT, x2=self.right, y1=self.y(value), y2=self.y(value))
            self.drawing.text(_LEFT - 7, self.y(value) + 4, words, "tick", "end")
        hours = [(value, clock(value)) for value in _hours(*self._x)] if clocks else []
        for value, words in hours or _labelled(*self._x, steps):
            self.drawing.add("line", "grid", x1=self.x(value), x2=self.x(value), y1=_TOP, y2=self.height - _BOTTOM)
            self.drawing.text(self.x(value), self.height - _BOTTOM + 17, words, "tick", "middle")
        self.drawing.text((_LEFT + self.right) / 2, self.height - 6, x_title, "axis", "middle")


def _labelled(low: float, high: float, steps: int) -> list[tuple[float, str]]:
    decimals = step_decimals(nice_step(high - low, steps))
    return [(value, number(value, decimals)) for value in ticks(low, high, steps)]


def _hours(low: float, high: float) -> list[float]:
    step = next((s for s in (300, 600, 900, 1800, 3600, 7200, 14400) if (high - low) / s <= 7), 21600)
    return [float(s) for s in range(int(np.ceil(low / step)) * step, int(high) + 1, step)]


def histogram(values: ArrayLike, title: Text, x_title: Text, *, signed: bool = False) -> Markup:
    """Number of rows by value; the outermost 1 % on each side stand in the first and last bar.

    ``signed`` puts zero on an edge, and colours what lies below and above it differently.
    """
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    low, high = (float(q) for q in np.quantile(known, [0.01 if signed else 0.0, 0.99])) if len(known) else (0.0, 1.0)
    if signed:
        low, high = min(low, 0.0), max(high, 0.0)
    step = nice_step(max(high - low, 1e-9), 32)
    first = np.floor(min(low, 0.0 if low < step * 6 else low) / step) * step
    edges = first + step * np.arange(max(int(np.ceil((high - first) / step)), 1) + 1)
    counts, _ = np.histogram(np.clip(known, edges[0], edges[-1] - step / 1e6), edges)
    axes = _Axes(title, (float(edges[0]), float(edges[-1])), (0.0, float(max(counts.max(), 1)) * 1.05))
    axes.frame(x_title)
    for edge, count in zip(edges, counts, strict=False):
        if count:
            css = "bar" if not signed else "less" if edge + step / 2 < 0 else "more"
            x, top = axes.x(edge), axes.y(float(count))
            width = axes.x(edge + step) - x
            axes.drawing.add("rect", css, x=x + 0.5, y=top, width=max(width - 1, 0.5), height=axes.y(0) - top)
    return axes.drawing.markup()


def before_after(baseline: ArrayLike, plan: ArrayLike, title: Text, unit: str) -> Markup:
    """One point a pair, or a density of many; above the diagonal the plan's value is larger."""
    before, after = np.asarray(baseline, np.float64), np.asarray(plan, np.float64)
    known = np.isfinite(before) & np.isfinite(after)
    before, after = before[known], after[known]
    most = float(np.quantile(np.r_[before, after], 0.995)) if len(before) else 1.0
    span = (min(0.0, float(min(before.min(initial=0), after.min(initial=0)))), max(most, 1e-9) * 1.03)
    axes = _Axes(title, span, span, square=True)
    suffix = f" ({unit})" if unit else ""
    axes.frame(Text(en=f"{WORDS['before'].en}{suffix}", zh=f"{WORDS['before'].zh}{suffix}"), steps=4)
    if len(before) <= _FEW:
        inside = (before <= span[1]) & (after <= span[1])
        for x, y in zip(before[inside], after[inside], strict=True):
            axes.drawing.add("circle", "dot", cx=axes.x(x), cy=axes.y(y), r=2.6)
    else:
        _density(axes, before, after, span)
    ends = {"x1": axes.x(span[0]), "x2": axes.x(span[1]), "y1": axes.y(span[0]), "y2": axes.y(span[1])}
    axes.drawing.add("line", "diagonal", **ends)
    axes.drawing.text(_LEFT + 6, _TOP + 12, WORDS["after"], "axis")
    return axes.drawing.markup()


def _density(axes: _Axes, before: Floats, after: Floats, span: tuple[float, float]) -> None:
    cells = 44
    counts, edges, _ = np.histogram2d(before, after, bins=cells, range=[span, span])
    side = axes.x(edges[1]) - axes.x(edges[0])
    for i, j in np.argwhere(counts):
        weight = 0.15 + 0.85 * np.log1p(counts[i, j]) / np.log1p(counts.max())
        axes.drawing.add(
            "rect",
            "cell",
            x=axes.x(edges[i]),
            y=axes.y(edges[j + 1]),
            width=side,
            height=side,
            fill_opacity=float(weight),
        )


def over_the_day(seconds: ArrayLike, values: ArrayLike, title: Text) -> Markup:
    """A line over the time of day (seconds after midnight, ascending); gaps where there is no value."""
    time, series = np.asarray(seconds, np.float64), np.asarray(values, np.float64)
    known = series[np.isfinite(series)]
    span = float(time.min()), float(max(time.max(), time.min() + 60))
    axes = _Axes(title, span, (float(min(0.0, known.min(initial=0))), (float(known.max(initial=0)) or 1.0) * 1.08))
    axes.frame(WORDS["time_of_day"], clocks=True)
    breaks = np.flatnonzero(~np.isfinite(series))
    for part in np.split(np.arange(len(series)), breaks):
        points = [f"{axes.x(time[i]):.1f},{axes.y(series[i]):.1f}" for i in part if np.isfinite(series[i])]
        if len(points) == 1:
            x, y = points[0].split(",")
            axes.drawing.add("circle", "dot", cx=x, cy=y, r=2.6)
        elif points:
            axes.drawing.add("polyline", "line", points=" ".join(points))
    return axes.drawing.markup()
