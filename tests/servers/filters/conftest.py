"""The synthetic layer that filters are asked of."""

from __future__ import annotations

import pytest
from filtered_places import baked, frame

from servers.serving.baked.layout import BakedLayer


@pytest.fixture(scope="session")
def places() -> BakedLayer:
    """Seven features."""
    return baked(frame())
