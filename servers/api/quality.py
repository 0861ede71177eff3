"""The quality report: what every import read, kept, repaired, dropped and assumed."""

from __future__ import annotations

from typing import Any

from cim_core.city import City
from cim_core.schema import Text
from servers.api.assumptions import reason_text
from servers.api.documents import LayerQuality, QualityDocument
from servers.api.operations import Api, AtQuery, Call, operation
from servers.api.provenance import is_synthetic, provenance, quality_of, title_of

_COUNTED = ("repaired", "dropped", "assumed")


@operation(
    "GET",
    "/api/quality",
    summary="Quality report",
    tag="city",
    query=AtQuery,
    responses={200: QualityDocument},
)
def quality(call: Call) -> QualityDocument:
    """One row for each collection that has a source; warnings are those of the whole import."""
    city = call.city
    rows = []
    for name, source in sorted(provenance(call.context, city).sources.items()):
        if not call.sees(name):
            continue
        counts = quality_of(source, name)
        rows.append(
            LayerQuality(
                collection=name,
                title=title_of(city.versions[name]),
                source=source.uri,
                importer=source.importer,
                synthetic=is_synthetic(source),
                reasons=_in_words(city, name, counts),
                **counts,
            )
        )
    return QualityDocument(layers=rows)


def _in_words(city: City, name: str, counts: dict[str, Any]) -> dict[str, Text]:
    """Each reason, such as ``height_m: from levels``, with the field's title and known phrases in both languages."""
    is_layer = city.versions[name].kind != "coverage"
    titles = {field.name: field.title for field in city.schema(name).fields} if is_layer else {}
    return {reason: _worded(reason, titles) for kind in _COUNTED for reason in counts.get(kind, {})}


def _worded(reason: str, titles: dict[str, Text]) -> Text:
    field, colon, rest = reason.partition(": ")
    if not colon or field not in titles:
        return reason_text(reason)
    words, title = reason_text(rest), titles[field]
    return Text(en=f"{title.en}: {words.en}", zh=f"{title.zh}：{words.zh}")


def register(api: Api) -> None:
    """Add the operation."""
    api.add(quality)
