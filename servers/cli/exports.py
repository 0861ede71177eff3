"""``cim export``: a layer as a file, or layers as an archive of tiles."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from servers.cli import console
from servers.cli.options import AtOption, CityOption, JsonOption, open_city

TILES = "tiles"
_ZOOM = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?")


def register(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command()(export)


def export(
    layer: Annotated[str, typer.Argument(help="layer to write; `tiles`: vector tiles of the public layers")],
    file: Annotated[Path, typer.Argument(help="target: .gpkg .geojson .parquet .fgb .csv; .pmtiles for tiles")],
    layers: Annotated[str | None, typer.Option(help="of tiles: only these, with commas between")] = None,
    zoom: Annotated[str | None, typer.Option(help="of tiles: from-to, 0 to 22 [0-16]")] = None,
    city: CityOption = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a layer to a file, or an archive of tiles for a static server. 导出图层或瓦片。"""
    if layer == TILES:
        return _export_tiles(file, layers, zoom or "0-16", city, at, as_json)
    _refuse(layers=layers, zoom=zoom)
    from cim_core.gis.export import write_layer

    view = open_city(city, at)
    rows = write_layer(view.layer(layer), layer, file)
    console.emit({"file": str(file), "rows": rows}) if as_json else console.say(f"{rows:,} features in {file}")
    return None


def _export_tiles(file: Path, layers: str | None, zoom: str, city: Path | None, at: str | None, as_json: bool) -> None:
    from servers.serving.pmtiles_export import write_pmtiles

    lowest, deepest = _zooms(zoom)
    names = None if layers is None else [name.strip() for name in layers.split(",") if name.strip()]
    view = open_city(city, at)
    with console.progress("export tiles") as report:
        written = write_pmtiles(view, file, names, zooms=(lowest, deepest), progress=report)
    if as_json:
        console.emit({"file": str(file), **written})
    else:
        size = written["bytes"] / 1e6
        console.say(f"{written['tiles']:,} tiles of {', '.join(written['layers'])} in {file} ({size:,.1f} MB)")


def _zooms(text: str) -> tuple[int, int]:
    found = _ZOOM.fullmatch(text.strip())
    lowest = int(found[1]) if found else 1
    deepest = int(found[2] or found[1]) if found else 0
    if lowest > deepest:
        from cim_core.errors import ParameterError

        raise ParameterError(
            "export.zoom",
            "these are no zooms",
            where="--zoom",
            expected="from-to such as 0-16, or one zoom",
            got=text[:40],
            remedy="write the lower zoom first",
        )
    return lowest, deepest


def _refuse(**options: str | None) -> None:
    given = [f"--{name}" for name, value in options.items() if value is not None]
    if given:
        from cim_core.errors import ParameterError

        raise ParameterError(
            "cli.usage",
            "this option belongs to tiles",
            where="cim export",
            expected="cim export tiles FILE.pmtiles",
            got=", ".join(given),
            remedy="leave it out, or export tiles",
        )
