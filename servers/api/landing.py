"""Landing page, health, the city, its versions."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field

import cim_core
from servers.api.documents import (
    CityDocument,
    HealthDocument,
    LandingDocument,
    Link,
    VersionDocument,
)
from servers.api.operations import Api, AtQuery, Call, Query, operation
from servers.api.provenance import city_bounds, provenance
from servers.supervision import health as supervision

_DESCRIPTION = (
    "The city, its layers as features and tiles, questions to it as processes, plans, runs and comparisons. "
    "Derived from OGC API Common, Features, Tiles, Processes and Records; not certified."
)


_REL = "http://www.opengis.net/def/rel/ogc/1.0"
_JSON = "application/json"
_LINKS = (
    ("/api/", "self", _JSON, "this document"),
    ("/api/openapi.json", "service-desc", "application/vnd.oai.openapi+json;version=3.1", "the API for programs"),
    ("/api/docs", "service-doc", "text/html", "the API for people"),
    ("/api/conformance", "conformance", _JSON, "OGC conformance classes"),
    ("/api/conformance", f"{_REL}/conformance", _JSON, "OGC conformance classes"),
    ("/api/collections", "data", _JSON, "layers and coverages"),
    ("/api/collections", f"{_REL}/data", _JSON, "layers and coverages"),
    ("/api/collections/catalogue", f"{_REL}/ogc-catalog", _JSON, "records of all that is here"),
    ("/api/tiles", f"{_REL}/tilesets-vector", _JSON, "all layers as vector tiles"),
    ("/api/tileMatrixSets", f"{_REL}/tiling-schemes", _JSON, "tile matrix sets"),
    ("/api/styles", f"{_REL}/styles", _JSON, "styles for maps of the city"),
    ("/api/processes", f"{_REL}/processes", _JSON, "questions that can be asked"),
    ("/api/jobs", f"{_REL}/job-list", _JSON, "questions being answered"),
    ("/api/plans", "related", _JSON, "saved plans"),
    ("/", "alternate", "text/html", "the page"),
)
"""Path, relation, media type, title; some relations have an old and a new name (Features 1.0, Common 1.0)."""


@operation("GET", "/api/", summary="Landing page", tag="start", responses={200: LandingDocument})
def landing(call: Call) -> LandingDocument:
    """Where everything else is linked from."""
    links = [Link(href=call.url(path), rel=rel, type=kind, title=title) for path, rel, kind, title in _LINKS]
    return LandingDocument(title=call.city.record.name, description=_DESCRIPTION, links=links)


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
    api.add(landing, health, city, versions)
