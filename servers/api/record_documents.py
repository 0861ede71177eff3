"""Records of what the city holds, as OGC API Records (20-004r1) has them: GeoJSON features that describe something."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from cim_core.city import City
from cim_core.schema import Text
from cim_core.store.records import LayerVersion
from cim_core.trust.policy import decide
from servers.api import declarations
from servers.api.documents import CatalogueDocument, Document, Extent, Link, SpatialExtent
from servers.api.operations import Call
from servers.api.provenance import Degrees, Provenance, city_bounds, degrees, provenance, title_of

CATALOGUE = "catalogue"
PATH = f"/api/collections/{CATALOGUE}"
RECORD_CORE = "http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"
RECORD_COLLECTION = "http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-collection"
CATALOGUE_MEDIA = "application/ogc-catalog+json"
GEOJSON = "application/geo+json"
TITLES = Text(en="Catalogue", zh="目录")
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_LANGUAGES = {"en": {"code": "en", "name": "English"}, "zh": {"code": "zh", "name": "中文"}}
_LICENSES = (("ODbL", "ODbL-1.0"), ("CC BY-SA 4.0", "CC-BY-SA-4.0"), ("CC BY 4.0", "CC-BY-4.0"), ("CC0", "CC0-1.0"))
"""What an attribution says → SPDX identifier. A licence that is not said is not made up."""
RecordType = Literal["dataset", "coverage", "process", "plan"]


class Record(Document):
    """One record. What is not known is left out, never invented."""

    id: str
    type: Literal["Feature"] = "Feature"
    conformsTo: tuple[str, ...] = (RECORD_CORE,)  # noqa: N815 - the standard's name
    geometry: dict[str, Any] | None
    time: dict[str, Any] | None
    properties: dict[str, Any]
    links: list[Link]


class RecordCollection(Document):
    """A page of records."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Record]
    number_matched: int = Field(alias="numberMatched")
    number_returned: int = Field(alias="numberReturned")
    time_stamp: str = Field(alias="timeStamp")
    links: list[Link]


def catalogue_document(call: Call) -> CatalogueDocument:
    """What the list of collections and ``/api/collections/catalogue`` say of the catalogue."""
    city: City = call.city
    box = city_bounds(city)
    return CatalogueDocument(
        id=CATALOGUE,
        conformsTo=[RECORD_COLLECTION],
        crs=[_CRS84],
        title=TITLES[call.language],
        titles=TITLES,
        description="Records of the layers, coverages, processes and saved plans of the city",
        extent=None if box is None else Extent(spatial=SpatialExtent(bbox=[list(box)], crs=_CRS84)),
        synthetic=provenance(call.context, city).synthetic,
        links=[
            _link(call, PATH, "self", CATALOGUE_MEDIA),
            _link(call, PATH, "alternate", "application/json"),
            _link(call, f"{PATH}/items", "items", GEOJSON),
            _link(call, "/api/", "root", "application/json"),
        ],
    )


def records(call: Call) -> list[Record]:
    """All records that the asker may see: collections by name, then processes, then saved plans."""
    city: City = call.city
    known = provenance(call.context, city)
    collections = [
        _collection(call, city, known, one) for name, one in sorted(city.versions.items()) if call.sees(name)
    ]
    return collections + _processes(call, city) + _plans(call, city)


def _collection(call: Call, city: City, known: Provenance, layer: LayerVersion) -> Record:
    titles, source = title_of(layer).model_dump(), known.source(layer)
    path = f"/api/collections/{layer.name}"
    is_layer = layer.kind == "layer"
    found = {
        "type": "dataset" if is_layer else "coverage",
        "externalIds": [{"scheme": "snapshot", "value": layer.snapshot}],
        "keywords": _keywords(city, layer) if is_layer else [layer.name],
        "grade": city.schema(layer.name).grade if is_layer else "public",
        "formats": [{"name": name} for name in (_LAYER_FORMATS if is_layer else ("GeoTIFF", "PNG terrain tiles"))],
    }
    links = [_link(call, path, "describes", "application/json"), *_ways_to(call, path, is_layer)]
    imported = source.imported_at if source else None
    if source is not None:
        found |= {"synthetic": source.synthetic, "updated": _instant(imported)} | _rights(source.attribution)
    text = source.attribution if source else ""
    date = None if imported is None else {"date": imported.date().isoformat()}
    return _record(call, layer.name, titles, text, found, links=links, box=degrees(city, layer.bounds), time=date)


_LAYER_FORMATS = ("GeoJSON", "Mapbox Vector Tiles", "GeoPackage")


def _ways_to(call: Call, path: str, is_layer: bool) -> list[Link]:
    if not is_layer:
        return [_link(call, f"{path}/coverage", "item", "image/tiff")]
    return [
        _link(call, f"{path}/items", "items", GEOJSON),
        _link(call, f"{path}/tiles", "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", "application/json"),
        _link(call, f"{path}/export", "enclosure", "application/geopackage+sqlite3"),
    ]


def _keywords(city: City, layer: LayerVersion) -> list[str]:
    schema = city.schema(layer.name)
    return [layer.name, schema.geometry, *(field.name for field in schema.fields)]


def _rights(attribution: str) -> dict[str, Any]:
    """The licence if the attribution names one, and the attribution itself as the statement of rights."""
    named = next((spdx for words, spdx in _LICENSES if words in attribution), None)
    return {"rights": attribution or None, "license": named}


def _processes(call: Call, city: City) -> list[Record]:
    found = []
    for name in call.registry.analyses():
        if not _may_read(call, "process", name):
            continue
        one = declarations.summary(city, call.registry, name)
        path = f"/api/processes/{name}"
        about = {"type": "process", "keywords": [one["scenario"], name], "descriptions": one["descriptions"]}
        links = [_link(call, path, "describes", "application/json")]
        text = one["descriptions"][call.language]
        found.append(_record(call, f"process:{name}", one["titles"], text, about, links=links))
    return found


def _plans(call: Call, city: City) -> list[Record]:
    from cim_core.store import plans

    with city.database.read() as connection:
        saved = plans.newest(connection)
    found = []
    for plan in saved:
        if _may_read(call, "plan", plan.name):
            title = str(plan.content.get("title") or plan.name)
            about = {"type": "plan", "keywords": [plan.name], "updated": _instant(plan.at)}
            links = [_link(call, f"/api/plans/{plan.name}", "describes", "application/json")]
            date = {"date": plan.at.date().isoformat()}
            titles = {"en": title, "zh": title}
            found.append(_record(call, f"plan:{plan.name}", titles, "", about, links=links, time=date))
    return found


def _may_read(call: Call, kind: str, name: str) -> bool:
    return decide(call.subject, call.resource(kind, name), "read").allowed


def _record(
    call: Call,
    identifier: str,
    titles: dict[str, str],
    text: str,
    about: dict[str, Any],
    *,
    links: list[Link],
    box: Degrees | None = None,
    time: dict[str, Any] | None = None,
) -> Record:
    own = [
        _link(call, f"{PATH}/items/{identifier}", "self", GEOJSON),
        _link(call, PATH, "collection", CATALOGUE_MEDIA),
    ]
    words = {"title": titles[call.language], "titles": titles, "description": text or None}
    tongues = {"language": _LANGUAGES[call.language], "languages": list(_LANGUAGES.values())}
    known = {name: value for name, value in (words | about | tongues).items() if value is not None}
    return Record(id=identifier, geometry=_place(box), time=time, properties=known, links=own + links)


def _place(box: Degrees | None) -> dict[str, Any] | None:
    """The rectangle of a box; a point or a line if it has no area."""
    import shapely
    from shapely.geometry import mapping

    if box is None:
        return None
    west, south, east, north = box
    rectangle = shapely.envelope(shapely.MultiPoint([(west, south), (east, north)]))
    return dict(mapping(shapely.orient_polygons(rectangle)))


def _instant(value: Any) -> str | None:
    return None if value is None else value.isoformat().replace("+00:00", "Z")


def _link(call: Call, path: str, rel: str, kind: str) -> Link:
    return Link(href=call.url(path), rel=rel, type=kind)
