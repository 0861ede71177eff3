"""OGC API Features part 4 (20-002): features created, replaced, updated and deleted one by one, with optimistic locks.

Who changes a feature says with ``If-Match`` which state he has seen. It is compared under the city's write lock, with
the feature as it is in that moment: of two writers one wins, and the other is told what is there now.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

from flask import Response, request
from pydantic import BaseModel

from cim_core.city import City
from cim_core.editing import Editing
from cim_core.errors import CityError, ParameterError
from cim_core.store.feature_content import Feature
from servers.api import corrections
from servers.api.collections import features_of
from servers.api.content import GEOJSON, empty_response, json_response
from servers.api.documents import CorrectedDocument
from servers.api.documents import Feature as FeatureDocument
from servers.api.feature_bodies import (
    FeatureBody,
    FeaturePatch,
    fields_of,
    geometry_of,
    patched,
    require_own_id,
    system_of_body,
)
from servers.api.operations import Api, BodyByType, Call, operation
from servers.api.problems import Problem, problem_response
from servers.serving.baked.feature_pages import item_etag
from servers.serving.overlay import feature_fragment

MERGE_PATCH = "application/merge-patch+json"
CORRECTION = "application/json"
ITEMS = "/api/collections/<collection>/items"
ITEM = "/api/collections/<collection>/items/<path:feature>"
_FEATURE = BodyByType({GEOJSON: FeatureBody, "application/json": FeatureBody})
_READ = ("GET", "HEAD", "OPTIONS")


@operation("OPTIONS", ITEMS, summary="What may be done", tag="collections", resource="collection", documented=False)
def items_options(call: Call, collection: str) -> Response:
    """The methods that the features of a layer take."""
    return _allowing(call.city, collection, Response(), one=False)


@operation("OPTIONS", ITEM, summary="What may be done", tag="collections", resource="collection", documented=False)
def item_options(call: Call, collection: str, feature: str) -> Response:
    """The methods that one feature takes."""
    return _allowing(call.city, collection, Response(), one=True)


@operation(
    "POST",
    ITEMS,
    summary="Create a feature",
    tag="collections",
    body=_FEATURE,
    responses={201: (FeatureDocument, GEOJSON)},
    resource="collection",
)
def create(call: Call, collection: str) -> Response:
    """Of an editable layer. The server gives the id: an id in the body is left aside. ``Location`` is its address.

    Coordinates are longitude and latitude unless the header ``Content-Crs`` names another reference system.
    """
    if refusal := _read_only(call.city, collection, one=False):
        return refusal
    body: FeatureBody = call.body
    with call.edit(f"create a feature of {collection}") as session:
        city = session.city
        geometry = geometry_of(body.geometry, system_of_body(city), city)
        id_ = session.create_feature(collection, fields_of(body.properties, city.schema(collection)), geometry)
        shown = _fragment(session, collection, id_)
    response = json_response(shown, 201, media_type=GEOJSON, etag=item_etag(shown))
    response.headers["Location"] = call.url(f"/api/collections/{collection}/items/{id_}")
    return response


@operation(
    "PUT",
    ITEM,
    summary="Replace a feature",
    tag="collections",
    body=_FEATURE,
    responses={200: (FeatureDocument, GEOJSON)},
    resource="collection",
)
def replace(call: Call, collection: str, feature: str) -> Response:
    """Geometry and all properties; those left out are empty then. ``If-Match`` names the state you have seen."""
    if refusal := _read_only(call.city, collection, one=True):
        return refusal
    body: FeatureBody = call.body
    require_own_id(body.id, feature)
    with _seen(call, collection, feature, "replace") as (session, _, _):
        city = session.city
        geometry = geometry_of(body.geometry, system_of_body(city), city)
        fields = fields_of(body.properties, city.schema(collection))
        session.replace_feature(collection, feature, fields, geometry)
        shown = _fragment(session, collection, feature)
    return json_response(shown, media_type=GEOJSON, etag=item_etag(shown))


@operation(
    "PATCH",
    ITEM,
    summary="Update a feature, or put it right",
    tag="collections",
    body=BodyByType({MERGE_PATCH: FeaturePatch, CORRECTION: corrections.CorrectionBody}),
    responses={200: [(FeatureDocument, GEOJSON), CorrectedDocument]},
    resource="collection",
)
def update(call: Call, collection: str, feature: str) -> Response | BaseModel:
    """An editable layer takes a JSON merge patch (RFC 7396) of the feature; ``If-Match`` names the state you have seen.

    A layer that follows its source takes a correction, which survives a new import of the source. With ``sequence`` it
    is refused (412) if the layer was changed since that version.
    """
    if isinstance(call.body, corrections.CorrectionBody):
        return corrections.correct(call, collection, feature)
    if not _editable(call.city, collection):
        return _takes_corrections(call.city, collection)
    patch: FeaturePatch = call.body
    require_own_id(patch.id, feature)
    with _seen(call, collection, feature, "update") as (session, before, shown):
        _update(session, collection, before, json.loads(shown), patch)
        after = _fragment(session, collection, feature)
    return json_response(after, media_type=GEOJSON, etag=item_etag(after))


def _update(session: Editing, collection: str, before: Feature, shown: dict[str, object], patch: FeaturePatch) -> None:
    """What the patch does not name stays as the record has it, to the last digit."""
    city = session.city
    after = patched(shown, patch)
    properties = after.get("properties", {})
    if patch.properties is None:
        fields = dict.fromkeys(city.schema(collection).names)
    else:
        given = {name: properties.get(name) for name in patch.properties}
        fields = fields_of(given, city.schema(collection))
    if "geometry" not in patch.model_fields_set:
        session.update_feature(collection, before.id, fields)
        return
    if patch.geometry is not None and "coordinates" not in patch.geometry and "geometries" not in patch.geometry:
        raise _half_a_geometry()
    geometry = geometry_of(after.get("geometry"), system_of_body(city), city)
    if geometry is None:
        session.replace_feature(collection, before.id, {**before.fields, **fields}, None)
    else:
        session.update_feature(collection, before.id, fields, geometry)


@operation(
    "DELETE",
    ITEM,
    summary="Delete a feature",
    tag="collections",
    responses={204: None},
    resource="collection",
)
def delete(call: Call, collection: str, feature: str) -> Response:
    """Earlier versions of the city keep it. ``If-Match`` names the state you have seen."""
    if refusal := _read_only(call.city, collection, one=True):
        return refusal
    with _seen(call, collection, feature, "delete") as (session, _, _):
        session.delete_feature(collection, feature)
    return empty_response()


@contextlib.contextmanager
def _seen(call: Call, collection: str, feature: str, verb: str) -> Iterator[tuple[Editing, Feature, bytes]]:
    """A version that changes one feature, which is in the state that the client has seen: the feature, its GeoJSON.

    The city's write lock is held from the look to the change.
    """
    with call.edit(f"{verb} {collection} {feature}") as session:
        features_of(session.city, collection)
        session.features.schema(collection)
        before = session.features.present(collection, feature)
        shown = _fragment(session, collection, feature)
        if not request.headers.get("If-Match", "").strip():
            raise _no_precondition(collection, feature)
        if not request.if_match.contains(item_etag(shown)):
            raise _changed(collection, feature, shown)
        yield session, before, shown


def _fragment(session: Editing, collection: str, feature: str) -> bytes:
    schema = session.features.schema(collection)
    return feature_fragment(session.features.present(collection, feature), schema, session.city)


def _editable(city: City, collection: str) -> bool:
    features_of(city, collection)
    return city.schema(collection).editable


def _methods(city: City, collection: str, *, one: bool) -> list[str]:
    editable = _editable(city, collection)
    if not one:
        return sorted([*_READ, *(["POST"] if editable else [])])
    return sorted([*_READ, *(["PUT", "PATCH", "DELETE"] if editable else ["PATCH"])])


def _allowing(city: City, collection: str, response: Response, *, one: bool) -> Response:
    response.headers["Allow"] = ", ".join(_methods(city, collection, one=one))
    if not one and _editable(city, collection):
        response.headers["Accept-Post"] = ", ".join(_FEATURE.models)
    if one:
        response.headers["Accept-Patch"] = MERGE_PATCH if _editable(city, collection) else CORRECTION
    return response


def _read_only(city: City, collection: str, *, one: bool) -> Response | None:
    """The refusal of a layer that follows its source; None for one that may be edited."""
    if _editable(city, collection):
        return None
    error = CityError(
        "layer.read_only",
        "the features of this layer are not edited one by one",
        where=f"collection {collection}",
        expected=", ".join(_methods(city, collection, one=one)),
        got=request.method,
        remedy="correct single fields with PATCH (that survives the next import), or import an editable layer",
    )
    return _allowing(city, collection, problem_response(Problem(error)), one=one)


def _takes_corrections(city: City, collection: str) -> Response:
    error = ParameterError(
        "http.media_type",
        "this layer follows its source: it takes corrections, no merge patches",
        where="header Content-Type",
        expected=CORRECTION,
        got=MERGE_PATCH,
        remedy="send a correction with fields and a note, or import an editable layer",
    )
    return _allowing(city, collection, problem_response(Problem(error)), one=True)


def _no_precondition(collection: str, feature: str) -> ParameterError:
    return ParameterError(
        "feature.no_precondition",
        "it is not said which state of the feature this changes",
        where=f"collection {collection}, feature {feature[:200]}, header If-Match",
        expected="the ETag that came with the feature",
        got="none",
        remedy="get the feature, and send back its ETag",
    )


def _changed(collection: str, feature: str, shown: bytes) -> Problem:
    """With what is there now: the client has its own state, and can put them together."""
    error = CityError(
        "feature.changed",
        "the feature was changed since you looked at it",
        where=f"collection {collection}, feature {feature[:200]}",
        expected=f'"{item_etag(shown)}"',
        got=request.headers.get("If-Match", "")[:200],
        remedy="look at the feature as it is now (member `current`), then change it with its ETag (member `etag`)",
    )
    return Problem(error, current=json.loads(shown), etag=f'"{item_etag(shown)}"')


def _half_a_geometry() -> ParameterError:
    return ParameterError(
        "feature.half_geometry",
        "the patch names a geometry without coordinates",
        where="member geometry",
        expected="coordinates, and the type if it is another",
        got="neither coordinates nor geometries",
        remedy="give the geometry whole",
    )


def register(api: Api) -> None:
    """Add the operations; before those that read, so that ``OPTIONS`` comes here."""
    api.add(items_options, item_options, create, replace, update, delete)
