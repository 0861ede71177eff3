"""HTML reports of runs and comparisons: one static file each, both languages, no request to anywhere."""

from cim_core.report.comparison_report import write_comparison_report
from cim_core.report.run_report import write_run_report

__all__ = ["write_comparison_report", "write_run_report"]
