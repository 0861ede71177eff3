"""The card of a feature, corrections of it, and the quality report."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
from flask.testing import FlaskClient

from cim_core.city import City
from cim_core.layers import ROADS as SCHEMA
from cim_core.registry import Registry
from servers.api.assumptions import reason_text
from servers.api.cards import measures_for
from servers.api.documents import CardDocument

ROAD = "/api/collections/roads/items/w9100-n1000"


def _field(card: dict[str, Any], name: str) -> dict[str, Any]:
    return next(field for field in card["fields"] if field["name"] == name)


def test_a_card_says_what_it_is_and_what_was_assumed(get: Any) -> None:
    card = get(f"{ROAD}/card").get_json()
    CardDocument.model_validate(card)
    assert card["title"] == {"en": "South Street", "zh": "南街"}
    lanes, speed = _field(card, "lanes_forward"), _field(card, "speed_limit_mps")
    assert lanes["assumed"] == {"en": "lanes: by class", "zh": "车道数：按等级推定"}
    assert (speed["assumed"], speed["unit"], speed["title"]["zh"]) == (None, "m/s", "限速")
    assert card["source"]["importer"] == "sample"
    assert card["synthetic"] is True
    assert "assumed" not in {field["name"] for field in card["fields"]}


def test_a_bridge_has_all_its_parts(get: Any, tiny_folder: Any) -> None:
    roads = City.open(tiny_folder).layer("roads")
    parts = sorted(roads.index[roads.group == "bridge:西桥"])
    group = get(f"/api/collections/roads/items/{parts[0]}/card").get_json()["group"]
    assert group == {"id": "bridge:西桥", "name": "西桥", "members": parts}
    assert len(parts) >= 2


def test_measures_that_fit_the_layer(get: Any, toys: Registry) -> None:
    offered = {one["type"]: one for one in get(f"{ROAD}/card").get_json()["measures"]}
    assert {"close", "one_way", "speed_limit", "lane_closure", "bus_lane"} <= offered.keys()
    assert offered["close"]["field"] == "road"
    assert [(one.type, one.field) for one in measures_for(toys, "walkways")] == [("close", "walkway")]
    assert [(one.type, one.field) for one in measures_for(toys, "signals")] == [("signal_program", "signal")]
    assert measures_for(toys, "water") == []


def test_a_feature_without_name_says_what_kind_it_is(get: Any) -> None:
    card = get("/api/collections/buildings/items/b00/card").get_json()
    assert card["title"] == {"en": "Buildings (residential)", "zh": "建筑 (residential)"}
    assert (card["name"], card["group"]) == (None, None)


def test_a_reason_nobody_translated_stays_as_it_is() -> None:
    assert reason_text("by moonlight").zh == "by moonlight"


def test_a_correction_shows_on_the_card_and_can_be_withdrawn(client: FlaskClient) -> None:
    made = client.patch(ROAD, json={"fields": {"lanes_forward": 3}, "note": "counted", "sequence": 2})
    assert made.status_code == 200
    assert made.get_json()["sequence"] == 3
    correction = made.get_json()["correction"]
    assert (correction["fields"], correction["base"]) == ({"lanes_forward": 3}, {"lanes_forward": 1})
    assert (correction["note"], correction["author"], correction["state"]) == ("counted", "tester", "active")

    card = client.get(f"{ROAD}/card").get_json()
    lanes = _field(card, "lanes_forward")
    assert (lanes["value"], lanes["assumed"]) == (3, None)
    assert (lanes["correction"]["id"], lanes["correction"]["from"]) == (correction["id"], 1)
    assert lanes["correction"]["at"] is not None
    assert [one["id"] for one in card["corrections"]] == [correction["id"]]
    assert _field(client.get(f"{ROAD}/card?at=2").get_json(), "lanes_forward")["value"] == 1

    listed = client.get("/api/corrections").get_json()["corrections"]
    assert [(one["feature"], one["collection"]) for one in listed] == [("w9100-n1000", "roads")]
    assert client.delete(f"/api/corrections/{correction['id']}").get_json() == {"sequence": 4}
    after = client.get(f"{ROAD}/card").get_json()
    assert _field(after, "lanes_forward")["value"] == 1
    assert _field(after, "lanes_forward")["correction"] is None
    assert [one["state"] for one in after["corrections"]] == ["withdrawn"]


def test_a_correction_of_what_changed_meanwhile_is_refused(client: FlaskClient, refused: Any) -> None:
    assert client.patch(ROAD, json={"fields": {"lanes_forward": 2}, "sequence": 2}).status_code == 200
    late = client.patch(ROAD, json={"fields": {"lanes_forward": 4}, "sequence": 2})
    assert refused(late, 412, "correction.moved_on")["got"] == "a change in version 3"
    assert _field(client.get(f"{ROAD}/card").get_json(), "lanes_forward")["value"] == 2
    other = client.patch("/api/collections/buildings/items/b00", json={"fields": {"levels": 9}, "sequence": 2})
    assert other.status_code == 200  # another layer's change is no conflict


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"fields": {}}, "http.body"),
        ({"fields": {"lanes_forward": [1]}}, "http.body"),
        ({"fields": {"lanes_forward": 10**30}}, "http.body"),
        ({"fields": {"name": "x" * 10_001}}, "http.body"),
        ({"fields": {"lanes_forward": 1}, "sequence": 10**12}, "http.body"),
        ({"note": "why"}, "http.body"),
        ({"fields": {"lanes_forward": "two"}}, "correction.field"),
        ({"fields": {"lanes_forward": None}}, "correction.field"),
        ({"fields": {"length_m": 3.0}}, "correction.field"),
        ({"fields": {"nix": 1}}, "correction.field"),
    ],
)
def test_a_correction_that_does_not_fit(client: FlaskClient, refused: Any, body: dict[str, Any], code: str) -> None:
    refused(client.patch(ROAD, json=body), 422, code)
    assert client.get("/api/city").get_json()["sequence"] == 2


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/collections/roads/items/nix", "correction.no_feature"),
        ("/api/collections/nix/items/a", "collection.unknown"),
        ("/api/collections/elevation/items/a", "collection.coverage"),
    ],
)
def test_a_correction_of_what_is_not_there(client: FlaskClient, refused: Any, path: str, code: str) -> None:
    refused(client.patch(path, json={"fields": {"name": "a"}}), 404, code)


@pytest.mark.parametrize("number", ["7", "999999999"])
def test_no_such_correction(client: FlaskClient, refused: Any, number: str) -> None:
    refused(client.delete(f"/api/corrections/{number}"), 404, "correction.unknown")


def test_ids_may_have_any_signs(client: FlaskClient, city: City) -> None:
    odd = ["way/12", "a b?c#d", "路%2F号"]
    frame = city.layer("roads").iloc[: len(odd)]
    frame = gpd.GeoDataFrame(frame.set_axis(odd).rename_axis("id"))
    with city.edit("odd ids") as session:
        session.put_layer(frame, SCHEMA)
    features = client.get("/api/collections/roads/items").get_json()["features"]
    assert sorted(feature["id"] for feature in features) == sorted(odd)
    for quoted in ("way/12", "way%2F12", "a%20b%3Fc%23d", "%E8%B7%AF%252F%E5%8F%B7"):
        found = client.get(f"/api/collections/roads/items/{quoted}")
        assert found.status_code == 200, quoted
        link = next(link["href"] for link in found.get_json()["links"] if link["rel"] == "self")
        assert client.get(link).get_json()["id"] == found.get_json()["id"]
        assert client.get(f"/api/collections/roads/items/{quoted}/card").get_json()["id"] == found.get_json()["id"]


def test_quality_has_a_row_for_each_collection(get: Any) -> None:
    rows = {row["collection"]: row for row in get("/api/quality").get_json()["layers"]}
    assert (rows["roads"]["read"], rows["roads"]["kept"], rows["roads"]["dropped"]) == (55, 55, {})
    assert rows["roads"]["title"]["zh"] == "道路"
    assert "synthetic" in rows["elevation"]["warnings"][0]
