"""Landing page, conformance, health, the city, its versions."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field

import cim_core
from servers.api.documents import (
    CityDocument,
    ConformanceDocument,
    HealthDocument,
    LandingDocument,
    Link,
    VersionDocument,
)
from servers.api.operations import Api, AtQuery, Call, Query, operation
from servers.api.provenance import city_bounds, provenance
from servers.supervision import health as supervision

_OGC = "http://www.opengis.net/spec"
CONFORMANCE = [
    f"{_OGC}/ogcapi-common-1/1.0/conf/core",
    f"{_OGC}/ogcapi-common-2/1.0/conf/collections",
    f"{_OGC}/ogcapi-features-1/1.0/conf/core",
    f"{_OGC}/ogcapi-features-1/1.0/conf/geojson",
    f"{_OGC}/ogcapi-tiles-1/1.0/conf/core",
    f"{_OGC}/ogcapi-tiles-1/1.0/conf/tileset",
    f"{_OGC}/ogcapi-tiles-1/1.0/conf/mvt",
]
"""Derived from the standards and tested here; certified by nobody."""
_DESCRIPTION = (
    "The city, its layers as features and tiles, questions to it as processes, plans, runs and comparisons. "
    "Derived from OGC API Features, Tiles and Processes; not certified."
)


@operation("GET", "/api/", summary="Landing page", tag="start", responses={200: LandingDocument})
def landing(call: Call) -> LandingDocument:
    """Where everything else is linked from."""
    rows = [
        ("/api/", "self", "application/json", "this document"),
        ("/api/openapi.json", "service-desc", "application/vnd.oai.openapi+json;version=3.1", "the API for programs"),
        ("/api/docs", "service-doc", "text/html", "the API for people"),
        ("/api/conformance", "conformance", "application/json", "OGC conformance classes"),
        ("/api/collections", "data", "application/json", "layers and coverages"),
        ("/api/tiles/WebMercatorQuad", f"{_REL}/tilesets-vector", "application/json", "all layers as vector tiles"),
        ("/api/processes", f"{_REL}/processes", "application/json", "questions that can be asked"),
        ("/api/jobs", f"{_REL}/job-list", "application/json", "questions being answered"),
        ("/api/plans", "related", "application/json", "saved plans"),
        ("/", "alternate", "text/html", "the page"),
    ]
    links = [Link(href=call.url(path), rel=rel, type=kind, title=title) for path, rel, kind, title in rows]
    return LandingDocument(title=call.city.record.name, description=_DESCRIPTION, links=links)


_REL = "http://www.opengis.net/def/rel/ogc/1.0"


@operation("GET", "/api/conformance", summary="Conformance classes", tag="start", responses={200: ConformanceDocument})
def conformance(call: Call) -> ConformanceDocument:
    """What the tests check, no more."""
    return ConformanceDocument(conformsTo=CONFORMANCE)


@operation("GET", "/health", summary="Whether the server works", tag="start", responses={200: HealthDocument})
def health(call: Call) -> HealthDocument:
    """``degraded`` if a process beside the web workers is missing; a city that cannot be opened is a problem."""
    city = call.city
    found = supervision.processes(call.context.root)
    dead = any(not one["alive"] for one in found.values())
    return HealthDocument(
        status="degraded" if dead else "ok",
        version=cim_core.__version__,
        city=city.record.name,
        sequence=city.sequence,
        processes=found,
    )


@operation("GET", "/api/city", summary="The city", tag="city", query=AtQuery, responses={200: CityDocument})
def city(call: Call) -> CityDocument:
    """Name, version, extent, whose data it is."""
    found = call.city
    known, box = provenance(call.context, found), city_bounds(found)
    return CityDocument(
        id=found.record.id,
        name=found.record.name,
        sequence=found.sequence,
        timezone=found.timezone,
        crs=found.record.crs,
        bounds=None if box is None else list(box),
        synthetic=known.synthetic,
        attribution=known.attribution,
        software=f"cim-twin {cim_core.__version__}",
        language=call.language,
        collections=sorted(found.versions),
        now=datetime.now(ZoneInfo(found.timezone)),
    )


class VersionsQuery(Query):
    """How many versions."""

    limit: int = Field(default=100, ge=1, le=10_000, description="versions at most")


@operation(
    "GET",
    "/api/versions",
    summary="Versions of the city",
    tag="city",
    query=VersionsQuery,
    responses={200: list[VersionDocument]},
)
def versions(call: Call) -> list[VersionDocument]:
    """Every change of the city, newest first."""
    known = provenance(call.context, call.city).versions
    rows = sorted(known.values(), key=lambda row: -row["seq"])[: call.query.limit]
    return [
        VersionDocument(sequence=row["seq"], at=row["at"], author=row["author"], message=row["message"]) for row in rows
    ]


def register(api: Api) -> None:
    """Add the operations."""
    api.add(landing, conformance, health, city, versions)
