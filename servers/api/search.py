"""Search: features by name in either language, plans, runs, analyses; what is called exactly so comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import Connection, func, select

from cim_core.city import City
from cim_core.directory import normal
from cim_core.registry import Registry
from cim_core.schema import Text
from cim_core.store import changes
from cim_core.store import plans as saved
from cim_core.store import tables as t
from servers.api.documents import SearchDocument, SearchResult
from servers.api.operations import Api, AtQuery, Call, operation
from servers.api.provenance import title_of
from servers.serving.layers import city_pages

_NAMES = ("name", "name_zh", "name_en", "group")
_ORDER = ("roads", "pois", "rail", "buildings", "water", "walkways")
"""Layers that people look for first; the others follow."""
_NEWEST_RUNS = 500


@dataclass(frozen=True)
class Entry:
    """Something with names: normalised keys to look in, and what is shown of it."""

    keys: tuple[str, ...]
    kind: Any
    id: str
    title: str
    subtitle: Text
    collection: str | None = None
    members: tuple[str, ...] = ()

    def rank(self, wanted: str) -> int | None:
        """0 exact, 1 begins with it, 2 has it within; None if it has not."""
        ranks = [0 if key == wanted else 1 if key.startswith(wanted) else 2 for key in self.keys if wanted in key]
        return min(ranks, default=None)


class SearchQuery(AtQuery):
    """What is looked for."""

    q: str = Field(min_length=1, max_length=200, description="a name or a part of one")
    limit: int = Field(default=10, ge=1, le=50, description="results at most")


@operation(
    "GET", "/api/search", summary="Search by name", tag="city", query=SearchQuery, responses={200: SearchDocument}
)
def search(call: Call) -> SearchDocument:
    """Exact names first, then beginnings, then parts of names. Case, width and spaces make no difference."""
    wanted = normal(call.query.q)
    if not wanted:
        return SearchDocument(results=[])
    city = call.city
    key = ("names", city.record.id, tuple((v.name, v.content) for v in city.versions.values()))
    named = call.context.remember(key, lambda: _named_features(city))
    shut = {name for name in city.versions if not call.sees(name)}
    entries = [entry for entry in named if entry.collection not in shut]
    entries += [*_plans_and_runs(call, city), *_analyses(call.registry)]
    ranked = [(rank, place, entry) for place, entry in enumerate(entries) if (rank := entry.rank(wanted)) is not None]
    ranked.sort(key=lambda found: (found[0], len(found[2].title) if found[0] else 0, found[1]))
    return SearchDocument(results=[_result(city, entry) for _, _, entry in ranked[: call.query.limit]])


def _named_features(city: City) -> list[Entry]:
    layers = [name for name, version in city.versions.items() if version.kind == "layer"]
    ordered = sorted(layers, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    return [entry for name in ordered for entry in _of_layer(city, name)]


def _of_layer(city: City, layer: str) -> Iterator[Entry]:
    """One entry for each structure and each name: a street of fifty parts is found once."""
    columns = [name for name in _NAMES if city.schema(layer).field(name)]
    table = city.columns(layer, columns)
    found: dict[str, tuple[str, set[str], list[str]]] = {}
    for row, feature in enumerate(table["id"]):
        given = {name: table[name][row] for name in columns if table[name][row]}
        if not given:
            continue
        group = given.pop("group", None)
        title = str(group).partition(":")[2] or group if group else next(iter(given.values()))
        _, keys, members = found.setdefault(group or normal(title), (title, set(), []))
        keys.update(normal(text) for text in (*given.values(), title))
        members.append(feature)
    for title, keys, members in found.values():
        members.sort()
        count = len(members)
        kind = title_of(city.versions[layer])
        subtitle = kind if count == 1 else Text(en=f"{kind.en} · {count} parts", zh=f"{kind.zh} · {count} 段")
        yield Entry(tuple(sorted(keys)), "feature", members[0], title, subtitle, layer, tuple(members))


def _plans_and_runs(call: Call, city: City) -> list[Entry]:
    """Read anew when the database has others."""
    titles = {name: declared.title for name, declared in call.registry.analyses().items()}
    named = tuple((name, title.en, title.zh) for name, title in titles.items())
    with city.database.read() as connection:
        newest = connection.execute(select(func.count(), func.max(t.run.c.finished_at)).select_from(t.run)).one()
        plans_key = ("plans", city.record.id, changes.plans_saved(connection))
        runs_key = ("runs", city.record.id, *newest, city.timezone, named)
        plans = call.context.remember(plans_key, lambda: list(_plans(connection)))
        runs = call.context.remember(runs_key, lambda: list(_runs(connection, ZoneInfo(city.timezone), titles)))
    return [*plans, *runs]


def _plans(connection: Connection) -> Iterator[Entry]:
    for one in saved.newest(connection):
        title = str(one.content.get("title") or "") or one.name
        yield Entry((normal(one.name), normal(title)), "plan", one.name, title, Text(en="Plan", zh="方案"))


def _analyses(registry: Registry) -> Iterator[Entry]:
    for name, declared in registry.analyses().items():
        keys = (normal(name), normal(declared.title.en), normal(declared.title.zh))
        yield Entry(keys, "analysis", name, declared.title.en, Text(en="Analysis", zh=f"分析 · {declared.title.zh}"))


def _runs(connection: Connection, zone: ZoneInfo, titles: Mapping[str, Text]) -> Iterator[Entry]:
    columns = (t.run.c.hash, t.run.c.analysis, t.run.c.seed, t.run.c.finished_at)
    for row in connection.execute(select(*columns).order_by(t.run.c.finished_at.desc()).limit(_NEWEST_RUNS)):
        title = titles.get(row.analysis) or Text(en=row.analysis, zh=row.analysis)
        when = row.finished_at.astimezone(zone).isoformat(timespec="minutes")
        subtitle = Text(en=f"Run · seed {row.seed} · {when}", zh=f"运行 · 种子 {row.seed} · {when}")
        yield Entry((row.hash, *map(normal, (row.analysis, title.en, title.zh))), "run", row.hash, title.en, subtitle)


def _result(city: City, entry: Entry) -> SearchResult:
    box = _box(city, entry)
    return SearchResult(
        kind=entry.kind,
        id=entry.id,
        collection=entry.collection,
        title=entry.title,
        subtitle=entry.subtitle,
        point=None if box is None else _point(city, entry),
        bbox=box,
    )


def _box(city: City, entry: Entry) -> tuple[float, float, float, float] | None:
    import math

    import shapely

    if entry.collection is None:
        return None
    pages = city_pages(city, entry.collection)
    west, south, east, north = map(float, shapely.total_bounds([pages.geometry(one) for one in entry.members]))
    return None if math.isnan(west) else (west, south, east, north)


def _point(city: City, entry: Entry) -> tuple[float, float]:
    """A place on the feature itself, where a map can put a pin."""
    import shapely

    geometry = city_pages(city, str(entry.collection)).geometry(entry.id)
    if geometry is None:
        raise LookupError(f"{entry.id} has no place")
    if geometry.geom_type == "LineString":
        place = shapely.line_interpolate_point(geometry, 0.5, normalized=True)
    else:
        place = geometry.representative_point()
    return round(float(place.x), 7), round(float(place.y), 7)


def register(api: Api) -> None:
    """Add the operation."""
    api.add(search)
