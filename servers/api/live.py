"""Server-sent events: what changed, as it changes."""

from __future__ import annotations

from typing import Annotated

from flask import Response, request
from pydantic import AfterValidator, Field

from servers.api.operations import Api, Call, CommaList, Query, operation
from servers.api.security import DATA_POLICY, HEADERS
from servers.live.events import TOPICS, Events
from servers.live.handover import LiveRequest, stream

EVENTS = "text/event-stream"
KNOWN = (*TOPICS, "runs")
"""A run is told of by its job, so ``runs`` brings the events of ``jobs``."""


def _known(topics: tuple[str, ...]) -> tuple[str, ...]:
    if not topics or set(topics) - set(KNOWN):
        raise ValueError(f"topics among {', '.join(KNOWN)}, parted by commas")
    return topics


class LiveQuery(Query):
    """Which events."""

    topics: Annotated[CommaList, AfterValidator(_known)] = Field(default=TOPICS, description="jobs, plans, city, runs")


def register(api: Api) -> None:
    """One stream."""
    api.add(live)


@operation(
    "GET",
    "/api/live",
    summary="Events of jobs, plans and the city as they happen; Last-Event-ID goes on where a stream broke",
    tag="live",
    query=LiveQuery,
    responses={200: EVENTS},
    resource="job",
)
def live(call: Call) -> Response:
    """The live process sends them; where there is none (a test, a development server) this worker does."""
    context, scenarios = call.context, call.settings.scenarios
    wanted = dict.fromkeys("jobs" if topic == "runs" else topic for topic in call.query.topics)
    asked = LiveRequest(
        topics=tuple(wanted),
        last_event_id=request.headers.get("Last-Event-ID"),
        headers={**HEADERS, "Content-Security-Policy": DATA_POLICY},
    )
    _ = call.city  # a city that cannot be opened is said here, not in the middle of a stream
    return stream(request.environ, asked, address=context.live, open_events=lambda: Events(context.root, scenarios))
