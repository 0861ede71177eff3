"""Why a value was assumed, in both languages. Importers write short stable English phrases."""

from __future__ import annotations

from cim_core.schema import Text

_PHRASES = {
    "by class": "按等级推定",
    "by use": "按用途推定",
    "from height": "由高度推算",
    "from levels": "由层数推算",
    "footprint times storeys": "基底面积乘以层数",
    "not in the source": "来源未提供",
    "median of the source": "来源中位数",
    "one lane for both directions": "双向共用一条车道",
    "odd total": "总车道数为奇数",
    "counter lane of a one-way left out": "单行道的逆向车道略去",
    "implied by roundabout": "由环岛推定",
    "implied by motorway": "由高速公路推定",
    "from the geometry": "由几何生成",
    "lanes not readable": "来源车道数无法读取",
    "maxspeed not readable": "来源限速无法读取",
    "oneway not readable": "来源单行标记无法读取",
    "two-way": "按双向处理",
    "most common use": "取最常见用途",
    "hotel inside": "内有酒店",
    "retail inside": "内有商业",
    "culture inside": "内有文化设施",
    "civic inside": "内有公共服务",
    "transport inside": "内有交通设施",
    "landuse around it": "按周边用地",
    "other carriageway": "同名的对向车道",
    "bridge": "桥梁",
    "tunnel": "隧道",
    "a node, no outline": "只有点，没有轮廓",
}
_FIELDS = {"lanes": "车道数", "speed": "限速", "id": "标识", "group": "所属构筑物", "height": "高度", "levels": "层数"}


def reason_text(reason: str) -> Text:
    """A reason as an importer wrote it, and in Chinese as far as its phrases are known.

    >>> reason_text("by class: lanes not readable").zh
    '按等级推定：来源车道数无法读取'
    """
    parts = [part.strip() for part in reason.split(":")]
    return Text(en=reason, zh="：".join(_PHRASES.get(part) or _FIELDS.get(part) or part for part in parts))
