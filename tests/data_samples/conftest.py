"""The sample city of seed 1, drawn once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from cim_core.city import City
from data_samples.city import sample_city


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample city that no test may write to."""
    folder = tmp_path_factory.mktemp("sample") / "city"
    sample_city(folder, author="test").database.close()
    return folder


@pytest.fixture(scope="session")
def town(sample_folder: Path) -> City:
    """The sample city, to be read."""
    return City.open(sample_folder)
