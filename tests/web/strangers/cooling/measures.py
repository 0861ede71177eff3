"""What can be done."""

from typing import ClassVar, Literal

from pydantic import Field

from cim_core.plan import Edit, Find, Measure


class Plant(Measure):
    """Trees along a road."""

    kind: ClassVar[str] = "plant"
    type: Literal["plant"] = "plant"
    road: str = Field(
        min_length=1,
        title="Road",
        description="feature id, named structure or street",
        json_schema_extra={"title_zh": "道路", "layer": "roads"},
    )
    species: Literal["ginkgo", "camphor"] = Field(
        default="camphor", title="Species", json_schema_extra={"title_zh": "树种"}
    )

    def compile(self, find: Find) -> list[Edit]:
        """One edit that sets the trees' species."""
        return [self._edit("roads", self.road, find, trees=self.species)]
