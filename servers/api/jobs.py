"""Jobs: the queue as the page sees it, cancel and results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response

from cim_core import jobs as queue
from cim_core.errors import CimError, JobError, NotFoundError
from cim_core.instants import now
from cim_core.jobs import Job
from servers.api import answers
from servers.api.comparison_documents import comparison_document
from servers.api.content import json_response
from servers.api.items_query import interval
from servers.api.models_processes import JobList, JobQuery, StatusInfo
from servers.api.models_results import ComparisonDocument, ResultsDocument, RunDocument
from servers.api.operations import Api, Call, operation
from servers.api.run_documents import run_document
from servers.live.job_status import STATUS, status_info, titles_of

STATE = {status: state for state, status in STATUS.items()}


def register(api: Api) -> None:
    """All addresses below /api/jobs."""
    api.add(jobs, job, dismiss, results)


@operation(
    "GET",
    "/api/jobs",
    summary="Jobs, newest first; those that comparisons started for themselves only by their parent",
    tag="jobs",
    query=JobQuery,
    responses={200: JobList},
    resource="job",
)
def jobs(call: Call) -> dict[str, Any]:
    """With the place in the queue of those that wait."""
    found, more = _page(call)
    places = _places(call) if any(one.state == "queued" for one in found) else {}
    titles = titles_of(call.registry)
    links = [page_link(call, "/api/jobs", "self", **_asked(call))]
    if more:
        links.append(page_link(call, "/api/jobs", "next", **_asked(call) | {"after": found[-1].id}))
    return {"jobs": [status_info(one, titles, position=places.get(one.id)) for one in found], "links": links}


def _page(call: Call) -> tuple[list[Job], bool]:
    """The jobs asked for, and whether there are more of them."""
    query = call.query
    every = queue.listing(
        call.city.database,
        states=[STATE[status] for status in query.status or ()],
        asked_for=query.parent is None,
        parent=query.parent,
        kind=query.kind,
        newest_first=True,
    )
    found = [job for job in every if _is_wanted(query, job)]
    if query.after is not None:
        ids = [job.id for job in found]
        found = found[ids.index(query.after) + 1 :] if query.after in ids else []
    return found[: query.limit], len(found) > query.limit


def _is_wanted(query: JobQuery, job: Job) -> bool:
    """What the queue itself does not select by: process, type, time and duration (18-062r2, 11.3)."""
    if query.process is not None and job.analysis not in query.process:
        return False
    if query.type is not None and "process" not in query.type:
        return False
    if query.datetime is not None:
        begin, end = interval(query.datetime)
        if (begin is not None and job.queued_at < begin) or (end is not None and job.queued_at > end):
            return False
    return _lasted(query, job)


def _lasted(query: JobQuery, job: Job) -> bool:
    if query.shortest is None and query.longest is None:
        return True
    if job.started_at is None:
        return False
    seconds = ((job.finished_at or now()) - job.started_at).total_seconds()
    return (query.shortest is None or seconds >= query.shortest) and (query.longest is None or seconds <= query.longest)


def _asked(call: Call) -> dict[str, Any]:
    """The query as the links of its pages repeat it."""
    given = call.query.model_dump(by_alias=True, exclude_defaults=True, exclude={"lang"})
    return {name: ",".join(value) if isinstance(value, tuple) else value for name, value in given.items()}


def page_link(call: Call, path: str, rel: str, **query: Any) -> dict[str, str]:
    """A link to a page of a list."""
    return {"href": call.url(path, **query), "rel": rel, "type": "application/json"}


@operation("GET", "/api/jobs/<job>", summary="A job", tag="jobs", responses={200: StatusInfo}, resource="job")
def job(call: Call, job: str) -> Response:
    """How far it is, or how it ended."""
    return status_response(call, queue.get(call.city.database, job), 200)


@operation(
    "DELETE",
    "/api/jobs/<job>",
    summary="Cancel a job that waits or runs",
    tag="jobs",
    responses={200: StatusInfo},
    action="run",
    resource="job",
)
def dismiss(call: Call, job: str) -> Response:
    """Its worker ends within a second; of a comparison all its runs do. A finished job cannot be cancelled."""
    database = call.city.database
    found = queue.get(database, job)
    if found.state in queue.OPEN:
        found = queue.cancel(database, job)
    if found.state != "cancelled":
        raise JobError(
            "job.finished",
            "the job has ended already",
            where=f"job {job}",
            expected="a job that waits or runs",
            got=STATUS[found.state],
            remedy="nothing has to be cancelled any more; results stay",
        )
    return status_response(call, found, 200)


@operation(
    "GET",
    "/api/jobs/<job>/results",
    summary="What a finished job found: the run's or the comparison's document",
    tag="jobs",
    responses={200: RunDocument | ComparisonDocument | ResultsDocument},
    resource="job",
)
def results(call: Call, job: str) -> dict[str, Any]:
    """A failed job's error is the answer's error."""
    city = call.city
    found = queue.get(city.database, job)
    if found.state == "failed":
        raise CimError.from_dict({"code": "job.failed", "what": "the job failed", **(found.error or {})})
    if found.state != "succeeded":
        raise _not_ready(found)
    if found.kind == "comparison":
        return comparison_document(call.registry, answers.find_comparison(city.root, str(found.result)))
    document = run_document(city, call.registry, answers.find_run(city.root, found.result or found.run))
    return {"result": document} if form_of(found) == "document" else document


def form_of(job: Job) -> str:
    """In which form the job's results are wanted: ``raw`` or ``document``."""
    return str(job.request.get("response", "raw"))


@dataclass(frozen=True)
class Asked:
    """A checked question, ready for the queue; ``identity`` is the same for the same question."""

    analysis: str
    identity: str
    request: dict[str, Any]
    kind: queue.Kind


def submitted(call: Call, asked: Asked, found: str | None) -> Response:
    """Queue a question, or say at once what is known, by the job that has answered it.

    ``found`` is the hash of an answer that is there already; a new job for it has ended before it is said. A run is
    always 201, new or not: 200 would say that the body is the result (18-062r2, 7.11.4).
    """
    database = call.city.database
    known = queue.answered(database, asked.identity) if found is not None else None
    if known is not None and form_of(known) == asked.request.get("response", "raw"):
        return status_response(call, known, 201 if asked.kind == "run" else 200)
    job = queue.submit(database, asked.identity, asked.analysis, asked.request, call.author, kind=asked.kind)
    if found is not None and queue.claim(database, job.id):
        queue.finish(database, job.id, "succeeded", result=found)
    return status_response(call, queue.get(database, job.id), 201)


def status_response(call: Call, job: Job, status: int) -> Response:
    """A job's document, with its place in the queue; 201 says where it is to be looked at."""
    places = _places(call) if job.state == "queued" else {}
    content = status_info(job, titles_of(call.registry), position=places.get(job.id))
    asked = call.operation.method == "POST"
    headers = {"Location": call.url(f"/api/jobs/{job.id}"), "Preference-Applied": "respond-async"} if asked else {}
    return json_response(content, status, headers=headers)


def _places(call: Call) -> dict[str, int]:
    return {one.id: place for place, one in enumerate(queue.waiting(call.city.database), start=1)}


def _not_ready(job: Job) -> NotFoundError:
    return NotFoundError(
        "job.not_ready",
        "the job has no results",
        where=f"job {job.id}",
        expected="a job that was successful",
        got=STATUS[job.state],
        remedy="wait until it is" if job.state in queue.OPEN else "start it again",
    )
