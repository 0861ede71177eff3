"""The archive of tiles: what the server serves, byte for byte, with its marks; nothing that is not public."""

from __future__ import annotations

import gzip

import geopandas as gpd
import mapbox_vector_tile
import pytest
import shapely
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import Compression, TileType, zxy_to_tileid

from cim_core.city import City
from cim_core.errors import NotFoundError, ParameterError
from cim_core.schema import Field, LayerSchema, Text
from cim_core.testing.tiny_city import tiny_city
from servers.serving import pmtiles_export
from servers.serving.layers import city_tiles
from servers.serving.pmtiles_export import public_layers, tile_ids, write_pmtiles
from servers.serving.web_mercator import tile_of

ZOOMS = (0, 17)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return tiny_city(tmp_path_factory.mktemp("pmtiles") / "town")


@pytest.fixture(scope="module")
def archive(town, tmp_path_factory):
    path = tmp_path_factory.mktemp("archive") / "town.pmtiles"
    told = []
    written = write_pmtiles(town, path, zooms=ZOOMS, progress=lambda share, text: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0
    return path, written


def tiles_of(path):
    return dict(all_tiles(MemorySource(path.read_bytes())))


def text(word):
    return Text(en=word, zh=word)


def test_every_tile_is_the_one_that_is_served_and_none_is_missing(town, archive):
    path, written = archive
    served = city_tiles(town, public_layers(town))
    found = tiles_of(path)
    assert len(found) == written["tiles"] > 20
    for address, body in found.items():
        assert gzip.decompress(body) == gzip.decompress(served.tile(*address))
    for z in range(min(found)[0], 15):
        centre = [(x, y) for at_z, x, y in found if at_z == z]
        assert centre
        around = {(x + i, y + j) for x, y in centre for i in (-1, 0, 1) for j in (-1, 0, 1)}
        inside = {(x, y) for x, y in around if 0 <= x < 1 << z and 0 <= y < 1 << z}
        assert {(x, y) for x, y in inside if served.tile(z, x, y)} == set(centre)


def test_header_and_metadata_say_what_and_where_and_that_it_is_synthetic(town, archive):
    path, written = archive
    reader = Reader(MemorySource(path.read_bytes()))
    header, metadata = reader.header(), reader.metadata()
    assert (header["tile_type"], header["tile_compression"], header["clustered"]) == (
        TileType.MVT,
        Compression.GZIP,
        True,
    )
    assert (header["min_zoom"], header["max_zoom"]) == (min(tiles_of(path))[0], ZOOMS[1])
    west, south, east, north = city_tiles(town, public_layers(town)).bounds
    assert header["min_lon_e7"] == round(west * 1e7)
    assert header["max_lat_e7"] == round(north * 1e7)
    assert west < header["center_lon_e7"] / 1e7 < east
    assert south < header["center_lat_e7"] / 1e7 < north
    assert metadata["synthetic"] is True
    assert "synthetic" in metadata["attribution"]
    assert metadata["name"] == town.record.name
    layers = {layer["id"]: layer for layer in metadata["vector_layers"]}
    assert list(layers) == public_layers(town) == written["layers"]
    assert layers["buildings"]["fields"]["levels"] == "Number"
    z, x, y = max(tiles_of(path))
    assert set(mapbox_vector_tile.decode(gzip.decompress(reader.get(z, x, y)))) <= set(layers)


def test_the_same_city_gives_the_same_bytes(town, archive, tmp_path):
    write_pmtiles(town, tmp_path / "again.pmtiles", zooms=ZOOMS)
    assert (tmp_path / "again.pmtiles").read_bytes() == archive[0].read_bytes()


@pytest.fixture
def guarded(tmp_path):
    """A city with a public layer that has one internal field, and a restricted layer."""
    city = City.create(tmp_path / "guarded", crs="EPSG:32648")
    place = gpd.points_from_xy([106.55, 106.56], [29.56, 29.57], crs=4326)
    frame = gpd.GeoDataFrame({"name": ["a", "b"], "owner": ["甲", "乙"]}, index=["1", "2"], geometry=place).to_crs(
        32648
    )
    frame.index.name = "id"
    fields = (
        Field(name="name", dtype="string", title=text("name")),
        Field(name="owner", dtype="string", title=text("owner"), grade="internal"),
    )
    with city.edit("made up") as session:
        for name, grade in (("wells", "public"), ("pipes", "restricted"), ("meters", "internal")):
            schema = LayerSchema(name=name, title=text(name), geometry="Point", fields=fields, grade=grade)
            session.put_layer(frame, schema, None)
    return City.open(city.root)


def test_only_public_layers_and_fields_go_out(guarded, tmp_path):
    written = write_pmtiles(guarded, tmp_path / "out.pmtiles", zooms=(14, 14))
    assert written["layers"] == ["wells"]
    bodies = [gzip.decompress(body) for body in tiles_of(tmp_path / "out.pmtiles").values()]
    assert b"".join(bodies).count(b"owner") == 0
    assert {key for body in bodies for one in mapbox_vector_tile.decode(body)["wells"]["features"]
            for key in one["properties"]} == {"id", "name"}  # fmt: skip
    metadata = Reader(MemorySource((tmp_path / "out.pmtiles").read_bytes())).metadata()
    assert set(metadata["vector_layers"][0]["fields"]) == {"id", "name"}
    assert metadata["synthetic"] is False
    served = city_tiles(guarded, ["wells"])  # the server shows the house's own fields to who may see them
    z, x, y = next(iter(tiles_of(tmp_path / "out.pmtiles")))
    assert b"owner" in gzip.decompress(served.tile(z, x, y))
    for name in ("pipes", "meters"):
        with pytest.raises(NotFoundError, match="is not public"):
            write_pmtiles(guarded, tmp_path / "no.pmtiles", ["wells", name], zooms=(0, 1))


def test_tile_ids_are_ascending_and_reach_over_the_rim():
    bounds = (106.5, 29.5, 106.6, 29.6)
    found = list(tile_ids(bounds, (0, 14)))
    assert found == sorted(set(found))
    x, y = tile_of(106.5, 29.55, 14)
    west = x / 2**14 * 360 - 180
    at_the_edge = (west + 1e-6, 29.5, west + 1e-3, 29.6)
    assert zxy_to_tileid(14, x - 1, y) in set(tile_ids(at_the_edge, (14, 14)))
    assert list(tile_ids((-180, -85, 180, 85), (1, 1))) == [1, 2, 3, 4]


def test_what_goes_wrong_leaves_no_file(town, tmp_path, monkeypatch):
    out = tmp_path / "out.pmtiles"
    out.write_bytes(b"as it was")

    def fails(kind, match, path=out, names=None, zooms=(0, 1)):
        with pytest.raises(kind, match=match):
            write_pmtiles(town, path, names, zooms=zooms)

    fails(ParameterError, "written as PMTiles", path=tmp_path / "out.mbtiles")
    fails(ParameterError, "no zooms", zooms=(3, 2))
    fails(ParameterError, "no zooms", zooms=(0, 23))
    fails(NotFoundError, "no layer", names=["nowhere"])
    fails(NotFoundError, "nothing to draw", names=[])
    fails(NotFoundError, "nothing to draw", names=["buildings"], zooms=(0, 3))
    monkeypatch.setattr(pmtiles_export, "MOST_TILES", 3)
    fails(ParameterError, "too many tiles", zooms=(0, 9))
    monkeypatch.undo()

    def broken(share, message):
        raise KeyboardInterrupt("Ctrl-C")

    with pytest.raises(KeyboardInterrupt, match="Ctrl-C"):
        write_pmtiles(town, out, zooms=(0, 2), progress=broken)
    assert [path.name for path in tmp_path.iterdir()] == ["out.pmtiles"]
    assert out.read_bytes() == b"as it was"


def test_the_command(cim, folder):
    said = cim("export", "tiles", "town.pmtiles", "--layers", "roads, buildings", "--zoom", "13-14", "--json")
    assert (said.code, said.json["layers"]) == (0, ["buildings", "roads"])
    found = tiles_of(folder / "town.pmtiles")
    assert {z for z, _, _ in found} == {13, 14}
    assert shapely.box(*said.json["bounds"]).area > 0
    assert "tiles of roads in" in cim("export", "tiles", "roads.pmtiles", "--layers", "roads", "--zoom", "12").out
    assert cim("export", "tiles", "t.pmtiles", "--zoom", "16-0", "--json").json["error"]["code"] == "export.zoom"
    assert cim("export", "roads", "r.gpkg", "--zoom", "3", "--json").json["error"]["code"] == "cli.usage"
    assert cim("export", "roads", "r.gpkg", "--json").json["rows"] > 0
