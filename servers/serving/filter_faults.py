"""What can be wrong with a filter, as errors that say where and what to do."""

from __future__ import annotations

from cim_core.errors import ParameterError

SHOWN = 120
"""Characters of a filter that an error repeats."""


def shown(text: object) -> str:
    """The beginning of what was sent."""
    words = str(text) or "nothing"
    return words if len(words) <= SHOWN else words[:SHOWN] + "…"


def too_large(where: str, expected: str, got: str) -> ParameterError:
    """It is longer, deeper or larger than a filter may be."""
    return ParameterError(
        "filters.too_large",
        "the filter is larger than the server evaluates",
        where=where,
        expected=expected,
        got=got,
        remedy="ask with a shorter filter, or with several requests",
    )


def syntax(where: str, expected: str, got: str) -> ParameterError:
    """It is no CQL2."""
    return ParameterError(
        "filters.syntax",
        "the filter is not CQL2",
        where=where,
        expected=expected,
        got=shown(got),
        remedy="mend it at that place; texts stand in 'single quotes', names with other signs in \"double\" ones",
    )


def not_supported(where: str, got: str) -> ParameterError:
    """CQL2 has it, and this server does not."""
    return ParameterError(
        "filters.not_supported",
        "the filter asks for what this server does not evaluate",
        where=where,
        expected="AND, OR, NOT; = <> < <= > >=, BETWEEN, IN, LIKE, IS NULL of a property and values; CASEI, ACCENTI; "
        "S_… of the geometry and one geometry; T_… of times",
        got=shown(got),
        remedy="write the condition with what is named; compare a property with values, not with a formula",
    )


def unknown_property(where: str, expected: str, got: str) -> ParameterError:
    """No queryable of this name."""
    return ParameterError(
        "filters.unknown_property",
        "the filter names a property that cannot be asked for",
        where=where,
        expected=expected,
        got=shown(got),
        remedy="take a name from the collection's queryables",
    )


def unlike(where: str, expected: str, got: str) -> ParameterError:
    """Sides that cannot be compared."""
    return ParameterError(
        "filters.unlike",
        "the filter compares what is not alike",
        where=where,
        expected=expected,
        got=shown(got),
        remedy="give a value of the property's type; the collection's queryables name the types",
    )


def bad_time(where: str, got: str) -> ParameterError:
    """No instant, date or interval."""
    return ParameterError(
        "filters.time",
        "the filter holds a time that is none",
        where=where,
        expected="TIMESTAMP('2026-01-31T08:00:00Z'), DATE('2026-01-31'), or an INTERVAL of two in order, "
        "'..' for an open end",
        got=shown(got),
        remedy="write the time as RFC 3339 has it, between the years 1 and 9999",
    )


def bad_geometry(where: str, expected: str, got: str) -> ParameterError:
    """No geometry that a map has."""
    return ParameterError(
        "filters.geometry",
        "the filter holds a geometry that is none",
        where=where,
        expected=expected,
        got=shown(got),
        remedy="mend the geometry; west to east and south to north, longitude before latitude unless filter-crs says "
        "otherwise; across the antimeridian ask twice",
    )


def unknown_crs(got: str) -> ParameterError:
    """``filter-crs`` is not one that is served."""
    return ParameterError(
        "filters.crs",
        "the reference system of the filter is not known",
        where="filter-crs",
        expected="http://www.opengis.net/def/crs/OGC/1.3/CRS84 or http://www.opengis.net/def/crs/EPSG/0/<code>",
        got=shown(got),
        remedy="take one of the collection's `crs`, or leave filter-crs out for longitude and latitude",
    )


def unknown_language(got: str) -> ParameterError:
    """``filter-lang`` is not one of the two."""
    return ParameterError(
        "filters.language",
        "the language of the filter is not known",
        where="filter-lang",
        expected="cql2-text or cql2-json",
        got=shown(got),
        remedy="leave it out for cql2-text",
    )


def too_slow(seconds: float, done: int, rows: int) -> ParameterError:
    """The time for one request is over."""
    return ParameterError(
        "filters.too_slow",
        "the filter takes longer than a request may",
        where="filter",
        expected=f"{seconds:g} seconds at most",
        got=f"{done:,} of {rows:,} features judged",
        remedy="add a bbox, or conditions that leave fewer features to look at",
    )
