"""The source of what a benchmark makes up, so that every answer about it says that it is synthetic."""

from __future__ import annotations

from cim_core.canonical import content_hash
from cim_core.gis.quality import QualityReport
from cim_core.store.records import SourceRecord

ATTRIBUTION = "synthetic: made by a program, no real place"


def synthetic_source(name: str, rows: int) -> SourceRecord:
    """A record for layers of so many rows each."""
    made_from = {"generator": f"benchmarks.{name}", "rows": rows, "synthetic": True}
    report = QualityReport()
    report.warn("every feature is synthetic; nothing of it says anything about a real place")
    identity = content_hash(made_from)
    return SourceRecord("sample", f"synthetic:{name}", identity, ATTRIBUTION, made_from, report.as_dict())
