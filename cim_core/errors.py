"""The tree of errors. Each says what, where, what was expected, what came, and what to do about it."""

from __future__ import annotations


class CimError(Exception):
    """An error a person can act on.

    Parameters
    ----------
    code
        Stable dotted name, e.g. ``osm.truncated``; programs match on it.
    what
        One sentence: what went wrong.
    where
        File, parameter, feature or process in which it was seen.
    expected, got
        What would have been right, and what was there.
    remedy
        What the reader can do now.
    """

    def __init__(
        self, code: str, what: str, *, where: str = "", expected: str = "", got: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got
        self.remedy = remedy

    def as_dict(self) -> dict[str, str]:
        """The five answers and the code, in a fixed order, for JSON and for RFC 9457 problems."""
        return {
            "code": self.code,
            "what": self.what,
            "where": self.where,
            "expected": self.expected,
            "got": self.got,
            "remedy": self.remedy,
        }

    @classmethod
    def from_dict(cls, fields: dict[str, str]) -> CimError:
        """Rebuild an error that crossed a process border, as the class its code belongs to."""
        rest = {name: fields.get(name, "") for name in ("where", "expected", "got", "remedy")}
        kind = _CLASS_BY_NAME.get(fields.get("class", ""), cls)
        return kind(fields["code"], fields["what"], **rest)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.as_dict())

    def __str__(self) -> str:
        lines = [f"{self.what} [{self.code}]"]
        lines += [f"  {name}: {text}" for name, text in list(self.as_dict().items())[2:] if text]
        return "\n".join(lines)


def _rebuild(kind: type[CimError], fields: dict[str, str]) -> CimError:
    code, what = fields.pop("code"), fields.pop("what")
    return kind(code, what, **fields)


class InputError(CimError):
    """A file or stream that was handed in cannot be taken."""


class ParameterError(CimError):
    """A parameter, option or setting is missing, of the wrong type, or out of its range."""


class NotFoundError(CimError):
    """Something was named that is not there."""


class PlanError(CimError):
    """A plan cannot be read, contradicts itself, or names what the city does not have."""


class CityError(CimError):
    """The city is missing, of another version, busy, or lacks what was asked of it."""


class StorageError(CimError):
    """The disk or the database refused."""


class ScenarioError(CimError):
    """A plugin is broken, or its result differs from its declaration."""


class EngineError(CimError):
    """A simulator or another engine is missing, was killed, or gave up."""


class JobError(CimError):
    """A job was cancelled, ran out of time or memory, or its process died."""


_CLASS_BY_NAME: dict[str, type[CimError]] = {kind.__name__: kind for kind in CimError.__subclasses__()}
