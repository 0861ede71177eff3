"""What the API says of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from cim_core.canonical import content_hash
from cim_core.errors import InputError
from cim_core.store import tables as t
from servers.api import answers
from servers.api.asking import shown_parameters
from servers.api.declarations import declared_now

if TYPE_CHECKING:
    from cim_core.city import City
    from cim_core.registry import Registry
    from cim_core.result import Bundle

ELEVATION = "elevation"


def run_document(city: City, registry: Registry, bundle: Bundle) -> dict[str, Any]:
    """A run in full, a :class:`servers.api.models_results.RunDocument`."""
    content = bundle.content
    base = f"/api/runs/{bundle.run}"
    facts = content["facts"]
    replay, damage = _trajectories_or_warning(city, bundle)
    return {
        "run": bundle.run,
        "analysis": content["analysis"],
        "title": answers.title_of(registry, content["analysis"]),
        "parameters": shown_parameters(registry, content["analysis"], content["parameters"]),
        "plan": content["plan"],
        "seed": content["seed"],
        "sequence": content["sequence"],
        "experiment": _experiment(bundle),
        "figures": content["figures"],
        "layers": {name: _layer(registry, bundle, name, base) for name in content["layers"]},
        "tables": {name: _table(bundle, name, base) for name in content["tables"]},
        "files": {name: _file(bundle, name, base) for name in content["files"]},
        "trajectories": replay,
        "warnings": [*content["warnings"], *damage],
        "consequences": content.get("consequences", []),
        "unused_edits": content["unused_edits"],
        "facts": facts,
        "attribution": facts.get("attribution", []),
        "synthetic": bool(facts.get("synthetic", False)),
        "declaration": declared_now(registry, content["analysis"]),
        "finished_at": answers.finished_at(bundle.path / "result.json"),
        "seconds": content["seconds"],
        "links": [
            {"href": base, "rel": "self", "type": "application/json"},
            {"href": f"{base}/report", "rel": "alternate", "type": "text/html", "title": "report"},
            {"href": f"{base}/receipt", "rel": "describedby", "type": "application/json", "title": "receipt"},
            {"href": f"/api/processes/{content['analysis']}", "rel": "up", "type": "application/json"},
        ],
    }


def run_entries(city: City, registry: Registry, analysis: str | None, limit: int) -> list[dict[str, Any]]:
    """Runs whose bundle is there, newest first, each a :class:`servers.api.models_results.RunEntry`."""
    r = t.run.c
    query = select(r.hash, r.finished_at, r.seconds).order_by(r.finished_at.desc())
    if analysis is not None:
        query = query.where(r.analysis == analysis)
    found: list[dict[str, Any]] = []
    with city.database.read() as connection:
        rows = connection.execute(query.limit(limit)).all()
    for row in rows:
        if (city.root / "runs" / row.hash / "result.json").exists():
            bundle = answers.find_run(city.root, row.hash)
            found.append(_entry(registry, bundle, row.finished_at.isoformat(), row.seconds))
    return found


def _entry(registry: Registry, bundle: Bundle, finished_at: str, seconds: float) -> dict[str, Any]:
    content = bundle.content
    return {
        "run": bundle.run,
        "analysis": content["analysis"],
        "title": answers.title_of(registry, content["analysis"]),
        "plan": answers.plan_name(content["plan"]),
        "parameters": shown_parameters(registry, content["analysis"], content["parameters"]),
        "seed": content["seed"],
        "finished_at": finished_at,
        "seconds": seconds,
        "synthetic": bool(content["facts"].get("synthetic", False)),
    }


def trajectories(city: City, bundle: Bundle) -> dict[str, Any] | None:
    """Header of the run's trajectories and where their chunks are; None if it recorded none.

    Elevations are the city's of today: ``chunk_href`` changes with them.

    Raises
    ------
    InputError
        The file is damaged.
    """
    from servers.serving.frames import run_frames

    frames = run_frames(bundle, city)
    if frames is None:
        return None
    base = f"/api/runs/{bundle.run}/frames"
    return {**frames.header, "href": base, "chunk_href": f"{base}/{{chunk}}?v={frames_version(city, bundle)}"}


def frames_version(city: City, bundle: Bundle) -> str:
    """Names what the chunks of a run's replay follow from: format, run and elevations."""
    from servers.serving.frames import VERSION

    elevation = city.layer_hash(ELEVATION) if city.has_coverage(ELEVATION) else ""
    return content_hash([VERSION, bundle.run, elevation])[:32]


def _trajectories_or_warning(city: City, bundle: Bundle) -> tuple[dict[str, Any] | None, list[str]]:
    """A damaged file of positions takes nothing else of the run away."""
    try:
        return trajectories(city, bundle), []
    except InputError as fault:
        return None, [f"the replay cannot be shown: {fault.what}"]


def _layer(registry: Registry, bundle: Bundle, name: str, base: str) -> dict[str, Any]:
    facts = answers.layer_facts((bundle.run, name), lambda: bundle.layer(name))
    declared = answers.declaration_of(registry, bundle.content["analysis"])
    if facts["rows"] == 0 and declared is not None and name in declared.layers:
        facts = facts | {"geometry": declared.layers[name].geometry}  # nobody can see it in the rows
    return {
        **facts,
        "tilejson": f"{base}/layers/{name}/tiles/WebMercatorQuad",
        "href": f"{base}/layers/{name}/items",
        "picture": f"{base}/layers/{name}/map.png" if facts["columns"] else None,
    }


def _table(bundle: Bundle, name: str, base: str) -> dict[str, Any]:
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(bundle.path / "tables" / f"{name}.parquet")
    columns = [column for column in metadata.schema.to_arrow_schema().names if not column.startswith("__index_level")]
    return {"rows": metadata.num_rows, "columns": columns, "href": f"{base}/tables/{name}"}


def _file(bundle: Bundle, name: str, base: str) -> dict[str, Any]:
    return {"bytes": bundle.file(name).stat().st_size, "href": f"{base}/files/{name}"}


def receipt(bundle: Bundle) -> dict[str, Any]:
    """What the run stands on: hashes of snapshots, code, plan; versions of engines; parameters; seed."""
    content: dict[str, Any] = json.loads((bundle.path / "receipt.json").read_text(encoding="utf-8"))
    return content


def _experiment(bundle: Bundle) -> str:
    return content_hash({name: value for name, value in receipt(bundle)["key"].items() if name != "seed"})
