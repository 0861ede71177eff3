"""A layer's snapshot with its log of edits over it, as one frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cim_core.schema import LayerSchema
from cim_core.store import feature_log
from cim_core.store.database import Database
from cim_core.store.feature_content import feature_of, frame_of
from cim_core.store.records import FeatureEdit, LayerVersion

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from pyproj import CRS

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class LayerLog:
    """What the edits since a snapshot come to.

    Attributes
    ----------
    gone
        Ids of the features that the log names: whatever the snapshot says of them no longer holds.
    frame
        The features that it leaves: working CRS, the schema's columns, index ``id`` sorted.
    """

    gone: frozenset[str]
    frame: gpd.GeoDataFrame

    @classmethod
    def read(cls, database: Database, layer: LayerVersion, crs: CRS, further: Sequence[FeatureEdit] = ()) -> LayerLog:
        """The log of a layer as a version of the city shows it, with entries that are not written yet."""
        known: dict[str, FeatureEdit] = {}
        if layer.edits:
            with database.read() as connection:
                known = feature_log.latest(connection, layer)
        last = known | {edit.feature: edit for edit in further}
        left = [feature_of(id_, edit.content) for id_, edit in last.items() if edit.content is not None]
        return cls(frozenset(last), frame_of(left, LayerSchema.model_validate(layer.schema), crs))

    def over(self, frame: gpd.GeoDataFrame, columns: Sequence[str] | None, bbox: Box | None) -> gpd.GeoDataFrame:
        """The snapshot's frame (``columns`` of it, what meets ``bbox`` in the working CRS) with the log over it."""
        import pandas as pd

        kept = frame[~frame.index.isin(list(self.gone))]
        added = self.frame if columns is None else self.frame[[*columns, "geometry"]]
        added = added if bbox is None else added[_meets(added, bbox)]
        if not len(added):
            return kept
        dtypes: dict[str, Any] = {name: frame[name].dtype for name in frame.columns if name != "geometry"}
        both = pd.concat([kept, added]) if len(kept) else added
        return both.astype(dtypes).sort_index()


def _meets(frame: gpd.GeoDataFrame, bbox: Box) -> pd.Series[bool]:
    """As a snapshot is read: by the features' own boxes."""
    edges = frame.bounds
    west, south, east, north = bbox
    return (edges.minx <= east) & (edges.maxx >= west) & (edges.miny <= north) & (edges.maxy >= south)
