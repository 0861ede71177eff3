"""The page itself: files of the built front end, and its index for every address that the page understands."""

from __future__ import annotations

import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Response, request
from pydantic import ConfigDict

from cim_core.errors import NotFoundError
from servers.api.content import PUBLIC_IMMUTABLE, REVALIDATE
from servers.api.operations import Api, Call, Query, operation
from servers.api.security import PAGE_POLICY

DIST = Path(__file__).resolve().parents[1] / "web" / "dist"
HASHED = "assets/"
"""Files whose names bear a hash of their content lie here."""
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml", ".wasm": "application/wasm"}
_RESERVED = ("api", "health", "sta", "metrics")
"""First parts of addresses that are never the page's."""


class PageQuery(Query):
    """The page keeps its own state in the address; the server does not look at it."""

    model_config = ConfigDict(extra="ignore")


@operation(
    "GET",
    "/",
    summary="The page",
    tag="page",
    query=PageQuery,
    responses={200: "text/html"},
    resource="page",
    documented=False,
)
def index(call: Call) -> Response:
    """The page's first file."""
    return serve("index.html")


@operation(
    "GET",
    "/<path:path>",
    summary="The page's files",
    tag="page",
    query=PageQuery,
    responses={200: "*/*"},
    resource="page",
    documented=False,
)
def file(call: Call, path: str) -> Response:
    """A file of the page; the page itself for addresses that are no file."""
    if path.partition("/")[0] in _RESERVED:
        raise _nothing_here(path)
    if path in _files(DIST, _stamp(DIST)):
        return serve(path)
    if path.startswith(HASHED) or Path(path).suffix:
        raise _nothing_here(path)
    return serve("index.html")


def serve(name: str) -> Response:
    """A file that the page is made of, in the smallest form that the browser takes. Only names in the list are read.

    Raises
    ------
    NotFoundError
        The page is not built.
    """
    files = _files(DIST, _stamp(DIST))
    if name not in files:
        raise NotFoundError(
            "page.not_built",
            "the page is not built",
            where="servers/web/dist",
            expected=name,
            got="no such file",
            remedy="`make run` builds it (Node 20 or newer); the API under /api/ works without it",
        )
    path, coding = files[name], ""
    for encoding, ending in _ENCODINGS:
        if name + ending in files and request.accept_encodings.quality(encoding) > 0:
            path, coding = files[name + ending], encoding
            break
    response = Response(path.read_bytes(), mimetype=_media_type(name))
    response.vary.add("Accept-Encoding")
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Cache-Control"] = PUBLIC_IMMUTABLE if name.startswith(HASHED) else REVALIDATE
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


def _media_type(name: str) -> str:
    return _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _stamp(folder: Path) -> int:
    """Changes when the page is built anew."""
    built = folder / "index.html"
    return built.stat().st_mtime_ns if built.exists() else 0


@lru_cache(maxsize=2)
def _files(folder: Path, stamp: int) -> dict[str, Path]:
    """Name in the address → file. What is not in here cannot be asked for, whatever the address says."""
    if not stamp:
        return {}
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path for path in found}


def _nothing_here(path: str) -> NotFoundError:
    return NotFoundError(
        "http.not_found",
        "there is nothing at this address",
        where=f"/{path}"[:200],
        expected="an address that /api/openapi.json lists, or a file of the page",
        got=f"/{path}"[:200],
        remedy="follow the links from /api/, or open /",
    )


def register(api: Api) -> None:
    """Add the operations."""
    api.add(index, file)
