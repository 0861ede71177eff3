"""What ``cim scenario new`` copies: a small, working scenario to begin with."""

from __future__ import annotations

import re
from pathlib import Path

from cim_core.errors import ParameterError
from cim_core.store.files import storage_faults

SOURCE = Path(__file__).parent / "scenario"
PLACEHOLDER = "my_scenario"
"""The slug that the template's files bear."""
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")


def write_scenario(slug: str, where: Path) -> Path:
    """Write the template as a new folder ``where/slug`` and return it.

    Raises
    ------
    ParameterError
        ``scenario.slug`` for a slug that cannot be one, ``scenario.folder_exists`` where something stands already.
    """
    if not _SLUG.fullmatch(slug):
        raise ParameterError(
            "scenario.slug",
            "this cannot be a scenario's slug",
            where="SLUG",
            expected="lower-case letters, digits and _, beginning with a letter, at most 40",
            got=slug,
            remedy="choose another, such as noise_map",
        )
    folder = where / slug
    if folder.exists():
        raise ParameterError(
            "scenario.folder_exists",
            "there is something of that name already",
            where=str(folder),
            expected="a new folder",
            got="a folder" if folder.is_dir() else "a file",
            remedy="choose another slug, or another place with --in",
        )
    with storage_faults(where):
        folder.mkdir(parents=True)
        for source in sorted(path for path in SOURCE.iterdir() if path.is_file()):
            text = source.read_text(encoding="utf-8").replace(PLACEHOLDER, slug)
            (folder / source.name).write_text(text, encoding="utf-8")
    return folder
