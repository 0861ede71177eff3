"""The three servers over the same layers, two workers each, as their own documentation starts them."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.peers.environments import OUT, clean_environ, environment
from benchmarks.peers.postgis import free_port

WORKERS = 2
LAYERS = ("buildings", "pois")


@dataclass(frozen=True)
class Served:
    """A server that answers, and how it is asked."""

    name: str
    host: str
    port: int
    items: str
    """Template of an address with ``{layer}``, ``{bbox}``, ``{limit}``."""
    tile: str | None
    """With ``{layer}``, ``{z}``, ``{x}``, ``{y}`` and, where they can be chosen, ``{fields}``."""


@contextmanager
def cim(city: Path) -> Iterator[Served]:
    """This project's server."""
    command = [Path(sys.executable).parent / "cim", "serve", "--city", city, "--port", "0", "--json"]
    with _process([*command, "--web-workers", str(WORKERS)], clean_environ(), stdout=subprocess.PIPE) as process:
        text = ""
        for line in process.stdout:
            text += line.decode()
            if line.startswith(b"}"):
                break
        address = urlsplit(json.loads(text)["address"])
        items = "/api/collections/{layer}/items?bbox={bbox}&limit={limit}"
        tile = "/api/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}"
        yield Served("cim", str(address.hostname), int(address.port or 0), items, tile)


@contextmanager
def pygeoapi(database: str) -> Iterator[Served]:
    """pygeoapi with its PostgreSQL provider under gunicorn with gevent, as in its container."""
    programmes, port, folder = environment("pygeoapi"), free_port(), OUT
    config = folder / "pygeoapi.json"
    config.write_text(json.dumps(_pygeoapi_config(database, port)))  # JSON is YAML
    openapi = folder / "pygeoapi-openapi.yml"
    environ = clean_environ(PYGEOAPI_CONFIG=str(config), PYGEOAPI_OPENAPI=str(openapi))
    made = subprocess.run(
        [programmes / "pygeoapi", "openapi", "generate", config, "--output-file", openapi],
        check=False, env=environ, capture_output=True, text=True,
    )  # fmt: skip
    if made.returncode:
        raise RuntimeError(f"pygeoapi openapi generate: {made.stderr[-2000:]}")
    command = [programmes / "gunicorn", "--workers", str(WORKERS), "--worker-class", "gevent", "--timeout", "600"]
    with _process([*command, "--bind", f"127.0.0.1:{port}", "pygeoapi.flask_app:APP"], environ):
        items = "/collections/{layer}/items?f=json&bbox={bbox}&limit={limit}"
        yield _answering(Served("pygeoapi", "127.0.0.1", port, items, None))


def _pygeoapi_config(database: str, port: int) -> dict[str, Any]:
    parts = urlsplit(database)
    url = f"http://127.0.0.1:{port}"
    about = {"title": "peer", "description": "peer", "keywords": ["peer"], "links": []}
    connection = {"host": parts.hostname, "port": parts.port, "dbname": "gis", "user": parts.username, "password": ""}
    provider = {"type": "feature", "name": "PostgreSQL", "id_field": "id", "geom_field": "geom"}
    resources = {
        layer: {
            "type": "collection",
            **about,
            "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},
            "providers": [provider | {"table": layer, "data": connection | {"search_path": ["public"]}}],
        }
        for layer in LAYERS
    }
    contact = {"name": "-", "url": url}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 10, "max_items": 10_000},
            "map": {"url": "https://tile.example/{z}/{x}/{y}.png", "attribution": "-"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": about | {"keywords_type": "theme", "terms_of_service": "-", "url": url},
            "license": {"name": "-", "url": url},
            "provider": contact,
            "contact": contact,
        },
        "resources": resources,
    }


@contextmanager
def tipg(database: str) -> Iterator[Served]:
    """tipg under uvicorn."""
    programmes, port = environment("tipg"), free_port()
    tables = json.dumps([f"public.{layer}" for layer in LAYERS])
    environ = clean_environ(DATABASE_URL=database, TIPG_DB_TABLES=tables, TIPG_DB_DATETIME_EXTENT="false")
    command = [programmes / "uvicorn", "tipg.main:app", "--host", "127.0.0.1", "--port", str(port)]
    with _process([*command, "--workers", str(WORKERS), "--log-level", "warning"], environ):
        items = "/collections/public.{layer}/items?f=geojson&bbox={bbox}&limit={limit}"
        tile = "/collections/public.{layer}/tiles/WebMercatorQuad/{z}/{x}/{y}?f=mvt&properties={fields}"
        yield _answering(Served("tipg", "127.0.0.1", port, items, tile))


@contextmanager
def all_three(city: Path, database: str) -> Iterator[list[Served]]:
    """All, side by side."""
    with ExitStack() as stack:
        yield [stack.enter_context(one) for one in (cim(city), pygeoapi(database), tipg(database))]


@contextmanager
def _process(command: list[Any], environ: dict[str, str], **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / "servers.log").open("ab") as log:
        process = subprocess.Popen([str(word) for word in command], env=environ, stderr=log, cwd=OUT, **more)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answering(server: Served) -> Served:
    deadline = time.monotonic() + 60
    while True:
        try:
            connection = http.client.HTTPConnection(server.host, server.port, timeout=5)
            connection.request("GET", server.items.format(layer="pois", bbox="106.55,29.56,106.551,29.561", limit=1))
            if connection.getresponse().status == 200:
                return server
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise RuntimeError(f"{server.name} does not answer; see {OUT / 'servers.log'}")
        time.sleep(0.3)
