"""Invented names, in Chinese and English: words of plants, weather and landscape, never of real places or people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_FIRST = {
    "紫": "Zi", "云": "Yun", "清": "Qing", "明": "Ming", "松": "Song", "竹": "Zhu", "桂": "Gui", "兰": "Lan",
    "鹤": "He", "鹭": "Lu", "枫": "Feng", "柏": "Bai", "梨": "Li", "荷": "He", "晴": "Qing", "朝": "Zhao",
    "晚": "Wan", "霁": "Ji", "碧": "Bi", "翠": "Cui", "石": "Shi", "雁": "Yan", "星": "Xing", "芳": "Fang",
    "丹": "Dan", "素": "Su", "银": "Yin", "锦": "Jin", "瑶": "Yao", "听": "Ting", "望": "Wang", "揽": "Lan",
    "栖": "Qi", "拾": "Shi", "墨": "Mo", "琴": "Qin",
}  # fmt: skip
_SECOND = {
    "藤": "teng", "霞": "xia", "溪": "xi", "泉": "quan", "岭": "ling", "崖": "ya", "坪": "ping", "湾": "wan",
    "竹": "zhu", "林": "lin", "庭": "ting", "风": "feng", "月": "yue", "雨": "yu", "荫": "yin", "汀": "ting",
    "渚": "zhu", "岫": "xiu", "谷": "gu", "园": "yuan", "台": "tai", "桐": "tong", "萝": "luo", "苔": "tai",
    "涧": "jian", "岚": "lan", "枝": "zhi", "亭": "ting",
}  # fmt: skip
SUFFIXES = {
    "secondary": ("路", "Road"), "tertiary": ("街", "Street"), "residential": ("路", "Road"),
    "service": ("巷", "Lane"), "steps": ("梯道", "Steps"), "footway": ("步道", "Path"), "path": ("小径", "Trail"),
    "pedestrian": ("步行街", "Walk"),
}  # fmt: skip
"""Class of a street → what its name ends with."""


def invented(random: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Pairs such as 紫藤 Ziteng, each once, in random order; after all of them, with 上 Upper and 下 Lower before."""
    words = [
        (one + two, first + second) for one, first in _FIRST.items() for two, second in _SECOND.items() if one != two
    ]
    for zh_mark, en_mark in (("", ""), ("上", "Upper "), ("下", "Lower ")):
        for number in random.permutation(len(words)):
            zh, en = words[number]
            yield zh_mark + zh, en_mark + en


def street_name(word: tuple[str, str], highway: str) -> tuple[str, str]:
    """The name of a street of a class made of an invented word.

    >>> street_name(("紫藤", "Ziteng"), "steps")
    ('紫藤梯道', 'Ziteng Steps')
    """
    zh, en = SUFFIXES[highway]
    return word[0] + zh, f"{word[1]} {en}"
