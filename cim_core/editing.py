"""Writing to a city: puts and corrections that become one version, or nothing. Corrections survive re-import."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cim_core.errors import CityError, NotFoundError, ParameterError, StorageError
from cim_core.overlay import apply_edits
from cim_core.plan import Edit
from cim_core.schema import Field, LayerSchema
from cim_core.store import catalogue, head
from cim_core.store.files import write_lock
from cim_core.store.garbage import sweep_staging
from cim_core.store.records import Changes, CorrectionRecord, SourceRecord
from cim_core.store.revision import REVISION
from cim_core.store.snapshots import SnapshotInfo

if TYPE_CHECKING:
    import geopandas as gpd

    from cim_core.city import City

STANDING = ("active", "conflict", "confirmed", "orphaned")
"""States in which a correction still counts; ``withdrawn`` ends it."""


@contextlib.contextmanager
def editing(city: City, message: str, author: str) -> Iterator[Editing]:
    """Hold the city's write lock, collect changes, write them as one version at the end."""
    with write_lock(city.root / ".lock"):
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

    def put_layer(self, frame: gpd.GeoDataFrame, schema: LayerSchema, source: int | None = None) -> None:
        """Replace a layer's base by this frame (working CRS, index ``id``); no ``source``: the earlier one stays."""
        self._refuse_other_kind(schema.name, "layer")
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
        self._removed[name] = self.city.versions[name].kind

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
            _check_field(schema, name, value)
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
        changes.corrections = list(self._new)
        changes.states = [(number, state, detail) for number, (state, detail) in sorted(self._states.items())]
        return changes

    def corrected(self, layer: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """A frame about to be put, as it will show: with the corrections that stand."""
        standing = [item for item in self._known() if item.layer == layer and _state(item, frame)[0] != "orphaned"]
        edits = [_as_edit(item) for item in standing if item.state != "withdrawn"]
        return apply_edits(frame, edits, frame.crs) if edits else frame

    def conflicts(self) -> list[CorrectionRecord]:
        """Corrections whose source now says something else, after :meth:`changes`."""
        states = {number: state for number, state in self._states.items() if state[0] in ("conflict", "orphaned")}
        known = (item for item in self._known() if item.id in states)
        return [replace(item, state=states[item.id][0], detail=states[item.id][1]) for item in known]

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
            state, detail = _state(item, frame)
            if (state, detail) != (item.state, item.detail):
                self._states[item.id] = (state, detail)
            if state != "orphaned":
                applied.append(item)
        return applied + [item for item in self._new if item.layer == layer]


def _state(item: CorrectionRecord, frame: gpd.GeoDataFrame) -> tuple[str, dict[str, Any]]:
    if item.feature not in frame.index:
        return "orphaned", {"reason": "the source has this feature no more"}
    says = {name: plain(frame.at[item.feature, name]) for name in item.fields}
    if says == item.fields:
        return "confirmed", {}
    if says != item.base:
        return "conflict", {"source_said": item.base, "source_says": says}
    return "active", {}


def _as_edit(item: CorrectionRecord) -> Edit:
    return Edit(item.layer, item.feature, (item.feature,), "set", tuple(sorted(item.fields.items())))


def plain(value: Any) -> Any:
    """A cell as JSON has it: numpy scalars unwrapped, missing as None."""
    if value is None or (isinstance(value, float) and value != value) or type(value).__name__ == "NAType":  # noqa: PLR0124
        return None
    return value.item() if hasattr(value, "item") else value


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "json": (str,),
    "int64": (int,),
    "float64": (int, float),
    "bool": (bool,),
}


def _fits(known: Field, value: Any) -> bool:
    if value is None:
        return known.nullable
    if isinstance(value, bool):
        return known.dtype == "bool"
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, _TYPES.get(known.dtype, ()))


def _check_field(schema: LayerSchema, name: str, value: Any) -> None:
    known = schema.field(name)
    fits = known is not None and _fits(known, value)
    if known is None or not known.editable or not fits:
        raise ParameterError(
            "correction.field",
            f"the field {name!r} cannot be set to {value!r}",
            where=f"layer {schema.name}",
            expected="one of " + ", ".join(f"{f.name} ({f.dtype})" for f in schema.fields if f.editable),
            got=f"{name} = {value!r} ({type(value).__name__})",
            remedy="use a field and a type named",
        )
