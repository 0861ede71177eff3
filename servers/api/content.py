"""Answers as bytes: JSON, media, files; validators, compression and caching in one place."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any, BinaryIO

import brotli
from flask import Response, request
from isal import igzip
from pydantic_core import to_json
from werkzeug.http import dump_options_header
from werkzeug.wsgi import wrap_file

from cim_core.errors import ParameterError
from cim_core.schema import Grade
from servers.api.problems import Problem, problem_response

GEOJSON = "application/geo+json"
IMMUTABLE = "private, max-age=31536000, immutable"
"""For an address that bears the version of its content: who asked may keep it, nobody on the way may."""
PUBLIC_IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "private, no-cache"
SMALLEST_COMPRESSED = 1024
LEVEL = 1
"""Of ISA-L's gzip: a page of 1,000 features (520 kB) to 18 % in 0.7 ms, where zlib's level 5 reaches 17 % in 6 ms and
Brotli's level 1 17 % in 1.1 ms."""
BROTLI_QUALITY = 4
"""For who takes Brotli and no gzip: some 5 % smaller in ten times the time."""
_COMPRESSIBLE = ("text/", "image/svg+xml")


def immutable(grade: Grade) -> str:
    """``Cache-Control`` of content of a grade at an address that bears its version."""
    return PUBLIC_IMMUTABLE if grade == "public" else IMMUTABLE


def not_modified(etag: str, *, cache: str = REVALIDATE, coded: bool = False) -> Response | None:
    """304 if the client has what this entity tag names; asked before the content is made.

    Parameters
    ----------
    etag
        Without quotes.
    coded
        Whether the content would be sent compressed or plain as the client takes it.
    """
    known = request.if_none_match
    if request.method not in ("GET", "HEAD") or known.star_tag or not known.contains_weak(etag):
        return None  # "anything there is" (*) is answered when it is known that the question is a good one
    response = Response(status=304)
    del response.headers["Content-Type"]
    response.headers["Cache-Control"] = cache
    if coded:
        response.vary.add("Accept-Encoding")
    response.set_etag(etag, weak=coded)
    return response


def json_bytes(content: Any) -> bytes:
    """Compact JSON of models, dictionaries, dates and NumPy scalars; NaN and infinities as null."""
    return to_json(content, inf_nan_mode="null", fallback=_plain)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def json_response(
    content: Any,
    status: int = 200,
    *,
    media_type: str = "application/json",
    etag: str | None = None,
    weak: bool = False,
    cache: str = REVALIDATE,
    headers: dict[str, str] | None = None,
) -> Response:
    """``content`` as JSON (bytes are taken to be JSON already). A ``weak`` ETag allows that its time stamp differs."""
    body = content if isinstance(content, bytes) else json_bytes(content)
    response = Response(body, status, mimetype=media_type)
    response.headers.update({"Cache-Control": cache, **(headers or {})})
    if etag is not None:
        response.set_etag(etag, weak=weak)
    return response


def bytes_response(
    body: bytes, media_type: str, *, etag: str | None = None, cache: str = REVALIDATE, gzipped: bool = False
) -> Response:
    """Bytes of one media type. ``gzipped`` bytes go out as they are, or in another form for who cannot read them."""
    coding = ""
    if gzipped:
        coding = "gzip" if _takes_gzip() else "br" if request.accept_encodings.quality("br") > 0 else ""
    if gzipped and coding != "gzip":
        body = gzip.decompress(body)
        body = brotli.compress(body, quality=BROTLI_QUALITY) if coding else body
    response = Response(body, mimetype=media_type)
    response.headers["Cache-Control"] = cache
    if coding:
        response.headers["Content-Encoding"] = coding
    if gzipped:
        response.vary.add("Accept-Encoding")
    if etag is not None:
        response.set_etag(etag, weak=gzipped)
    return response


def empty_response(*, etag: str | None = None, cache: str = REVALIDATE) -> Response:
    """204: there is nothing, and that is right."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    response.headers["Cache-Control"] = cache
    if etag is not None:
        response.set_etag(etag)
    return response


def attachment(stream: BinaryIO, media_type: str, name: str, size: int) -> Response:
    """A file to be saved under ``name``, streamed; the stream is closed at the end."""
    response = Response(wrap_file(request.environ, stream), mimetype=media_type, direct_passthrough=True)
    response.content_length = size
    response.headers["Content-Disposition"] = dump_options_header(
        "attachment",
        {"filename": "".join(sign if sign.isascii() else "_" for sign in name), "filename*": f"UTF-8''{_quoted(name)}"},
    )
    response.headers["Cache-Control"] = REVALIDATE
    return response


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")


def finish(response: Response) -> Response:
    """Validators, 304 and compression for an answer that a view has made (an ``after_request`` function)."""
    if response.direct_passthrough or response.is_streamed:
        return response
    if request.method in ("GET", "HEAD") and response.status_code in (200, 204):
        if response.status_code == 200 and "ETag" not in response.headers:
            response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:20], weak=True)
        response = _conditional(response)
    if response.status_code not in (204, 304):
        _compress(response)
    return response


def _conditional(response: Response) -> Response:
    """The answer, or 304 or 412 as the client's conditions say (RFC 9110, 13.2.2)."""
    etag, weak = response.get_etag()
    if etag is None:
        return response
    if "If-Match" in request.headers and not _matches_strongly(etag, bool(weak)):
        return problem_response(Problem(_moved_on(etag), 412))
    if request.if_none_match.contains_weak(etag):
        if _is_compressible(response.mimetype):
            response.vary.add("Accept-Encoding")
        response.set_data(b"")
        response.status_code = 304
        for name in ("Content-Length", "Content-Type", "Content-Encoding"):
            response.headers.pop(name, None)
    return response


def _matches_strongly(etag: str, weak: bool) -> bool:
    wanted = request.if_match
    return wanted.star_tag or (not weak and wanted.contains(etag))


def _moved_on(etag: str) -> ParameterError:
    return ParameterError(
        "http.precondition",
        "what is there is not what If-Match names",
        where="header If-Match",
        expected=f'"{etag}"',
        got=request.headers["If-Match"][:200],
        remedy="ask without If-Match",
    )


def _compress(response: Response) -> None:
    if "Content-Encoding" in response.headers or not _is_compressible(response.mimetype):
        return
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= SMALLEST_COMPRESSED and _takes_gzip():
        response.set_data(igzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"


def _is_compressible(kind: str | None) -> bool:
    return kind is not None and (kind.startswith(_COMPRESSIBLE) or kind.endswith("json"))


def _takes_gzip() -> bool:
    """Whether gzip is taken, and no less gladly than the plain bytes (which need not be named to be taken)."""
    if not (text := request.headers.get("Accept-Encoding", "")):
        return False
    wanted = request.accept_encodings
    return wanted.quality("gzip") > 0 and ("identity" not in text or wanted.quality("gzip") >= wanted["identity"])
