"""``cim init``, ``sample``, ``info``, ``correct``, ``gc``: the city itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from servers.cli import console
from servers.cli.options import AtOption, CityOption, JsonOption, configured, open_city


def register(app: typer.Typer) -> None:
    """Add the commands to the tree."""
    app.command()(init)
    app.command()(sample)
    app.command()(info)
    app.command()(correct)
    app.command()(gc)


def init(
    folder: Annotated[Path, typer.Argument(help="a new folder")],
    crs: Annotated[str | None, typer.Option(help="working CRS in metres, e.g. EPSG:4544; else by the data")] = None,
    name: Annotated[str, typer.Option(help="name of the city")] = "",
    timezone: Annotated[str, typer.Option(help="IANA time zone")] = "Asia/Shanghai",
    database: Annotated[str, typer.Option(help="postgresql+psycopg://… instead of SQLite")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make an empty city. 建立一座空城市。"""
    from cim_core.city import City
    from cim_core.crs import require_working_crs

    city = City.create(
        folder, name=name, crs=require_working_crs(crs) if crs else None, timezone=_zone(timezone), url=database
    )
    if as_json:
        console.emit({"city": str(folder), "id": city.record.id, "version": city.sequence})
    else:
        console.say(f"{folder} is a city now. Next: cim import osm FILE --city {folder}")


def sample(
    folder: Annotated[Path, typer.Argument(help="a new folder")],
    seed: Annotated[int, typer.Option(min=0, help="another seed, another city")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Make a synthetic mountain city on two rivers to try things on. 建立一座虚构的山城。"""
    from data_samples.city import ATTRIBUTION, sample_city

    city = sample_city(folder, seed=seed, author=configured().author)
    layers = {name: version.rows for name, version in city.versions.items()}
    if as_json:
        content = {"city": str(folder), "name": city.record.name, "version": city.sequence, "layers": layers}
        console.emit({**content, "synthetic": True, "attribution": ATTRIBUTION})
    else:
        counts = f"{layers['roads']:,} road parts, {layers['buildings']:,} buildings"
        console.say(f"{folder} is a synthetic city now, made by a program: {counts}.")
        console.say(f"Next: cim run traffic.simulate --city {folder}")


def _zone(name: str) -> str:
    from zoneinfo import available_timezones

    from cim_core.errors import ParameterError

    if name not in available_timezones():
        raise ParameterError(
            "parameter.timezone",
            "no such time zone",
            where="--timezone",
            expected="an IANA name such as Asia/Shanghai",
            got=name,
            remedy="use an IANA name",
        )
    return name


def info(
    city: CityOption = None,
    at: AtOption = None,
    names: Annotated[str | None, typer.Option(help="list the names in a layer")] = None,
    quality: Annotated[bool, typer.Option("--quality", help="show what imports read, kept, assumed")] = False,
    corrections: Annotated[bool, typer.Option("--corrections", help="list corrections and conflicts")] = False,
    as_json: JsonOption = False,
) -> None:
    """What is in the city. 城市里有什么。"""
    view = open_city(city, at)
    if names is not None:
        found = view.directory(names).names()
        console.emit({"names": found}) if as_json else console.say("\n".join(found))
        return
    content = _description(view)
    if as_json:
        console.emit(content)
        return
    console.say(f"{view.record.name}  version {view.sequence}  {view.record.crs or 'no CRS yet'}  {view.timezone}")
    rows = [
        [r["name"], r["kind"], console.number(r["rows"]), str(r["version"]), r["source"]] for r in content["layers"]
    ]
    if rows:
        console.table(rows, ["layer", "kind", "features", "version", "source"])
    else:
        console.say("Nothing in it yet. Next: cim import osm FILE")
    if quality:
        _say_quality(content)
    if corrections:
        _say_corrections(content)


def _description(view: Any) -> dict[str, Any]:
    from cim_core.store import catalogue

    sources = view.sources()
    with view.database.read() as connection:
        corrections = catalogue.corrections(connection, view.sequence)
        versions = catalogue.versions(connection)
    layers = [_layer_row(version, sources.get(name)) for name, version in view.versions.items()]
    return {
        "city": view.record.name,
        "id": view.record.id,
        "crs": view.record.crs,
        "timezone": view.timezone,
        "version": view.sequence,
        "layers": layers,
        "corrections": [vars(item) for item in corrections],
        "versions": [{**row, "at": row["at"].isoformat()} for row in versions],
    }


def _layer_row(version: Any, source: Any) -> dict[str, Any]:
    row = {"name": version.name, "kind": version.kind, "rows": version.rows, "version": version.seq}
    row |= {"snapshot": version.content, "edits": version.edits, "source": "", "attribution": "", "quality": {}}
    if source is not None:
        row |= {"source": source.uri, "attribution": source.attribution, "quality": dict(source.quality)}
    return row


def _say_quality(content: dict[str, Any]) -> None:
    for report in {row["source"]: row["quality"] for row in content["layers"] if row["quality"]}.values():
        say_report(report)


def say_report(report: dict[str, Any]) -> None:
    """A quality report as a table with reasons beneath."""
    layers = report.get("layers", {})
    rows = [
        [
            name,
            *(
                console.number(n)
                for n in (r["read"], r["kept"], _sum(r["repaired"]), _sum(r["dropped"]), _sum(r["assumed"]))
            ),
        ]
        for name, r in layers.items()
    ]
    if rows:
        console.table(rows, ["layer", "read", "kept", "repaired", "dropped", "assumed values"])
    for name, row in layers.items():
        for what in ("dropped", "repaired"):
            for reason, count in row[what].items():
                console.say(f"  {name}: {count:,} {what}: {reason}")
    for warning in report.get("warnings", []):
        console.say(f"  ! {warning}")


def _sum(reasons: dict[str, int]) -> int:
    return sum(reasons.values())


def _say_corrections(content: dict[str, Any]) -> None:
    for item in content["corrections"]:
        console.say(f"  {item['id']}  {item['state']:9}  {item['layer']} {item['feature']}: {item['fields']}")
        for name, value in item["detail"].items():
            console.say(f"       {name}: {value}")
    if not content["corrections"]:
        console.say("No corrections.")


def correct(
    layer: Annotated[str, typer.Argument(help="layer")],
    feature: Annotated[str, typer.Argument(help="feature id")],
    fields: Annotated[list[str] | None, typer.Argument(help="field=value …")] = None,
    note: Annotated[str, typer.Option(help="why")] = "",
    withdraw: Annotated[int | None, typer.Option(help="end the correction with this number instead")] = None,
    city: CityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a feature's fields right; survives re-import. 更正要素字段，重新导入后仍有效。"""
    view = open_city(city)
    author = configured(city).author
    with view.edit(f"correct {layer} {feature}", author=author) as session:
        if withdraw is not None:
            session.withdraw(withdraw)
        else:
            session.correct(layer, feature, _typed(view.schema(layer), console.assignments(fields or [])), note)
    content = {"version": session.sequence, "layer": layer, "feature": feature}
    console.emit(content) if as_json else console.say(f"{layer} {feature} corrected in version {session.sequence}")


def _typed(schema: Any, values: dict[str, Any]) -> dict[str, Any]:
    import json

    typed = {}
    for name, text in values.items():
        field = schema.field(name)
        if field is not None and field.dtype != "string" and isinstance(text, str):
            try:
                typed[name] = json.loads(text.lower())
                continue
            except json.JSONDecodeError:
                pass
        typed[name] = text
    return typed


def gc(
    city: CityOption = None,
    days: Annotated[float, typer.Option(help="keep cached files used within so many days")] = 30.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would go")] = False,
    compact: Annotated[bool, typer.Option("--compact", help="fold edits of features into new snapshots first")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove what nothing refers to. 清理无引用的文件。"""
    from cim_core.store.garbage import collect

    view = open_city(city)
    if compact and not dry_run:
        with view.edit("fold edits into snapshots", author=configured(city).author) as session:
            for name, version in session.city.versions.items():
                if version.edits:
                    session.compact(name)
    found = collect(view.root, view.database, cache_days=days, dry_run=dry_run)
    if as_json:
        console.emit(found)
    else:
        verb = "would be freed" if dry_run else "freed"
        console.say(f"{found['bytes'] / 1e6:,.1f} MB {verb}: {found['files']} files no version refers to")
