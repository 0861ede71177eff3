"""Traffic signals: nodes tagged ``highway=traffic_signals``."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from cim_core.gis.osm.elements import Elements
from cim_core.gis.osm.frames import Rows
from cim_core.gis.quality import QualityReport
from cim_core.layers import SIGNALS


def signal_frame(elements: Elements, report: QualityReport) -> gpd.GeoDataFrame:
    """One row per signal node."""
    rows = Rows(SIGNALS, report)
    nodes = [node for node in elements.nodes if node.tags.get("highway") == "traffic_signals"]
    place = elements.locate(np.array([node.id for node in nodes], dtype=np.int64))
    for node, lonlat, good in zip(nodes, place.lonlat, place.good, strict=True):
        if good:
            rows.keep(f"n{node.id}", f"node/{node.id}", node.tags, shapely.Point(lonlat), node=node.id)
        else:
            rows.drop("coordinates out of range")
    return rows.frame()
