"""Corrections against what the source says: which values fit, and what became of a correction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cim_core.errors import ParameterError
from cim_core.schema import Field, LayerSchema
from cim_core.store.records import CorrectionRecord

if TYPE_CHECKING:
    import geopandas as gpd


def state_of(item: CorrectionRecord, frame: gpd.GeoDataFrame) -> tuple[str, dict[str, Any]]:
    """What has become of a correction with the source as it is now: its state, and why."""
    if item.feature not in frame.index:
        return "orphaned", {"reason": "the source has this feature no more"}
    says = {name: plain(frame.at[item.feature, name]) for name in item.fields}
    if says == item.fields:
        return "confirmed", {}
    if says != item.base:
        return "conflict", {"source_said": item.base, "source_says": says}
    return "active", {}


def plain(value: Any) -> Any:
    """A cell as JSON has it: numpy scalars unwrapped, missing as None."""
    if value is None or (isinstance(value, float) and value != value) or type(value).__name__ == "NAType":  # noqa: PLR0124
        return None
    return value.item() if hasattr(value, "item") else value


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "json": (str,),
    "int64": (int,),
    "float64": (int, float),
    "bool": (bool,),
}


def _fits(known: Field, value: Any) -> bool:
    if value is None:
        return known.nullable
    if isinstance(value, bool):
        return known.dtype == "bool"
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, _TYPES.get(known.dtype, ()))


def check_field(schema: LayerSchema, name: str, value: Any) -> None:
    """Raise :class:`ParameterError` (``correction.field``) for a field that is not corrected, or not to this value."""
    known = schema.field(name)
    fits = known is not None and _fits(known, value)
    if known is None or not known.editable or not fits:
        raise ParameterError(
            "correction.field",
            f"the field {name!r} cannot be set to {value!r}",
            where=f"layer {schema.name}",
            expected="one of " + ", ".join(f"{f.name} ({f.dtype})" for f in schema.fields if f.editable),
            got=f"{name} = {value!r} ({type(value).__name__})",
            remedy="use a field and a type named",
        )
