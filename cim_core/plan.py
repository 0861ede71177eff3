"""Plans: a named, versioned list of measures; a measure compiles to timed edits in one vocabulary.

A plan file is JSON that people read::

    {"plan": "close-bridge",
     "measures": [{"type": "close", "road": "东水门大桥", "from": "07:00", "to": "09:00", "days": "workday"}]}

Engines read edits, never measures.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cim_core.canonical import content_hash
from cim_core.errors import PlanError
from cim_core.instants import ALWAYS, DayType, Window, parse_moment

Find = Callable[[str, str], tuple[str, ...]]
"""(layer, name a person wrote) → feature ids; raises :class:`PlanError` with the nearest names."""

Operation = Literal["set", "add", "remove"]
BASELINE = "baseline"
"""What the city as it is goes by wherever a plan is named."""
NAME = r"[\w.\-]{1,80}"
"""The pattern of a plan's name."""


def _no_folder(name: str) -> str:
    if not name.strip("."):
        raise ValueError("a name of dots alone would be lost in addresses and paths; add a letter")
    return name


def _no_baseline(name: str) -> str:
    if name == BASELINE:
        raise ValueError("this is what the city as it is goes by; choose another name")
    return name


PlanName = Annotated[str, Field(pattern=f"^{NAME}$"), AfterValidator(_no_folder)]
SavedName = Annotated[PlanName, AfterValidator(_no_baseline)]
"""A name under which a plan can be saved."""


@dataclass(frozen=True)
class Edit:
    """One change of fields of features in one layer, for a window of time or for good."""

    layer: str
    target: str
    """What the plan named: a feature id, a group, a street."""
    features: tuple[str, ...]
    op: Operation
    fields: tuple[tuple[str, Any], ...]
    window: Window = ALWAYS
    measure: int = 0
    """Position of its measure in the plan."""

    @property
    def timed(self) -> bool:
        """Whether it holds only for some time."""
        return not self.window.always

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "layer": self.layer,
            "target": self.target,
            "features": list(self.features),
            "op": self.op,
            "fields": dict(self.fields),
            **self.window.as_dict(),
            "measure": self.measure,
        }


class Measure(BaseModel):
    """One typed change. A subclass names its ``type``, its own fields, and the edits it compiles to."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    kind: ClassVar[str]
    type: str
    note: str = Field(
        default="",
        title="Note",
        description="why; changes nothing",
        json_schema_extra={"title_zh": "备注", "description_zh": "原因说明，不影响结果"},
    )
    start: str | None = Field(
        default=None,
        alias="from",
        title="From",
        description="clock time HH:MM or ISO time with offset",
        json_schema_extra={"title_zh": "开始", "description_zh": "时刻 HH:MM，或带时区的 ISO 时间"},
    )
    end: str | None = Field(
        default=None,
        alias="to",
        title="To",
        description="clock time HH:MM or ISO time with offset",
        json_schema_extra={"title_zh": "结束", "description_zh": "时刻 HH:MM，或带时区的 ISO 时间"},
    )
    days: DayType = Field(
        default="any",
        title="Days",
        description="on which days the clock times hold",
        json_schema_extra={
            "title_zh": "日期类型",
            "description_zh": "时刻适用的日期",
            "enum_titles": {
                "any": {"en": "Every day", "zh": "每天"},
                "workday": {"en": "Workdays", "zh": "工作日"},
                "weekend": {"en": "Weekends", "zh": "周末"},
            },
        },
    )

    @field_validator("start", "end")
    @classmethod
    def _moment(cls, text: str | None) -> str | None:
        return None if text is None else str(parse_moment(text))

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _ = self.window  # its construction checks the order
        return self

    @property
    def window(self) -> Window:
        """When it holds."""
        start, end = (None if text is None else parse_moment(text) for text in (self.start, self.end))
        return Window(start, end, self.days)

    def compile(self, find: Find) -> list[Edit]:
        """The edits it stands for; raises :class:`PlanError` for names the city does not have."""
        raise PlanError(
            "plan.measure_without_edits", f"measure type {self.type!r} compiles to nothing", remedy="use another type"
        )

    def _edit(self, layer: str, target: str, find: Find, op: Operation = "set", **fields: Any) -> Edit:
        return Edit(layer, target, find(layer, target), op, tuple(sorted(fields.items())), self.window)


class Plan(BaseModel):
    """A named list of measures, as written. Its content hash is over the measures alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: PlanName = Field(alias="plan")
    title: str = ""
    note: str = ""
    measures: tuple[dict[str, Any], ...] = ()

    @model_validator(mode="after")
    def _honest(self) -> Self:
        if self.measures:
            _no_baseline(self.name)
        return self

    @property
    def hash(self) -> str:
        """Content hash of the measures (names and notes do not change what a plan does)."""
        bare = [{key: value for key, value in measure.items() if key != "note"} for measure in self.measures]
        return content_hash(bare)

    @classmethod
    def empty(cls) -> Plan:
        """The baseline: no measure."""
        return cls(plan=BASELINE)

    @classmethod
    def parse(cls, text: str, where: str) -> Plan:
        """Read a plan from JSON text; raises :class:`PlanError`."""
        try:
            return cls.given(json.loads(text), where)
        except json.JSONDecodeError as fault:
            raise PlanError(
                "plan.not_json",
                "the plan is not valid JSON",
                where=f"{where}, line {fault.lineno}, column {fault.colno}",
                expected='{"plan": "name", "measures": [...]}',
                got=fault.msg,
                remedy="mend the file at that place; `cim plan check FILE` tells when it is right",
            ) from None

    @classmethod
    def given(cls, content: Any, where: str) -> Plan:
        """A plan from its plain JSON form; raises :class:`PlanError` that names every fault."""
        try:
            return cls.model_validate(content)
        except ValidationError as fault:
            raise PlanError(
                "plan.invalid",
                "the plan has fields that do not fit",
                where=where,
                expected='{"plan": "name", "measures": [{"type": "close", "road": "…"}]}',
                got=faults(fault)[:2000],
                remedy="mend the fields named",
            ) from None

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Read a plan file; raises :class:`PlanError`."""
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as fault:
            raise PlanError(
                "plan.unreadable",
                "the plan file cannot be read",
                where=str(path),
                expected="a UTF-8 JSON file",
                got=str(fault),
                remedy="check the path, or name a saved plan (`cim plan list`)",
            ) from None
        return cls.parse(text, str(path))

    def dumps(self) -> str:
        """The plan file's text: two-space JSON, one measure a line."""
        head = {"plan": self.name, "title": self.title, "note": self.note}
        lines = [f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}," for k, v in head.items() if v]
        rows = ",\n".join("    " + json.dumps(measure, ensure_ascii=False) for measure in self.measures)
        body = f'  "measures": [\n{rows}\n  ]' if rows else '  "measures": []'
        return "\n".join(["{", *lines, body, "}"]) + "\n"

    def duplicate(self, name: str) -> Plan:
        """The same measures under another name; raises :class:`PlanError` for one that no plan can have."""
        return self.given({**self.model_dump(by_alias=True), "plan": name}, f"plan {name}")

    def to_save(self) -> dict[str, Any]:
        """Plain JSON form to be kept in a city; raises :class:`PlanError` for the name of the city as it is."""
        if self.name == BASELINE:
            raise PlanError(
                "plan.name_reserved",
                "no plan can be saved under this name: the city as it is goes by it",
                where="the plan's name",
                expected=f"any name but {BASELINE}",
                got=self.name,
                remedy="choose another name",
            )
        return self.model_dump(mode="json", by_alias=True)

    def compile(self, types: Mapping[str, type[Measure]], find: Find) -> tuple[Edit, ...]:
        """All edits in order; raises :class:`PlanError` for unknown types, names and contradictions."""
        edits: list[Edit] = []
        for position, raw in enumerate(self.measures):
            measure = parse_measure(raw, types, f"plan {self.name}, measure {position + 1}")
            edits += [_at(edit, position) for edit in measure.compile(find)]
        refuse_contradictions(edits, self.name)
        return tuple(edits)


def _at(edit: Edit, position: int) -> Edit:
    return Edit(edit.layer, edit.target, edit.features, edit.op, edit.fields, edit.window, position)


def faults(error: ValidationError) -> str:
    """All faults of a validation in one line: ``field: message; field: message``."""
    return "; ".join(
        f"{'.'.join(str(part) for part in e['loc']) or 'value'}: {e['msg'].removeprefix('Value error, ')}"
        for e in error.errors()
    )


def parse_measure(raw: Mapping[str, Any], types: Mapping[str, type[Measure]], where: str) -> Measure:
    """One measure as its type reads it; raises :class:`PlanError`."""
    kind = str(raw.get("type"))
    if kind not in types:
        raise PlanError(
            "plan.unknown_measure",
            "no such measure type",
            where=where,
            expected=", ".join(sorted(types)),
            got=kind,
            remedy="use one of the types named",
        )
    try:
        return types[kind].model_validate(dict(raw))
    except ValidationError as fault:
        fields = [f.alias or n for n, f in types[kind].model_fields.items() if n not in ("type", "note")]
        raise PlanError(
            "plan.invalid_measure",
            f"the measure {kind!r} has fields that do not fit",
            where=where,
            expected=f"fields among {', '.join(fields)}",
            got=faults(fault),
            remedy="mend the fields named",
        ) from None


def refuse_contradictions(edits: Sequence[Edit], name: str) -> None:
    """Raise :class:`PlanError` if two edits set one field of one feature to two values at the same time."""
    claims: dict[tuple[str, str, str], list[tuple[Any, Edit]]] = {}
    for edit, (field, value) in _assignments(edits):
        for feature in edit.features:
            earlier = claims.setdefault((edit.layer, feature, field), [])
            for other_value, other in earlier:
                if other_value != value and other.window.overlaps(edit.window):
                    raise PlanError(
                        "plan.contradiction",
                        f"measures {other.measure + 1} and {edit.measure + 1} contradict each other",
                        where=f"plan {name}, {edit.layer} {feature}, field {field}",
                        expected="one value at a time",
                        got=f"{other_value!r} and {value!r} at the same time",
                        remedy="remove one of the two, or part their hours",
                    )
            earlier.append((value, edit))


def _assignments(edits: Sequence[Edit]) -> Iterator[tuple[Edit, tuple[str, Any]]]:
    return ((edit, item) for edit in edits if edit.op == "set" for item in edit.fields)


def difference(before: Plan, after: Plan) -> dict[str, list[dict[str, Any]]]:
    """What changed between two plans: measures ``added`` and ``removed`` (a changed measure is both)."""

    def only(left: Plan, right: Plan) -> list[dict[str, Any]]:
        rest = list(right.measures)
        missing = []
        for measure in left.measures:
            if measure in rest:
                rest.remove(measure)
            else:
                missing.append(measure)
        return missing

    return {"added": only(after, before), "removed": only(before, after)}


def spread(edits: Sequence[Edit]) -> Iterator[tuple[str, str]]:
    """Every (layer, feature) that the edits touch, each once."""
    pairs = ((edit.layer, feature) for edit in edits for feature in edit.features)
    return (pair for pair, _ in itertools.groupby(sorted(set(pairs))))
