"""QGIS reads the city: features by OGC API, a box of them, vector tiles drawn in the API's own style.

For the Python of Debian's ``python3-qgis``, against a running ``cim serve``; nothing of this project is needed::

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 benchmarks/peers/qgis_reads.py http://127.0.0.1:8080/api/

It prints one JSON object, and exits with 1 if QGIS and the API differ.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any
from urllib.request import urlopen

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeatureRequest,
    QgsMapBoxGlStyleConverter,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize

LAYERS = ("roads", "buildings", "water", "pois")
SIDE_PX = 512


def document(address: str) -> dict[str, Any]:
    """The JSON at an address."""
    with urlopen(address, timeout=60) as answer:
        content: dict[str, Any] = json.load(answer)
    return content


def read_layer(api: str, name: str) -> dict[str, Any]:
    """How many features QGIS finds in a layer and in the middle quarter of it, and how many the API says there are."""
    began = time.perf_counter()
    layer = QgsVectorLayer(f"url='{api}' typename='{name}' pageSize='1000'", name, "OAPIF")
    if not layer.isValid():
        return {"error": layer.error().summary() or "not valid"}
    found = {feature["id"] for feature in layer.getFeatures()}
    seconds = time.perf_counter() - began
    box = layer.extent()
    box.scale(0.5)
    some = {feature["id"] for feature in layer.getFeatures(QgsFeatureRequest(box))}
    degrees = _in_degrees(box, layer.crs())
    west, south, east, north = degrees.xMinimum(), degrees.yMinimum(), degrees.xMaximum(), degrees.yMaximum()
    items = f"{api}collections/{name}/items?limit=1"
    said = document(items)["numberMatched"]
    said_in_box = document(f"{items}&bbox={west},{south},{east},{north}")["numberMatched"]
    return {
        "crs": layer.crs().authid(),
        "features": len(found),
        "said": said,
        "in_box": len(some),
        "said_in_box": said_in_box,
        "seconds": round(seconds, 3),
        "same": len(found) == said and some <= found and bool(some) == bool(said_in_box),
    }


def _in_degrees(box: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> QgsRectangle:
    target = QgsCoordinateReferenceSystem("OGC:CRS84")
    return QgsCoordinateTransform(crs, target, QgsProject.instance()).transformBoundingBox(box)


def draw_tiles(api: str) -> dict[str, Any]:
    """Vector tiles in the API's style, drawn: how many colours the picture has, and what QGIS could not read of it."""
    began = time.perf_counter()
    tiles = QgsVectorTileLayer(f"type=xyz&url={api}tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}&zmin=0&zmax=16", "city")
    converter = QgsMapBoxGlStyleConverter()
    converted = converter.convert(document(f"{api}styles/city")) == QgsMapBoxGlStyleConverter.Success
    tiles.setRenderer(converter.renderer())
    settings = QgsMapSettings()
    settings.setLayers([tiles])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setOutputSize(QSize(SIDE_PX, SIDE_PX))
    settings.setExtent(_middle(document(f"{api}tiles/WebMercatorQuad")["bounds"]))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    colours = {picture.pixel(x, y) for x in range(0, SIDE_PX, 2) for y in range(0, SIDE_PX, 2)}
    return {
        "valid": tiles.isValid(),
        "style_read": converted,
        "style_warnings": sorted(set(converter.warnings())),
        "colours": len(colours),
        "seconds": round(time.perf_counter() - began, 3),
        "same": tiles.isValid() and converted and len(colours) > 10,
    }


def _middle(bounds: list[float]) -> QgsRectangle:
    """The middle of the city in mercator metres."""
    box = QgsRectangle(*bounds)
    box.scale(0.3)
    source, target = QgsCoordinateReferenceSystem("OGC:CRS84"), QgsCoordinateReferenceSystem("EPSG:3857")
    return QgsCoordinateTransform(source, target, QgsProject.instance()).transformBoundingBox(box)


def main(api: str) -> int:
    """Read and draw; 1 if something differs."""
    application = QgsApplication([], False)
    application.initQgis()
    found: dict[str, Any] = {name: read_layer(api, name) for name in LAYERS} | {"tiles": draw_tiles(api)}
    sys.stdout.write(json.dumps({"qgis": Qgis.QGIS_VERSION, **found}, ensure_ascii=False, indent=2) + "\n")
    application.exitQgis()
    return 0 if all(one.get("same") for one in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
