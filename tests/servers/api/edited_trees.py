"""An editable layer of three trees (synthetic), and how clients change it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cim_core.city import City
from cim_core.importing import import_vector

ITEMS = "/api/collections/trees/items"
GEOJSON, MERGE_PATCH = "application/geo+json", "application/merge-patch+json"
LON, LAT = 106.582, 29.556
PROPERTIES = {"kind": "黄葛树", "count": 3, "height_m": 7.5, "planted": "2020-03-12T00:00:00Z", "sick": False}


def feature(lon: float = LON, lat: float = LAT, **properties: Any) -> dict[str, Any]:
    """GeoJSON of a tree."""
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": geometry, "properties": PROPERTIES | properties}


def planted(city: City, folder: Path) -> City:
    """The city with the layer in it."""
    path = folder / "trees.geojson"
    content = {"type": "FeatureCollection", "features": [feature(LON + i / 1000, count=i) for i in range(3)]}
    path.write_text(json.dumps(content), encoding="utf-8")
    import_vector(city, path, editable=True)
    return City.open(city.root)


def post(client: FlaskClient, content: Any, collection: str = "trees", **headers: str) -> TestResponse:
    """Create a feature."""
    address = f"/api/collections/{collection}/items"
    return client.post(address, data=json.dumps(content), content_type=GEOJSON, headers=headers)


def put(client: FlaskClient, id_: str, content: Any, etag: str = "*", **headers: str) -> TestResponse:
    """Replace a feature."""
    given = {"If-Match": etag, **headers}
    return client.put(f"{ITEMS}/{id_}", data=json.dumps(content), content_type=GEOJSON, headers=given)


def patch(client: FlaskClient, id_: str, content: Any, etag: str = "*", **headers: str) -> TestResponse:
    """Update a feature."""
    given = {"If-Match": etag, **headers}
    return client.patch(f"{ITEMS}/{id_}", data=json.dumps(content), content_type=MERGE_PATCH, headers=given)
