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
    source: Annotated[
        str, typer.Argument(help=".gpkg .geojson .shp .parquet .fgb .csv, a zip of one, or postgresql://user@host/db")
    ],
    layer: Annotated[str | None, typer.Option(help="layer in the city; a standard name maps onto its schema")] = None,
    inner: Annotated[str | None, typer.Option(help="layer within the file")] = None,
    table: Annotated[str | None, typer.Option(help="of a database: schema.table")] = None,
    query: Annotated[str | None, typer.Option(help='of a database, instead of a table: "select …"')] = None,
    source_crs: SourceCrs = None,
    x: Annotated[str | None, typer.Option(help="column with longitude or easting")] = None,
    y: Annotated[str | None, typer.Option(help="column with latitude or northing")] = None,
    id_field: Annotated[str | None, typer.Option(help="column that names each feature once")] = None,
    editable: Annotated[
        bool | None, typer.Option("--editable/--fixed", help="whether features may be edited one by one; as before")
    ] = None,
    replace_edits: Annotated[bool, typer.Option("--replace-edits", help="edits since the last import may go")] = False,
    attribution: Annotated[str, typer.Option(help="whom to name as the source")] = "",
    city: CityOption = None,
    as_json: JsonOption = False,
) -> None:
    """A vector file, or a table of a PostGIS database, into one layer. 矢量数据。"""
    from cim_core import importing

    in_file = {"--inner": inner, "--x": x, "--y": y}
    in_database = {"--table": table, "--query": query}
    view = open_city(city)
    common: dict[str, Any] = {"layer": layer, "source_crs": source_crs, "id_field": id_field, "editable": editable}
    common |= {"replace_edits": replace_edits, "attribution": attribution, "author": configured(city).author}
    with console.progress("import vector") as report:
        if source.startswith(("postgresql://", "postgres://")):
            _refuse(in_file, "a database")
            _require_name(layer, query)
            found = importing.import_postgis(view, source, table=table, query=query, progress=report, **common)
        else:
            _refuse(in_database, "a file")
            found = importing.import_vector(view, Path(source), inner=inner, x=x, y=y, progress=report, **common)
    _show(found, as_json)


def _refuse(options: dict[str, str | None], source: str) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        from cim_core.errors import ParameterError

        raise ParameterError(
            "cli.usage",
            f"an option does not go with {source}",
            where="cim import vector",
            expected="--table or --query with postgresql://…, --inner, --x and --y with a file",
            got=", ".join(given),
            remedy="leave it out, or name the other kind of source",
        )


def _require_name(layer: str | None, query: str | None) -> None:
    if query is not None and layer is None:
        from cim_core.errors import ParameterError

        raise ParameterError(
            "cli.usage",
            "the result of a query has no name",
            where="cim import vector",
            expected="--layer NAME beside --query",
            got="no --layer",
            remedy="say what the layer is to be called in the city",
        )


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
