"""The quality report every importer writes: read, kept, repaired, dropped, assumed, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class QualityReport:
    """Counts of what happened to each layer's features on the way in.

    ``read = kept + dropped`` holds per layer. ``repaired`` and ``assumed`` count features (resp. field values) among
    the kept; each reason is a short stable phrase such as ``"self-intersection"`` or ``"lanes: by class"``.
    """

    read: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    dropped: dict[str, Counter[str]] = field(default_factory=dict)
    repaired: dict[str, Counter[str]] = field(default_factory=dict)
    assumed: dict[str, Counter[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def keep(self, layer: str, count: int = 1) -> None:
        """Count features read and kept."""
        self.read[layer] += count
        self.kept[layer] += count

    def drop(self, layer: str, reason: str, count: int = 1) -> None:
        """Count features read and dropped for a reason."""
        self.read[layer] += count
        self.dropped.setdefault(layer, Counter())[reason] += count

    def repair(self, layer: str, reason: str, count: int = 1) -> None:
        """Count kept features that were changed to be valid."""
        self.repaired.setdefault(layer, Counter())[reason] += count

    def assume(self, layer: str, reason: str, count: int = 1) -> None:
        """Count field values that the source does not say and that were assumed."""
        self.assumed.setdefault(layer, Counter())[reason] += count

    def warn(self, sentence: str) -> None:
        """Add one sentence that a person should read."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def include(self, other: QualityReport) -> None:
        """Add what another step of the same import did."""
        self.read.update(other.read)
        self.kept.update(other.kept)
        for mine, theirs in (
            (self.dropped, other.dropped),
            (self.repaired, other.repaired),
            (self.assumed, other.assumed),
        ):
            for layer, reasons in theirs.items():
                mine.setdefault(layer, Counter()).update(reasons)
        for sentence in other.warnings:
            self.warn(sentence)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form: ``layers`` → counts, and ``warnings``."""
        names = sorted(set(self.read) | set(self.assumed) | set(self.repaired))
        return {
            "layers": {
                name: {
                    "read": self.read[name],
                    "kept": self.kept[name],
                    "dropped": dict(self.dropped.get(name, {})),
                    "repaired": dict(self.repaired.get(name, {})),
                    "assumed": dict(self.assumed.get(name, {})),
                }
                for name in names
            },
            "warnings": list(self.warnings),
        }
