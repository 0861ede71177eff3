"""A name for the code that encodes what is served: what browsers keep for ever must change with it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from cim_core.canonical import content_hash


@lru_cache(maxsize=1)
def code_version() -> str:
    """Digest of this package's modules: encoders, zoom rules, which fields are drawn. Read once in a process."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def served_version(content: str) -> str:
    """The version of an address that may be kept for ever: of the content, and of the code that encodes it."""
    return content_hash([code_version(), content])
