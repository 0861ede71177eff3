"""How open what is asked for is: a layer by its schema, an answer by what it was made from, the rest by its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from cim_core.errors import NotFoundError
from cim_core.result import run_path
from cim_core.schema import GRADES, Grade, LayerSchema, highest_grade
from cim_core.store import catalogue
from servers.api import answers
from servers.api.run_documents import receipt
from servers.serving.cache import BuiltOnce

if TYPE_CHECKING:
    from cim_core.city import City

INTERNAL = frozenset({"plan", "job", "run", "comparison", "input", "correction"})
"""What people of the house work at; lists of answers too, since they name plans and parameters."""
_answers: BuiltOnce[Grade] = BuiltOnce(most=10_000, weight=lambda _: 1)


def grade_of(kind: str, identifier: str, city: Callable[[], City]) -> Grade:
    """The grade of a resource; what is not there is public, for nothing of it can be shown.

    Parameters
    ----------
    kind, identifier
        As operations name their resource, with the first part of the address that is no constant.
    city
        Opens the city; called only where the grade stands in it.
    """
    if kind == "collection":
        found = city()
        if not found.has_layer(identifier):
            return "public"
        grade: Grade = found.versions[identifier].schema.get(
            "grade", "public"
        )  # of a schema that was checked when stored
        return grade
    if kind in ("run", "comparison") and identifier:
        opened = city()
        try:
            return _answers.get((opened.root, kind, identifier), lambda: _grade_of_answer(opened, kind, identifier))
        except NotFoundError:
            return "public"
    return "internal" if kind in INTERNAL else "public"


def _grade_of_answer(city: City, kind: str, identifier: str) -> Grade:
    """A join has the highest grade of what it joins: for an answer, of all that its runs have read."""
    if kind == "run":
        return grade_of_run(city, identifier)
    pairs = answers.find_comparison(city.root, identifier).content["runs"]
    runs = [run for pair in pairs for run in pair.values()]
    if not all((run_path(city.root, run) / "receipt.json").exists() for run in runs):
        return GRADES[-1]  # nobody can judge any more what it was made from
    return highest_grade(*(grade_of_run(city, run) for run in runs))


def grade_of_run(city: City, run: str) -> Grade:
    """The highest grade of the layers, as they were then, that a run declared to read, and of their fields.

    Raises :class:`NotFoundError` (``run.unknown``).
    """
    snapshots = receipt(answers.find_run(city.root, run))["key"]["snapshots"]
    read = {hash_ for hash_ in snapshots.values() if hash_ is not None}
    with city.database.read() as connection:
        found = catalogue.schemas_of(connection, read)
    if len(found) < len(read):  # it read what is not there any more
        return GRADES[-1]
    return highest_grade(
        *_grades(LayerSchema.model_validate(schema) for kind, schema in found.values() if kind == "layer")
    )


def _grades(schemas: Iterable[LayerSchema]) -> Iterable[Grade]:
    for schema in schemas:
        yield schema.grade
        yield from (field.grade for field in schema.fields)
