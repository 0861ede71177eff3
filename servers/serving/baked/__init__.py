"""Baked layers: a layer's content for one set of visible fields as flat arrays, memory-mapped by all workers.

:mod:`~servers.serving.baked.layout` says what the arrays are, :mod:`~servers.serving.baked.bake` makes them from a
frame or a snapshot, :mod:`~servers.serving.baked.index` finds rows, :mod:`~servers.serving.baked.served` keeps them.
"""

from __future__ import annotations

import importlib
import pkgutil


def warm() -> None:
    """Compile the kernels, or load those compiled before: each module that has some has a ``warm`` of its own.

    Called before a server forks its workers, which then share them.
    """
    for found in pkgutil.iter_modules(__path__):
        if found.name != "__main__":
            module = importlib.import_module(f"{__name__}.{found.name}")
            getattr(module, "warm", lambda: None)()
