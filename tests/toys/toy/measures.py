"""Measures of the toys: one that frames show, or that engines take when it is timed; one that adds and removes."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from cim_core.plan import Edit, Find, Measure


class Calm(Measure):
    """A speed limit in m/s; with ``shut`` a closure too, which no frame can show."""

    kind: ClassVar[str] = "calm"
    type: Literal["calm"] = "calm"
    road: str
    speed_mps: float = 5.0
    shut: bool = False

    def compile(self, find: Find) -> list[Edit]:
        """One edit, or two."""
        edits = [self._edit("roads", self.road, find, speed_limit_mps=self.speed_mps)]
        return edits + ([self._edit("roads", self.road, find, closed_forward=True)] if self.shut else [])


class Build(Measure):
    """A new place, or one that goes."""

    kind: ClassVar[str] = "build"
    type: Literal["build"] = "build"
    id: str
    layer: str = "pois"
    geometry: dict[str, Any] | None = None
    fields: dict[str, Any] = Field(default_factory=dict)

    def compile(self, find: Find) -> list[Edit]:
        """Add if there is a geometry, remove otherwise."""
        if self.geometry is None:
            return [self._edit(self.layer, self.id, find, "remove")]
        fields = {"geometry": self.geometry, **self.fields}
        return [Edit(self.layer, self.id, (self.id,), "add", tuple(sorted(fields.items())), self.window)]
