"""Layer schemas: fields with dtype, unit and null rule; grade; CIM class and level. Data, and checks of it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, field_validator, model_serializer

from cim_core.units import UNITS

Dtype = Literal["string", "int64", "float64", "bool", "json", "list<int64>", "timestamp"]
GeometryKind = Literal["Point", "LineString", "Polygon", "Any", "None"]
Grade = Literal["public", "internal", "restricted", "core"]
"""How open data is. Joins take the higher one (GB/T 43697-2024, annex I)."""

GRADES: tuple[Grade, ...] = ("public", "internal", "restricted", "core")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Frozen):
    """A text in both languages of the project."""

    en: str
    zh: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


class Field(_Frozen):
    """One column of a layer. ``unit`` is a key of :data:`cim_core.units.UNITS` or None for what has none."""

    name: str
    dtype: Dtype
    title: Text
    unit: str | None = None
    nullable: bool = True
    grade: Grade = "public"
    editable: bool = False
    """Whether a correction or plan may set it."""

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, unit: str | None) -> str | None:
        if unit is not None and unit not in UNITS:
            raise ValueError(f"unit {unit!r} is not one of {', '.join(UNITS)}")
        return unit


class LayerSchema(_Frozen):
    """What a layer's features carry. The id is the frame's index (strings, unique), not a field."""

    name: str
    title: Text
    geometry: GeometryKind
    fields: tuple[Field, ...]
    cim_class: str = "spatio-temporal basis"
    cim_level: int = 1
    grade: Grade = "public"
    vertical_datum: str | None = None
    editable: bool = False
    """Whether its features may be created, replaced and deleted one by one; else only corrected."""

    @model_serializer(mode="wrap")
    def _without_default(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A layer that is not editable is written as before there was the word: its content keeps its hash."""
        written: dict[str, Any] = handler(self)
        if not self.editable:
            written.pop("editable", None)
        return written

    def field(self, name: str) -> Field | None:
        """The field of that name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Field names in order."""
        return tuple(field.name for field in self.fields)


def highest_grade(*grades: Grade) -> Grade:
    """The grade a join of data of these grades has."""
    return max(grades, key=GRADES.index, default="public")
