"""Edits of a layer since its snapshot, baked by themselves: the base stays as it is, however often somebody edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cim_core.city import City
from cim_core.schema import LayerSchema
from cim_core.store.feature_content import Feature, frame_of
from servers.serving.baked.bake import bake_frame
from servers.serving.baked.spec import BakeSpec
from servers.serving.cache import BuiltOnce

if TYPE_CHECKING:
    from servers.serving.baked.layout import BakedLayer

Edits = tuple[NDArray[np.bool_], "BakedLayer"]
_MOST_BYTES = 128 * 2**20
_edits: BuiltOnce[Edits] = BuiltOnce(most=_MOST_BYTES, weight=lambda both: both[0].nbytes + both[1].nbytes)


def edits_of(city: City, name: str, base: BakedLayer) -> Edits | None:
    """What the edits since its snapshot do to a layer; None if there are none.

    Parameters
    ----------
    base
        The baked snapshot, with the fields that are visible.

    Returns
    -------
    hidden
        (N,) rows of ``base`` that were replaced or removed.
    added
        The features in their place and the new ones, with the same fields. It may be empty.
    """
    if not city.versions[name].edits:
        return None
    key = (city.record.id, name, city.layer_hash(name), base.fields)
    return _edits.get(key, lambda: _baked(city, name, base))


def _baked(city: City, name: str, base: BakedLayer) -> Edits:
    log, schema = city.log(name), city.schema(name)
    hidden = np.zeros(len(base), dtype=bool)
    rows = [row for feature in log.gone if (row := base.find(feature)) is not None]
    hidden[rows] = True
    visible = tuple(field for field in schema.fields if field.name in base.fields)
    return hidden, bake_frame(log.frame, BakeSpec(name, visible, city.layer_hash(name), heights=base.has_z))


def feature_fragment(feature: Feature, schema: LayerSchema, city: City) -> bytes:
    """The GeoJSON of one feature of the record, byte for byte as a baked layer with all its fields has it."""
    frame = frame_of([feature], schema, city.crs)
    return bake_frame(frame, BakeSpec(schema.name, schema.fields)).feature(0)
