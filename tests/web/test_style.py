"""The MapLibre style for other clients: MapLibre itself loads it, finds no fault in it, and draws every layer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import DESK, Watched, screenshot, until
from playwright.sync_api import Browser, Page, Route
from serving_city import Serving

MAPLIBRE = Path(__file__).parents[2] / "servers" / "web" / "node_modules" / "maplibre-gl" / "dist"
FOREIGN = "/another-page/"
"""Where a page of somebody else's is put in the browser; the server knows nothing of it."""
PAGE = """<!doctype html><meta charset="utf-8"><title>another page</title>
<link rel="stylesheet" href="maplibre-gl.css">
<style>html,body,#map{margin:0;height:100%}</style><div id="map"></div>
<script type="module" src="main.mjs"></script>"""
SCRIPT = """import {Map, setWorkerUrl} from './maplibre-gl.mjs'
setWorkerUrl(new URL('./maplibre-gl-worker.mjs', import.meta.url).href)
const style = decodeURIComponent(location.hash.slice(1))
const map = new Map({container: 'map', style, attributionControl: {compact: false}, fadeDuration: 0})
window.faults = []
map.on('error', event => window.faults.push(String(event.error?.message ?? event.error)))
map.on('idle', () => { window.drawn = map })
"""
_KINDS = {".mjs": "text/javascript", ".css": "text/css"}


def _foreign(route: Route) -> None:
    name = route.request.url.rpartition(FOREIGN)[2].partition("?")[0]
    if name in ("", "main.mjs"):
        body, kind = (PAGE, "text/html") if not name else (SCRIPT, "text/javascript")
        route.fulfill(body=body, content_type=kind)
    else:
        path = MAPLIBRE / Path(name).name
        route.fulfill(body=path.read_bytes(), content_type=_KINDS[path.suffix])


@pytest.fixture(params=["light", "dark"])
def drawn(request: pytest.FixtureRequest, browser: Browser, server: Serving) -> Iterator[Page]:
    """The sample city in MapLibre on a page of somebody else's, at rest."""
    context = browser.new_context(viewport=DESK, locale="en-GB")
    watched = Watched(context.new_page())
    watched.page.route(f"**{FOREIGN}**", _foreign)
    watched.page.goto(f"{server.url}{FOREIGN}#/api/styles/city?theme={request.param}")
    until(watched.page, "window.drawn !== undefined")
    yield watched.page
    screenshot(watched.page, f"style-{request.param}")
    faults = watched.faults
    context.close()
    assert faults == []


def test_maplibre_draws_the_style(drawn: Page, server: Serving) -> None:
    style = server.get("/api/styles/city")
    shown: list[str] = drawn.evaluate("drawn.queryRenderedFeatures().map(one => one.sourceLayer)")
    assert drawn.evaluate("window.faults") == []
    assert {"roads", "buildings", "water"} <= set(shown)
    known: list[str] = drawn.evaluate("drawn.getStyle().layers.map(one => one.id)")
    assert known == [layer["id"] for layer in style["layers"]]
    layers = {one["id"] for one in server.get("/api/tiles/WebMercatorQuad")["vector_layers"]}
    assert {layer.get("source-layer") for layer in style["layers"]} - {None} == layers


def test_buildings_stand_as_high_as_they_are(drawn: Page) -> None:
    found: list[dict[str, Any]] = drawn.evaluate(
        "drawn.queryRenderedFeatures({layers: ['buildings-1']})"
        ".map(one => ({height_m: one.properties.height_m, drawn: one.layer.paint['fill-extrusion-height']}))"
    )
    assert len(found) > 20
    assert all(one["drawn"] == pytest.approx(one["height_m"]) for one in found)


def test_what_is_synthetic_says_so(drawn: Page) -> None:
    assert "synthetic" in drawn.locator(".maplibregl-ctrl-attrib").inner_text().lower()
