"""The city: layers, coverages and versions; read-only as of a moment, changed through ``edit()`` alone."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cim_core.directory import Directory
from cim_core.errors import CimError, CityError, NotFoundError
from cim_core.instants import Day
from cim_core.overlay import Ledger, TimedEdit, apply_edits
from cim_core.plan import Edit
from cim_core.schema import LayerSchema
from cim_core.store import head
from cim_core.store.files import flush, storage_faults, write_lock
from cim_core.store.records import CityRecord, FeatureEdit, LayerVersion, SourceRecord
from cim_core.store.revision import REVISION
from cim_core.store.snapshots import SnapshotStore

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS

    from cim_core.editing import Editing
    from cim_core.gis.coverage import Coverage
    from cim_core.store.database import Database
    from cim_core.store.layer_log import LayerLog

FORMAT = 1
MARKER = "city.json"
LOCK = ".lock"


@dataclass(frozen=True)
class City:
    """A city as of one moment, with or without a plan. Make one with :meth:`create`, :meth:`open`, :meth:`with_plan`.

    Attributes
    ----------
    root
        Its folder.
    sequence
        The version it shows.
    edits
        The plan's edits; empty for the base.
    """

    root: Path
    record: CityRecord
    sequence: int
    versions: dict[str, LayerVersion]
    edits: tuple[Edit, ...] = ()

    @classmethod
    def create(
        cls, root: Path, *, name: str = "", crs: str | None = None, timezone: str = "Asia/Shanghai", url: str = ""
    ) -> City:
        """A new, empty city in a folder that does not exist or is empty. ``url`` names a PostgreSQL database.

        Raises
        ------
        CityError
            The folder holds something already.
        """
        if root.exists() and any(root.iterdir()):
            raise CityError(
                "city.exists",
                "the folder is not empty",
                where=str(root),
                expected="a new or empty folder",
                got="a city" if (root / MARKER).exists() else "other files",
                remedy="choose another folder, or remove this one",
            )
        from cim_core.store import catalogue

        with storage_faults(root):
            root.mkdir(parents=True, exist_ok=True)
            marker = {"format": FORMAT, "database": url, "namespace": _namespace(url)}
            database = _database(root, marker)
            database.migrate()
            catalogue.create(database, name or root.resolve().name, crs, timezone)
            aside = root / f".{MARKER}"
            aside.touch(mode=0o600)  # a database URL may carry a password
            aside.write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")
            flush(aside)
            aside.replace(root / MARKER)  # the last step: without it the folder is no city
        return cls.open(root)

    @classmethod
    def open(cls, root: Path, at: int | datetime | None = None) -> City:
        """The city as it is, or as it was known at a sequence number or moment.

        Raises
        ------
        CityError
            No city there, or one of a newer version.
        NotFoundError
            ``at`` lies before the city's first version.
        """
        marker = _marker(root)
        newest = head.read(root, REVISION) if at is None else None
        return cls(root, *(newest or _from_database(root, marker, at)))

    def with_plan(self, edits: Sequence[Edit]) -> City:
        """This city as the plan would have it."""
        return replace(self, edits=tuple(edits))

    @cached_property
    def database(self) -> Database:
        """The city's database."""
        return _database(self.root, _marker(self.root))

    @cached_property
    def _ledger(self) -> Ledger:
        return Ledger(self.edits)

    @cached_property
    def store(self) -> SnapshotStore:
        """The snapshot files."""
        return SnapshotStore(self.root)

    @cached_property
    def crs(self) -> CRS:
        """The working CRS, in metres; raises :class:`CityError` while the city has none."""
        from pyproj import CRS

        if self.record.crs is None:
            raise CityError(
                "city.no_crs",
                "the city has no coordinate system yet",
                where=str(self.root),
                expected="a first import, or `cim init --crs`",
                remedy="import georeferenced data first",
            )
        return CRS.from_user_input(self.record.crs)

    @property
    def timezone(self) -> str:
        """IANA name of the city's time zone."""
        return self.record.timezone

    def has_layer(self, name: str) -> bool:
        """Whether the city has a layer of that name."""
        return name in self.versions and self.versions[name].kind == "layer"

    def has_coverage(self, name: str) -> bool:
        """Whether the city has a coverage of that name."""
        return name in self.versions and self.versions[name].kind == "coverage"

    def layer_hash(self, name: str) -> str:
        """Content hash of what a layer or coverage shows, without the plan."""
        return self._version(name, None).content

    def schema(self, name: str) -> LayerSchema:
        """A layer's schema."""
        return self._version(name, "layer").layer_schema

    def layer(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        bbox: tuple[float, float, float, float] | None = None,
    ) -> gpd.GeoDataFrame:
        """A layer in the working CRS, index ``id``, with the plan's permanent edits in it.

        Parameters
        ----------
        columns
            Fields to read (the geometry always comes along); all by default.
        bbox
            (min x, min y, max x, max y) in the working CRS: only what meets it.
        """
        edits = self._ledger.permanent(name, self.schema(name))
        if not edits:
            return self._shown(name, columns, bbox)
        edited = apply_edits(self._shown(name, None, bbox), edits, self.crs)
        if bbox is not None:
            edited = edited.cx[bbox[0] : bbox[2], bbox[1] : bbox[3]]  # what an edit added may lie elsewhere
        return edited if columns is None else edited[[*columns, "geometry"]]

    def columns(self, name: str, columns: Sequence[str]) -> dict[str, list[Any]]:
        """Columns of a layer without its geometry, with ``id``: for look-ups that need no frame."""
        version = self._version(name, "layer")
        table: dict[str, list[Any]] = self.store.read_columns(name, version.snapshot, columns).to_pydict()
        if not version.edits:
            return table
        log = self.log(name)
        kept = [row for row, id_ in enumerate(table["id"]) if id_ not in log.gone]
        added = log.frame.drop(columns="geometry").reset_index()
        plain = added.astype(object).where(added.notna(), None)
        return {name: [values[row] for row in kept] + plain[name].tolist() for name, values in table.items()}

    def log(self, name: str) -> LayerLog:
        """What was edited of a layer since its snapshot, with the frame of what the edits left."""
        from cim_core.store.layer_log import LayerLog

        version = self._version(name, "layer")
        if name not in self._logs:
            self._logs[name] = LayerLog.read(self.database, version, self.crs)
        return self._logs[name]

    def logged(self, name: str, further: Sequence[FeatureEdit] = ()) -> gpd.GeoDataFrame:
        """A layer as it shows, with further entries of its log."""
        from cim_core.store.layer_log import LayerLog

        version = self._version(name, "layer")
        log = LayerLog.read(self.database, version, self.crs, further)
        return log.over(self.store.read_layer(name, version.snapshot), None, None)

    def _shown(
        self, name: str, columns: Sequence[str] | None, bbox: tuple[float, float, float, float] | None
    ) -> gpd.GeoDataFrame:
        version = self._version(name, "layer")
        frame = self.store.read_layer(name, version.snapshot, columns, bbox)
        return self.log(name).over(frame, columns, bbox) if version.edits else frame

    def coverage(self, name: str) -> Coverage:
        """A coverage, to be sampled at points of the working CRS."""
        from cim_core.gis.coverage import Coverage

        return Coverage(self.store.coverage_path(name, self._version(name, "coverage").snapshot))

    def take_edits(self, layer: str, fields: Collection[str], day: Day) -> list[TimedEdit]:
        """The plan's edits of these fields on that day that :meth:`layer` does not show already; now counted as used.

        Times are seconds after the day's local midnight; a permanent edit holds from 0 on.
        """
        schema = self.schema(layer) if self.has_layer(layer) else None
        return self._ledger.take(layer, fields, day, schema)

    def give_back(self, edit: TimedEdit, features: Collection[str], reason: str) -> None:
        """Say that an edit that was taken had no effect on these features; it will stand among the unused."""
        self._ledger.give_back(edit, features, reason)

    def unused_edits(self) -> list[dict[str, Any]]:
        """The edits nobody took, or that were given back, each with a reason."""
        return self._ledger.unused()

    def sources(self) -> dict[str, SourceRecord]:
        """Layer or coverage → where it came from."""
        from cim_core.store import catalogue

        with self.database.read() as connection:
            found = {name: catalogue.source_of(connection, version) for name, version in self.versions.items()}
        return {name: source for name, source in found.items() if source is not None}

    def directory(self, layer: str) -> Directory:
        """Names and groups of a layer's features, to find what a person wrote."""
        wanted = [name for name in ("name", "name_zh", "name_en", "group") if self.schema(layer).field(name)]
        return Directory(layer, self.columns(layer, wanted))

    def find(self, layer: str, name: str) -> tuple[str, ...]:
        """Feature ids for an id, group or name; raises :class:`PlanError` with the nearest names."""
        if layer not in self._directories:
            self._directories[layer] = self.directory(layer)
        return self._directories[layer].find(name)

    def geographic_bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of all layers in degrees; None for a city without any."""
        from pyproj import Transformer

        boxes = [version.bounds for version in self.versions.values() if version.bounds is not None]
        if not boxes or self.record.crs is None:
            return None
        west, south, east, north = zip(*boxes, strict=True)
        to_degrees = Transformer.from_crs(self.crs, 4326, always_xy=True)
        bounds: tuple[float, float, float, float] = to_degrees.transform_bounds(
            min(west), min(south), max(east), max(north)
        )
        return bounds

    @cached_property
    def _logs(self) -> dict[str, LayerLog]:
        return {}

    @cached_property
    def _directories(self) -> dict[str, Directory]:
        return {}

    @contextlib.contextmanager
    def edit(self, message: str, *, author: str = "", wait_s: float = 60.0) -> Iterator[Editing]:
        """The only way to write: all changes of the block become one version, or none does.

        The city object itself stays as it was; open it anew to see the change. Raises :class:`CityError`
        (``city.busy``) if another writes for longer than ``wait_s``.
        """
        from cim_core.editing import editing

        with editing(self, message, author, wait_s) as session:
            yield session

    def _version(self, name: str, kind: str | None) -> LayerVersion:
        version = self.versions.get(name)
        if version is None or (kind is not None and version.kind != kind):
            known = sorted(n for n, v in self.versions.items() if kind in (None, v.kind))
            raise NotFoundError(
                "city.no_coverage" if kind == "coverage" else "city.no_layer",
                f"the city has no {kind or 'layer'} {name!r}",
                where=str(self.root),
                expected=", ".join(known) or "an import first",
                got=name,
                remedy=f"import it (`cim import --help`); `cim info` lists what is there at version {self.sequence}",
            )
        return version


def _namespace(url: str) -> str | None:
    import uuid

    return f"city_{uuid.uuid4().hex[:12]}" if url.startswith("postgresql") else None


def _database(root: Path, marker: dict[str, Any]) -> Database:
    from cim_core.store.database import Database

    return Database(marker["database"], marker["namespace"]) if marker["database"] else Database.in_folder(root)


def _from_database(root: Path, marker: dict[str, Any], at: int | datetime | None) -> head.Head:
    """The state as the database has it; the newest is also written down for the next reader."""
    from cim_core.store import catalogue

    database = _database(root, marker)
    database.migrate()
    if at is not None:
        with database.read() as connection:
            sequence = catalogue.sequence_at(connection, at)
            return catalogue.record(connection), sequence, catalogue.layers(connection, sequence)
    with contextlib.suppress(CimError), write_lock(root / LOCK, wait_s=0):
        head.write(root, REVISION, catalogue.newest(database))
    return catalogue.newest(database)


def _marker(root: Path) -> dict[str, Any]:
    try:
        marker: dict[str, Any] = json.loads((root / MARKER).read_text(encoding="utf-8"))
        found = int(marker["format"])
    except FileNotFoundError:
        raise CityError(
            "city.missing",
            "there is no city",
            where=str(root),
            expected=f"a folder with {MARKER}",
            got="a folder without it" if root.exists() else "no such folder",
            remedy=f"`cim init {root}` makes one; --city or CIM_CITY names another",
        ) from None
    except (OSError, ValueError, TypeError, KeyError) as fault:
        raise CityError(
            "city.marker_unreadable",
            "the city's marker file cannot be read",
            where=str(root / MARKER),
            expected='{"format": 1, "database": ""}',
            got=f"{type(fault).__name__}: {fault}",
            remedy="restore the file",
        ) from fault
    if found > FORMAT:
        raise CityError(
            "city.newer",
            "the city was written by a newer version of this software",
            where=str(root / MARKER),
            expected=f"format {FORMAT}",
            got=f"format {found}",
            remedy="install the newer version; this one leaves the city untouched",
        )
    return {"database": "", "namespace": None} | marker
