"""The base every scenario stands on: city, store, plans, runs, results, comparison."""

__version__ = "0.1.0"
