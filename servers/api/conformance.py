"""Which OGC conformance classes the API derives from: only those whose abstract tests the project's tests check."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from servers.api.documents import ConformanceDocument
from servers.api.operations import Api, Call, operation

LIST = Path(__file__).with_suffix(".toml")


@lru_cache(maxsize=1)
def conformance_classes() -> tuple[str, ...]:
    """The URIs of all classes listed in ``conformance.toml``, in its order.

    >>> "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in conformance_classes()
    True
    """
    content = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return tuple(one["base"] + name for one in content["standard"] for name in one["classes"])


@operation("GET", "/api/conformance", summary="Conformance classes", tag="start", responses={200: ConformanceDocument})
def conformance(call: Call) -> ConformanceDocument:
    """What the tests check, no more: derived from the standards, certified by nobody."""
    return ConformanceDocument(conformsTo=list(conformance_classes()))


def register(api: Api) -> None:
    """Add the operation."""
    api.add(conformance)
