"""What several documents of the Map API share."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from cim_core.schema import Text
from servers.api.documents import Link

__all__ = ["ColumnDeclared", "Declared", "Document", "FigureDeclared", "LayerDeclared", "Link", "TableDeclared", "Text"]

JsonObject = dict[str, Any]


class Document(BaseModel):
    """A JSON document that the server writes. What is not declared does not leave it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class FigureDeclared(Document):
    """What a figure means."""

    title: Text
    unit: str
    symbol: str
    better: str
    description: str
    judged: bool


class ColumnDeclared(Document):
    """What a column means."""

    title: Text
    unit: str
    symbol: str
    better: str
    compare: bool
    tolerance: float


class LayerDeclared(Document):
    """What an output layer means, and what a map shows of it first."""

    title: Text
    geometry: str
    show: str | None
    ids: str
    columns: dict[str, ColumnDeclared]


class TableDeclared(Document):
    """What an output table means."""

    title: Text
    pair_by: str | None
    columns: dict[str, ColumnDeclared]


class Declared(Document):
    """What an analysis declares of its answers, so that an answer needs no second request to be shown."""

    titles: Text
    descriptions: Text
    stochastic: bool
    figures: dict[str, FigureDeclared]
    layers: dict[str, LayerDeclared]
    tables: dict[str, TableDeclared]
