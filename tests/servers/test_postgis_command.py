"""``cim import vector postgresql://…``: the door, its options and what it says."""

import psycopg
import pytest

from cim_core.city import City

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def hydrants(postgis_url):
    with psycopg.connect(postgis_url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE hydrants AS SELECT i AS id, 'H' || i AS name, "
            "ST_SetSRID(ST_MakePoint(106.58 + i * 1e-4, 29.56), 4326) AS place FROM generate_series(1, 20) i"
        )
        yield postgis_url
        connection.execute("DROP TABLE hydrants")


def test_a_table_becomes_a_layer(cim, city, hydrants):
    said = cim("import", "vector", hydrants, "--table", "public.hydrants", "--attribution", "消防", "--json")
    assert (said.code, said.json["layers"]) == (0, {"hydrants": 20})
    layer = City.open(city.root).layer("hydrants")
    assert sorted(layer["name"])[:2] == ["H1", "H10"]
    shown = cim("info", "--json").json["layers"]
    assert next(row["source"] for row in shown if row["name"] == "hydrants") == f"{hydrants} public.hydrants"


def test_a_query_needs_a_name_and_takes_a_part(cim, city, hydrants):
    query = "SELECT * FROM hydrants WHERE id <= 3"
    assert cim("import", "vector", hydrants, "--query", query, "--json").json["error"]["code"] == "cli.usage"
    said = cim("import", "vector", hydrants, "--query", query, "--layer", "near", "--json")
    assert said.json["layers"] == {"near": 3}


def test_options_of_files_do_not_go_with_a_database_nor_the_other_way(cim, hydrants, tmp_path):
    said = cim("import", "vector", hydrants, "--table", "hydrants", "--x", "lon", "--json")
    assert (said.code, said.json["error"]["got"]) == (2, "--x")
    said = cim("import", "vector", str(tmp_path / "a.csv"), "--table", "hydrants", "--json")
    assert (said.code, said.json["error"]["got"]) == (2, "--table")


def test_a_password_is_not_repeated(cim, hydrants):
    secret = hydrants.replace("cim@", "cim:geheim@")
    said = cim("import", "vector", secret, "--table", "nowhere", "--json")
    assert said.json["error"]["code"] == "postgis.no_table"
    assert "geheim" not in said.out + said.err
