"""Numbers as mappers write them: ``"30 m"``, ``"2;3"``, ``"98'6\\""``. Nothing here raises on any text."""

from __future__ import annotations

import math
import re

_METRES_PER_UNIT = {"": 1.0, "m": 1.0, "米": 1.0, "meter": 1.0, "metre": 1.0, "cm": 0.01, "km": 1000.0, "ft": 0.3048}
_NUMBER = re.compile(r"[+-]?\d{1,12}(?:[.,]\d{1,12})?", re.ASCII)
_LENGTH = re.compile(rf"({_NUMBER.pattern})\s*([a-z米]*?)s?", re.ASCII | re.IGNORECASE)
_FEET = re.compile(r"(\d{1,6})'\s*(?:(\d{1,2})\")?", re.ASCII)


def values(text: str | None) -> list[str]:
    """The values of a tag that may hold several, split at semicolons."""
    return [value.strip() for value in (text or "").split(";") if value.strip()]


def number(text: str | None) -> float | None:
    """A plain decimal number, or None for anything else.

    >>> number("2.5"), number("lots"), number("NaN")
    (2.5, None, None)
    """
    text = (text or "").strip()
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def whole(text: str | None) -> int | None:
    """A whole number, or None for anything else."""
    value = number(text)
    return int(value) if value is not None and math.isfinite(value) and value == int(value) else None


def metres(text: str | None) -> float | None:
    """A length in metres; ``m`` unless a unit (m, 米, cm, km, ft, feet and inches) is given.

    >>> metres("30 m"), metres("98'6\\"")
    (30.0, 30.0228)
    """
    text = (text or "").strip()
    if feet := _FEET.fullmatch(text):
        return round(int(feet[1]) * 0.3048 + int(feet[2] or 0) * 0.0254, 4)
    if (length := _LENGTH.fullmatch(text)) and length[2].lower() in _METRES_PER_UNIT:
        return float(length[1].replace(",", ".")) * _METRES_PER_UNIT[length[2].lower()]
    return None
