"""Finding features by what people call them: id, group, name in either language; nearest names for a miss."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence

from cim_core.errors import PlanError


def normal(name: str) -> str:
    """A name without differences that people do not mean: width, case, spaces, brackets' form."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


class Directory:
    """Look-up over one layer's columns ``id`` and any of ``name``, ``name_zh``, ``name_en``, ``group``."""

    def __init__(self, layer: str, columns: Mapping[str, Sequence[str | None]]) -> None:
        self.layer = layer
        self._ids = {str(feature) for feature in columns["id"]}
        self._by_name: dict[str, list[str]] = {}
        self._written: dict[str, str] = {}
        for column in ("group", "name", "name_zh", "name_en"):
            for feature, name in zip(columns["id"], columns.get(column, ()), strict=False):
                if name and feature:
                    self._enter(name, feature)
                    if column == "group":
                        self._enter(name.partition(":")[2], feature)

    def _enter(self, name: str, feature: str) -> None:
        features = self._by_name.setdefault(normal(name), [])
        if feature not in features[-1:]:
            features.append(feature)
        self._written.setdefault(normal(name), name)

    def find(self, name: str) -> tuple[str, ...]:
        """Ids of all features so called, sorted; raises :class:`PlanError` with the nearest names."""
        if name in self._ids:
            return (name,)
        found = self._by_name.get(normal(name))
        if found:
            return tuple(sorted(set(found)))
        near = self.nearest(name)
        raise PlanError(
            "plan.unknown_name",
            f"the city has nothing called {name!r} in layer {self.layer}",
            where=f"layer {self.layer}",
            expected="an id, a group or a name" + (f", such as {', '.join(near)}" if near else ""),
            got=name,
            remedy="use one of the names proposed" if near else "look the name up with `cim info --names LAYER`",
        )

    def nearest(self, name: str, count: int = 5) -> list[str]:
        """Names that contain the one given, are contained in it, or differ in a few signs."""
        wanted = normal(name)
        inside = [known for known in self._by_name if wanted in known or known in wanted]
        alike = difflib.get_close_matches(wanted, list(self._by_name), n=count, cutoff=0.4)
        ordered = dict.fromkeys([*sorted(inside, key=lambda known: abs(len(known) - len(wanted))), *alike])
        return list(dict.fromkeys(self._written[known] for known in ordered if known))[:count]

    def names(self) -> list[str]:
        """All names as written, sorted."""
        return sorted(set(self._written.values()))
