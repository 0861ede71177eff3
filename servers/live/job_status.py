"""A job as the page and OGC API Processes see it: one form for the jobs' addresses and for the event stream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cim_core.errors import CimError
from cim_core.jobs import Job
from cim_core.registry import Registry
from servers.problems import document

STATUS = {
    "queued": "accepted",
    "running": "running",
    "succeeded": "successful",
    "failed": "failed",
    "cancelled": "dismissed",
}
RESULTS = "http://www.opengis.net/def/rel/ogc/1.0/results"
BASELINE = {"plan": "baseline"}


def status_info(job: Job, titles: Mapping[str, Mapping[str, str]], *, position: int | None = None) -> dict[str, Any]:
    """OGC ``statusInfo`` of a job, as plain JSON.

    Parameters
    ----------
    titles
        Analysis → its title in both languages (:func:`titles_of`).
    position
        Place in the queue, from 1; None if it does not wait.
    """
    request, result = job.request, job.result if job.state == "succeeded" else None
    compared = job.kind == "comparison"
    return {
        "jobID": job.id,
        "processID": job.analysis,
        "type": "process",
        "kind": job.kind,
        "status": STATUS[job.state],
        "progress": round(100 * min(1.0, max(0.0, job.progress))),
        "message": job.message,
        "created": job.queued_at.isoformat(),
        "started": _text(job.started_at),
        "finished": _text(job.finished_at),
        "updated": (job.updated_at or job.queued_at).isoformat(),
        "title": dict(titles.get(job.analysis) or {"en": job.analysis, "zh": job.analysis}),
        "plan": _plan(request.get("plan", BASELINE)),
        "against": _plan(request.get("against", BASELINE)) if compared else None,
        "seed": None if compared else request.get("seed"),
        "seeds": request.get("seeds") if compared else None,
        "run": None if compared else result,
        "comparison": result if compared else None,
        "parent": job.parent,
        "error": None if job.error is None else _problem(job),
        "links": _links(job),
        "position": position,
    }


def titles_of(registry: Registry) -> dict[str, Mapping[str, str]]:
    """Analysis → title in both languages."""
    return {name: declaration.title.model_dump() for name, declaration in registry.analyses().items()}


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _plan(content: Mapping[str, Any]) -> dict[str, str]:
    name = str(content.get("plan", "baseline"))
    return {"name": name, "title": str(content.get("title") or name)}


def _problem(job: Job) -> dict[str, Any]:
    return document(CimError.from_dict(dict(job.error or {})), instance=f"/api/jobs/{job.id}")


def _links(job: Job) -> list[dict[str, str]]:
    address = f"/api/jobs/{job.id}"
    links = [{"href": address, "rel": "self", "type": "application/json"}]
    if job.state == "succeeded":
        links.append({"href": f"{address}/results", "rel": RESULTS, "type": "application/json"})
    return links
