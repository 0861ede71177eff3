"""What the API says of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from servers.api import answers
from servers.api.asking import shown_parameters
from servers.api.declarations import declared_now

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from cim_core.compare import Comparison
    from cim_core.registry import Registry

PARTS = ("baseline", "plan", "difference")
_COUNTS = ("pairs", "gained", "lost", "unchanged", "only_baseline", "only_plan")


def comparison_document(registry: Registry, comparison: Comparison) -> dict[str, Any]:
    """A comparison in full, a :class:`servers.api.models_results.ComparisonDocument`."""
    content, base = comparison.content, f"/api/comparisons/{comparison.path.name}"
    provenance = provenance_of(comparison)
    return {
        "id": comparison.path.name,
        "title": answers.title_of(registry, content["analysis"]),
        **{name: content[name] for name in ("analysis", "plan", "against", "seeds", "runs", "stochastic", "figures")},
        "parameters": shown_parameters(registry, content["analysis"], content["parameters"]),
        "layers": {name: _layer(comparison, name, base) for name in content["layers"]},
        "tables": {name: _table(comparison, name, base) for name in content["tables"]},
        **{name: content[name] for name in ("warnings", "unused_edits", "unused_edits_against", "facts", "seconds")},
        **provenance,
        "declaration": declared_now(registry, content["analysis"]),
        "finished_at": answers.finished_at(comparison.path / "comparison.json"),
        "links": [
            {"href": base, "rel": "self", "type": "application/json"},
            {"href": f"{base}/report", "rel": "alternate", "type": "text/html", "title": "report"},
            {"href": f"/api/processes/{content['analysis']}", "rel": "up", "type": "application/json"},
            *({"href": f"/api/runs/{run}", "rel": "item"} for pair in content["runs"] for run in pair.values()),
        ],
    }


def comparison_entry(registry: Registry, comparison: Comparison) -> dict[str, Any]:
    """A comparison in a list."""
    content = comparison.content
    return {
        "id": comparison.path.name,
        "analysis": content["analysis"],
        "title": answers.title_of(registry, content["analysis"]),
        "plan": answers.plan_name(content["plan"]),
        "against": answers.plan_name(content["against"]),
        "parameters": shown_parameters(registry, content["analysis"], content["parameters"]),
        "seeds": len(content["seeds"]),
        "finished_at": answers.finished_at(comparison.path / "comparison.json"),
        "synthetic": provenance_of(comparison)["synthetic"],
    }


def provenance_of(comparison: Comparison) -> dict[str, Any]:
    """Whose data both sides stand on, and whether any of it is synthetic."""
    sides = list(comparison.content["facts"].values())
    return {
        "attribution": sorted({text for facts in sides for text in facts.get("attribution", [])}),
        "synthetic": any(facts.get("synthetic", False) for facts in sides),
    }


def layer_frame(comparison: Comparison, name: str) -> gpd.GeoDataFrame:
    """A compared layer, index ``id``; the name is one of its content's."""
    import geopandas as gpd

    return gpd.read_parquet(comparison.path / comparison.content["layers"][name]["frame"]).set_index("id")


def table_path(comparison: Comparison, name: str) -> Path:
    """The file of a compared table; the name is one of its content's."""
    return comparison.path / str(comparison.content["tables"][name]["frame"])


def _layer(comparison: Comparison, name: str, base: str) -> dict[str, Any]:
    found = comparison.content["layers"][name]
    shown = [f"{column}_{part}" for column in found["columns"] for part in PARTS]
    key = (comparison.path.name, name)
    facts = answers.layer_facts(key, lambda: layer_frame(comparison, name), shown)
    return {
        **{part: found[part] for part in ("columns", "rows", "new", "gone")},
        "bounds": facts["bounds"],
        "columns_stats": facts["columns"],
        "tilejson": f"{base}/layers/{name}/tiles/WebMercatorQuad",
        "href": f"{base}/layers/{name}/items",
        "picture": f"{base}/layers/{name}/map.png" if found["columns"] else None,
    }


def _table(comparison: Comparison, name: str, base: str) -> dict[str, Any]:
    import pyarrow.parquet as pq

    found = comparison.content["tables"][name]
    metadata = pq.read_metadata(table_path(comparison, name))
    return {
        **{part: found[part] for part in ("column", "unit", "tolerance", *_COUNTS)},
        "rows": metadata.num_rows,
        "pair_by": metadata.schema.to_arrow_schema().names[1],
        "href": f"{base}/tables/{name}",
    }
