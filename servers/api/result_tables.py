"""Tables of runs and comparisons over HTTP: pages and samples as columns of JSON, or CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Response

from servers import tables
from servers.api.content import REVALIDATE, json_response
from servers.api.models_results import TableQuery

if TYPE_CHECKING:
    import pandas as pd

    from cim_core.scenario import ColumnDeclaration

CSV = "text/csv"
_ROWS = 100


def table_response(
    frame: pd.DataFrame,
    query: TableQuery,
    *,
    name: str,
    title: Mapping[str, str],
    declared: Mapping[str, ColumnDeclaration],
    extra: Mapping[str, Mapping[str, Any]] | None = None,
    synthetic: bool = False,
) -> Response:
    """Part of a table. As CSV it is a file whose name says so where the data are synthetic."""
    everything = len(frame) if query.f == "csv" else _ROWS
    wanted = tables.Wanted(
        limit=query.limit or max(everything, 1),
        offset=query.offset,
        columns=query.columns,
        sort=query.sort,
        sample=query.sample,
        seed=query.seed,
    )
    part = tables.part_of(frame, wanted, f"table {name}")
    if query.f == "csv":
        return _csv(part.frame, f"{name}-synthetic" if synthetic else name)
    content = {
        "title": title,
        "columns": tables.column_rows(part.frame, declared, extra or {}),
        "rows": part.rows,
        "offset": query.offset if part.sampled_of is None else 0,
        "sampled_of": part.sampled_of,
        "data": {str(column): tables.json_values(part.frame[column]) for column in part.frame.columns},
    }
    return json_response(content)


def _csv(frame: pd.DataFrame, name: str) -> Response:
    response = Response(tables.as_csv(frame), mimetype=CSV)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = REVALIDATE  # its entity tag is that of the bytes
    return response
