"""``cim import …``: from files into the city."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from servers.cli import console
from servers.cli.cities import say_report
from servers.cli.options import CityOption, JsonOption, configured, open_city

app = typer.Typer(help="Bring data into the city. 导入数据。", no_args_is_help=True, rich_markup_mode=None)
SourceCrs = Annotated[str | None, typer.Option("--source-crs", help="EPSG:…, gcj02 or bd09, before what the file says")]


@app.command()
def osm(
    file: Annotated[Path | None, typer.Argument(help=".osm.pbf, .osm, .osm.gz")] = None,
    place: Annotated[str | None, typer.Option(help='instead of a file, by network: "渝中区, 重庆"')] = None,
    city: CityOption = None,
    as_json: JsonOption = False,
) -> None:
    """OpenStreetMap: roads, walkways, buildings, POIs, rail, water. 开放街道地图。"""
    from cim_core import importing

    view = open_city(city)
    with console.progress("import osm") as report:
        if place is not None:
            from cim_core.gis.place import fetched

            with fetched(place, report) as path:
                outcome = importing.import_osm(view, path, author=configured(city).author, progress=report)
        else:
            outcome = importing.import_osm(view, _given(file), author=configured(city).author, progress=report)
    _show(outcome, as_json)


def _given(file: Path | None) -> Path:
    from cim_core.errors import ParameterError

    if file is None:
        raise ParameterError(
            "cli.usage",
            "nothing to import",
            where="cim import osm",
            expected="a file, or --place",
            got="neither",
            remedy="name a .osm.pbf or .osm file",
        )
    return file


@app.command()
def vector(
    file: Annotated[Path, typer.Argument(help=".gpkg .geojson .shp .parquet .fgb .csv, or a zip of one")],
    layer: Annotated[str | None, typer.Option(help="layer in the city; a standard name maps onto its schema")] = None,
    inner: Annotated[str | None, typer.Option(help="layer within the file")] = None,
    source_crs: SourceCrs = None,
    x: Annotated[str | None, typer.Option(help="column with longitude or easting")] = None,
    y: Annotated[str | None, typer.Option(help="column with latitude or northing")] = None,
    id_field: Annotated[str | None, typer.Option(help="column that names each feature once")] = None,
    attribution: Annotated[str, typer.Option(help="whom to name as the source")] = "",
    city: CityOption = None,
    as_json: JsonOption = False,
) -> None:
    """A vector file into one layer. 矢量数据。"""
    from cim_core import importing

    view = open_city(city)
    with console.progress("import vector") as report:
        outcome = importing.import_vector(
            view,
            file,
            layer=layer,
            inner=inner,
            source_crs=source_crs,
            x=x,
            y=y,
            id_field=id_field,
            attribution=attribution,
            author=configured(city).author,
            progress=report,
        )
    _show(outcome, as_json)


@app.command()
def raster(
    file: Annotated[Path, typer.Argument(help="GeoTIFF or another raster")],
    layer: Annotated[str, typer.Option(help="name in the city; `elevation` gives roads their heights")],
    source_crs: SourceCrs = None,
    attribution: Annotated[str, typer.Option(help="whom to name as the source")] = "",
    city: CityOption = None,
    as_json: JsonOption = False,
) -> None:
    """A raster into a coverage. 栅格数据。"""
    from cim_core import importing

    view = open_city(city)
    with console.progress("import raster") as report:
        outcome = importing.import_raster(
            view,
            file,
            layer=layer,
            source_crs=source_crs,
            attribution=attribution,
            author=configured(city).author,
            progress=report,
        )
    _show(outcome, as_json)


def _show(outcome: Any, as_json: bool) -> None:
    if as_json:
        console.emit(outcome.as_dict())
        return
    console.say(f"version {outcome.sequence}, {outcome.crs}")
    say_report(dict(outcome.quality))
    for item in outcome.as_dict()["conflicts"]:
        console.say(f"  conflict: {item['layer']} {item['feature']}: corrected to {item['correction']}, {item}")
