"""Inputs of a process as OGC API Processes (18-062r2, 7.11.2) writes them: bare, qualified, or by reference.

A reference may only lead to an input file of this city (``/api/inputs/NAME``): what a stranger's request names is never
fetched from elsewhere, for the server stands in a network that the stranger does not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cim_core.errors import ParameterError
from servers.inputs import InputFiles

_PATH = "/api/inputs/"
_LINK = frozenset({"href", "rel", "type", "hreflang", "title", "length"})
_QUALIFIED = frozenset({"value", "mediaType", "encoding", "schema", "format"})


def plain_inputs(
    given: Mapping[str, Any], *, root: Path, host: str, files: Collection[str], objects: Collection[str]
) -> dict[str, Any]:
    """The bare values of inputs.

    Parameters
    ----------
    given
        Input → a value, ``{"value": …}`` or ``{"href": …}``.
    root
        The city's folder.
    host
        Of this server, as the request names it.
    files, objects
        Inputs that name a file (a reference gives its name, not its content); inputs that are JSON objects themselves
        (which are taken as they are).

    Raises
    ------
    ParameterError
        ``inputs.reference``: a reference leads elsewhere, or to what is no JSON; ``inputs.unknown``: no such file.
    """
    return {
        name: value if name in objects else _plain(name, value, root, host, name in files)
        for name, value in given.items()
    }


def _plain(name: str, value: Any, root: Path, host: str, is_file: bool) -> Any:
    if not isinstance(value, dict):
        return value
    if "href" in value and value.keys() <= _LINK:
        return _referred(name, value["href"], root, host, is_file)
    return value["value"] if "value" in value and value.keys() <= _QUALIFIED else value


def _referred(name: str, href: Any, root: Path, host: str, is_file: bool) -> Any:
    address = urlsplit(href) if isinstance(href, str) else urlsplit("")
    ours = address.netloc in ("", host) and address.path.startswith(_PATH)
    if not ours:
        raise _bad_reference(name, href, f"an input file of this city: {_PATH}NAME")
    file = unquote(address.path.removeprefix(_PATH))
    path = InputFiles(root).find(file, name)
    if is_file:
        return file
    try:
        return json.loads(path.read_bytes())
    except ValueError as fault:
        raise _bad_reference(name, href, "a file with a JSON value in it") from fault


def _bad_reference(name: str, href: Any, expected: str) -> ParameterError:
    return ParameterError(
        "inputs.reference",
        "the reference cannot be followed",
        where=f"parameter {name}",
        expected=expected,
        got=repr(href)[:200],
        remedy="upload the value (POST /api/inputs) and refer to it there, or write it into the request",
    )
