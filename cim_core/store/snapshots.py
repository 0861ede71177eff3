"""Layer snapshots: GeoParquet 1.1 with bbox covering, in Hilbert order, named by the hash of their content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cim_core.errors import StorageError
from cim_core.schema import LayerSchema
from cim_core.store.files import staged_file

if TYPE_CHECKING:
    import geopandas as gpd
    import pyarrow as pa

ROW_GROUP = 16_384


@dataclass(frozen=True)
class SnapshotInfo:
    """What the database keeps of a snapshot. ``bounds`` is (min x, min y, max x, max y) in the working CRS."""

    hash: str
    kind: str
    rows: int
    size_bytes: int
    bounds: tuple[float, float, float, float] | None
    schema: dict[str, Any]


class SnapshotStore:
    """Immutable files under ``<city>/snapshots`` and ``<city>/coverages``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def layer_path(self, name: str, hash_: str) -> Path:
        """File of a layer's snapshot."""
        return self.root / "snapshots" / name / f"{hash_}.parquet"

    def coverage_path(self, name: str, hash_: str) -> Path:
        """File of a coverage's snapshot."""
        return self.root / "coverages" / name / f"{hash_}.tif"

    def put_layer(self, frame: gpd.GeoDataFrame, schema: LayerSchema) -> SnapshotInfo:
        """Write a frame unless its content is there already. Raises InputError for a frame that does not fit."""
        from cim_core.store.content import conform, frame_hash

        content = conform(frame, schema)
        hash_ = frame_hash(content, schema)
        path = self.layer_path(schema.name, hash_)
        if not path.exists():
            with staged_file(path, self.root) as aside:
                _write_geoparquet(content, schema, aside)
        bounds = _bounds(content)
        return SnapshotInfo(
            hash_,
            "layer",
            len(content),
            path.stat().st_size,
            bounds,
            schema.model_dump(mode="json"),
        )

    def read_layer(
        self,
        name: str,
        hash_: str,
        columns: Sequence[str] | None = None,
        bbox: tuple[float, float, float, float] | None = None,
    ) -> gpd.GeoDataFrame:
        """The frame, index ``id`` sorted; only some columns, or only what meets a bbox in the working CRS."""
        import geopandas as gpd

        wanted = None if columns is None else ["id", *columns, "geometry"]
        frame = gpd.read_parquet(self._present(self.layer_path(name, hash_)), columns=wanted, bbox=bbox)
        return frame.set_index("id").sort_index()

    def read_columns(self, name: str, hash_: str, columns: Sequence[str]) -> pa.Table:
        """Columns without geometry, as an Arrow table with ``id``: for look-ups that need no frame."""
        import pyarrow.parquet as pq

        return pq.read_table(self._present(self.layer_path(name, hash_)), columns=["id", *columns])

    def put_coverage(self, name: str, cog: Path, hash_: str, info: dict[str, Any]) -> SnapshotInfo:
        """Take over a finished cloud-optimised GeoTIFF (a staged file) under its content hash."""
        path = self.coverage_path(name, hash_)
        if not path.exists():
            with staged_file(path, self.root) as aside:
                aside.hardlink_to(cog)
        return SnapshotInfo(hash_, "coverage", 1, path.stat().st_size, tuple(info["bounds"]), info)

    @staticmethod
    def _present(path: Path) -> Path:
        if not path.exists():
            raise StorageError(
                "storage.snapshot_missing",
                "a snapshot's file is missing",
                where=str(path),
                expected="the file the city's version names",
                got="no such file",
                remedy="restore the file from a backup, or import the source again",
            )
        return path


def _bounds(content: gpd.GeoDataFrame) -> tuple[float, float, float, float] | None:
    if not len(content):
        return None
    west, south, east, north = (float(edge) for edge in content.total_bounds)
    return west, south, east, north


def _write_geoparquet(content: gpd.GeoDataFrame, schema: LayerSchema, path: Path) -> None:
    ordered = content
    if len(content):
        ordered = content.iloc[content.hilbert_distance().to_numpy().argsort(kind="stable")]
    ordered.reset_index().to_parquet(
        path,
        index=False,
        compression="zstd",
        schema_version="1.1.0",
        write_covering_bbox=True,
        row_group_size=ROW_GROUP,
    )
