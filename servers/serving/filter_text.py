"""CQL2 text to its tree: our own reading of AND, OR, NOT and parentheses, and the library's of each predicate.

The library's parser takes time exponential in the depth of parentheses that do not fit, and ends the process on
thousands of NOT or minus signs. So it is given only what stands between the conjunctions: one predicate, five
parentheses deep at most, with one comparison and no run of signs; that costs it time in proportion to the length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from servers.serving.filter_faults import not_supported, shown, syntax, too_large

DEEPEST = 64
DEEPEST_PREDICATE = 5
"""``S_WITHIN(geometry, GEOMETRYCOLLECTION(MULTIPOLYGON(((…`` opens five."""
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<text>'(?:''|\\.|[^'\\])*')|(?P<quoted>"(?:[^"]|"")*")|(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)"""
    r"""|(?P<word>[^\W\d_][\w.:]*)|(?P<sign><>|!=|<=|>=|\|\||[-+*/%^=<>(),])""",
    re.DOTALL,
)
_ESCAPES = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "'": "'"}
"""What a backslash before a letter means in a text (21-065r2, requirement /req/cql2-text/escaping)."""
_ONE = {"=", "<", ">", "<=", ">=", "<>", "!=", "LIKE", "BETWEEN", "IN", "IS"}
"""Of these a predicate has one."""
_ARITHMETIC = {"*", "/", "%", "^", "||"}


@dataclass(frozen=True)
class Placed:
    """A tree, and where it stood."""

    tree: Any
    place: str


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """The keyword or sign it may be; nothing for texts, numbers and quoted names."""
        return self.text.upper() if self.kind in ("word", "sign") else ""


def text_tree(text: str) -> Any:
    """The tree as CQL2 JSON has it, each predicate :class:`Placed`.

    Raises
    ------
    ParameterError
        ``filters.syntax``, ``filters.too_large``, ``filters.not_supported``.

    >>> text_tree("a = 1 OR b = 2")["op"]
    'or'
    """
    reader = _Reader(text, _tokens(text))
    tree = reader.alternatives(0)
    if reader.next is not None:
        raise reader.unexpected("AND, OR, or the end")
    return tree


def _tokens(text: str) -> Sequence[_Token]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise syntax(f"filter, character {at + 1}", "a name, a value, an operator", text[at:])
        if match.lastgroup != "space":
            found.append(_Token(match.lastgroup, match[0], at))
        at = match.end()
    return found


class _Reader:
    """Recursive descent over the tokens; deeper than :data:`DEEPEST` it refuses."""

    def __init__(self, text: str, tokens: Sequence[_Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0

    @property
    def next(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _is(self, word: str) -> bool:
        return self.next is not None and self.next.word == word

    def unexpected(self, expected: str) -> Exception:
        token = self.next
        if token is None:
            return syntax("filter, at its end", expected, "the end")
        where = f"filter, character {token.start + 1}"
        if token.word in _ONE | _ARITHMETIC | {"+", "-"}:
            return not_supported(where, self.text[token.start :])
        return syntax(where, expected, self.text[token.start :])

    def alternatives(self, depth: int) -> Any:
        return self._joined("OR", depth)

    def _joined(self, word: str, depth: int) -> Any:
        parts = [self._part(word, depth)]
        while self._is(word):
            self.at += 1
            parts.append(self._part(word, depth))
        return parts[0] if len(parts) == 1 else {"op": word.lower(), "args": parts}

    def _part(self, word: str, depth: int) -> Any:
        return self._joined("AND", depth) if word == "OR" else self._factor(depth)

    def _factor(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise too_large("filter", f"{DEEPEST} conditions within each other at most", "more")
        if self._is("NOT"):
            self.at += 1
            return {"op": "not", "args": [self._factor(depth + 1)]}
        if self._is("("):
            self.at += 1
            inner = self.alternatives(depth + 1)
            if not self._is(")"):
                raise self.unexpected("a closing parenthesis")
            self.at += 1
            return inner
        return self._predicate()

    def _predicate(self) -> Any:
        taken = self._take_predicate()
        if not taken:
            raise self.unexpected("a condition")
        start, end = taken[0].start, taken[-1].end
        place = f"filter, characters {start + 1} to {end}: {shown(self.text[start:end])}"
        return Placed(_parsed(self._for_the_library(taken), start), place)

    def _for_the_library(self, taken: Sequence[_Token]) -> str:
        """The predicate's source with texts as the library knows them: no escapes but the doubled quote."""
        of_pattern = any(token.word == "LIKE" for token in taken)
        parts, at = [], taken[0].start
        for token in taken:
            parts.append(self.text[at : token.start])
            parts.append(_unescaped(token.text, of_pattern) if token.kind == "text" else token.text)
            at = token.end
        return "".join(parts)

    def _take_predicate(self) -> list[_Token]:
        """Tokens up to the conjunction or parenthesis that ends the predicate; what endangers the parser is refused."""
        taken: list[_Token] = []
        depth, ranged, operators = 0, False, 0
        while (token := self.next) is not None:
            word = token.word
            if depth == 0 and taken and (word in ("OR", ")") or (word == "AND" and not ranged)):
                break
            if depth == 0 and not taken and word in ("AND", "OR", ")"):
                break
            if word == "AND" and depth == 0:
                ranged = False
            ranged = ranged or (word == "BETWEEN" and depth == 0)
            depth += (word == "(") - (word == ")")
            operators += word in _ONE
            self._refuse(token, taken[-1] if taken else None, depth, operators)
            taken.append(token)
            self.at += 1
        return taken

    def _refuse(self, token: _Token, before: _Token | None, depth: int, operators: int) -> None:
        where = f"filter, character {token.start + 1}"
        if depth > DEEPEST_PREDICATE:
            raise too_large(where, f"{DEEPEST_PREDICATE} parentheses within one condition at most", "more")
        if operators > 1:
            raise syntax(where, "AND or OR between two comparisons", self.text[token.start :])
        is_sign = token.word in ("+", "-")
        if is_sign and before is not None and before.word in ("+", "-"):
            raise syntax(where, "one sign before a number", self.text[token.start :])
        named = before is not None and (
            before.kind == "quoted" or (before.kind == "word" and before.word not in _ONE | {"AND", "NOT"})
        )
        counted = before is not None and depth == 0 and (before.kind == "number" or before.word == ")")
        if token.word in _ARITHMETIC or (is_sign and (named or counted)):
            raise not_supported(where, self.text[token.start :])


def _unescaped(text: str, of_pattern: bool) -> str:
    """A quoted text without backslashes, but for those that a LIKE pattern itself reads: before %, _ and themselves."""

    def meant(found: re.Match[str]) -> str:
        sign = _ESCAPES.get(found[1])
        if sign is None:
            return found[0] if of_pattern or found[1] != "\\" else "\\"
        return sign

    inner = re.sub(r"\\(.)", meant, text[1:-1].replace("''", "'"), flags=re.DOTALL)
    return "'" + inner.replace("'", "''") + "'"


def _parsed(predicate: str, start: int) -> Any:
    import cql2

    try:
        return cql2.parse_text(predicate).to_json()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as fault:  # noqa: BLE001 - a panic of the library's is no Exception, and no end of the server
        column = re.search(r"--> (\d+):(\d+)", str(fault))
        lines = predicate.split("\n")
        line, at = (int(column[1]), int(column[2])) if column else (1, 1)
        offset = start + sum(len(each) + 1 for each in lines[: line - 1]) + at
        got = predicate[offset - start - 1 :] or "its end"
        raise syntax(f"filter, character {offset}", _expectation(str(fault)), got) from None


def _expectation(words: str) -> str:
    """What the parser's message says beyond its drawing of the place."""
    if "-->" not in words:
        return words[:200] or "a condition"
    return "a condition such as name = 'text', height_m > 3, S_INTERSECTS(geometry, BBOX(w,s,e,n))"
