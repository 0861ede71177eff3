"""Corrections: putting a feature's fields right so that it survives re-import, and withdrawing that."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field
from sqlalchemy import select

from cim_core.city import City
from cim_core.editing import Editing
from cim_core.errors import CityError
from cim_core.store import catalogue
from cim_core.store import tables as t
from servers.api.collections import features_of, version_of
from servers.api.context import Context
from servers.api.documents import CorrectedDocument, CorrectionDocument, CorrectionsDocument, SequenceDocument
from servers.api.operations import LARGEST_INTEGER, Api, AtQuery, Body, Call, operation
from servers.api.provenance import provenance

_MOST_SIGNS = 10_000
_LARGEST = 2**63 - 1


def _plain_value(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        raise ValueError("a field takes a text, a number, true, false or null")  # noqa: TRY004 - Pydantic wants it
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError("the number has more than 63 bits")
    if isinstance(value, str) and len(value) > _MOST_SIGNS:
        raise ValueError(f"a text has at most {_MOST_SIGNS:,} signs")
    return value


Value = Annotated[Any, AfterValidator(_plain_value)]


class CorrectionBody(Body):
    """Fields with their right values, and why."""

    fields: dict[str, Value] = Field(min_length=1, max_length=100)
    note: str = Field(default="", max_length=2000, description="where the right value is known from")
    sequence: int | None = Field(
        default=None, ge=1, le=LARGEST_INTEGER, description="version of the city that was looked at when correcting"
    )


def corrections_of(
    context: Context, city: City, layer: str | None = None, feature: str | None = None
) -> list[CorrectionDocument]:
    """Corrections of the city, of a layer or of a feature, newest first; withdrawn ones too."""
    key = ("corrections", city.record.id, city.sequence)
    known = context.remember(key, lambda: _all_corrections(context, city))
    return [one for one in known if layer in (None, one.collection) and feature in (None, one.feature)]


def _all_corrections(context: Context, city: City) -> list[CorrectionDocument]:
    with city.database.read() as connection:
        rows = catalogue.corrections(connection, city.sequence)
        made = {row.id: row.seq for row in connection.execute(select(t.correction.c.id, t.correction.c.seq))}
    versions = provenance(context, city).versions
    return [
        CorrectionDocument(
            id=row.id,
            collection=row.layer,
            feature=row.feature,
            fields=row.fields,
            base=row.base,
            note=row.note,
            state=row.state,
            detail=row.detail,
            at=versions.get(made[row.id], {}).get("at"),
            author=versions.get(made[row.id], {}).get("author", ""),
        )
        for row in reversed(rows)
    ]


@operation(
    "GET",
    "/api/corrections",
    summary="Corrections",
    tag="corrections",
    query=AtQuery,
    responses={200: CorrectionsDocument},
)
def corrections(call: Call) -> CorrectionsDocument:
    """What was put right, by whom, and whether the source agrees by now; newest first."""
    known = corrections_of(call.context, call.city)
    return CorrectionsDocument(corrections=[one for one in known if call.sees(one.collection)])


def correct(call: Call, collection: str, feature: str) -> CorrectedDocument:
    """What a correction (``call.body``) has become; :mod:`servers.api.transactions` has its address.

    The values hold from the next version on and survive a new import of the source. With ``sequence`` it is refused
    (412) if the layer was changed since that version.
    """
    city, body = call.city, call.body
    features_of(city, collection)
    with call.edit(f"correct {collection} {feature}") as session:
        _refuse_moved_on(session, collection, body.sequence)
        session.correct(collection, feature, body.fields, body.note)
    after = call.context.city()
    newest = next(iter(corrections_of(call.context, after, collection, feature)))
    return CorrectedDocument(sequence=_written(session), correction=newest)


def _refuse_moved_on(session: Editing, collection: str, looked_at: int | None) -> None:
    """Under the city's lock, so that nobody comes between the look and the change."""
    changed = version_of(session.city, collection).seq
    if looked_at is not None and changed > looked_at:
        raise CityError(
            "correction.moved_on",
            "the layer was changed since you looked at it",
            where=f"collection {collection}",
            expected=f"the layer as of version {looked_at}",
            got=f"a change in version {changed}",
            remedy="look at the feature as it is now, then correct it if it is still wrong",
        )


def _written(session: Editing) -> int:
    return session.city.sequence if session.sequence is None else session.sequence


@operation(
    "DELETE",
    "/api/corrections/<int:number>",
    summary="Withdraw a correction",
    tag="corrections",
    responses={200: SequenceDocument},
    resource="correction",
)
def withdraw(call: Call, number: int) -> SequenceDocument:
    """The source's value shows again."""
    with call.edit(f"withdraw correction {number}") as session:
        session.withdraw(number)
    return SequenceDocument(sequence=_written(session))


def register(api: Api) -> None:
    """Add the operations."""
    api.add(corrections, withdraw)
