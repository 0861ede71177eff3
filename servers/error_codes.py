"""The errors that the code can raise, read from its syntax trees."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cim_core.errors import CimError

KINDS = {kind.__name__ for kind in CimError.__subclasses__()} | {CimError.__name__}
UNKNOWN = "…"
_NO_CODE = {"node_modules", "__pycache__", "web"}
_CODE = re.compile(r"^[a-z_]+\.[a-z_…]+$")
Names = Mapping[str, ast.expr]
"""Name → the expression that stands for it."""


@dataclass(frozen=True, order=True)
class ErrorCode:
    """One code as one module raises it; ``…`` stands for what is filled in."""

    code: str
    kind: str
    what: str
    remedy: str
    module: str


def error_codes(root: Path, packages: Sequence[str]) -> list[ErrorCode]:
    """All codes, sorted; a code that two modules raise stands twice, one that a module raises twice stands once."""
    found: dict[tuple[str, str], ErrorCode] = {}
    for package in packages:
        for path in sorted(_modules(root / package)):
            module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            for error in _in_module(ast.parse(path.read_text(encoding="utf-8")), module):
                found.setdefault((error.code, module), error)
    return sorted(found.values())


def _modules(folder: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NO_CODE]
        yield from (Path(where) / name for name in files if name.endswith(".py"))


def _in_module(tree: ast.Module, module: str) -> Iterator[ErrorCode]:
    """Calls of error classes, calls of functions that hand a code on, diagnoses in tuples, errors as dictionaries."""
    constants = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node)]
    raised = [call for call in calls if _called(call) in KINDS and call.args]
    for call in raised:
        yield from _codes(call.args[0], _called(call), _what(call), _remedy(call), module, constants)
    for name, (function, inner) in _forwarders(tree).items():
        for call in (call for call in calls if _called(call) == name):
            names = {**constants, **_bound(function, call)}
            yield from _codes(names["code"], _called(inner), _what(inner), _remedy(inner), module, names)
    if any(isinstance(call.args[0], ast.Name) for call in raised):
        for node in ast.walk(tree):
            if isinstance(node, ast.Tuple) and len(node.elts) == 3:
                yield from _codes(node.elts[0], _called(raised[0]), node.elts[1], node.elts[2], module, constants)
    yield from _dictionaries(tree, module, constants)


def _called(call: ast.Call) -> str:
    """The plain name that is called; empty for methods and what is computed."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _what(call: ast.Call) -> ast.expr | None:
    return call.args[1] if len(call.args) > 1 else None


def _remedy(call: ast.Call) -> ast.expr | None:
    return next((word.value for word in call.keywords if word.arg == "remedy"), None)


def _forwarders(tree: ast.Module) -> dict[str, tuple[ast.FunctionDef, ast.Call]]:
    """Functions with a parameter ``code`` that goes into an error, and that error."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and "code" in [argument.arg for argument in node.args.args]:
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and _called(call) in KINDS:
                    found[node.name] = (node, call)
    return found


def _bound(function: ast.FunctionDef, call: ast.Call) -> dict[str, ast.expr]:
    given = {argument.arg: value for argument, value in zip(function.args.args, call.args, strict=False)}
    return {"code": ast.Constant("")} | given | {word.arg: word.value for word in call.keywords if word.arg}


def _dictionaries(tree: ast.Module, module: str, names: Names) -> Iterator[ErrorCode]:
    """Errors kept as dictionaries, as the queue does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            pairs = {k.value: v for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)}
            if {"code", "what", "remedy"} <= pairs.keys():
                yield from _codes(pairs["code"], "JobError", pairs["what"], pairs["remedy"], module, names)


def _codes(  # noqa: PLR0917
    code: ast.expr, kind: str, what: ast.expr | None, remedy: ast.expr | None, module: str, names: Names
) -> Iterator[ErrorCode]:
    whats, remedies = _texts(what, names), _texts(remedy, names)
    for position, text in enumerate(_texts(code, names)):
        if _CODE.match(text):
            yield ErrorCode(text, kind, _at(whats, position), _at(remedies, position), module)


def _at(texts: Sequence[str], position: int) -> str:
    return texts[min(position, len(texts) - 1)]


def _texts(node: ast.expr | None, names: Names) -> list[str]:  # noqa: PLR0911
    """The texts an expression can be: constants, f-strings with ``…``, both sides of an alternative, known names."""
    match node:
        case None:
            return [""]
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(str(part.value) if isinstance(part, ast.Constant) else UNKNOWN for part in parts)]
        case ast.IfExp(body=first, orelse=second):
            return [*_texts(first, names), *_texts(second, names)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a in _texts(left, names) for b in _texts(right, names)]
        case ast.Name(id=name) if name in names and names[name] is not node:
            return _texts(names[name], {key: value for key, value in names.items() if key != name})
        case _:
            return [UNKNOWN]
