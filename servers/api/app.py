"""The Flask application: every module's operations, the checks around them, one error shape."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from werkzeug.routing import IntegerConverter

from cim_core.registry import Registry
from cim_core.settings import Settings, load
from servers.api import (
    cards,
    collections,
    comparisons,
    conformance,
    content,
    corrections,
    coverage,
    exports,
    items,
    jobs,
    landing,
    live,
    measures,
    openapi,
    page,
    plans,
    problem_meanings,
    problems,
    processes,
    quality,
    queryables,
    records,
    runs,
    search,
    security,
    styles,
    tile_matrix_sets,
    tiles,
    transactions,
)
from servers.api.context import Context, Scenarios
from servers.api.operations import MAX_BODY, Api

MODULES = (
    landing,
    conformance,
    openapi,
    records,
    transactions,
    collections,
    queryables,
    items,
    cards,
    corrections,
    quality,
    search,
    tile_matrix_sets,
    tiles,
    styles,
    coverage,
    exports,
    processes,
    jobs,
    plans,
    comparisons,
    runs,
    measures,
    live,
    problem_meanings,
    page,
)
"""Each has ``register(api)``; the page is last, it takes what is left."""


class ShortInteger(IntegerConverter):
    """Integers in addresses: as many digits as a database column holds."""

    regex = r"\d{1,9}"


def create_app(
    city_root: Path, *, settings: Settings | None = None, registry: Registry | None = None, live: Path | None = None
) -> Flask:
    """The application for one city.

    Parameters
    ----------
    city_root
        The city's folder. It is opened with each request, so it may come later than the server.
    settings
        By default what file and environment say.
    registry
        By default the installed scenarios and those of ``settings.scenarios``, as they are at each request.
    live
        The Unix socket of the live process; without it events are streamed from the worker.
    """
    chosen = settings or load()
    context = Context(city_root, chosen, Scenarios(chosen.scenarios, registry), live)
    app = Flask("servers.api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.url_map.converters["int"] = ShortInteger
    app.url_map.merge_slashes = False
    problems.register_handlers(app)
    app.after_request(content.finish)
    security.register_checks(app)
    api = Api(app, context)
    for module in MODULES:
        module.register(api)
    app.extensions["cim"] = api
    return app
