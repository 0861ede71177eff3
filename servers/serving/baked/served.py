"""Baked layers kept: in the city's cache for all workers, opened once in a process. Large ones are baked by a child."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cim_core.city import City
from cim_core.errors import StorageError
from cim_core.schema import Field
from cim_core.store.cache import FileCache
from servers.serving.baked.layout import BakedLayer, open_baked
from servers.serving.baked.spec import BakeSpec
from servers.serving.cache import BuiltOnce

if TYPE_CHECKING:
    import geopandas as gpd

KIND = "baked"
"""Folder below the city's ``cache``."""
SMALL = 50_000
"""Rows up to which a layer is baked in the process that asks; more would hold up its other threads for long."""
MOST_OPEN = 256
"""Mapped layers that a process keeps open. Their pages are the system's to keep or drop."""
_CODE = (
    "array_files", "bake", "batches", "columns", "fragments_writer", "geometry", "grid", "hashing", "heaps", "hilbert",
    "index", "interning", "layout", "levels", "spec",
)  # fmt: skip
_BESIDE = ("plain_values", "web_mercator", "zoom_rules")
_opened: BuiltOnce[BakedLayer] = BuiltOnce(most=MOST_OPEN, weight=lambda layer: 1)


def baked_layer(city: City, name: str, fields: Collection[str]) -> BakedLayer:
    """A layer's snapshot with some of its fields, without what was edited since and without the city's plan.

    Baked once for all processes; who asks meanwhile waits.

    Raises
    ------
    NotFoundError
        ``city.no_layer``.
    StorageError
        ``baked.failed``, or what a missing snapshot and a full disk raise.
    """
    snapshot = _snapshot(city, name)
    visible = _visible(city, name, fields)
    spec = BakeSpec(name, visible, snapshot)

    def made() -> BakedLayer:
        path = city.store.layer_path(name, snapshot)
        try:
            return open_baked(_kept(city.root, spec.as_dict(), partial(bake_file, path, spec)))
        except StorageError as fault:
            if fault.code != "storage.read_only" or _rows(path) > SMALL:
                raise
            from servers.serving.baked.bake import bake_frame  # a city that may only be read: small layers in memory

            return bake_frame(city.store.read_layer(name, snapshot), spec)

    return _opened.get((str(city.root), *_key(spec)), made)


def baked_frame(root: Path, spec: BakeSpec, rows: int, read: Callable[[], gpd.GeoDataFrame]) -> BakedLayer:
    """A layer that no snapshot holds: of a result, a comparison, or a city with a plan.

    A small one is made anew in this process's memory, and kept by nobody but the caller; a large one goes into the
    cache of the city at ``root``.

    Parameters
    ----------
    spec
        Its version names the content among all layers of that name.
    rows
        About as many as there are.
    read
        The frame, index ``id``; called if it is not there yet.
    """
    if rows <= SMALL:
        from servers.serving.baked.bake import bake_frame

        return bake_frame(read(), spec)

    def build(folder: Path) -> None:
        _bake_large(read(), spec, folder)

    return _opened.get((str(root), *_key(spec)), lambda: open_baked(_kept(root, spec.as_dict(), build)))


def bake_file(path: Path, spec: BakeSpec, folder: Path) -> None:
    """Bake a snapshot's file here if it is small, in a child process otherwise."""
    if not path.exists():
        raise StorageError(
            "storage.snapshot_missing",
            "a snapshot's file is missing",
            where=str(path),
            expected="the file the city's version names",
            got="no such file",
            remedy="restore the file from a backup, or import the source again",
        )
    if _rows(path) > SMALL:
        bake_in_child(path, spec, folder)
    else:
        from servers.serving.baked.bake import bake_parquet

        bake_parquet(path, spec, folder)


def bake_in_child(path: Path, spec: BakeSpec, folder: Path) -> None:
    """``bake_parquet`` in a process of its own, which ends when this one does.

    Raises
    ------
    StorageError
        ``baked.failed`` with the last words of the child.
    """
    job = {"path": str(path.resolve()), "folder": str(folder.resolve()), "spec": spec.as_dict()}
    with tempfile.TemporaryFile() as said:
        command = [sys.executable, "-P", "-m", "servers.serving.baked"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said) as child:
            assert child.stdin is not None  # noqa: S101 - it was asked for
            child.stdin.write(json.dumps(job).encode() + b"\n")
            child.stdin.flush()  # and stays open: its end tells the child that we are gone
            code = child.wait()
        said.seek(max(said.tell() - 2_000, 0))
        words = said.read().decode(errors="replace").strip()
    if code:
        raise StorageError(
            "baked.failed",
            "a layer could not be made ready for serving",
            where=f"layer {spec.name}",
            expected="a process that ends well",
            got=f"exit status {code}: {words.splitlines()[-1] if words else 'no words'}",
            remedy="look for free memory and disk space, then ask again",
        )


@lru_cache(maxsize=1)
def baking_code() -> str:
    """Digest of the modules that say what a baked layer is; what other code has baked is not opened."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [folder / f"{name}.py" for name in _CODE] + [folder.parent / f"{name}.py" for name in _BESIDE]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _kept(root: Path, key: dict[str, Any], build: Callable[[Path], None]) -> Path:
    return FileCache(root, baking_code()).get(KIND, key, build)


def _key(spec: BakeSpec) -> tuple[Any, ...]:
    fields = None if spec.fields is None else tuple((one.name, one.dtype) for one in spec.fields)
    return spec.name, spec.version, fields


def _snapshot(city: City, name: str) -> str:
    city.schema(name)  # raises for what is no layer
    return city.versions[name].snapshot


def _visible(city: City, name: str, fields: Collection[str]) -> tuple[Field, ...]:
    return tuple(field for field in city.schema(name).fields if field.name in set(fields))


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _bake_large(frame: gpd.GeoDataFrame, spec: BakeSpec, folder: Path) -> None:
    """Through a file that the child reads."""
    from servers.serving.baked.bake import write_frame

    aside = folder / "frame.parquet"
    try:
        bake_in_child(aside, write_frame(frame, spec, aside), folder)
    finally:
        aside.unlink(missing_ok=True)
