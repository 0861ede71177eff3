"""PostGIS as a source: a real one; types, systems, streams, and everything that can be wrong with a database."""

from __future__ import annotations

import json

import numpy as np
import psycopg
import pytest
import shapely
from vector_builder import code_of

from cim_core.city import City
from cim_core.crs import geometries_to_wgs84, parse_crs
from cim_core.errors import InputError, ParameterError
from cim_core.gis.postgis import read_postgis, safe_address
from cim_core.importing import import_postgis

pytestmark = pytest.mark.postgres
LON, LAT = 106.55, 29.56
WELLS = """
CREATE SCHEMA utility;
CREATE TYPE state AS ENUM ('open', 'shut');
CREATE DOMAIN depth AS numeric(6, 2);
CREATE TABLE utility."Wells" (
  code text PRIMARY KEY, name varchar(40), depth_m depth, covers int2, mains bigint[], flow real, dry boolean,
  state state, details jsonb, seen timestamptz, built date, photo bytea, geom geometry(Point, 4326));
INSERT INTO utility."Wells" VALUES
  ('007', '解放碑', 3.25, 2, '{1,2}', 0.5, true, 'open', '{"lid": "铁"}', '2026-01-02T08:00:00+08', '1999-12-31',
   '\\x00', ST_SetSRID(ST_MakePoint(106.55, 29.56), 4326)),
  ('008', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   ST_SetSRID(ST_MakePoint(106.56, 29.57), 4326)),
  ('009', 'no place', 1, 1, '{}', 1, false, 'shut', '{}', now(), now(), NULL, NULL);
"""


@pytest.fixture(scope="module")
def database(postgis_url):
    with psycopg.connect(postgis_url, autocommit=True) as connection:
        connection.execute(WELLS)
        yield connection


@pytest.fixture
def table(database):
    """``table("geometry(Polygon, 4545)", [wkt, …])`` → name of a table with them."""
    made = []

    def make(kind: str, rows: list[str], srid: int | None = None) -> str:
        name = f"made_{len(made)}"
        made.append(name)
        database.execute(f"CREATE TABLE {name} (label text, shape {kind})")
        for number, wkt in enumerate(rows):
            database.execute(f"INSERT INTO {name} VALUES (%s, ST_GeomFromEWKT(%s))", (f"n{number}", wkt))
        return name

    yield make
    for name in made:
        database.execute(f"DROP TABLE {name}")


def test_every_type_becomes_a_field(database, postgis_url):
    read = read_postgis(postgis_url, table="utility.Wells", id_field="code")
    frame = read.layer.frame
    assert {field.name: field.dtype for field in read.layer.schema.fields} == {
        "name": "string", "depth_m": "float64", "covers": "int64", "mains": "json", "flow": "float64", "dry": "bool",
        "state": "string", "details": "json", "seen": "timestamp", "built": "string",
    }  # fmt: skip
    assert list(frame.index) == ["007", "008"]
    first = frame.loc["007"]
    assert (first["name"], first["depth_m"], first["covers"], first["dry"]) == ("解放碑", 3.25, 2, True)
    assert (json.loads(first["details"]), json.loads(first["mains"])) == ({"lid": "铁"}, [1, 2])
    assert (first["seen"].isoformat(), first["built"]) == ("2026-01-02T00:00:00+00:00", "1999-12-31")
    assert frame.loc["008"].drop("geometry").isna().all()
    assert read.layer.report.as_dict()["layers"]["Wells"]["dropped"] == {"no geometry": 1}
    assert any("photo" in warning for warning in read.layer.report.warnings)


def test_a_table_of_many_batches_comes_whole_and_its_name_of_content_knows_no_order(database, postgis_url):
    count = 12_345
    place = "ST_SetSRID(ST_MakePoint(106.5 + i * 1e-5, 29.5), 4326)"
    make = f"SELECT i AS id, i % 7 AS kind, {place} FROM generate_series(1, {count}) i"
    forth = read_postgis(postgis_url, query=make)
    back = read_postgis(postgis_url, query=f"{make} ORDER BY i DESC")
    other = read_postgis(postgis_url, query=f"{make} WHERE i > 1")
    frame = forth.layer.frame
    assert len(frame) == count
    assert frame.index.is_unique
    ids = frame.index.to_numpy().astype(int)
    assert np.allclose(frame.geometry.x, 106.5 + ids * 1e-5, atol=1e-9)
    assert (frame["kind"].to_numpy(int) == ids % 7).all()
    assert forth.sha256 == back.sha256 != other.sha256


@pytest.mark.parametrize("srid", [4490, 4544, 4545, 3857, 32648])
def test_the_srid_says_the_system(table, postgis_url, srid, database):
    x, y = database.execute(
        "SELECT ST_X(p), ST_Y(p) FROM ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s) p", (LON, LAT, srid)
    ).fetchone()
    name = table(f"geometry(Point, {srid})", [f"SRID={srid};POINT({x} {y})"])
    read = read_postgis(postgis_url, table=name)
    expected = geometries_to_wgs84(np.array([shapely.Point(x, y)]), parse_crs(f"EPSG:{srid}"))[0]
    assert read.layer.frame.geometry.iloc[0].distance(expected) < 1e-9
    assert read.layer.frame.geometry.iloc[0].distance(shapely.Point(LON, LAT)) < 1e-5
    assert read.layer.crs_note == f"declared by the database: EPSG:{srid}"


def test_heights_stay_measures_go_curves_become_lines_and_geography_is_taken(table, postgis_url):
    solid = table("geometry", ["SRID=4326;POINT ZM (106.55 29.56 210 7)", "SRID=4326;POINT Z (106.551 29.56 211)"])
    frame = read_postgis(postgis_url, table=solid).layer.frame
    assert sorted(shapely.get_z(frame.geometry.values)) == [210, 211]
    measured = table("geometry", ["SRID=4326;LINESTRING M (106.55 29.56 1, 106.56 29.56 2)"])
    assert not read_postgis(postgis_url, table=measured).layer.frame.geometry.iloc[0].has_m
    curved = table("geometry", ["SRID=4326;CIRCULARSTRING(106.55 29.56, 106.551 29.561, 106.552 29.56)"])
    line = read_postgis(postgis_url, table=curved).layer.frame.geometry.iloc[0]
    assert line.geom_type == "LineString"
    assert len(line.coords) > 20
    globe = table("geography(Point)", ["SRID=4326;POINT(106.55 29.56)"])
    assert read_postgis(postgis_url, table=globe).layer.frame.geometry.iloc[0] == shapely.Point(LON, LAT)


def test_a_layer_of_the_city_with_its_source_and_without_the_password(database, postgis_url, tmp_path):
    city = City.create(tmp_path / "city", crs="EPSG:32648")
    secret = postgis_url.replace("cim@", "cim:geheim@")
    done = import_postgis(city, secret, layer="wells", table="utility.Wells", id_field="code", attribution="水务")
    city = City.open(city.root)
    assert (done.layers, list(city.layer("wells").index)) == ({"wells": 2}, ["007", "008"])
    source = city.sources()["wells"]
    assert source.uri == f"{postgis_url} utility.Wells"
    assert (source.importer, source.attribution, len(source.sha256)) == ("postgis", "水务", 64)
    assert not [p for p in city.root.rglob("*") if p.is_file() and b"geheim" in p.read_bytes()]


def test_a_standard_layer_is_mapped_onto_its_schema(table, postgis_url, tmp_path):
    houses = table("geometry", ["SRID=4326;POLYGON((106.55 29.56,106.5504 29.56,106.5504 29.5603,106.55 29.56))"])
    city = City.create(tmp_path / "city")
    query = f"SELECT label AS name, 6 AS floors, shape FROM {houses}"
    import_postgis(city, postgis_url, layer="buildings", query=query)
    found = City.open(city.root)
    assert found.layer("buildings")["levels"].tolist() == [6]
    assert found.sources()["buildings"].parameters["query"] == query


def fails(code, address, **asked):
    with pytest.raises((InputError, ParameterError), match=r"\w") as caught:
        read_postgis(address, **asked)
    assert code_of(caught) == code, caught.value
    assert "geheim" not in str(caught.value)
    return caught.value


def test_what_is_not_there_is_named_with_what_is(database, postgis_url):
    assert "utility.Wells" in fails("postgis.no_table", postgis_url, table="utility.wells").expected
    fails("postgis.no_table", postgis_url, table="wells; drop table x")
    assert "utility.Wells" in fails("postgis.no_geometry", postgis_url, table="public.spatial_ref_sys").got
    fails("postgis.geometries", postgis_url, query="SELECT 1 AS n, ST_Point(1, 2) AS a, ST_Point(3, 4) AS b")
    fails("postgis.which", postgis_url)
    fails("postgis.which", postgis_url, table="a", query="select 1")
    fails("vector.no_features", postgis_url, query='SELECT * FROM utility."Wells" WHERE false')
    fails("vector.no_crs", postgis_url, query="SELECT 1 AS n, ST_MakePoint(106.5, 29.5) AS g")
    fails("vector.id_field", postgis_url, table="utility.Wells", id_field="number")


def test_systems_that_do_not_fit(table, postgis_url):
    mixed = table("geometry", ["SRID=4326;POINT(106.5 29.5)", "SRID=3857;POINT(1 2)"])
    assert fails("postgis.srid", postgis_url, table=mixed).got == "3857, 4326"
    wrong = table("geometry", ["SRID=4544;POINT(106.5 29.5)"])
    fails("crs.degrees_as_metres", postgis_url, table=wrong)
    unknown = table("geometry", ["SRID=990001;POINT(106.5 29.5)"])
    fails("vector.crs", postgis_url, table=unknown)
    assert read_postgis(postgis_url, table=unknown, source_crs="EPSG:4326").layer.source.name == "EPSG:4326"
    solid = table("geometry", ["SRID=4326;POLYHEDRALSURFACE Z (((0 0 0,0 1 0,1 1 0,0 0 0)))"])
    fails("postgis.geometry_kind", postgis_url, table=solid)


def test_a_query_only_reads(database, postgis_url):
    fails("postgis.query", postgis_url, query="SELEC 1")
    fails("postgis.query", postgis_url, query='select 1) AS x; DROP TABLE utility."Wells"; select (1')
    behind = (
        'select 1 AS a) AS source LIMIT 0; COMMIT; DROP TABLE utility."Wells"; COMMIT; select * from (select 1 AS a'
    )
    fails("postgis.query", postgis_url, query=behind)
    fails("postgis.query", postgis_url, query="SELECT setval('nothing', 1), ST_Point(1, 2)")
    database.execute(
        "CREATE FUNCTION takes() RETURNS geometry LANGUAGE plpgsql AS "
        '$$BEGIN DELETE FROM utility."Wells"; RETURN ST_Point(1, 2, 4326); END$$'
    )
    said = fails("postgis.query", postgis_url, query="SELECT takes() AS g")
    assert "read-only" in said.got
    assert database.execute('SELECT count(*) FROM utility."Wells"').fetchone()[0] == 3


def test_databases_that_do_not_answer(database, postgis_url, postgres_url):
    server = postgis_url.rpartition("/")[0]
    assert "127.0.0.1:1/" in fails("postgis.unreachable", "postgresql://cim:geheim@127.0.0.1:1/gis", table="a").where
    fails("postgis.no_database", f"{server}/nowhere", table="a")
    fails("postgis.refused", postgis_url.replace("cim@", "nobody:geheim@"), table="a")
    fails("postgis.no_extension", postgres_url.replace("+psycopg", ""), table="a")
    fails("postgis.address", "postgresql://cim:geheim@[/gis", table="a")


def test_what_the_user_may_not_see(database, postgis_url):
    database.execute("CREATE ROLE visitor LOGIN")
    database.execute("GRANT USAGE ON SCHEMA utility TO visitor")
    try:
        fails("postgis.denied", postgis_url.replace("cim@", "visitor@"), table="utility.Wells")
    finally:
        database.execute("DROP OWNED BY visitor; DROP ROLE visitor")


def test_a_database_that_goes_away_while_it_is_read(database, postgis_url):
    place = "ST_SetSRID(ST_MakePoint(106, 29), 4326)"
    rows = f"SELECT i AS id, pg_sleep(0.0005 * (i % 2)), {place} FROM generate_series(1, 40000) i"

    def end(share: float, text: str) -> None:
        if text.endswith("rows"):
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cim import'"
            )

    fails("postgis.lost", postgis_url, query=rows, progress=end)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://a:geheim@h:5433/b?sslmode=require", "postgresql://a@h:5433/b"),
        ("postgres://h/b?user=a&password=geheim", "postgresql://a@h/b"),
        ("postgresql:///b", "postgresql:///b"),
    ],
)
def test_an_address_is_shown_without_its_password(address, shown):
    assert safe_address(address) == shown
