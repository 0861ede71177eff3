"""Reports of runs and comparisons, with what surrounds an answer: measures in words, quiet layers, whose data."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cim_core.city import City
    from cim_core.compare import Comparison
    from cim_core.registry import Registry
    from cim_core.result import Bundle

BACKDROP = ("water", "roads")


def surroundings(city: City, registry: Registry, facts: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What a report shows besides the answer: the keyword arguments that both report writers share.

    ``facts`` are those of the run (of a comparison: of the side with the plan); they say whose data it stands on.
    """
    measures = {
        name: declared.title
        for record in registry.sound.values()
        if record.manifest is not None
        for name, declared in record.manifest.measures.items()
    }
    return {
        "measures": measures,
        "backdrop": backdrop(city),
        "attribution": "; ".join(facts.get("attribution", [])),
        "language": language,
    }


def backdrop(city: City) -> dict[str, Any]:
    """The layers that lie faintly under every map, as far as the city has them."""
    return {name: city.layer(name, columns=["class"]) for name in BACKDROP if city.has_layer(name)}


def write_run(city: City, registry: Registry, bundle: Bundle, folder: Path, language: str) -> Path:
    """Write a run's report into a folder and return the page's path."""
    from cim_core.report import write_run_report

    declaration = registry.analysis(bundle.content["analysis"])[1]
    around = surroundings(city, registry, bundle.content["facts"], language)
    return write_run_report(bundle, folder, declaration=declaration, **around)


def write_comparison(city: City, registry: Registry, comparison: Comparison, folder: Path, language: str) -> Path:
    """Write a comparison's report into a folder and return the page's path."""
    from cim_core.report import write_comparison_report

    content = comparison.content
    declaration = registry.analysis(content["analysis"])[1]
    around = surroundings(city, registry, content["facts"]["plan"], language)
    return write_comparison_report(content, folder, frames=comparison.path, declaration=declaration, **around)


def run_page(city: City, registry: Registry, bundle: Bundle, language: str) -> bytes:
    """A run's report as one HTML file's bytes."""
    with tempfile.TemporaryDirectory(prefix="cim-report-") as folder:
        return write_run(city, registry, bundle, Path(folder), language).read_bytes()


def comparison_page(city: City, registry: Registry, comparison: Comparison, language: str) -> bytes:
    """A comparison's report as one HTML file's bytes."""
    with tempfile.TemporaryDirectory(prefix="cim-report-") as folder:
        return write_comparison(city, registry, comparison, Path(folder), language).read_bytes()
