"""Answers as bytes: JSON, media, files; validators, compression and caching in one place."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any, BinaryIO

from flask import Response, request
from pydantic_core import to_json
from werkzeug.http import dump_options_header
from werkzeug.wsgi import wrap_file

GEOJSON = "application/geo+json"
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
SMALLEST_COMPRESSED = 1024
_COMPRESSIBLE = ("text/", "image/svg+xml")


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
    """Bytes of one media type. ``gzipped`` bytes go out as they are, or are unpacked for who cannot read them."""
    packed = gzipped and _takes_gzip()
    if gzipped and not packed:
        body = gzip.decompress(body)
    response = Response(body, mimetype=media_type)
    response.headers["Cache-Control"] = cache
    if packed:
        response.headers["Content-Encoding"] = "gzip"
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
    if request.method in ("GET", "HEAD") and response.status_code == 200 and "ETag" not in response.headers:
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:20], weak=True)
    if request.method in ("GET", "HEAD") and response.status_code in (200, 204) and "ETag" in response.headers:
        response.make_conditional(request)
    if response.status_code != 304:
        _compress(response)
    return response


def _compress(response: Response) -> None:
    kind = response.mimetype or ""
    if not (kind.startswith(_COMPRESSIBLE) or kind.endswith("json")) or "Content-Encoding" in response.headers:
        return
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) > SMALLEST_COMPRESSED and _takes_gzip():
        response.set_data(gzip.compress(body, compresslevel=5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"


def _takes_gzip() -> bool:
    return bool(request.accept_encodings.quality("gzip") > 0)
