"""Pictures of result layers: what they say, in whose words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Response
from pydantic import Field

from cim_core.errors import NotFoundError
from cim_core.schema import Text
from servers import reports
from servers.api import answers
from servers.api.comparison_documents import layer_frame, provenance_of
from servers.api.content import bytes_response
from servers.api.operations import Call, Query
from servers.serving.cache import BuiltOnce

if TYPE_CHECKING:
    import geopandas as gpd

    from cim_core.compare import Comparison
    from cim_core.result import Bundle
    from servers.pictures import Caption, Kind

PNG = "image/png"
_MOST_BYTES = 32 * 2**20
_pictures: BuiltOnce[bytes] = BuiltOnce(most=_MOST_BYTES, weight=len)
SYNTHETIC = Text(en="synthetic data", zh="虚构数据")
_DIFFERENCE = Text(en="difference", zh="差值")
_UNCLEAR = Text(en="no clear difference", zh="无明显差异")
_SOURCE = Text(en="Source", zh="数据来源")


class PictureQuery(Query):
    """Which column."""

    column: str | None = Field(default=None, max_length=100, description="by default the one that maps show first")


def run_picture(call: Call, bundle: Bundle, layer: str) -> Response:
    """A layer of a run by the column asked for."""
    content = bundle.content
    name = answers.named(layer, content["layers"], "layer", f"run {bundle.run}")
    frame = bundle.layer(name)
    columns = [str(one) for one in frame.columns if one != frame.geometry.name]
    column = _column(call, columns, _shown(call, content, name), name)
    caption = _caption(call, content, name, column, content["facts"])
    return _drawn(call, bundle.run, name, column, caption, lambda: frame, "amount")


def comparison_picture(call: Call, comparison: Comparison, layer: str) -> Response:
    """The differences of a compared column."""
    content = comparison.content
    name = answers.named(layer, content["layers"], "layer", f"comparison {comparison.path.name}")
    compared = content["layers"][name]["columns"]
    column = _column(call, compared, _shown(call, content, name), name)
    caption = _caption(call, content, name, column, provenance_of(comparison), change=True)
    read = partial(layer_frame, comparison, name)
    return _drawn(call, comparison.path.name, name, column, caption, read, "difference")


def _drawn(  # noqa: PLR0917
    call: Call, of: str, layer: str, column: str, caption: Caption, read: Callable[[], gpd.GeoDataFrame], kind: Kind
) -> Response:
    """Drawn once for what it shows: it takes a second of one thread at a time."""
    from servers.pictures import map_png

    city = call.city
    under = tuple(city.layer_hash(name) for name in reports.BACKDROP if city.has_layer(name))
    key = (of, layer, column, caption, under)
    body = _pictures.get(key, lambda: map_png(read(), column, caption, reports.backdrop(city), kind))
    return bytes_response(body, PNG)


def _shown(call: Call, content: Mapping[str, Any], layer: str) -> str | None:
    """The column that maps show first."""
    declared = answers.declaration_of(call.registry, content["analysis"])
    return declared.layers[layer].show if declared and layer in declared.layers else None


def _column(call: Call, columns: list[str], shown: str | None, layer: str) -> str:
    wanted = call.query.column or (shown if shown in columns else next(iter(columns), None))
    if wanted in columns:
        return str(wanted)
    raise NotFoundError(
        "result.no_column",
        "the layer has no such column to draw",
        where=f"layer {layer}",
        expected=", ".join(columns) or "no column at all",
        got=str(call.query.column or "none")[:200],
        remedy="use a column named",
    )


def _caption(
    call: Call, content: Mapping[str, Any], layer: str, column: str, facts: Mapping[str, Any], *, change: bool = False
) -> Caption:
    from servers.pictures import Caption, chinese_fonts

    language = call.language if chinese_fonts() else "en"
    declared, plan = answers.declaration_of(call.registry, content["analysis"]), content["plan"]
    one = declared.layers[layer].columns.get(column) if declared and layer in declared.layers else None
    title = answers.layer_title(call.registry, content["analysis"], layer)[language]
    words = one.title[language] if one else column
    return Caption(
        title=f"{title} · {plan.get('title') or plan['plan']}",
        column=f"{words}: {_DIFFERENCE[language]}" if change else words,
        unit=one.unit if one else "",
        source=f"{_SOURCE[language]}: {'; '.join(facts.get('attribution', [])) or '–'}",
        synthetic=SYNTHETIC[language] if facts.get("synthetic") else "",
        unclear=_UNCLEAR[language],
    )
