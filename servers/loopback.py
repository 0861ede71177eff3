"""This machine's own names: where the server listens, and what it may be called in a request."""

from __future__ import annotations

LOOPBACK = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}
"""Name → address."""


def in_address(name: str) -> str:
    """A name as it stands in an HTTP address."""
    return f"[{name}]" if ":" in name else name
