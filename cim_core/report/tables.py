"""Tables as charts and as listings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from cim_core.report.charts import before_after, histogram, over_the_day
from cim_core.report.number_words import CLOCK_COLUMNS, clock, decimals_for, number, shown
from cim_core.report.words import WORDS, both, unit_words
from cim_core.schema import Text

if TYPE_CHECKING:
    from cim_core.scenario import ColumnDeclaration, TableDeclaration

ROWS_LISTED = 30


@dataclass(frozen=True)
class Chart:
    """A drawing under a title."""

    title: Text
    svg: Markup
    unit: Text
    note: Text | None = None


@dataclass(frozen=True)
class Listing:
    """A table's first rows as people read them."""

    title: Text
    heads: list[tuple[Text, Text, bool]]
    """Title, unit and whether it is a number, of each column."""
    rows: list[list[str]]
    total: int


def table_charts(frame: pd.DataFrame, declaration: TableDeclaration) -> list[Chart]:
    """Lines over the day where rows are of intervals (``begin_s``), else histograms of the compared columns.

    Where an interval has several rows (a road each), their mean is drawn, and the chart says so.
    """
    columns = {name: one for name, one in declaration.columns.items() if name in frame and _is_number(frame[name])}
    if "begin_s" in columns and frame["begin_s"].nunique() > 1:
        named = [name for name in columns if not name.startswith(("begin", "end"))]
        rows = frame.groupby("begin_s")[named].mean().reset_index()
        note = None if len(rows) == len(frame) else WORDS["mean_of_rows"]
        return [
            _chart(
                columns[name],
                over_the_day(rows["begin_s"], _values(rows[name], columns[name]), columns[name].title),
                note,
            )
            for name in named
            if rows[name].notna().any()
        ]
    return [
        _chart(one, histogram(_values(frame[name], one), one.title, _with_unit(one)))
        for name, one in columns.items()
        if one.compare and len(frame) > ROWS_LISTED
    ]


def change_charts(frame: pd.DataFrame, column: ColumnDeclaration) -> list[Chart]:
    """Before against after, and a histogram of the differences, of rows paired by a comparison."""
    if not frame["difference"].notna().any():
        return []
    unit = unit_words(column.unit)
    baseline, plan, difference = (_values(frame[name], column) for name in ("baseline", "plan", "difference"))
    title = Text(en=f"{column.title.en}: difference", zh=f"{column.title.zh}差值")
    return [
        Chart(column.title, before_after(baseline, plan, column.title, unit.en), unit),
        Chart(title, histogram(difference, title, _with_unit(column), signed=True), unit),
    ]


def _chart(column: ColumnDeclaration, svg: Markup, note: Text | None = None) -> Chart:
    return Chart(column.title, svg, unit_words(column.unit), note)


def _with_unit(column: ColumnDeclaration) -> Text:
    unit = unit_words(column.unit)
    return Text(**{tongue: column.title[tongue] + (f" ({unit[tongue]})" if unit.en else "") for tongue in ("en", "zh")})


def _values(column: pd.Series[Any], declaration: ColumnDeclaration) -> np.ndarray[Any, Any]:
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(values * (shown(1.0, declaration.unit) or 1.0))


def _is_number(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def listing(frame: pd.DataFrame, declaration: TableDeclaration) -> Listing:
    """The first rows, declared columns first, numbers in few digits, seconds of the day as clock times."""
    names = [name for name in declaration.columns if name in frame]
    names += [name for name in frame if name not in names]
    heads, columns = [], []
    for name in names:
        declared = declaration.columns.get(name)
        numeric, unit = _is_number(frame[name]), declared.unit if declared else ""
        as_clock = name in CLOCK_COLUMNS
        heads.append((declared.title if declared else both(name), both("") if as_clock else unit_words(unit), numeric))
        columns.append(_cells(frame[name].head(ROWS_LISTED), unit, numeric=numeric, as_clock=as_clock))
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Listing(declaration.title, heads, rows, len(frame))


def _cells(column: pd.Series[Any], unit: str, *, numeric: bool, as_clock: bool) -> list[str]:
    if not numeric:
        return ["" if one is None or one is pd.NA or one != one else str(one) for one in column]  # noqa: PLR0124
    values = [shown(None if pd.isna(one) else float(one), unit) for one in column]
    if as_clock:
        return ["–" if one is None else clock(one) for one in values]
    decimals = decimals_for(values)
    return [number(one, decimals) for one in values]
