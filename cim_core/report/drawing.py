"""A small SVG writer: elements as text, bilingual labels, compact paths from geometries."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

from cim_core.schema import Text


class Drawing:
    """An SVG under construction, ``width`` by ``height`` user units; colours come from the page's classes."""

    def __init__(self, width: float, height: float, title: Text, *, css: str = "") -> None:
        label = escape(f"{title.en} / {title.zh}")
        self._parts = [
            f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{label}" class="{css}" '
            'xmlns="http://www.w3.org/2000/svg">'
        ]

    def add(self, tag: str, css: str = "", **attributes: object) -> None:
        """One empty element; underscores in attribute names become hyphens, floats are rounded."""
        named = ({"class": css} if css else {}) | {key.replace("_", "-"): value for key, value in attributes.items()}
        self._parts.append(f"<{tag}" + "".join(f' {key}="{_short(value)}"' for key, value in named.items()) + "/>")

    def text(self, x: float, y: float, content: str | Text, css: str = "", anchor: str = "start") -> None:
        """A label; a bilingual one is written in both languages, and the page shows one."""
        for language in ("en", "zh") if isinstance(content, Text) else ("",):
            words = content[language] if isinstance(content, Text) else content
            classes = f"{language} {css}".strip()
            attributes = f'x="{_short(x)}" y="{_short(y)}" text-anchor="{anchor}" class="{classes}"'
            self._parts.append(f"<text {attributes}>{escape(words)}</text>")

    def markup(self) -> Markup:
        """The finished element."""
        return Markup("".join([*self._parts, "</svg>"]))  # noqa: S704 - all texts were escaped on the way in

    def __len__(self) -> int:
        return sum(map(len, self._parts))


def _short(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else escape(str(value))


def path_of(geometries: Sequence[Any] | NDArray[np.object_]) -> str:
    """Path data of points, lines and polygons whose coordinates are whole numbers; relative steps, repeats dropped.

    A point becomes a step of no length, which a round line cap shows as a dot.
    """
    return "".join(_part_path(part) for part in shapely.get_parts(np.asarray(geometries, dtype=object)))


def _part_path(part: Any) -> str:
    if part.is_empty:
        return ""
    if part.geom_type == "Polygon":
        rings = shapely.get_rings(np.array([part], dtype=object))
        return "".join(_steps(shapely.get_coordinates(ring)[:-1], 3, "z") for ring in rings)
    return _steps(shapely.get_coordinates(part), 1, "" if part.geom_type != "Point" else "h0")


def _steps(xy: NDArray[np.float64], least: int, close: str) -> str:
    whole = np.rint(xy).astype(int)
    moves = np.diff(whole, axis=0)
    moves = moves[(moves != 0).any(axis=1)]
    if len(moves) + 1 < least:
        return ""
    steps = "l" + " ".join(f"{x} {y}" for x, y in moves) if len(moves) else ""
    return f"M{whole[0][0]} {whole[0][1]}{steps}{close}".replace(" -", "-")
