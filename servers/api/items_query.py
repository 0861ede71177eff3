"""What the addresses of features take: which ones, in which order, reference system and form."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from servers.api.item_formats import Form
from servers.api.operations import LARGEST_INTEGER, AtQuery, CommaList
from servers.serving.baked.formats import MOST_IN_A_FILE
from servers.serving.baked.placing import CRS84, CRS84H
from servers.serving.baked.selection import MOST_IN_A_PAGE, Interval

_LATITUDE_FIRST = "http://www.opengis.net/def/crs/EPSG/0/4326"


def _box(text: Any) -> Any:
    """Four numbers, or six of which the heights are left out (features are found by their ground plan)."""
    parts = text.split(",") if isinstance(text, str) else text
    return [parts[i] for i in (0, 1, 3, 4)] if len(parts) == 6 else parts


def _ordered(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = box
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("longitudes lie within ±180, latitudes within ±90, the south before the north")
    return box


AnyBox = Annotated[tuple[float, float, float, float], BeforeValidator(_box)]
"""Lower left and upper right corner in some reference system."""
Box = Annotated[AnyBox, AfterValidator(_ordered)]
"""``w,s,e,n`` in degrees. West beyond east crosses the antimeridian."""

_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$")


def _interval(text: str) -> str:
    interval(text)
    return text


def interval(text: str) -> Interval:
    """Begin and end of ``datetime``, both included; None for an open end, the same twice for an instant.

    Raises ``ValueError`` for what is none (OGC API Features 17-069r4, 7.15.4).
    """
    ends = text.split("/")
    if len(ends) > 2 or all(end in ("", "..") for end in ends):
        raise ValueError("an instant, or begin/end of which one may be ..")
    begin, end = (None if one in ("", "..") else _instant(one) for one in (ends[0], ends[-1]))
    if begin is not None and end is not None and begin > end:
        raise ValueError("the begin is not before the end")
    return begin, end


def _instant(text: str) -> datetime:
    if not _INSTANT.match(text):
        raise ValueError(f"{text[:40]!r} is no RFC 3339 instant such as 2026-01-31T08:00:00Z")
    return datetime.fromisoformat(text.upper())


Limit = Annotated[int, Field(ge=1), AfterValidator(lambda given: min(given, MOST_IN_A_PAGE))]
"""Features in one page; more than a page may hold is no error, the page is then as large as it may be (17-069r4,
requirement 22 C)."""
LIMIT_WORDS = f"features in one page, {MOST_IN_A_PAGE:,} at most: who asks for more is given that many"
_FILE_LIMIT_WORDS = f"{LIMIT_WORDS}; in other forms than GeoJSON {MOST_IN_A_FILE:,}"


class ItemsQuery(AtQuery):
    """Which features, and how."""

    bbox_crs: str | None = Field(
        default=None,
        alias="bbox-crs",
        max_length=2000,
        description="reference system of bbox, by URI; CRS84 by default",
    )
    bbox: AnyBox | None = Field(
        default=None,
        description="lower left, upper right corner in bbox-crs; by default west,south,east,north in degrees",
    )
    limit: Annotated[int, Field(ge=1), AfterValidator(lambda given: min(given, MOST_IN_A_FILE))] = Field(
        default=100, description=_FILE_LIMIT_WORDS
    )
    after: int | None = Field(default=None, ge=0, le=LARGEST_INTEGER, description="from the link to the next page")
    datetime: Annotated[str, AfterValidator(_interval)] | None = Field(
        default=None, description="instant or interval: features whose time is in it; those without time always are"
    )
    properties: CommaList | None = Field(default=None, description="only these fields")
    sortby: str | None = Field(
        default=None, min_length=1, max_length=1000, description="fields to sort by, + ascending, - descending"
    )
    filter: str | None = Field(default=None, description="which features, in the language of filter-lang")
    filter_lang: Literal["cql2-text", "cql2-json"] = Field(
        default="cql2-text", alias="filter-lang", description="language of filter"
    )
    filter_crs: str | None = Field(
        default=None, alias="filter-crs", max_length=2000, description="reference system of the filter's geometries"
    )
    crs: str | None = Field(
        default=None, max_length=2000, description="reference system of the answer, by URI; that of longitude, latitude"
    )
    skip_geometry: bool = Field(default=False, alias="skipGeometry", description="GeoJSON without the geometries")
    f: Form | None = Field(default=None, description="form of the answer; else by Accept, else GeoJSON")

    @field_validator("bbox")
    @classmethod
    def _degrees_in_order(cls, box: Any, info: ValidationInfo) -> Any:
        """What is no place on the earth is refused before anything is opened; other systems know their own limits."""
        named = info.data.get("bbox_crs")
        if box is not None and named in (None, CRS84.uri, CRS84H.uri):
            _ordered(box)
        elif box is not None and named == _LATITUDE_FIRST:
            _ordered((box[1], box[0], box[3], box[2]))
        return box


class ItemQuery(AtQuery):
    """As of when, and in which reference system."""

    crs: str | None = Field(
        default=None, max_length=2000, description="reference system of the answer, by URI; that of longitude, latitude"
    )
