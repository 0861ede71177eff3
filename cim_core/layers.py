"""The standard layers of a city: one table of schemas that importers fill and engines read."""

from __future__ import annotations

from cim_core.schema import Dtype, Field, LayerSchema, Text


def _f(
    name: str, dtype: Dtype, en: str, zh: str, unit: str | None = None, *, null: bool = True, edit: bool = False
) -> Field:
    return Field(name=name, dtype=dtype, title=Text(en=en, zh=zh), unit=unit, nullable=null, editable=edit)


COMMON = (
    _f("name", "string", "Name", "名称", edit=True),
    _f("name_zh", "string", "Name in Chinese", "中文名", edit=True),
    _f("name_en", "string", "Name in English", "英文名", edit=True),
    _f("group", "string", "Named structure it belongs to", "所属构筑物"),
    _f("source_id", "string", "Id at the source", "来源标识"),
    _f("assumed", "json", "Fields whose value was assumed, with the reason", "推定字段及理由"),
    _f("tags", "json", "All attributes as the source has them", "来源原始属性"),
)
"""Fields that every imported layer begins with. ``assumed`` is a JSON object field → reason; ``{}`` if none."""

_TOPOLOGY = (
    _f("from_node", "int64", "First node", "起点", null=False),
    _f("to_node", "int64", "Last node", "终点", null=False),
    _f("nodes", "list<int64>", "Nodes along it, one per vertex", "沿线节点", null=False),
    _f("length_m", "float64", "Length on the ellipsoid", "椭球长度", "m", null=False),
    _f("bridge", "bool", "On a bridge", "桥梁", null=False, edit=True),
    _f("tunnel", "bool", "In a tunnel", "隧道", null=False, edit=True),
    _f("layer", "int64", "Level above or below others", "层级", null=False, edit=True),
    _f("elevation_from_m", "float64", "Elevation of the first node", "起点高程", "m"),
    _f("elevation_to_m", "float64", "Elevation of the last node", "终点高程", "m"),
    _f("gradient", "float64", "Rise over run from first to last node", "坡度", "ratio"),
)

ROADS = LayerSchema(
    name="roads",
    title=Text(en="Roads", zh="道路"),
    geometry="LineString",
    vertical_datum="as the elevation coverage",
    fields=(
        *COMMON,
        _f("class", "string", "Road class (OSM highway value)", "道路等级", null=False, edit=True),
        _f("lanes_forward", "int64", "Lanes in drawing direction", "正向车道数", null=False, edit=True),
        _f("lanes_backward", "int64", "Lanes against it (0: one-way)", "反向车道数", null=False, edit=True),
        _f("speed_limit_mps", "float64", "Speed limit", "限速", "m/s", null=False, edit=True),
        _f("oneway", "bool", "One-way in drawing direction", "单行", null=False, edit=True),
        _f("access", "string", "Who may drive: all, bus, private, none", "通行权", null=False, edit=True),
        _f("surface", "string", "Surface", "路面", edit=True),
        *_TOPOLOGY,
    ),
)
WALKWAYS = LayerSchema(
    name="walkways",
    title=Text(en="Walkways and stairs", zh="步道与梯道"),
    geometry="LineString",
    vertical_datum="as the elevation coverage",
    fields=(
        *COMMON,
        _f("class", "string", "Kind (OSM highway value)", "类别", null=False, edit=True),
        _f("stairs", "bool", "Stairs", "梯道", null=False, edit=True),
        _f("steps", "int64", "Number of steps", "级数", edit=True),
        _f("width_m", "float64", "Width", "宽度", "m", edit=True),
        _f("access", "string", "Who may walk: all, private, none", "通行权", null=False, edit=True),
        *_TOPOLOGY,
    ),
)
BUILDINGS = LayerSchema(
    name="buildings",
    title=Text(en="Buildings", zh="建筑"),
    geometry="Polygon",
    fields=(
        *COMMON,
        _f("use", "string", "Use: residential, office, retail, …", "用途", null=False, edit=True),
        _f("levels", "int64", "Storeys above ground", "地上层数", null=False, edit=True),
        _f("height_m", "float64", "Height above ground", "高度", "m", null=False, edit=True),
        _f("footprint_m2", "float64", "Footprint area on the ellipsoid", "基底面积", "m2", null=False),
        _f("floor_area_m2", "float64", "Footprint times storeys", "建筑面积", "m2", null=False, edit=True),
    ),
)
POIS = LayerSchema(
    name="pois",
    title=Text(en="Points of interest", zh="兴趣点"),
    geometry="Point",
    fields=(
        *COMMON,
        _f("category", "string", "Kind (amenity, shop, office, tourism, …)", "类别", null=False),
        _f("kind", "string", "Value of that kind (school, supermarket, …)", "细类", null=False),
    ),
)
RAIL = LayerSchema(
    name="rail",
    title=Text(en="Rail", zh="轨道"),
    geometry="LineString",
    fields=(
        *COMMON,
        _f("class", "string", "Kind (OSM railway value)", "类别", null=False),
        _f("bridge", "bool", "On a bridge", "桥梁", null=False),
        _f("tunnel", "bool", "In a tunnel", "隧道", null=False),
        _f("layer", "int64", "Level above or below others", "层级", null=False),
    ),
)
WATER = LayerSchema(
    name="water",
    title=Text(en="Water", zh="水系"),
    geometry="Any",
    fields=(*COMMON, _f("class", "string", "Kind (river, stream, basin, …)", "类别", null=False)),
)
SIGNALS = LayerSchema(
    name="signals",
    title=Text(en="Traffic signals", zh="信号灯"),
    geometry="Point",
    fields=(*COMMON, _f("node", "int64", "Node it stands at", "所在节点", null=False)),
)
PARKING = LayerSchema(
    name="parking",
    title=Text(en="Parking", zh="停车场"),
    geometry="Any",
    fields=(
        *COMMON,
        _f("kind", "string", "Kind (surface, underground, multi-storey, …)", "类别", null=False),
        _f("capacity", "int64", "Places", "泊位数", edit=True),
    ),
)
RESTRICTIONS = LayerSchema(
    name="restrictions",
    title=Text(en="Turn restrictions", zh="转向限制"),
    geometry="Point",
    fields=(
        *COMMON,
        _f("kind", "string", "no_left_turn, only_straight_on, …", "类别", null=False),
        _f("from_road", "string", "Road part it comes from", "驶出路段", null=False),
        _f("to_road", "string", "Road part it leads to", "驶入路段", null=False),
        _f("via_node", "int64", "Node of the turn", "转向节点", null=False),
    ),
)

STANDARD_LAYERS: dict[str, LayerSchema] = {
    schema.name: schema for schema in (ROADS, WALKWAYS, BUILDINGS, POIS, RAIL, WATER, SIGNALS, PARKING, RESTRICTIONS)
}
"""Layer name → schema."""
