"""What is served of a city, a run and a comparison; built once, named by content, nothing confidential."""

from __future__ import annotations

import gzip
import json

import pytest
from tile_reading import read

from cim_core.city import City
from cim_core.compare import Experiment, compare
from cim_core.errors import NotFoundError
from cim_core.plan import Edit, Plan
from cim_core.schema import Field, LayerSchema, Text
from servers.serving import layers
from servers.serving.baked.served import KIND
from servers.serving.cache import BuiltOnce
from servers.serving.code_version import served_version
from servers.serving.web_mercator import tile_of

HERE = (14, *tile_of(106.58, 29.56, 14))


def graded(field: str = "public", layer: str = "public") -> LayerSchema:
    def one(name: str, **more: str) -> Field:
        return Field(name=name, dtype="string", title=Text(en=name, zh=name), **more)

    fields = (one("name"), one("secret", grade=field), Field(name="doc", dtype="json", title=Text(en="d", zh="d")))
    return LayerSchema(name="homes", title=Text(en="h", zh="h"), geometry="Point", fields=fields, grade=layer)


def with_homes(city: City, schema: LayerSchema) -> City:
    frame = city.layer("pois")[["name", "geometry"]].assign(secret="s", doc="{}")
    with city.edit("homes") as session:
        session.put_layer(frame, schema)
    return City.open(city.root)


def test_tiles_of_a_city_by_layer_and_together(city) -> None:
    roads, both = layers.city_tiles(city, ["roads"]), layers.city_tiles(city, ["roads", "pois"])
    assert roads.version == served_version(city.layer_hash("roads")) != both.version
    assert gzip.decompress(both.tile(*HERE)).startswith(gzip.decompress(roads.tile(*HERE)))
    assert read(gzip.decompress(both.tile(*HERE)), "pois")
    assert roads.tile(14, 0, 0) == b""
    assert roads.etag(*HERE) != both.etag(*HERE) != both.etag(15, 0, 0)
    assert both.bounds[0] <= roads.bounds[0]


def test_layers_are_built_once_for_one_content(city) -> None:
    first, pages = layers.city_tiles(city, ["roads"]), layers.city_pages(city, "roads")
    again = City.open(city.root)
    assert layers.city_tiles(again, ["roads"]).layers[0] is first.layers[0]
    assert layers.city_pages(again, "roads") is pages


def test_a_layer_of_tiles_and_pages_is_baked_once(city) -> None:
    (tiles,), pages = layers.city_tiles(city, ["roads"]).layers, layers.city_pages(city, "roads")
    assert tiles._layer is pages.layer
    assert len(list((city.root / "cache" / KIND).glob("[!.]*"))) == 1
    assert layers.city_pages(city, "roads", "public") is pages  # all its fields are


def test_what_is_in_memory_weighs_and_leaves_when_it_is_too_much(city, runner, question, monkeypatch) -> None:
    kept = BuiltOnce(most=10**9, weight=lambda ready: ready.nbytes)
    monkeypatch.setattr(layers, "_ready", kept)
    layers.city_pages(city, "roads")
    layers.city_tiles(city, ["roads"])
    assert kept.total == layers._EACH  # the rest is mapped
    run = runner.run(question("toy.noise"))
    answer = layers.result_pages(run, "roads_result")
    assert kept.total == 2 * layers._EACH + answer.layer.nbytes
    kept._most = kept.total
    layers.city_pages(city, "pois")
    assert len(kept) == 2  # the oldest left


def test_plan_shows_in_tiles_of_its_own(city) -> None:
    bridge = city.find("roads", "西桥")
    planned = city.with_plan([Edit("roads", "西桥", bridge, "set", (("lanes_forward", 7),))])
    base, edited = (layers.city_tiles(one, ["roads"]) for one in (city, planned))
    assert base.version != edited.version
    found = [
        {
            f["properties"]["lanes_forward"]
            for f in read(gzip.decompress(one.tile(*HERE)), "roads")
            if f["properties"]["id"] in bridge
        }
        for one in (base, edited)
    ]
    assert found[1] == {7} != found[0]
    changed = json.loads(layers.city_pages(planned, "roads").feature(bridge[0]))
    assert changed["properties"]["lanes_forward"] == 7


def test_confidential_fields_and_layers_are_in_no_tile(city) -> None:
    city = with_homes(city, graded(field="restricted"))
    (tiles,) = layers.city_tiles(city, ["homes"]).layers
    assert tiles.fields == ("id", "name")
    assert b"secret" not in tiles.encode(*HERE)
    assert layers.fields_up_to(city.schema("homes"), "public") == ("name", "doc")
    assert layers.fields_up_to(city.schema("homes"), "core") == ("name", "secret", "doc")
    city = with_homes(city, graded(layer="restricted"))
    with pytest.raises(NotFoundError, match="not drawn as tiles"):
        layers.city_tiles(city, ["pois", "homes"])


def test_tilejson_says_what_is_in_the_tiles(city) -> None:
    document = layers.city_tiles(city, ["roads", "rail"]).tilejson(
        "/tiles/{z}/{y}/{x}?v=1", name="Tiny", attribution="synthetic", titles={"roads": "Roads"}
    )
    assert (document["tilejson"], document["minzoom"], document["maxzoom"]) == ("3.0.0", 0, 16)
    assert document["attribution"] == "synthetic"
    assert [layer["id"] for layer in document["vector_layers"]] == ["roads", "rail"]
    assert document["vector_layers"][0]["description"] == "Roads"
    assert document["vector_layers"][0]["fields"]["lanes_forward"] == "Number"
    west, south, east, north = document["bounds"]
    assert west < document["center"][0] < east
    assert south < document["center"][1] < north
    json.dumps(document)


def test_result_layers(runner, question) -> None:
    run, name = runner.run(question("toy.noise")), "roads_result"
    tiles, pages = layers.result_tiles(run, name), layers.result_pages(run, name)
    assert (tiles.version, len(pages)) == (served_version(run.run), len(run.layer(name)))
    ids = {f["properties"]["id"] for f in read(gzip.decompress(tiles.tile(16, *tile_of(*pages.bounds[:2], 16))), name)}
    assert ids
    assert ids <= {pages.layer.id(row) for row in range(len(pages))}
    with pytest.raises(NotFoundError, match="no layer 'nothing'"):
        layers.result_tiles(run, "nothing")


def test_comparison_layers(city, runner) -> None:
    sides = [Experiment("toy.noise", {}, plan) for plan in (Plan.empty(), Plan.empty())]
    made = compare(runner, city, *sides, seeds=2)
    assert set(made.content["layers"]) == {"roads_result"}
    for name in made.content["layers"]:
        frame = layers.comparison_frame(made.path, made.content, name)
        layer = layers.comparison_pages(made.path, made.content, name).layer
        assert sorted(layer.id(row) for row in range(len(layer))) == sorted(frame.index.astype(str))
        tiles = layers.comparison_tiles(made.path, made.content, name)
        assert tiles.version == served_version(made.path.name)
        assert set(tiles.layers[0].fields) <= {"id", *frame.columns}
    with pytest.raises(NotFoundError, match="no layer"):
        layers.comparison_pages(made.path, made.content, "../../x")


def test_missing_layer(city) -> None:
    with pytest.raises(NotFoundError, match="no layer 'trees'"):
        layers.city_tiles(city, ["trees"])
