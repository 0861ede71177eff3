"""One error shape for all of HTTP: problem details (RFC 9457) made from :class:`CimError`; no web framework in it."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any

from cim_core.errors import (
    CimError,
    CityError,
    EngineError,
    InputError,
    JobError,
    NotFoundError,
    ParameterError,
    PlanError,
    ScenarioError,
    StorageError,
)

MEDIA_TYPE = "application/problem+json"
STATUS_BY_CLASS: dict[type[CimError], int] = {
    ParameterError: 400,
    NotFoundError: 404,
    InputError: 422,
    PlanError: 422,
    CityError: 409,
    JobError: 409,
    ScenarioError: 500,
    EngineError: 502,
    StorageError: 503,
}
STATUS_BY_CODE: dict[str, int] = {
    "access.denied": 403,
    "city.busy": 503,
    "city.missing": 503,
    "city.newer": 503,
    "http.host": 421,
    "http.method": 405,
    "http.not_acceptable": 406,
    "http.origin": 403,
    "http.too_large": 413,
    "http.too_many": 429,
    "http.precondition": 412,
    "http.long_address": 414,
    "http.long_head": 431,
    "http.slow": 408,
    "http.transfer_coding": 501,
    "http.expectation": 417,
    "http.media_type": 415,
    "http.body": 422,
    "correction.field": 422,
    "feature.changed": 412,
    "feature.no_precondition": 428,
    "layer.read_only": 405,
    "correction.moved_on": 412,
    "plan.edited_meanwhile": 412,
    "plan.name_taken": 409,
    "plan.nothing_to_undo": 409,
    "plan.not_json": 400,
    "server.defect": 500,
}
"""Codes whose status differs from that of their class."""
_OGC = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
TYPE_BY_CODE: dict[str, str] = {
    "analysis.unknown": f"{_OGC}/no-such-process",
    "job.unknown": f"{_OGC}/no-such-job",
    "job.not_ready": f"{_OGC}/result-not-ready",
}
"""Codes whose problem type OGC API Processes (18-062r2) names; all others are addresses on this server."""
CITY_FOLDER = "the city's folder"
_ADDRESSES = ("/api/", "/assets/")
_PATH = re.compile(r"""(?<![\w:/.*])/[^\s/'",;:()，。；：]+(?:/[^\s/'",;:()，。；：]+)+""")
"""An absolute path of two parts or more."""


def status_of(error: CimError) -> int:
    """The HTTP status of an error: by its code, else by its class."""
    by_class = (STATUS_BY_CLASS[kind] for kind in type(error).__mro__ if kind in STATUS_BY_CLASS)
    return STATUS_BY_CODE.get(error.code) or next(by_class, 500)


def problem_type(code: str) -> str:
    """The type of a problem: what the code means is said at ``/api/problems/CODE``, whatever the type is.

    >>> problem_type("city.missing")
    '/api/problems/city.missing'
    """
    return TYPE_BY_CODE.get(code, f"/api/problems/{code}")


def document(
    error: CimError, status: int | None = None, *, instance: str = "", root: Path | None = None, **members: Any
) -> dict[str, Any]:
    """The problem as plain JSON; also what a failed job's ``error`` member holds.

    It names no place of this machine: what lies in the city (``root``) is named from there, any other file by its name.
    """
    answers = {
        name: without_places(text, root, own=(instance,), all_paths=name != "got")
        for name, text in error.as_dict().items()
    }
    detail = "; ".join(f"{name}: {answers[name]}" for name in ("where", "expected", "got", "remedy") if answers[name])
    return {
        "type": problem_type(error.code),
        "title": answers["what"],
        "status": status or status_of(error),
        "detail": detail,
        "instance": instance,
        **answers,
        **members,
    }


def without_places(text: str, root: Path | None = None, *, own: Collection[str] = (), all_paths: bool = True) -> str:
    """A text without absolute paths of this machine.

    Parameters
    ----------
    root
        The city's folder: what lies in it is named from there.
    own
        Addresses on this server that look like paths and stay.
    all_paths
        Whether every absolute path counts; else only those in folders that this process works in, so that what
        somebody sent is said as it was sent.

    >>> without_places("/srv/town/city.json is newer, see /api/docs", Path("/srv/town"))
    'city.json is newer, see /api/docs'
    >>> without_places("/srv/town", Path("/srv/town")), without_places("in /opt/scenes/flood/manifest.toml")
    ("the city's folder", 'in manifest.toml')
    """
    if root is not None:
        text = re.sub(rf"(?<![\w/]){re.escape(str(root))}(/|\b)", lambda m: "" if m[1] else CITY_FOLDER, text)

    def named(found: re.Match[str]) -> str:
        path = found[0]
        if path in own or path.startswith(_ADDRESSES) or not (all_paths or path.startswith(_places())):
            return path
        return path.rpartition("/")[2]

    return _PATH.sub(named, text)


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    """Folders of this process whose names are nobody's business."""
    known = (Path.home(), Path.cwd(), Path(sys.prefix), Path(tempfile.gettempdir()), Path(__file__).parents[1])
    return tuple(f"{place}/" for place in known if place != Path("/"))
