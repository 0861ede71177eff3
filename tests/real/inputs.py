"""Real inputs by name, for tests that choose among several."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import required


def real(name: str) -> Path:
    """A file of ``../shared/data``; absent data are a skip that is seen, or a failure where they are required."""
    return required("data") / name
