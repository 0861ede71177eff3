"""Edits of single features within one version: each is checked against what stands there, then waits to be written."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cim_core.crs.placement import Bounds, refuse_far
from cim_core.errors import CityError, NotFoundError, ParameterError
from cim_core.schema import LayerSchema
from cim_core.store import feature_log
from cim_core.store.database import Database
from cim_core.store.feature_content import Feature, checked, content_of, feature_of, features_in
from cim_core.store.feature_lookup import find_row
from cim_core.store.records import FeatureEdit, LayerVersion, Op
from cim_core.store.snapshots import SnapshotStore

if TYPE_CHECKING:
    from pyproj import CRS
    from shapely import Geometry

LONGEST_ID = 200


@dataclass
class FeatureEdits:
    """What one version changes of single features.

    Attributes
    ----------
    versions
        The layers as they are.
    crs
        The working CRS.
    near
        West, south, east, north of the city in degrees; None while nothing lies in it.
    """

    store: SnapshotStore
    database: Database
    versions: Mapping[str, LayerVersion]
    crs: CRS
    near: Bounds | None
    pending: dict[str, list[FeatureEdit]] = field(default_factory=dict)
    """Layer → entries in order."""

    def create(self, layer: str, fields: Mapping[str, Any], geometry: Geometry | None, feature: str | None) -> str:
        """Add a feature; returns its id, which is made here unless ``feature`` gives one."""
        schema = self.schema(layer)
        id_ = str(uuid.uuid4()) if feature is None else _sound_id(feature)
        if self.find(layer, id_) is not None:
            raise CityError(
                "feature.exists",
                "there is a feature of this id already",
                where=f"layer {layer}",
                expected="a new id",
                got=id_,
                remedy="replace the feature, or leave the id out: one is made",
            )
        self._append("create", layer, self._checked(Feature(id_, fields, geometry), schema))
        return id_

    def replace(
        self, layer: str, feature: str, fields: Mapping[str, Any], geometry: Geometry | None, expected: str | None
    ) -> None:
        """Put another content in a feature's place; fields that are not given are empty then."""
        schema, before = self.schema(layer), self.present(layer, feature, expected)
        after = self._checked(Feature(feature, fields, geometry), schema)
        if after.tag != before.tag:
            self._append("replace", layer, after)

    def update(
        self, layer: str, feature: str, fields: Mapping[str, Any], geometry: Geometry | None, expected: str | None
    ) -> None:
        """Change some fields, and the geometry unless it is None; the rest stays."""
        schema, before = self.schema(layer), self.present(layer, feature, expected)
        shape = before.geometry if geometry is None else geometry
        after = self._checked(Feature(feature, {**before.fields, **fields}, shape), schema)
        if after.tag != before.tag:
            self._append("update", layer, after)

    def delete(self, layer: str, feature: str, expected: str | None) -> None:
        """Take a feature away."""
        self.schema(layer)
        self.present(layer, feature, expected)
        self.pending.setdefault(layer, []).append(FeatureEdit(feature, "delete", None))

    def present(self, layer: str, feature: str, expected: str | None = None) -> Feature:
        """The feature as it is now; raises :class:`NotFoundError`, or CityError if its tag is not the expected one."""
        found = self.find(layer, feature)
        if found is None:
            raise NotFoundError(
                "feature.unknown",
                "the layer has no such feature",
                where=f"layer {layer}",
                expected="the id of a feature that is there",
                got=feature[:LONGEST_ID],
                remedy="look whether somebody removed it; creating a feature gives it an id",
            )
        if expected is not None and expected != found.tag:
            raise CityError(
                "feature.changed",
                "the feature was changed since you looked at it",
                where=f"layer {layer}, feature {feature}",
                expected=expected[:80],
                got=found.tag,
                remedy="look at the feature as it is now, then change it if it is still wrong",
            )
        return found

    def find(self, layer: str, feature: str) -> Feature | None:
        """The feature with what this version has changed so far; None if there is none."""
        version = self.versions[layer]
        waiting = [edit for edit in self.pending.get(layer, ()) if edit.feature == feature]
        entry = waiting[-1] if waiting else self._logged(version, feature)
        if entry is not None:
            return None if entry.content is None else feature_of(feature, entry.content)
        row = find_row(self.store, layer, version.snapshot, feature)
        return None if row is None else features_in(row, LayerSchema.model_validate(version.schema))[0]

    def schema(self, layer: str) -> LayerSchema:
        """The schema of a layer that may be edited; raises NotFoundError, or CityError for one that may not."""
        version = self.versions.get(layer)
        if version is None or version.kind != "layer":
            raise NotFoundError(
                "city.no_layer",
                f"the city has no layer {layer!r}",
                where="the city",
                expected=", ".join(sorted(n for n, v in self.versions.items() if v.kind == "layer")) or "none",
                got=layer,
                remedy="use one of the names given",
            )
        schema = LayerSchema.model_validate(version.schema)
        if not schema.editable:
            raise CityError(
                "layer.read_only",
                "the features of this layer are not edited one by one",
                where=f"layer {layer}",
                expected="a layer that was imported with --editable",
                got="a layer that follows its source",
                remedy="correct single fields (that survives the next import), or import it as an editable layer",
            )
        return schema

    def after(self, layer: str) -> LayerVersion:
        """The layer with what waits for it in its log; what is removed leaves its place in the bounds."""
        version, edits = self.versions[layer], self.pending.get(layer, [])
        more = sum(edit.op == "create" for edit in edits) - sum(edit.op == "delete" for edit in edits)
        return replace(
            version,
            content=feature_log.chained(version.content, edits),
            edits=version.edits + len(edits),
            edits_in_all=version.edits_in_all + len(edits),
            rows=version.rows + more,
            bounds=_joined(version.bounds, edits),
        )

    def _append(self, op: Op, layer: str, feature: Feature) -> None:
        self.pending.setdefault(layer, []).append(FeatureEdit(feature.id, op, content_of(feature)))

    def _logged(self, version: LayerVersion, feature: str) -> FeatureEdit | None:
        if not version.edits:
            return None
        with self.database.read() as connection:
            return feature_log.latest_of(connection, version, feature)

    def _checked(self, feature: Feature, schema: LayerSchema) -> Feature:
        found = checked(feature, schema, self.crs)
        if found.geometry is not None and self.near is not None:
            refuse_far(_degrees(self.crs, found.geometry.bounds), self.near, where=f"layer {schema.name}")
        return found


def _sound_id(feature: str) -> str:
    if not 1 <= len(feature) <= LONGEST_ID or not feature.isprintable():
        raise ParameterError(
            "feature.id",
            "this cannot be the id of a feature",
            where="feature id",
            expected=f"1 to {LONGEST_ID} printable signs",
            got=repr(feature[:LONGEST_ID]),
            remedy="leave it out: one is made",
        )
    return feature


def _degrees(crs: CRS, bounds: tuple[float, ...]) -> Bounds:
    from pyproj import Transformer

    west, south, east, north = bounds
    box: Bounds = Transformer.from_crs(crs, 4326, always_xy=True).transform_bounds(west, south, east, north)
    return box


def _joined(bounds: tuple[float, float, float, float] | None, edits: list[FeatureEdit]) -> Bounds | None:
    """Bounds with the boxes of what was created or moved."""
    shapes = [feature_of(edit.feature, edit.content).geometry for edit in edits if edit.content is not None]
    boxes = [shape.bounds for shape in shapes if shape is not None] + ([] if bounds is None else [tuple(bounds)])
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
