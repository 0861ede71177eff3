"""Filters of features in CQL2 (OGC 21-065r2): from a client's text to a mask over the rows of a baked layer.

::

    found = parse_filter("height_m > 30 AND use = 'office'", "cql2-text", None, [("height_m", "float64"), …])
    mask = found.rows(layer, rows)
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from cim_core.canonical import canonical_json
from servers.serving.filter_check import Checker
from servers.serving.filter_faults import syntax, too_large, unknown_language
from servers.serving.filter_geometry import filter_system
from servers.serving.filter_rows import Budget, Condition, Junction, Look, Mask, Rows
from servers.serving.filter_spatial import SpatialTest
from servers.serving.filter_text import DEEPEST, Placed, text_tree
from servers.serving.web_mercator import Bounds

if TYPE_CHECKING:
    from servers.serving.baked.layout import BakedLayer

TEXT, JSON = "cql2-text", "cql2-json"
MOST_BYTES = {TEXT: 8_192, JSON: 32_768}
MOST_NODES = 500
MOST_VERTICES = 5_000
SECONDS = 2.0
QUERYABLE = frozenset({"string", "int64", "float64", "bool", "timestamp"})
"""Dtypes with single values; what is JSON or a list cannot be asked for."""
SLICE = 100_000
"""Rows between two looks at the clock."""
_MOST_BRACKETS = 2 * DEEPEST + 12
"""Each operation opens two brackets, a geometry some more."""
_IN_PREDICATE = 4
"""Operations within each other that one condition is, such as NOT (… IN (ACCENTI(CASEI(…)))), and the start."""
_CONTROL = re.compile(r"[\x00-\x06\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, eq=False)
class Filter:
    """A filter that has been checked against a layer's properties; of one request, whose time it counts.

    Attributes
    ----------
    canonical
        The same for filters that differ in spaces or in the case of keywords alone; for validators.
    """

    condition: Condition
    canonical: str
    budget: Budget = field(default_factory=lambda: Budget(SECONDS))
    _looks: dict[int, Look] = field(default_factory=dict)

    def rows(self, layer: BakedLayer, rows: Rows) -> Mask:
        """Which of some rows it selects: those for which it is true, neither false nor unknown.

        Raises
        ------
        ParameterError
            ``filters.too_slow`` once :data:`SECONDS` have passed since the first row.
        """
        look = self._looks.setdefault(id(layer), Look(layer, self.budget))
        self.budget.rows += len(rows)
        found = np.zeros(len(rows), dtype=bool)
        for begin in range(0, len(rows), SLICE):
            self.budget.check()
            some = rows[begin : begin + SLICE]
            found[begin : begin + SLICE], _ = self.condition.truth(look, some)
            self.budget.done += len(some)
        return found

    def box(self) -> Bounds | None:
        """(west, south, east, north) in degrees beyond which nothing is selected; None if there may be anything."""
        return _box(self.condition)


def parse_filter(text: str, lang: str, crs: str | None, columns: Sequence[tuple[str, str]]) -> Filter:
    """A filter as a client wrote it.

    Parameters
    ----------
    lang
        ``cql2-text`` or ``cql2-json``.
    crs
        URI of the system of its geometries (``filter-crs``), CRS84 if None.
    columns
        (name, dtype) of the layer's properties. Those that :data:`QUERYABLE` has the dtype of may be asked for, and
        ``geometry``.

    Raises
    ------
    ParameterError
        ``filters.syntax``, ``filters.too_large``, ``filters.not_supported``, ``filters.unknown_property``,
        ``filters.unlike``, ``filters.time``, ``filters.geometry``, ``filters.crs``, ``filters.language``.

    >>> parse_filter("levels >= 10", "cql2-text", None, [("levels", "int64")]).canonical
    '{"args":[{"property":"levels"},10.0],"op":">="}'
    """
    if lang not in MOST_BYTES:
        raise unknown_language(lang)
    system = filter_system(crs)
    _refuse_unclean(text, lang)
    tree = text_tree(text) if lang == TEXT else _json_tree(text)
    plain = _plain(tree)
    _refuse_large(plain)
    known = {name: dtype for name, dtype in columns if dtype in QUERYABLE}
    condition = Checker(known, system).condition(tree)
    shown = canonical_json(plain).decode()
    return Filter(condition, shown if crs is None else f"{shown} {system.uri}")


def _refuse_unclean(text: str, lang: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as fault:
        raise syntax(f"filter, character {fault.start + 1}", "Unicode text", "half a surrogate pair") from None
    if size > MOST_BYTES[lang]:
        raise too_large("filter", f"{MOST_BYTES[lang]:,} bytes at most", f"{size:,}")
    control = _CONTROL.search(text)
    if control:
        where = f"filter, character {control.start() + 1}"
        raise syntax(where, "text without control characters", f"U+{ord(control[0]):04X}")


def _json_tree(text: str) -> Any:
    deep = 0
    for sign in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        deep += (sign in ("[", "{")) - (sign in ("]", "}"))
        if deep > _MOST_BRACKETS:
            raise too_large("filter", f"{DEEPEST} conditions within each other at most", "more")
    try:
        return json.loads(text, parse_constant=_no_number)
    except ValueError as fault:
        raise syntax("filter", "a JSON object of op and args", str(fault)) from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number in JSON")


def _plain(tree: Any) -> Any:
    """Without places."""
    if isinstance(tree, Placed):
        return tree.tree
    if isinstance(tree, dict) and "args" in tree and isinstance(tree["args"], list):
        return tree | {"args": [_plain(each) for each in tree["args"]]}
    return tree


def _refuse_large(tree: Any) -> None:
    """Count operations and positions, and look into every text and number."""
    nodes = vertices = 0
    open_: list[tuple[Any, int]] = [(tree, 1)]
    while open_:
        one, depth = open_.pop()
        if isinstance(one, dict):
            nodes += 1
            depth += "op" in one
            open_ += [(each, depth) for pair in one.items() for each in pair]
        elif isinstance(one, list):
            vertices += bool(one) and isinstance(one[0], int | float)
            open_ += [(each, depth) for each in one]
        else:
            _refuse_value(one)
        if depth > DEEPEST + _IN_PREDICATE or nodes > MOST_NODES or vertices > MOST_VERTICES:
            expected = f"{DEEPEST} conditions within each other, {MOST_NODES} parts and {MOST_VERTICES:,} positions"
            raise too_large("filter", expected, "more")


def _refuse_value(value: Any) -> None:
    if isinstance(value, str):
        _refuse_unclean(value, JSON)
    elif isinstance(value, float) and not np.isfinite(value):
        raise syntax("filter", "numbers that double precision holds", str(value))
    elif isinstance(value, int) and value.bit_length() > 64:
        raise syntax("filter", "whole numbers of 64 bits", f"one of {value.bit_length()} bits")


def _box(condition: Condition) -> Bounds | None:
    if isinstance(condition, SpatialTest):
        return None if condition.relation == "s_disjoint" else condition.box
    if not isinstance(condition, Junction):
        return None
    boxes = [_box(part) for part in condition.parts]
    known = [box for box in boxes if box is not None]
    if condition.every:
        return _common(known)
    if len(known) < len(boxes):
        return None
    west, south, east, north = zip(*known, strict=True)
    return min(west), min(south), max(east), max(north)


def _common(boxes: Sequence[Bounds]) -> Bounds | None:
    """What all have in common; where that is nothing, one of them: it may be larger than it need be."""
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    common = (max(west), max(south), min(east), min(north))
    return common if common[0] <= common[2] and common[1] <= common[3] else boxes[0]
