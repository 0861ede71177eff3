"""The tree of CQL2 JSON to conditions: each name, type and value checked before anything is evaluated."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from servers.serving import filter_temporal as times
from servers.serving import filter_values as values
from servers.serving.baked.placing import ReferenceSystem
from servers.serving.filter_faults import bad_time, not_supported, syntax, unknown_property, unlike
from servers.serving.filter_geometry import is_geometry, stated_geometry
from servers.serving.filter_rows import GEOMETRY, Condition, Constant, IsNull, Junction, Not, ValueTest
from servers.serving.filter_spatial import CONVERSE, RELATIONS, SpatialTest
from servers.serving.filter_text import Placed

_WORDS = {"string": "a text", "int64": "a number", "float64": "a number", "bool": "true or false"}
_WORDS |= {"timestamp": "a TIMESTAMP or DATE", GEOMETRY: "a geometry"}
_MOST_EXACT = 2**53
"""Beyond it a number in CQL2 text is not exactly what was written."""


@dataclass(frozen=True)
class _Property:
    name: str
    dtype: str
    folds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checker:
    """Knows the properties that may be asked for (name → dtype), and the system of stated geometries."""

    columns: Mapping[str, str]
    system: ReferenceSystem

    def condition(self, tree: Any, place: str = "filter") -> Condition:
        """What a tree means; raises :class:`ParameterError`, its codes those of :mod:`filter_faults`."""
        if isinstance(tree, Placed):
            return self.condition(tree.tree, tree.place)
        if isinstance(tree, bool):
            return Constant(tree)
        if not isinstance(tree, dict) or not isinstance(tree.get("op"), str):
            if isinstance(tree, dict) and "property" in tree:
                self._property(tree, place)
                raise syntax(place, "a condition, such as: name = value", str(tree["property"]))
            raise syntax(place, "a condition", _said(tree))
        op, args = tree["op"], tree.get("args")
        if set(tree) != {"op", "args"} or not isinstance(args, list):
            raise syntax(place, "an object of op and args", ", ".join(map(str, tree)))
        return self._operation(op.lower(), args, place)

    def _operation(self, op: str, args: list[Any], place: str) -> Condition:
        if op in ("and", "or", "not"):
            _count(op, args, place, 1 if op == "not" else 2, 1 if op == "not" else len(args))
            parts = tuple(self.condition(each, f"{place}.args[{i}]") for i, each in enumerate(args))
            return Not(parts[0]) if op == "not" else Junction(parts, every=op == "and")
        if op == "isnull":
            return self._missing(args, place)
        if op in values.COMPARISONS:
            return self._comparison(op, args, place)
        if op in ("between", "in", "like"):
            return self._set(op, args, place)
        if op in RELATIONS:
            return self._spatial(op, args, place)
        if op in times.RELATIONS:
            _count(op, args, place, 2)
            return self._temporal(op, args[0], args[1], place)
        raise not_supported(place, op)

    def _missing(self, args: list[Any], place: str) -> Condition:
        _count("is null", args, place, 1)
        found = self._property(args[0], place)
        if found is None or found.folds:
            raise not_supported(place, f"IS NULL of {args[0]}")
        return IsNull(found.name)

    def _comparison(self, op: str, args: list[Any], place: str) -> Condition:
        _count(op, args, place, 2)
        left, right = args
        found = self._property(left, place)
        if found is None:
            found, right, op = self._property(right, place), left, values.CONVERSE[op]
        if found is None:
            raise not_supported(place, f"a comparison without a property: {left} {op} {right}")
        if found.dtype == "timestamp":
            return self._temporal(op, {"property": found.name}, right, place)
        if found.dtype == "string":
            return ValueTest(found.name, values.compare_texts(op, self._text(found, right, place), found.folds))
        return ValueTest(found.name, values.compare_numbers(op, self._number(found, right, place)))

    def _set(self, op: str, args: list[Any], place: str) -> Condition:
        _count(op, args, place, 3 if op == "between" else 2)
        found = self._property(args[0], place)
        if found is None:
            raise not_supported(place, f"{op.upper()} of what is no property")
        if op == "like":
            if found.dtype != "string":
                raise unlike(place, "LIKE of a property that holds texts", f"{found.name}, which holds {found.dtype}")
            return ValueTest(found.name, values.text_like(self._text(found, args[1], place), found.folds))
        if op == "between":
            if found.dtype not in ("int64", "float64"):
                raise unlike(place, "BETWEEN of a number; for times T_INTERSECTS with an INTERVAL", found.name)
            low, high = (self._number(found, each, place) for each in args[1:])
            return ValueTest(found.name, values.number_between(low, high))
        return self._in(found, args[1], place)

    def _in(self, found: _Property, listed: Any, place: str) -> Condition:
        if not isinstance(listed, list) or not listed:
            raise syntax(place, "IN with a list of one value or more", str(listed))
        if found.dtype == "timestamp":  # the standard's abstract test of IN has plain texts for times
            dated = [{"interval": [each, each]} if isinstance(each, str) else each for each in listed]
            equal = tuple(self._temporal("=", {"property": found.name}, each, place) for each in dated)
            return equal[0] if len(equal) == 1 else Junction(equal, every=False)
        if found.dtype == "string":
            texts = [self._text(found, each, place) for each in listed]
            return ValueTest(found.name, values.text_in(texts, found.folds))
        return ValueTest(found.name, values.number_in([self._number(found, each, place) for each in listed]))

    def _spatial(self, op: str, args: list[Any], place: str) -> Condition:
        _count(op, args, place, 2)
        left, right = args
        if is_geometry(left):
            left, right, op = right, left, CONVERSE.get(op, op)
        if not is_geometry(right):
            raise not_supported(place, f"{op.upper()} without a stated geometry")
        name = left.get("property") if isinstance(left, dict) and set(left) == {"property"} else None
        if name != GEOMETRY:
            raise unknown_property(place, f"the property {GEOMETRY}", str(name or left))
        return SpatialTest(op, stated_geometry(right, self.system, place), self.system)

    def _temporal(self, op: str, left: Any, right: Any, place: str) -> Condition:
        one, other = self._time(left, place), self._time(right, place)
        if isinstance(one, times.Period) and isinstance(other, times.Period):
            raise not_supported(place, "a comparison without a property")
        if op in times.OF_INTERVALS and not (_is_interval(one) or _is_interval(other)):
            raise unlike(place, f"an INTERVAL on one side of {op.upper()}", str(right))
        return times.TimeTest(op, one, other)

    def _time(self, tree: Any, place: str) -> times.Side:
        match tree:
            case {"interval": [{"property": _} as begin, {"property": _} as end]}:
                first, last = self._instants(begin, place), self._instants(end, place)
                return times.Properties(first, last)
            case {"property": _}:
                name = self._instants(tree, place)
                return times.Properties(name, name)
        found = times.period(tree, place)
        if found is None:
            if isinstance(tree, str):
                raise bad_time(place, f"the text {tree!r}")
            raise unlike(place, _WORDS["timestamp"], str(tree))
        return found

    def _instants(self, tree: Any, place: str) -> str:
        found = self._property(tree, place)
        if found is None or found.dtype != "timestamp":
            raise unlike(place, "a property that holds times", str(tree))
        return found.name

    def _property(self, tree: Any, place: str) -> _Property | None:
        """The property a node is, with the functions around it; None if it is none."""
        folds: list[str] = []
        while isinstance(tree, dict) and str(tree.get("op")).lower() in values.FOLDS:
            _count(tree["op"], tree.get("args"), place, 1)
            folds.append(tree["op"].lower())
            tree = tree["args"][0]
        if isinstance(tree, dict) and isinstance(tree.get("op"), str):
            raise not_supported(place, tree["op"])
        if not isinstance(tree, dict) or set(tree) != {"property"}:
            return None
        name = tree["property"]
        dtype = GEOMETRY if name == GEOMETRY else self.columns.get(name) if isinstance(name, str) else None
        if dtype is None:
            near = difflib.get_close_matches(str(name)[:100], list(self.columns), n=3, cutoff=0.5)
            raise unknown_property(place, ", ".join(near or sorted(self.columns)), str(name))
        if folds and dtype != "string":
            raise unlike(place, f"{folds[0].upper()} of a property that holds texts", f"{name}, which holds {dtype}")
        return _Property(name, dtype, tuple(folds))

    def _text(self, found: _Property, tree: Any, place: str) -> str:
        folds: list[str] = []
        while isinstance(tree, dict) and str(tree.get("op")).lower() in values.FOLDS:
            _count(tree["op"], tree.get("args"), place, 1)
            folds.append(tree["op"].lower())
            tree = tree["args"][0]
        if not isinstance(tree, str):
            self._refuse_value(found, tree, place)
        return values.folded(tree, folds)

    def _number(self, found: _Property, tree: Any, place: str) -> float:
        fits = isinstance(tree, bool) if found.dtype == "bool" else _is_number(tree)
        if found.dtype not in ("int64", "float64", "bool") or not fits:
            self._refuse_value(found, tree, place)
        if isinstance(tree, float) and found.dtype == "int64" and abs(tree) > _MOST_EXACT:
            raise unlike(place, "a whole number up to 2^53; in cql2-json larger ones too", f"{tree:g}")
        return float(tree) if isinstance(tree, float) else tree

    def _refuse_value(self, found: _Property, tree: Any, place: str) -> None:
        if tree is None:
            raise unlike(place, f"{found.name} IS NULL", "a comparison with NULL, which never holds")
        if isinstance(tree, dict) and "property" in tree:
            self._property(tree, place)
            raise not_supported(place, f"a comparison of two properties, {found.name} and {tree['property']}")
        if isinstance(tree, dict) and isinstance(tree.get("op"), str):
            raise not_supported(place, tree["op"])
        expected = _WORDS[found.dtype]
        raise unlike(place, f"{expected}, since {found.name} holds {found.dtype}", _said(tree))


def _is_interval(side: times.Side) -> bool:
    return side.first != side.last


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _said(value: Any) -> str:
    return f"the text {value!r}" if isinstance(value, str) else str(value)


def _count(op: str, args: Any, place: str, least: int, most: int | None = None) -> None:
    if not isinstance(args, list | tuple) or not least <= len(args) <= (most or least):
        size = len(args) if isinstance(args, Sequence) else "none"
        raise syntax(place, f"{op.upper()} of {least}{'' if most is None else ' or more'}", f"{size} arguments")
