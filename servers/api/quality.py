"""The quality report: what every import read, kept, repaired, dropped and assumed."""

from __future__ import annotations

from servers.api.documents import LayerQuality, QualityDocument
from servers.api.operations import Api, AtQuery, Call, operation
from servers.api.provenance import is_synthetic, provenance, quality_of, title_of


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
        rows.append(
            LayerQuality(
                collection=name,
                title=title_of(city.versions[name]),
                source=source.uri,
                importer=source.importer,
                synthetic=is_synthetic(source),
                **quality_of(source, name),
            )
        )
    return QualityDocument(layers=rows)


def register(api: Api) -> None:
    """Add the operation."""
    api.add(quality)
