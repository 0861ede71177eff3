"""A named place over the network: services on this machine that speak Nominatim's and Overpass's formats."""

import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

import osmnx
import pytest
import shapely
from osm_builder import Map

from cim_core.city import City
from cim_core.errors import CimError, InputError, NotFoundError
from cim_core.gis.osm import read_osm
from cim_core.gis.place import fetched, overpass_query
from cim_core.importing import import_osm

OUTLINE = [[106.55, 29.55], [106.56, 29.55], [106.56, 29.56], [106.55, 29.56], [106.55, 29.55]]
FOUND = {
    "place_id": 100149,
    "licence": "Data © OpenStreetMap contributors, ODbL 1.0. https://osm.org/copyright",
    "osm_type": "relation",
    "osm_id": 3218459,
    "boundingbox": ["29.55", "29.56", "106.55", "106.56"],
    "lat": "29.555",
    "lon": "106.555",
    "display_name": "渝中区, 重庆市, 中国",
    "class": "boundary",
    "type": "administrative",
    "importance": 0.52,
    "geojson": {"type": "Polygon", "coordinates": [OUTLINE]},
}
STREET = Map().nodes({1: (0, 0), 2: (1, 0), 3: (2, 0)}).way(1, [1, 2, 3], {"highway": "residential", "name": "南街"})
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="Overpass API 0.7.62.4 2390de5a">\n'
    "<note>The data included in this document is from www.openstreetmap.org. The data is made available under "
    'ODbL.</note>\n<meta osm_base="2026-11-22T08:00:00Z"/>\n'
)
EXTRACT = HEAD + "\n".join(STREET.body) + "\n</osm>\n"
GAVE_UP = HEAD + "<remark> runtime error: Query timed out in &quot;query&quot; at line 1. </remark>\n</osm>"


@dataclass
class Services:
    """What the two services answer, and what they were asked."""

    places: list = field(default_factory=lambda: [FOUND])
    extract: str = EXTRACT
    status: int = 200
    short: bool = False
    asked: list = field(default_factory=list)


@pytest.fixture
def services(monkeypatch) -> Iterator[Services]:
    answers = Services()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            answers.asked.append(("GET", urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query), self.headers))
            self._send(200, "application/json", json.dumps(answers.places))

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answers.asked.append(("POST", urllib.parse.parse_qs(body), self.headers))
            kind = "application/osm3s+xml" if answers.status == 200 else "text/html"
            self._send(answers.status, kind, answers.extract)

        def _send(self, status, kind, text):
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            cut = answers.short and self.command == "POST"
            self.wfile.write(content[: len(content) // 2] if cut else content)

        def log_message(self, *arguments):
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(osmnx.settings, "nominatim_url", f"{address}/")
    monkeypatch.setattr(osmnx.settings, "overpass_url", f"{address}/api")
    monkeypatch.setattr("osmnx._nominatim.time.sleep", lambda seconds: None)  # the real service wants a pause
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield answers
    server.shutdown()
    server.server_close()


def silent(fraction: float, message: str) -> None:
    """No report."""


def refused(kind: type[CimError], code: str, place: str = "渝中区, 重庆") -> CimError:
    with pytest.raises(kind, match=code.replace(".", r"\.")) as caught, fetched(place, silent):
        pass
    assert caught.value.remedy
    return caught.value


def test_a_place_becomes_a_city(services, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reports = []
    with fetched("渝中区, 重庆", lambda *report: reports.append(report)) as path:
        outcome = import_osm(City.create(tmp_path / "city"), path)
        assert read_osm(path).timestamp == "2026-11-22T08:00:00Z"
    assert not path.exists()
    assert outcome.layers["roads"] == 1
    assert City.open(tmp_path / "city").layer("roads")["name"].tolist() == ["南街"]
    assert [fraction for fraction, _ in reports] == sorted(fraction for fraction, _ in reports)
    assert [file.name for file in tmp_path.iterdir()] == ["city"], "no cache in the working directory"


def test_the_services_are_asked_as_their_rules_want(services):
    with fetched("渝中区, 重庆", silent):
        pass
    (_, question, head), (_, form, _) = services.asked
    assert question["q"] == ["渝中区, 重庆"]
    assert "python-requests" not in head["User-Agent"], "the services refuse unnamed programmes"
    query = form["data"][0]
    assert query.startswith("[out:xml][timeout:300];")
    assert 'way["highway"](poly:"' in query
    assert query.endswith("(._;>;);out body;")


def test_the_query_covers_the_outline_and_its_islands():
    islands = shapely.MultiPolygon([shapely.box(106.5, 29.5, 106.52, 29.52), shapely.box(106.6, 29.6, 106.61, 29.61)])
    rings = {part.split('"')[0] for part in overpass_query(islands).split('(poly:"')[1:]}
    assert len(rings) == 2
    numbers = [list(map(float, ring.split())) for ring in rings]
    drawn = shapely.union_all([shapely.Polygon(list(zip(ring[1::2], ring[::2], strict=True))) for ring in numbers])
    assert drawn.covers(islands)
    assert drawn.area < 1.3 * islands.area


@pytest.mark.parametrize("places", [[], [FOUND | {"geojson": {"type": "Point", "coordinates": [106.5, 29.5]}}]])
def test_a_place_that_is_none_is_not_found(services, places):
    services.places = places
    assert refused(NotFoundError, "place.not_found", "Nowhere").got == "Nowhere"
    assert len(services.asked) == 1


def test_a_place_without_ways_is_not_found(services):
    services.extract = HEAD + "</osm>"
    refused(NotFoundError, "place.not_found")


def test_a_whole_province_is_too_large(services):
    province = [[105, 28], [110, 28], [110, 32], [105, 32], [105, 28]]
    services.places = [FOUND | {"geojson": {"type": "Polygon", "coordinates": [province]}}]
    assert "km²" in refused(InputError, "place.too_large").got
    assert len(services.asked) == 1, "Overpass is not asked"


@pytest.mark.parametrize(
    ("status", "extract", "said"),
    [
        (429, "<html>busy</html>", "HTTP 429"),
        (504, "<html>The server is probably too busy to handle your request.</html>", "HTTP 504"),
        (400, "<html>parse error</html>", "HTTP 400"),
        (200, GAVE_UP, "Query timed out"),
        (200, "<html><body>rate limited</body></html>", "rate limited"),
        (200, "", "an empty answer"),
    ],
)
def test_a_service_that_gives_up_is_quoted(services, status, extract, said):
    services.status, services.extract = status, extract
    assert said in refused(InputError, "place.refused").got


def test_a_connection_that_breaks_off_gives_no_data(services):
    services.short = True
    assert "cut short" in refused(InputError, "place.refused").got


def test_without_a_network_there_is_one_clear_error(services, monkeypatch):
    monkeypatch.setattr(osmnx.settings, "nominatim_url", "http://127.0.0.1:9/")
    fault = refused(InputError, "place.no_network")
    assert "refused" in fault.got
    assert "extract" in fault.remedy


def test_an_overpass_that_is_away_is_the_same_error(services, monkeypatch):
    monkeypatch.setattr(osmnx.settings, "overpass_url", "http://127.0.0.1:9/api")
    assert "127.0.0.1:9" in refused(InputError, "place.no_network").where
