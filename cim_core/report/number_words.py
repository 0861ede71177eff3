"""Numbers as people read them: few digits, thousands apart, a true minus, per cent for ratios."""

from __future__ import annotations

import math
from collections.abc import Iterable

MISSING = "–"
CLOCK_COLUMNS = frozenset({"begin_s", "end_s", "depart_s"})
"""Columns of seconds after midnight that read as HH:MM."""


def shown(value: float | None, unit: str) -> float | None:
    """The value in the unit it is shown in (ratios in per cent); None if it is missing or not finite."""
    if value is None or not math.isfinite(value):
        return None
    return 100 * value if unit == "ratio" else float(value)


def decimals_for(values: Iterable[float | None], scale: float | None = None) -> int:
    """Decimals that show two figures of ``scale`` (an interval's half width), or three of the largest value; 0 to 3."""
    known = [abs(value) for value in values if value is not None and math.isfinite(value)]
    if all(value == round(value) for value in known) and not scale:
        return 0
    size, figures = (scale, 2) if scale else (max(known, default=0.0), 3)
    return 0 if not size else min(max(figures - 1 - math.floor(math.log10(size)), 0), 3)


def number(value: float | None, decimals: int, *, signed: bool = False) -> str:
    """Thousands apart by a comma; the minus is a minus; zero has no sign.

    >>> number(-1234.5, 1), number(0.2, 1, signed=True), number(None, 0)
    ('−1,234.5', '+0.2', '–')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{abs(value):,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        return text
    return ("−" if value < 0 else "+" if signed else "") + text


def brief(value: float | None, unit: str = "") -> str:
    """One number by itself, three figures at least."""
    plain = shown(value, unit)
    return number(plain, decimals_for([plain]))


def probability(p: float | None) -> str:
    """A p-value; below a thousandth it says so."""
    if p is None or not math.isfinite(p):
        return MISSING
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def nice_step(size: float, steps: int = 5) -> float:
    """A round number (1, 2, 2.5, 5 times a power of ten) that fits about ``steps`` times into ``size``."""
    if not size > 0 or not math.isfinite(size):
        return 1.0
    power = 10 ** math.floor(math.log10(size / steps))
    return float(next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor * steps >= size * 0.999))


def step_decimals(step: float) -> int:
    """Decimals that show multiples of a step exactly, at most 6.

    >>> [step_decimals(step) for step in (50.0, 2.5, 0.25)]
    [0, 1, 2]
    """
    return next((d for d in range(6) if math.isclose(step * 10**d, round(step * 10**d), rel_tol=1e-9)), 6)


def ticks(low: float, high: float, steps: int = 5) -> list[float]:
    """Round numbers from low to high."""
    step = nice_step(high - low, steps)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(step * position, 12) for position in range(first, last + 1)]


def clock(seconds: float) -> str:
    """Seconds after midnight as HH:MM."""
    return f"{int(seconds // 3600):02d}:{int(seconds % 3600 // 60):02d}"
