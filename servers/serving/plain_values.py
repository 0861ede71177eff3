"""Columns of frames as plain JSON values."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

_LEFT_OUT = (type(None), type(pd.NA), type(pd.NaT))


def plain_values(values: pd.Series, *, parse_json: bool = False) -> list[Any]:
    """Each value as JSON has it: missing and not finite → None, instants as ISO 8601, arrays as lists.

    ``parse_json`` takes texts for JSON documents; a text that is none stays a text.

    >>> plain_values(pd.Series([1.5, float("nan")]))
    [1.5, None]
    """
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iub":
        return list(values.tolist())
    if pd.api.types.is_float_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return [number if math.isfinite(number) else None for number in numbers.tolist()]
    found = [_plain(value) for value in values.astype(object)]
    return [plain_document(value) for value in found] if parse_json else found


def _plain(value: Any) -> Any:
    if isinstance(value, _LEFT_OUT) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, str | int | float):
        return value
    return next((convert(value) for kind, convert in _CONVERSIONS.items() if isinstance(value, kind)), str(value))


def _items(values: Iterable[Any]) -> list[Any]:
    return [_plain(item) for item in values]


_CONVERSIONS: dict[Any, Callable[[Any], Any]] = {
    np.ndarray: lambda value: _items(value.tolist()),
    np.generic: lambda value: _plain(value.item()),
    (datetime.datetime, datetime.date, datetime.time): lambda value: value.isoformat(),
    datetime.timedelta: lambda value: value.total_seconds(),
    dict: lambda value: {str(key): _plain(item) for key, item in value.items()},
    (list, tuple, set): _items,
}
"""Type → its plain form; numpy's before Python's, since some of numpy's are both."""


def plain_document(value: Any) -> Any:
    """The content of a text that is a JSON document, not finite numbers as None; what is none stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        return _plain(json.loads(value))
    except (ValueError, RecursionError):
        return value
