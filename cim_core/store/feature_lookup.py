"""One feature out of a snapshot of any size, by its id: an index of hashed ids, then one row group of the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cim_core.store.cache import FileCache
from cim_core.store.snapshots import SnapshotStore

if TYPE_CHECKING:
    import geopandas as gpd
    import pyarrow.parquet as pq
    from numpy.typing import NDArray

KIND = "feature-index"
"""Where the cache keeps the indexes: hashes of the ids in rising order, and the row that each stands for."""


def find_row(store: SnapshotStore, layer: str, snapshot: str, feature: str) -> gpd.GeoDataFrame | None:
    """The feature as a frame of one row, index ``id``; None if the snapshot has none of that id."""
    import pyarrow.parquet as pq

    path = store.layer_path(layer, snapshot)
    folder = FileCache(store.root, code="1").get(KIND, [layer, snapshot], lambda aside: _build(path, aside))
    hashes, rows = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("hashes", "rows"))
    wanted = _hashed([feature])[0]
    begin, end = np.searchsorted(hashes, wanted, "left"), np.searchsorted(hashes, wanted, "right")
    if begin == end:
        return None
    with pq.ParquetFile(path) as file:
        for row in rows[begin:end].tolist():  # two ids may have one hash
            found = _row(file, row)
            if found.index[0] == feature:
                return found
    return None


def _build(path: Path, folder: Path) -> None:
    import pyarrow.parquet as pq

    hashes = _hashed(pq.read_table(path, columns=["id"])["id"].to_pylist())
    order = np.argsort(hashes, kind="stable")
    np.save(folder / "hashes.npy", hashes[order])
    np.save(folder / "rows.npy", order.astype(np.int32))


def _hashed(ids: list[str]) -> NDArray[np.uint64]:
    """SipHash with a fixed key: the same in every process."""
    from pandas.util import hash_array

    return np.asarray(hash_array(np.array(ids, dtype=object), categorize=False), dtype=np.uint64)


def _row(file: pq.ParquetFile, row: int) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import shapely

    begins = np.cumsum([0] + [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)])
    group = int(np.searchsorted(begins, row, "right")) - 1
    columns = [name for name in file.schema_arrow.names if name != "bbox"]
    table = file.read_row_group(group, columns=columns).slice(row - int(begins[group]), 1)
    cells = table.to_pandas()
    return gpd.GeoDataFrame(cells.assign(geometry=shapely.from_wkb(cells["geometry"]))).set_index("id")
