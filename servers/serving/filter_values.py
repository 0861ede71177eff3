"""Comparisons of a property's distinct values with constants: numbers, flags, texts, patterns."""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from servers.serving.filter_rows import Mask

if TYPE_CHECKING:
    import pyarrow as pa

    from servers.serving.baked.layout import BakedColumn

Codes = NDArray[Any]
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARROW = {
    "=": "equal",
    "<>": "not_equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
}
_MOST_WHOLE = 2**63
"""No whole number of a layer is as large."""
_LONG = 200
"""Characters of a pattern beyond which Arrow's matcher may refuse it."""
CONVERSE = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""What an operator becomes when its sides are exchanged."""


def fold_case(text: str) -> str:
    """CASEI: Unicode full case folding (OGC 21-065r2, 7.5)."""
    return text.casefold()


def fold_accents(text: str) -> str:
    """ACCENTI: without combining marks.

    >>> fold_accents("Chóngqìng")
    'Chongqing'
    """
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not unicodedata.combining(sign)))


FOLDS: dict[str, Callable[[str], str]] = {"casei": fold_case, "accenti": fold_accents}


def folded(text: str, folds: Sequence[str]) -> str:
    """A text after the functions named, the last first as they stand around it."""
    for name in reversed(folds):
        text = FOLDS[name](text)
    return text


def compare_numbers(op: str, value: float) -> Callable[[BakedColumn, Codes], Mask]:
    """Numbers and flags against one. Whole numbers are compared as such, beyond 2^53 too."""
    against = int(value) if isinstance(value, float) and value.is_integer() else value

    def holds(column: BakedColumn, codes: Codes) -> Mask:
        assert column.values is not None  # noqa: S101 - checked against the dtype before
        return np.asarray(COMPARISONS[op](column.values[codes], against), dtype=bool)

    return holds


def number_between(low: float, high: float) -> Callable[[BakedColumn, Codes], Mask]:
    """Both ends belong to it; nothing lies between if they stand the wrong way round."""
    above, below = compare_numbers(">=", low), compare_numbers("<=", high)
    return lambda column, codes: above(column, codes) & below(column, codes)


def number_in(values: Sequence[float]) -> Callable[[BakedColumn, Codes], Mask]:
    """One of some numbers or flags."""
    whole = [int(value) for value in values if value == int(value) and abs(value) < _MOST_WHOLE]

    def holds(column: BakedColumn, codes: Codes) -> Mask:
        assert column.values is not None  # noqa: S101 - checked against the dtype before
        of_wholes = column.dtype != "float64"
        wanted = np.array(whole, dtype=np.int64) if of_wholes else np.array(values, dtype=np.float64)
        return np.isin(column.values[codes], wanted)

    return holds


def compare_texts(op: str, value: str, folds: Sequence[str]) -> Callable[[BakedColumn, Codes], Mask]:
    """Texts against one, by code points; ``folds`` are applied to the column's."""
    if folds:
        return _each_text(folds, lambda text: bool(COMPARISONS[op](text, value)))
    return _by_arrow(_ARROW[op], value)


def text_in(values: Sequence[str], folds: Sequence[str]) -> Callable[[BakedColumn, Codes], Mask]:
    """One of some texts."""
    wanted = frozenset(values)
    if folds:
        return _each_text(folds, lambda text: text in wanted)
    return _listed(sorted(wanted))


def text_like(pattern: str, folds: Sequence[str]) -> Callable[[BakedColumn, Codes], Mask]:
    r"""``%`` is any text, ``_`` one character, ``\`` takes the next sign for itself."""
    if not folds and len(pattern) <= _LONG and "\\" not in pattern:  # Arrow errs on escaped letters before a last %
        return _by_arrow("match_like", pattern)
    matches = re.compile(like_expression(pattern)).fullmatch
    return _each_text(folds, lambda text: matches(text) is not None)


def like_expression(pattern: str) -> str:
    r"""The regular expression of a LIKE pattern; its time grows with text times pattern, whatever the pattern.

    Each part after a ``%`` is found where it comes first and not looked for again (an atomic group): the first place
    is as good as any later one, except for the last part, which stands at the end.

    >>> like_expression("a%b_%c")
    '(?s:a(?>.*?b.).*c)'
    """
    parts = [""]
    signs = iter(pattern)
    for sign in signs:
        if sign == "%":
            parts.append("")
        elif sign == "_":
            parts[-1] += "."
        else:
            parts[-1] += re.escape(next(signs, "\\") if sign == "\\" else sign)
    first, inner, last = parts[0], parts[1:-1], parts[1:][-1:]
    middle = "".join(f"(?>.*?{part})" for part in inner if part)
    return f"(?s:{first}{middle}{''.join('.*' + part for part in last)})"


def _each_text(folds: Sequence[str], judge: Callable[[str], bool]) -> Callable[[BakedColumn, Codes], Mask]:
    def holds(column: BakedColumn, codes: Codes) -> Mask:
        heap = memoryview(column.text.data)
        begin, end = column.text_at[codes].tolist(), column.text_at[codes + 1].tolist()
        texts = (str(heap[a:b], "utf-8") for a, b in zip(begin, end, strict=True))
        return np.fromiter((judge(folded(text, folds) if folds else text) for text in texts), bool, len(codes))

    return holds


def _by_arrow(function: str, value: str) -> Callable[[BakedColumn, Codes], Mask]:
    """A function of Arrow's on texts and one text: compiled, and other threads go on meanwhile."""

    def holds(column: BakedColumn, codes: Codes) -> Mask:
        import pyarrow as pa
        import pyarrow.compute as pc

        texts = _arrow_texts(column, codes)
        found = (
            pc.match_like(texts, value)
            if function == "match_like"
            else getattr(pc, function)(texts, pa.scalar(value, pa.large_string()))
        )
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)

    return holds


def _listed(wanted: Sequence[str]) -> Callable[[BakedColumn, Codes], Mask]:
    def holds(column: BakedColumn, codes: Codes) -> Mask:
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pc.is_in(_arrow_texts(column, codes), value_set=pa.array(wanted, pa.large_string()))
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)

    return holds


def _arrow_texts(column: BakedColumn, codes: Codes) -> pa.LargeStringArray:
    import pyarrow as pa

    buffers = pa.py_buffer(column.text_at), pa.py_buffer(column.text)
    texts = pa.LargeStringArray.from_buffers(column.distinct, *buffers)
    return texts if len(codes) == column.distinct else texts.take(pa.array(codes))
