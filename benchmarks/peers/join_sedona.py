"""The join of two layers as Sedona SQL over GeoParquet, by SedonaDB. Runs in the environment of that peer alone.

``python join_sedona.py LEFT.parquet RIGHT.parquet OUT.parquet < query.sql`` calls the files ``buildings`` and ``pois``,
writes the rows of the answer and prints seconds as JSON.
"""

import json
import sys
import time

import sedonadb


def main() -> None:
    """Ask once to warm up, then measure."""
    left, right, out = sys.argv[1:4]
    query = sys.stdin.read()
    context = sedonadb.connect()
    seconds = []
    for _ in range(2):
        begin = time.perf_counter()
        context.read_parquet(left).to_view("buildings", overwrite=True)
        context.read_parquet(right).to_view("pois", overwrite=True)
        table = context.sql(query).to_arrow_table()
        seconds.append(time.perf_counter() - begin)
    table.to_pandas().to_parquet(out)
    json.dump({"seconds": min(seconds), "version": sedonadb.__version__}, sys.stdout)


if __name__ == "__main__":
    main()
