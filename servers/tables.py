"""Pages and samples of tables, column by column: what the page's tables and scatter plots read."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cim_core.errors import NotFoundError, ParameterError

if TYPE_CHECKING:
    import pandas as pd

    from cim_core.scenario import ColumnDeclaration


@dataclass(frozen=True)
class Wanted:
    """Which part of a table: a page of the rows in order, or a random sample of them.

    ``sort`` is a column, with ``-`` before it for the largest first; rows without a value come last.
    """

    limit: int = 100
    offset: int = 0
    columns: Sequence[str] | None = None
    sort: str | None = None
    sample: int | None = None
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Part:
    """The rows asked for, out of ``rows`` (of which ``sampled_of`` were drawn from, for a sample)."""

    frame: pd.DataFrame
    rows: int
    sampled_of: int | None


def part_of(frame: pd.DataFrame, wanted: Wanted, where: str) -> Part:
    """Cut out what is wanted; raises :class:`NotFoundError` (``table.no_column``) for a column that is not there.

    A sample is drawn without replacement by the seed and keeps the order of the rows, so that the same request shows
    the same points.
    """
    rows = len(frame)
    names = list(frame.columns)
    for name in [*(wanted.columns or ()), *([wanted.sort.removeprefix("-")] if wanted.sort is not None else ())]:
        if name not in names:
            raise NotFoundError(
                "table.no_column",
                "the table has no such column",
                where=where,
                expected=", ".join(names),
                got=name[:200],
                remedy="use columns of the table",
            )
    shown = frame if wanted.sort is None else _sorted(frame, wanted.sort, where)
    if wanted.columns is not None:
        shown = shown[list(dict.fromkeys(wanted.columns))]
    if wanted.sample is None:
        return Part(shown.iloc[wanted.offset : wanted.offset + wanted.limit], rows, None)
    if rows > wanted.sample:
        drawn = np.random.default_rng(wanted.seed).choice(rows, size=wanted.sample, replace=False)
        shown = shown.iloc[np.sort(drawn)]
    return Part(shown, rows, rows)


def _sorted(frame: pd.DataFrame, sort: str, where: str) -> pd.DataFrame:
    name = sort.removeprefix("-")
    try:
        return frame.sort_values(name, ascending=not sort.startswith("-"), kind="stable", na_position="last")
    except TypeError as fault:
        raise ParameterError(
            "table.no_order",
            "rows cannot be put in order by this column",
            where=where,
            expected="a column of numbers or of texts",
            got=f"{name}: {fault}",
            remedy="sort by another column",
        ) from None


def json_values(column: pd.Series[Any]) -> list[Any]:
    """A column as JSON: what is missing or not finite is null, times are ISO 8601."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_integer_dtype(column):
        return [None if value is pd.NA else value for value in column.astype(object).tolist()]
    if pd.api.types.is_float_dtype(column):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return [value if math.isfinite(value) else None for value in values.tolist()]
    return [_plain(value) for value in column.tolist()]


def _plain(value: Any) -> Any:
    import pandas as pd

    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def dtype_of(column: pd.Series[Any]) -> str:
    """The name of a column's type as schemas call it: bool, int64, float64, timestamp or string."""
    import pandas as pd

    tests = (
        ("bool", pd.api.types.is_bool_dtype),
        ("int64", pd.api.types.is_integer_dtype),
        ("float64", pd.api.types.is_float_dtype),
        ("timestamp", pd.api.types.is_datetime64_any_dtype),
    )
    return next((name for name, test in tests if test(column)), "string")


def as_csv(frame: pd.DataFrame) -> bytes:
    """CSV with a header line, in UTF-8 with a byte order mark (spreadsheets read Chinese names right then).

    A text that a spreadsheet would take for a formula is led in by an apostrophe.
    """
    safe = frame.copy()
    for name in safe.columns:
        if dtype_of(safe[name]) == "string":
            safe[name] = [_harmless(value) for value in safe[name].tolist()]
    stream = io.StringIO()
    safe.to_csv(stream, index=False, lineterminator="\r\n")
    return stream.getvalue().encode("utf-8-sig")


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def with_classes(frame: pd.DataFrame, *, better: str, tolerance: float) -> pd.DataFrame:
    """A comparison's paired rows with ``class`` (:func:`cim_core.analysis.trips.change_classes`)."""
    from cim_core.analysis.trips import change_classes

    baseline, plan = (frame[side].to_numpy(np.float64, na_value=np.nan) for side in ("baseline", "plan"))
    towards: Literal["lower", "higher"] = "lower" if better == "lower" else "higher"
    return frame.assign(**{"class": change_classes(baseline, plan, better=towards, tolerance=tolerance)})


def column_rows(
    frame: pd.DataFrame, declared: Mapping[str, ColumnDeclaration], extra: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Name, title, unit and type of each column; ``extra`` says title and unit of those that are not declared."""
    from cim_core.units import symbol

    rows = []
    for name in map(str, frame.columns):
        one = declared.get(name)
        title = one.title.model_dump() if one else {"en": name, "zh": name}
        unit = one.unit if one else ""
        known = extra.get(name, {})
        unit = known.get("unit", unit)
        rows.append(
            {
                "name": name,
                "title": known.get("title", title),
                "unit": unit,
                "symbol": symbol(unit) if unit else "",
                "dtype": dtype_of(frame[name]),
            }
        )
    return rows
