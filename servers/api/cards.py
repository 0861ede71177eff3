"""The card of one feature: what it is, where it comes from, what was assumed or corrected, what can be done with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cim_core.city import City
from cim_core.errors import CimError
from cim_core.registry import Registry
from cim_core.schema import Field, LayerSchema, Text
from servers.api.assumptions import reason_text
from servers.api.collections import features_of
from servers.api.corrections import corrections_of
from servers.api.documents import (
    CardDocument,
    CardField,
    CardMeasure,
    CorrectionDocument,
    FieldCorrection,
    GroupDocument,
)
from servers.api.operations import Api, AtQuery, Call, operation
from servers.api.provenance import provenance, title_of
from servers.serving.layers import city_pages

NOT_SHOWN = ("assumed", "nodes")
"""Fields that the card says in another way, or that say nothing to a person."""
STANDING = ("active", "conflict", "confirmed")


@operation(
    "GET",
    "/api/collections/<collection>/items/<path:feature>/card",
    summary="Everything about one feature",
    tag="collections",
    query=AtQuery,
    responses={200: CardDocument},
    resource="collection",
)
def card(call: Call, collection: str, feature: str) -> CardDocument:
    """Fields with titles and units, assumptions, corrections, source, the structure it belongs to, measures."""
    city = call.city
    layer = features_of(city, collection)
    schema = city.schema(collection)
    found = json.loads(city_pages(city, collection).feature(feature))
    properties = found["properties"]
    corrections = corrections_of(call.context, city, collection, feature)
    source = provenance(call.context, city).source(layer)
    return CardDocument(
        collection=collection,
        collection_title=title_of(layer),
        id=feature,
        title=_title(schema, properties),
        name=properties.get("name"),
        geometry=found["geometry"],
        fields=[_field(field, properties, corrections) for field in schema.fields if field.name not in NOT_SHOWN],
        group=_group(call, city, collection, properties.get("group")),
        source=source,
        synthetic=bool(source and source.synthetic),
        corrections=corrections,
        measures=measures_for(call.registry, collection),
        sequence=city.sequence,
    )


def _title(schema: LayerSchema, properties: dict[str, Any]) -> Text:
    """Its name, else that of the structure it belongs to, else what kind of thing it is."""
    structure = str(properties.get("group") or "").partition(":")[2]
    name = properties.get("name") or structure
    chinese, english = properties.get("name_zh") or name, properties.get("name_en") or name
    kind = properties.get("class") or properties.get("kind") or properties.get("use")
    beside = f" ({kind})" if kind else ""
    return Text(en=english or schema.title.en + beside, zh=chinese or schema.title.zh + beside)


def _field(field: Field, properties: dict[str, Any], corrections: list[CorrectionDocument]) -> CardField:
    assumed = properties.get("assumed")
    reason = assumed.get(field.name) if isinstance(assumed, dict) else None
    standing = [one for one in corrections if one.state in STANDING and field.name in one.fields]
    newest = standing[0] if standing else None
    return CardField(
        name=field.name,
        title=field.title,
        unit=field.unit,
        value=properties.get(field.name),
        editable=field.editable,
        dtype=field.dtype,
        assumed=None if reason is None or newest else reason_text(str(reason)),
        correction=None if newest is None else _correction(newest, field.name),
    )


def _correction(one: CorrectionDocument, name: str) -> FieldCorrection:
    kept = {key: getattr(one, key) for key in ("id", "note", "at", "author", "state")}
    return FieldCorrection.model_validate({**kept, "from": one.base.get(name)})


def _group(call: Call, city: City, collection: str, group: str | None) -> GroupDocument | None:
    """The named structure with all its members, such as the six parts of 东水门大桥."""
    if not group:
        return None
    key = ("groups", collection, city.layer_hash(collection))
    members = call.context.remember(key, lambda: _members(city, collection)).get(group, [])
    return GroupDocument(id=group, name=group.partition(":")[2] or group, members=members)


def _members(city: City, collection: str) -> dict[str, list[str]]:
    table = city.columns(collection, ["group"])
    found: dict[str, list[str]] = {}
    for feature, group in zip(table["id"], table["group"], strict=True):
        if group:
            found.setdefault(group, []).append(feature)
    return {group: sorted(members) for group, members in found.items()}


def measures_for(registry: Registry, layer: str) -> list[CardMeasure]:
    """Measure types that name a feature of this layer: those with a field whose schema says ``layer``.

    A scenario that cannot be loaded offers none; `/api/scenarios` says why.
    """
    return list(_measures(registry, layer))


def _measures(registry: Registry, layer: str) -> Iterator[CardMeasure]:
    for record in registry.sound.values():
        for kind, declared in (record.manifest.measures if record.manifest else {}).items():
            try:
                fields = record.load(declared.model).model_fields
            except CimError:
                continue
            for name, field in fields.items():
                extra = field.json_schema_extra
                if isinstance(extra, dict) and extra.get("layer") == layer:
                    yield CardMeasure(type=kind, title=declared.title, field=field.alias or name)


def register(api: Api) -> None:
    """Add the operation."""
    api.add(card)
