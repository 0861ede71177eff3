"""Random layers drawn as tiles; run by itself where every index of compiled code is checked.

Arrays are consistent in their offsets, as a baked layer's are; all else is random: coordinates to the ends of int32,
empty and tiny parts, boxes that lie, levels, kinds, codes.
"""

from __future__ import annotations

import sys

import numpy as np

from servers.serving.baked.slow_tiles import mended
from servers.serving.baked.tile_encoder import features, messages, numbered
from servers.serving.baked.tile_shapes import DRAWN, LOOSE, draw


def offsets(random: np.random.Generator, count: int, most: int) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(random.integers(0, most, count))]).astype(np.int64)


def vertices(random: np.random.Generator, count: int) -> np.ndarray:
    spread = int(random.choice([3, 50, 5000, 2**20, 2**31 - 1]))
    walk = random.integers(-spread, spread, (count, 2))
    return np.clip(np.cumsum(walk, axis=0) if random.random() < 0.3 else walk, -(2**31), 2**31 - 1).astype(np.int32)


def boxes(random: np.random.Generator, xy: np.ndarray, begin: np.ndarray) -> np.ndarray:
    found = np.tile(np.array([1, 1, 0, 0], dtype=np.int32), (len(begin) - 1, 1))
    for row in range(len(found)):
        own = xy[begin[row] : begin[row + 1]]
        if len(own):
            found[row] = [*own.min(axis=0), *own.max(axis=0)]
        if random.random() < 0.1:
            found[row] = random.integers(-5000, 5000, 4)
    return found


def read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def draw_once(random: np.random.Generator) -> tuple[int, int]:
    """Returns how many rows were drawn, and how many needed mending."""
    rows = int(random.integers(1, 40))
    feature_part = offsets(random, rows, 5)
    part = offsets(random, int(feature_part[-1]), int(random.choice([3, 8, 90])))
    xy = vertices(random, int(part[-1]))
    kind = random.integers(0, 4, rows).astype(np.uint8)
    level = random.integers(0, 18, len(xy)).astype(np.uint8)
    box = boxes(random, xy, part[feature_part])
    scale = 2.0 ** int(random.integers(-16, 3))
    rim, keep = float(random.choice([0, 64, 4096])), bool(random.random() < 0.5)
    square = (*random.integers(-(2**33), 2**33, 2).tolist(), scale, -rim, 4096 + rim, int(random.integers(0, 23)), keep)
    if random.random() < 0.8:
        square = (int(-2048 / scale), int(-2048 / scale), *square[2:])
    arrays = map(read_only, (xy, level, part, feature_part, kind, box))
    out, at, state, *loose = draw(np.arange(rows, dtype=np.int32), *arrays, square)
    mended_count = len(mended(*loose, keep_collapsed=keep)) if (state == LOOSE).any() else 0
    kept = np.flatnonzero(state == DRAWN)
    numbers, heap_at = random.integers(-1, 6, (3, rows)).astype(np.int32), read_only(offsets(random, 6, 4))
    heap = read_only(random.integers(0, 255, int(heap_at[-1])).astype(np.uint8))
    for column in numbers:
        used, size = numbered(column, heap_at, 0)
        assert len(messages(used, size, heap, heap_at)) == size
    body = features(kept.astype(np.int64), kind[kept], numbers[:, kept].copy(), out, at[:-1][kept], at[1:][kept])
    assert len(body) >= len(kept)
    return len(kept), mended_count


def main(seed: int, rounds: int) -> None:
    random = np.random.default_rng(seed)
    drawn, repaired = np.sum([draw_once(random) for _ in range(rounds)], axis=0)
    sys.stdout.write(f"drawn {drawn} mended {repaired}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
