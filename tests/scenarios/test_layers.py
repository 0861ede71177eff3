"""The join of two layers: counts and sums against pandas, identity by the layers named, what is refused."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from pydantic import ValidationError

from cim_core.city import City
from cim_core.errors import CityError, NotFoundError, ParameterError
from cim_core.plan import Plan
from cim_core.question import ask
from cim_core.registry import Registry
from cim_core.scenario import Context
from cim_core.schema import Field, LayerSchema, Text
from cim_core.testing.tiny_city import tiny_city
from scenarios.layers.join import join_layers
from scenarios.layers.parameters import JoinParameters


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return tiny_city(tmp_path_factory.mktemp("layers") / "town")


@pytest.fixture
def asked(town, tmp_path):
    def run(**parameters):
        context = Context(seed=0, scratch=tmp_path, out=tmp_path, baseline=town, cache=None)
        return join_layers(town, JoinParameters(**parameters), context)

    return run


def test_buildings_near_roads_and_what_their_lengths_add_up_to(town, asked):
    result = asked(left="buildings", right="roads", predicate="dwithin", distance_m=40, value="length_m")
    buildings, roads = town.layer("buildings"), town.layer("roads")
    near = buildings.geometry.apply(lambda one: roads.geometry.distance(one) <= 40)
    joined = result.layers["joined"].loc[buildings.index]
    assert joined["matches"].tolist() == near.sum(axis=1).tolist()
    sums = (near * roads["length_m"]).sum(axis=1)
    assert joined["value_sum"].fillna(0).to_numpy() == pytest.approx(sums.to_numpy())
    has = joined["matches"] > 0
    assert joined["value_mean"][has].to_numpy() == pytest.approx((sums / near.sum(axis=1))[has].to_numpy())
    assert joined["first"][has].tolist() == [sorted(roads.index[row])[0] for row in near[has].to_numpy()]
    assert result.figures == {
        "pairs": int(near.to_numpy().sum()),
        "matched": int(has.sum()),
        "unmatched": int((~has).sum()),
        "share_matched": has.mean(),
        "other_matched": int(near.any().sum()),
    }
    assert 0 < result.figures["matched"] < len(buildings)


def test_a_text_is_shown_for_one_match_and_added_up_nowhere(town, asked):
    joined = asked(left="pois", right="buildings", distance_m=1000, value="use").layers["joined"]
    uses = town.layer("buildings")["use"]
    assert joined["value_of_first"].tolist() == [uses[first] for first in joined["first"]]
    assert joined["value_sum"].isna().all()


def test_a_layer_with_itself_has_no_pairs_of_one(town, asked):
    result = asked(left="buildings", right="buildings", predicate="intersects")
    overlaps = town.layer("buildings").sjoin(town.layer("buildings"), predicate="intersects")
    assert result.figures["pairs"] == (overlaps.index != overlaps["id_right"]).sum()


def test_a_field_or_layer_that_is_not_there(asked, town):
    with pytest.raises(NotFoundError, match="no such field") as caught:
        asked(value="colour")
    assert caught.value.code == "layers.no_field"
    with pytest.raises(CityError, match="needs what the city does not have"):
        question(town, right="hydrants")


@pytest.mark.parametrize("wrong", [{"distance_m": 5, "predicate": "within"}, {"distance_m": -1}, {"left": "../x"}])
def test_parameters_that_do_not_fit(wrong):
    with pytest.raises(ValidationError, match=r"distance_m|left"):
        JoinParameters(**wrong)


def question(city, **parameters):
    registry = Registry.discover(Path(__file__).parents[2] / "scenarios")
    return ask(city, registry, "layers.join", parameters, plan=Plan.empty(), seed=1)


def test_an_answer_stands_on_the_layers_that_its_parameters_name(tmp_path):
    city = tiny_city(tmp_path / "town")
    schema = LayerSchema(
        name="hydrants",
        title=Text(en="Hydrants", zh="消火栓"),
        geometry="Point",
        fields=(Field(name="label", dtype="string", title=Text(en="Label", zh="编号")),),
    )

    def put(labels):
        places = city.layer("pois").geometry.iloc[: len(labels)].to_numpy()
        frame = gpd.GeoDataFrame({"label": labels}, geometry=places, crs=city.crs, index=pd.Index(labels, name="id"))
        with City.open(city.root).edit("hydrants") as session:
            session.put_layer(frame, schema, None)
        return City.open(city.root)

    first = question(put(["a", "b"]), right="hydrants")
    assert first.key["snapshots"].keys() == {"buildings", "hydrants"}
    assert question(City.open(city.root), right="hydrants").run == first.run
    assert question(put(["a", "c"]), right="hydrants").run != first.run
    assert question(City.open(city.root), right="pois").key["snapshots"].keys() == {"buildings", "pois"}
    with pytest.raises(ParameterError, match="do not fit"):
        question(city, left="")
