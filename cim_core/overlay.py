"""A plan's edits over a city: permanent ones change frames, timed ones are taken by engines; a ledger knows which."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cim_core.errors import PlanError
from cim_core.instants import Day
from cim_core.plan import Edit
from cim_core.schema import LayerSchema

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from pyproj import CRS


class TimedEdit(NamedTuple):
    """An edit as an engine reads it: seconds after the day's local midnight."""

    features: tuple[str, ...]
    fields: dict[str, Any]
    op: str
    begin_s: float
    end_s: float
    target: str
    position: int
    """Its place among the plan's edits."""


class Ledger:
    """Which edits somebody used, and which nobody did."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits
        self._used: set[int] = set()
        self._reasons: dict[int, str] = {}
        self._returned: dict[int, set[str]] = {}

    def permanent(self, layer: str, schema: LayerSchema) -> list[Edit]:
        """The edits that a frame of the layer shows; counted as used."""
        found = [i for i, edit in enumerate(self._edits) if _shown(edit, layer, schema)]
        self._used.update(found)
        return [self._edits[i] for i in found]

    def take(self, layer: str, fields: Collection[str], day: Day, schema: LayerSchema | None) -> list[TimedEdit]:
        """The edits an engine must follow; counted as used."""
        taken = []
        for position, edit in enumerate(self._edits):
            wanted = {name: value for name, value in edit.fields if name in fields}
            if edit.layer != layer or not wanted or (schema and _shown(edit, layer, schema)):
                continue
            window = edit.window.seconds(day)
            if window is None:
                self._reasons[position] = f"it does not hold on this day ({day.date or day.type})"
                continue
            self._used.add(position)
            taken.append(TimedEdit(edit.features, wanted, edit.op, *window, edit.target, position))
        return taken

    def give_back(self, edit: TimedEdit, features: Collection[str], reason: str) -> None:
        """Count some of an edit's features as unused."""
        self._returned.setdefault(edit.position, set()).update(features)
        self._reasons[edit.position] = reason

    def unused(self) -> list[dict[str, Any]]:
        """Every edit, or part of one, that had no effect, with a reason."""
        rows = []
        for position, edit in enumerate(self._edits):
            returned = self._returned.get(position, set())
            features = sorted(returned) if position in self._used else list(edit.features)
            if features:
                reason = self._reasons.get(position, "this analysis does not read it")
                rows.append({**edit.as_dict(), "features": features, "reason": reason})
        return rows


def _shown(edit: Edit, layer: str, schema: LayerSchema) -> bool:
    """Whether a frame of the layer shows the edit: a permanent one, of fields that the schema has."""
    if edit.layer != layer or edit.timed:
        return False
    return edit.op != "set" or all(schema.field(name) is not None for name, _ in edit.fields)


def apply_edits(frame: gpd.GeoDataFrame, edits: Iterable[Edit], crs: CRS) -> gpd.GeoDataFrame:
    """A copy of the frame with the edits in it. ``add`` carries a GeoJSON ``geometry`` in longitude and latitude."""
    changed = frame.copy()
    for edit in edits:
        rows = changed.index.intersection(list(edit.features))
        if edit.op == "remove":
            changed = changed.drop(rows)
        elif edit.op == "add":
            changed = _with_feature(changed, edit, crs)
        else:
            for name, value in edit.fields:
                if name in changed.columns:
                    changed.loc[rows, name] = value
            _follow(changed, rows, {name for name, _ in edit.fields})
    return changed


def _follow(frame: gpd.GeoDataFrame, rows: pd.Index[str], fields: set[str]) -> None:
    """Fields that were set are no longer assumed; fields that follow from them are computed again."""
    if "oneway" in fields and "lanes_backward" in frame.columns and "lanes_backward" not in fields:
        oneway, forward = frame.loc[rows, "oneway"].astype(bool), frame.loc[rows, "lanes_forward"]
        backward = frame.loc[rows, "lanes_backward"]
        frame.loc[rows, "lanes_backward"] = (~oneway) * backward.where(backward > 0, forward.clip(lower=1))
        fields = fields | {"lanes_backward"}
    if "levels" in fields and "floor_area_m2" in frame.columns:
        if "floor_area_m2" not in fields:
            frame.loc[rows, "floor_area_m2"] = frame.loc[rows, "footprint_m2"] * frame.loc[rows, "levels"]
        fields = fields | {"floor_area_m2"}
    if "assumed" in frame.columns:
        frame.loc[rows, "assumed"] = [_without(text, fields) for text in frame.loc[rows, "assumed"]]


def _without(assumed: str | None, fields: set[str]) -> str:
    left = {name: reason for name, reason in json.loads(assumed or "{}").items() if name not in fields}
    return json.dumps(left, sort_keys=True, ensure_ascii=False)


def _with_feature(frame: gpd.GeoDataFrame, edit: Edit, crs: CRS) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pandas as pd
    import shapely

    fields = dict(edit.fields)
    if "geometry" not in fields or len(edit.features) != 1:
        raise PlanError(
            "plan.add_without_geometry",
            "an added feature needs one id and a geometry",
            where=f"layer {edit.layer}",
            expected="one feature id and a GeoJSON geometry in longitude and latitude",
            got=json.dumps(fields, ensure_ascii=False, default=str)[:200],
            remedy="give the measure a geometry",
        )
    geometry = shapely.from_geojson(json.dumps(fields.pop("geometry")))
    known = {name: [value] for name, value in fields.items() if name in frame.columns}
    needed = [name for name, dtype in frame.dtypes.items() if dtype.kind in "iub" and name not in known]
    if needed:
        raise PlanError(
            "plan.add_incomplete",
            "an added feature lacks fields that every feature of the layer has",
            where=f"layer {edit.layer}, {edit.features[0]}",
            expected=", ".join(map(str, needed)),
            got=", ".join(known) or "none",
            remedy="let the measure set them",
        )
    added = gpd.GeoDataFrame(known, geometry=[geometry], crs=4326, index=pd.Index(edit.features, name="id"))
    return pd.concat([frame, added.to_crs(crs)]).astype({c: frame[c].dtype for c in known})
