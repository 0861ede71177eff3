"""Input files: uploaded once, then named by parameters."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from pydantic import Field

from cim_core.errors import ParameterError
from servers.api.content import json_response
from servers.api.models_processes import InputEntry, InputList
from servers.api.operations import Api, Call, Query, RawBody, operation
from servers.inputs import MOST_BYTES, InputFile, InputFiles

_ENVELOPE = 100_000
"""Bytes that a form around the file may take."""
FORM = "multipart/form-data"
RAW = ("application/octet-stream", "text/csv", "text/plain", "text/xml", "application/xml", "application/gzip")


class UploadQuery(Query):
    """The file's name, where the body is the file itself."""

    name: str | None = Field(default=None, max_length=400, description="name of the file, for a body that is no form")


def register(api: Api) -> None:
    """Listing and upload."""
    api.add(listing, upload)


@operation(
    "GET",
    "/api/inputs",
    summary="Files that parameters may name",
    tag="processes",
    responses={200: InputList},
    resource="input",
)
def listing(call: Call) -> dict[str, Any]:
    """Uploaded files and those that lie in the city's folder ``inputs``, newest first."""
    files = InputFiles(call.city.root).listing()
    return {"inputs": [_entry(file) for file in files], "most_bytes": MOST_BYTES}


@operation(
    "POST",
    "/api/inputs",
    summary="Upload a file for a parameter (50 MB at most): a form with one file, or the file itself with ?name=",
    tag="processes",
    query=UploadQuery,
    body=RawBody((FORM, *RAW), MOST_BYTES + _ENVELOPE),
    responses={201: InputEntry},
    resource="input",
)
def upload(call: Call) -> Response:
    """Keep the file under a name that carries its content's hash; the answer says that name."""
    name, content = _form() if request.mimetype == FORM else (call.query.name, request.get_data(cache=False))
    if not name:
        raise _no_file("a file with its name: a form's file, or ?name=trips.csv")
    kept = InputFiles(call.city.root).store(name, content)
    return json_response(_entry(kept), 201, cache="no-store")


def _form() -> tuple[str | None, bytes]:
    files = [file for _, file in request.files.items(multi=True)]
    if len(files) != 1:
        raise _no_file(f"one file in the form, not {len(files)}")
    return files[0].filename, files[0].stream.read()


def _no_file(expected: str) -> ParameterError:
    return ParameterError(
        "inputs.no_file",
        "no file came",
        where="body",
        expected=expected,
        got="none",
        remedy="send one file at a time",
    )


def _entry(file: InputFile) -> dict[str, Any]:
    return {"name": file.name, "bytes": file.size_bytes, "modified_at": file.modified_at.isoformat()}
