"""Names in both languages, kept as they are."""

from __future__ import annotations

import re
import unicodedata

from cim_core.gis.osm.elements import Tags

_CHINESE_KEYS = ("name:zh", "name:zh-Hans", "name:zh-Hant")
_FALLBACK_KEYS = (*_CHINESE_KEYS, "name:en", "bridge:name", "tunnel:name")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")


def name_of(tags: Tags) -> str | None:
    """The local name; else the Chinese or English one; else that of the bridge or tunnel."""
    return _first(tags, ("name", *_FALLBACK_KEYS))


def chinese_name_of(tags: Tags) -> str | None:
    """``name:zh`` and its scripts; else ``name`` where it is written in Chinese characters (and not Japanese)."""
    if said := _first(tags, _CHINESE_KEYS):
        return said
    name = tags.get("name", "").strip()
    return name if _HAN.search(name) and not _KANA_OR_HANGUL.search(name) else None


def english_name_of(tags: Tags) -> str | None:
    """``name:en``, or None."""
    return _first(tags, ("name:en",))


def folded(name: str) -> str:
    """A name for comparing: one form of each character (full-width brackets and letters), single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def _first(tags: Tags, keys: tuple[str, ...]) -> str | None:
    return next((text for key in keys if (text := tags.get(key, "").strip())), None)
