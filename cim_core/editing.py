"""Writing to a city: puts and corrections that become one version, or nothing. Corrections survive re-import."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cim_core.errors import CityError, NotFoundError, StorageError
from cim_core.overlay import apply_edits
from cim_core.plan import Edit
from cim_core.schema import LayerSchema
from cim_core.store import catalogue, feature_log, head
from cim_core.store.corrections import check_field, plain, state_of
from cim_core.store.feature_edits import FeatureEdits
from cim_core.store.files import write_lock
from cim_core.store.garbage import sweep_staging
from cim_core.store.records import Changes, CorrectionRecord, SourceRecord
from cim_core.store.revision import REVISION
from cim_core.store.snapshots import SnapshotInfo

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely import Geometry

    from cim_core.city import City

STANDING = ("active", "conflict", "confirmed", "orphaned")
"""States in which a correction still counts; ``withdrawn`` ends it."""


@contextlib.contextmanager
def editing(city: City, message: str, author: str, wait_s: float) -> Iterator[Editing]:
    """Hold the city's write lock, collect changes, write them as one version at the end."""
    with write_lock(city.root / ".lock", wait_s):
        sweep_staging(city.root)
        current = type(city).open(city.root)
        session = Editing(current)
        yield session
        changes = session.changes()
        if not changes.empty:
            head.drop(city.root)
            session.sequence = catalogue.commit(
                current.database, changes, expected=current.sequence, author=author, message=message
            )
            with contextlib.suppress(StorageError):  # the version is there; the next reader writes this file again
                head.write(city.root, REVISION, catalogue.newest(current.database))


@dataclass
class Editing:
    """What one version will change. ``city`` is the city as it was when the lock was taken."""

    city: City
    sequence: int | None = None
    """The version that was written, once it is."""
    _crs: str | None = None
    _frames: dict[str, tuple[gpd.GeoDataFrame, LayerSchema, int | None]] = field(default_factory=dict)
    _coverages: dict[str, tuple[SnapshotInfo, int | None]] = field(default_factory=dict)
    _removed: dict[str, str] = field(default_factory=dict)
    _sources: list[SourceRecord] = field(default_factory=list)
    _new: list[CorrectionRecord] = field(default_factory=list)
    _states: dict[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    _compacted: set[str] = field(default_factory=set)

    def set_crs(self, crs: str) -> None:
        """Give the city its working CRS; raises :class:`CityError` if it has another one already."""
        if self.city.record.crs not in (None, crs):
            raise CityError(
                "city.crs_is_set",
                "the city has a coordinate system already",
                where=str(self.city.root),
                expected=str(self.city.record.crs),
                got=crs,
                remedy="import into the city's own system, or make a new city with `cim init --crs`",
            )
        self._crs = crs if self.city.record.crs is None else None

    def add_source(self, source: SourceRecord) -> int:
        """Register where the following puts come from; returns its position for them."""
        self._sources.append(source)
        return len(self._sources) - 1

    def put_layer(
        self, frame: gpd.GeoDataFrame, schema: LayerSchema, source: int | None = None, *, replace_edits: bool = False
    ) -> None:
        """Replace a layer's base by this frame (working CRS, index ``id``); no ``source``: the earlier one stays.

        Raises
        ------
        CityError
            ``layer.has_edits``: features were edited since the last import, and ``replace_edits`` does not let that go;
            ``layer.has_corrections``: it would become editable while corrections stand.
        """
        self._refuse_other_kind(schema.name, "layer")
        self._refuse_mixed(schema.name)
        self._refuse_loss(schema, replace_edits)
        self._frames[schema.name] = (frame, schema, source)
        self._removed.pop(schema.name, None)

    def put_coverage(self, name: str, cog: Path, hash_: str, info: dict[str, Any], source: int | None = None) -> None:
        """Replace a coverage by a finished GeoTIFF; ``info`` holds at least ``bounds`` in the working CRS."""
        self._refuse_other_kind(name, "coverage")
        self._coverages[name] = (self.city.store.put_coverage(name, cog, hash_, info), source)
        self._removed.pop(name, None)

    def remove(self, name: str) -> None:
        """Take a layer or coverage out of the city; earlier versions keep it."""
        if name not in self.city.versions:
            raise NotFoundError(
                "city.no_layer",
                f"the city has no layer {name!r}",
                expected=", ".join(sorted(self.city.versions)),
                got=name,
                remedy="use one of the names given",
            )
        self._refuse_mixed(name)
        self._removed[name] = self.city.versions[name].kind

    def create_feature(
        self, layer: str, fields: Mapping[str, Any], geometry: Geometry | None, *, feature: str | None = None
    ) -> str:
        """Add a feature to an editable layer; returns its id, which is made here unless ``feature`` gives one.

        Parameters
        ----------
        fields
            Plain values: texts, numbers, JSON as text, instants as ISO 8601 with offset; what is left out is empty.
        geometry
            In the working CRS.

        Raises
        ------
        InputError
            ``feature.fields``, ``feature.geometry``, ``data.far_from_city``.
        CityError
            ``layer.read_only``, ``feature.exists``.
        """
        self._refuse_put(layer)
        return self.features.create(layer, fields, geometry, feature)

    def replace_feature(
        self,
        layer: str,
        feature: str,
        fields: Mapping[str, Any],
        geometry: Geometry | None,
        *,
        expected: str | None = None,
    ) -> None:
        """Put another content in a feature's place, as :meth:`create_feature`.

        ``expected`` is the :attr:`~cim_core.store.feature_content.Feature.tag` of the content that the caller knows.

        Raises
        ------
        NotFoundError
            ``feature.unknown``.
        CityError
            ``feature.changed``: somebody was faster.
        """
        self._refuse_put(layer)
        self.features.replace(layer, feature, fields, geometry, expected)

    def update_feature(
        self,
        layer: str,
        feature: str,
        fields: Mapping[str, Any] | None = None,
        geometry: Geometry | None = None,
        *,
        expected: str | None = None,
    ) -> None:
        """Change the fields that are given, and the geometry if it is; raises as :meth:`replace_feature`."""
        self._refuse_put(layer)
        self.features.update(layer, feature, fields or {}, geometry, expected)

    def delete_feature(self, layer: str, feature: str, *, expected: str | None = None) -> None:
        """Take a feature away; earlier versions keep it. Raises as :meth:`replace_feature`."""
        self._refuse_put(layer)
        self.features.delete(layer, feature, expected)

    def compact(self, layer: str) -> None:
        """Fold a layer's log of edits into a new snapshot; what the layer shows stays the same."""
        if self.city.schema(layer).editable and self.city.versions[layer].edits:
            self._compacted.add(layer)

    @cached_property
    def features(self) -> FeatureEdits:
        """Single features as this version will have them."""
        city = self.city
        return FeatureEdits(city.store, city.database, city.versions, city.crs, city.geographic_bounds())

    def correct(self, layer: str, feature: str, fields: Mapping[str, Any], note: str = "") -> None:
        """Put fields of one feature right. The correction is applied again after each import of the source.

        Raises
        ------
        ParameterError
            The layer has no such field, or one that cannot be corrected, or the value has another type.
        NotFoundError
            There is no such feature.
        """
        base, schema, _ = self._base(layer)
        if schema.editable:
            raise CityError(
                "correction.editable_layer",
                "the features of this layer are edited, not corrected",
                where=f"layer {layer}",
                expected="a layer that follows its source",
                got="an editable layer",
                remedy="change the feature itself: PATCH with application/merge-patch+json",
            )
        if feature not in base.index:
            raise NotFoundError(
                "correction.no_feature",
                f"layer {layer} has no feature {feature!r}",
                where=f"layer {layer}",
                expected="a feature id",
                got=feature,
                remedy="click the feature or look its id up; groups and names are not corrected as a whole",
            )
        for name, value in fields.items():
            check_field(schema, name, value)
        before = {name: plain(base.at[feature, name]) for name in fields}
        self._new.append(CorrectionRecord(0, layer, feature, dict(fields), before, note, "active", {}))

    def withdraw(self, correction: int) -> None:
        """End a correction: the source's value shows again."""
        known = {item.id: item for item in self._known()}
        if correction not in known or known[correction].state == "withdrawn":
            raise NotFoundError(
                "correction.unknown",
                "no such correction",
                expected=", ".join(str(i) for i, item in known.items() if item.state != "withdrawn") or "none is there",
                got=str(correction),
                remedy="`cim info --corrections` lists them",
            )
        self._states[correction] = ("withdrawn", {})

    def changes(self) -> Changes:
        """Everything collected, with the snapshots written."""
        changes = Changes(crs=self._crs, sources=self._sources, removed=self._removed)
        for name, (info, source) in self._coverages.items():
            changes.layers[name] = (info, info, source)
        for layer in self._touched():
            frame, schema, source = self._base(layer)
            standing = self._rebase(layer, frame)
            base = self.city.store.put_layer(frame, schema)
            shown = base
            if standing:
                shown = self.city.store.put_layer(apply_edits(frame, map(_as_edit, standing), frame.crs), schema)
            changes.layers[layer] = (shown, base, source)
        self._add_edits(changes)
        changes.corrections = list(self._new)
        changes.states = [(number, state, detail) for number, (state, detail) in sorted(self._states.items())]
        return changes

    def _add_edits(self, changes: Changes) -> None:
        """Edits of features: into the log, or with a long log into a new snapshot, of which they stay the history."""
        waiting = self.features.pending if "features" in self.__dict__ else {}
        for layer in sorted({*waiting, *self._compacted}):
            after = self.features.after(layer)
            if layer in waiting:
                changes.edits[layer] = waiting[layer]
            if after.edits > feature_log.LOG_MOST or layer in self._compacted:
                frame = self.city.logged(layer, waiting.get(layer, []))
                info = self.city.store.put_layer(frame, self.city.schema(layer))
                changes.layers[layer] = (info, info, None)
                changes.edits_in_all[layer] = after.edits_in_all
            else:
                changes.logged[layer] = after

    def corrected(self, layer: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """A frame about to be put, as it will show: with the corrections that stand."""
        standing = [item for item in self._known() if item.layer == layer and state_of(item, frame)[0] != "orphaned"]
        edits = [_as_edit(item) for item in standing if item.state != "withdrawn"]
        return apply_edits(frame, edits, frame.crs) if edits else frame

    def conflicts(self) -> list[CorrectionRecord]:
        """Corrections whose source now says something else, after :meth:`changes`."""
        states = {number: state for number, state in self._states.items() if state[0] in ("conflict", "orphaned")}
        known = (item for item in self._known() if item.id in states)
        return [replace(item, state=states[item.id][0], detail=states[item.id][1]) for item in known]

    def _refuse_mixed(self, name: str) -> None:
        if "features" in self.__dict__ and name in self.features.pending:
            raise _mixed(name)

    def _refuse_put(self, name: str) -> None:
        if name in self._frames or name in self._removed or name in self._compacted:
            raise _mixed(name)

    def _refuse_loss(self, schema: LayerSchema, replace_edits: bool) -> None:
        known = self.city.versions.get(schema.name)
        edits = 0 if known is None else known.edits_in_all
        if edits and not replace_edits:
            raise CityError(
                "layer.has_edits",
                f"{edits:,} edits of features would go",
                where=f"layer {schema.name}",
                expected="a layer that nobody edited since its last import",
                got=f"{edits:,} edits",
                remedy="export the layer first, then import with --replace-edits; or import under another name",
            )
        standing = [item for item in self._known() if item.layer == schema.name and item.state != "withdrawn"]
        if schema.editable and standing:
            raise CityError(
                "layer.has_corrections",
                "corrections stand on this layer; an editable one has none",
                where=f"layer {schema.name}",
                expected="a layer without corrections",
                got=", ".join(f"{item.id} ({item.feature})" for item in standing[:10]),
                remedy="withdraw them first, or import under another name",
            )

    def _refuse_other_kind(self, name: str, kind: str) -> None:
        known = self._kind(name)
        if known not in (None, kind):
            raise CityError(
                "city.other_kind",
                f"{name!r} is a {known} of this city, not a {kind}",
                where=f"layer {name}",
                expected=f"a {known}, or another name",
                got=f"a {kind}",
                remedy="import it under another name (--layer NAME)",
            )

    def _kind(self, name: str) -> str | None:
        """What bears the name once this version is written."""
        if name in self._frames:
            return "layer"
        if name in self._coverages:
            return "coverage"
        known = self.city.versions.get(name)
        return None if known is None or name in self._removed else known.kind

    def _known(self) -> list[CorrectionRecord]:
        with self.city.database.read() as connection:
            return catalogue.corrections(connection, self.city.sequence)

    def _touched(self) -> list[str]:
        withdrawn = {item.layer for item in self._known() if item.id in self._states}
        return sorted(({*self._frames} | {item.layer for item in self._new} | withdrawn) - {*self._removed})

    def _base(self, layer: str) -> tuple[gpd.GeoDataFrame, LayerSchema, int | None]:
        if layer not in self._frames:
            schema = self.city.schema(layer)
            frame = self.city.store.read_layer(layer, self.city.versions[layer].base)
            return frame, schema, None
        return self._frames[layer]

    def _rebase(self, layer: str, frame: gpd.GeoDataFrame) -> list[CorrectionRecord]:
        """Compare corrections with the base as it is now; returns those that apply, in order."""
        applied = []
        for item in self._known():
            if item.layer != layer or item.state == "withdrawn" or item.id in self._states:
                continue
            state, detail = state_of(item, frame)
            if (state, detail) != (item.state, item.detail):
                self._states[item.id] = (state, detail)
            if state != "orphaned":
                applied.append(item)
        return applied + [item for item in self._new if item.layer == layer]


def _mixed(name: str) -> CityError:
    return CityError(
        "layer.mixed_changes",
        "one version either edits features of a layer or replaces it as a whole",
        where=f"layer {name}",
        expected="one of both",
        got="both",
        remedy="make two versions",
    )


def _as_edit(item: CorrectionRecord) -> Edit:
    return Edit(item.layer, item.feature, (item.feature,), "set", tuple(sorted(item.fields.items())))
