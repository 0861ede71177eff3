"""The rows of figures: values with intervals, differences with verdicts and strips, and the accounting of demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cim_core.report.number_words import brief, decimals_for, number, probability, shown
from cim_core.report.words import VERDICTS, unit_words

if TYPE_CHECKING:
    from cim_core.result import Figure
    from cim_core.scenario import FigureDeclaration

_FULL_SCALE = 100.0
"""Per cent of the baseline at which the strip of differences ends."""

ACCOUNTING = (
    "arrived",
    "running",
    "removed",
    "waiting",
    "not_yet_due",
    "discarded",
    "unroutable",
    "beyond_window",
)
"""Parts that add up to ``demand``."""


def figure_rows(figures: Mapping[str, Figure], declared: Mapping[str, FigureDeclaration]) -> list[dict[str, Any]]:
    """One row a figure of a run, in the order of the declaration."""
    rows = []
    for name, declaration in declared.items():
        figure = figures[name]
        value, low, high = (shown(one, figure.unit) for one in (figure.value, figure.low, figure.high))
        half = (high - low) / 2 if low is not None and high is not None else None
        decimals = decimals_for([value], half)
        interval = "" if half is None else f"[{number(low, decimals)}, {number(high, decimals)}]"
        rows.append(_titled(declaration) | {"value": number(value, decimals), "interval": interval})
    return rows


def _titled(declaration: FigureDeclaration) -> dict[str, Any]:
    return {
        "title": declaration.title,
        "description": declaration.description,
        "unit": unit_words(declaration.unit),
        "better": declaration.better,
    }


def comparison_rows(
    figures: Mapping[str, Mapping[str, Any]], declared: Mapping[str, FigureDeclaration]
) -> tuple[list[dict[str, Any]], float]:
    """One row a figure of a comparison, and the per cent at which the strips of differences end."""
    shares = [share for figure in figures.values() for share in _shares(figure) if share is not None]
    largest = max((abs(share) for share in shares), default=0.0)
    full = float(min(max(largest * 1.08, 1.0), _FULL_SCALE))
    rows = [
        _titled(declaration)
        | _compared(figures[name], declaration.unit)
        | {"strip": _strip(figures[name], full), "judged": declaration.judged}
        for name, declaration in declared.items()
        if name in figures
    ]
    return rows, full


def _compared(figure: Mapping[str, Any], unit: str) -> dict[str, Any]:
    names = ("baseline", "plan", "difference", "low", "high")
    values = {name: shown(figure[name], unit) for name in names}
    low, high = values["low"], values["high"]
    half = (high - low) / 2 if low is not None and high is not None else None
    fine = decimals_for([values["baseline"], values["plan"], values["difference"]], half)
    coarse = min(fine, decimals_for([values["baseline"], values["plan"]], _thousandth(values)))
    words = {
        name: number(values[name], coarse if name in names[:2] else fine, signed=name in names[2:]) for name in names
    }
    mark, said = VERDICTS[figure["verdict"]]
    clear = figure["verdict"] not in ("no clear difference", "too few pairs")
    interval = f"[{words['low']}, {words['high']}]" if half else ""
    more = {
        "p": probability(figure["p_adjusted"]),
        "mark": mark,
        "verdict": said,
        "is_clear": clear,
        "interval": interval,
    }
    return words | more | {"css": str(figure["verdict"]).split()[0], "relative": _relative(figure)}


def _thousandth(values: Mapping[str, float | None]) -> float | None:
    """The scale at which the two sides are written with about five figures."""
    return max(abs(values[side] or 0.0) for side in ("baseline", "plan")) / 300 or None


def _relative(figure: Mapping[str, Any]) -> str:
    share = _shares(figure)[0]
    return "" if share is None else f"{number(share, decimals_for([share], abs(share) or None), signed=True)} %"


def _shares(figure: Mapping[str, Any]) -> list[float | None]:
    base = figure["baseline"]
    parts = [figure[name] for name in ("difference", "low", "high")]
    return [100 * part / abs(base) if base and part is not None else None for part in parts]


def _strip(figure: Mapping[str, Any], full: float) -> dict[str, Any] | None:
    """Places of dot and interval on a strip from -``full`` to +``full`` per cent, as 0 to 100; None without
    baseline."""
    shares = _shares(figure)
    if shares[0] is None:
        return None
    dot, low, high = (50 + 50 * min(max(s, -full), full) / full for s in (one or 0.0 for one in shares))
    has_interval = shares[1] is not None and shares[2] is not None
    return {
        "dot": dot,
        "low": low if has_interval else dot,
        "high": high if has_interval else dot,
        "off": abs(shares[0]) > full,
    }


def accounting(values: Mapping[str, float | None], declared: Mapping[str, FigureDeclaration]) -> list[dict[str, Any]]:
    """The parts that ``demand`` falls into, with their shares; empty where the analysis does not account for demand."""
    demand = values.get("demand")
    if not demand or any(values.get(name) is None for name in ACCOUNTING):
        return []
    return [
        {
            "css": f"a{position}",
            "title": declared[name].title,
            "value": brief(values[name]),
            "share": 100 * float(values[name] or 0.0) / demand,
        }
        for position, name in enumerate(ACCOUNTING)
        if values[name]
    ]


def headline(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The clear differences of the figures that a comparison is about, gains and losses first."""
    order = {"loss": 0, "gain": 0, "change": 1}
    return sorted((row for row in rows if row["is_clear"] and row["judged"]), key=lambda row: order.get(row["css"], 2))
