"""Errors: five answers, the same on the other side of a process or of JSON."""

import json
import pickle

import pytest

from cim_core import errors
from cim_core.errors import CimError, InputError, JobError

KINDS = [CimError, *CimError.__subclasses__()]


def fault(kind: type[CimError]) -> CimError:
    return kind("a.code", "What.", where="here", expected="this", got="that", remedy="do so")


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_crosses_a_process(kind):
    back = pickle.loads(pickle.dumps(fault(kind)))
    assert type(back) is kind
    assert back.as_dict() == fault(kind).as_dict()
    assert str(back) == str(fault(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_crosses_json_with_its_class(kind):
    fields = json.loads(json.dumps(fault(kind).as_dict() | {"class": kind.__name__}))
    back = CimError.from_dict(fields)
    assert type(back) is kind
    assert back.as_dict() == fault(kind).as_dict()


def test_an_unknown_class_is_still_an_error():
    back = CimError.from_dict({"code": "x.y", "what": "W", "class": "os.system"})
    assert (type(back), back.code, back.remedy) == (CimError, "x.y", "")


def test_the_answers_come_in_a_fixed_order_and_empty_ones_are_not_shown():
    assert list(fault(InputError).as_dict()) == ["code", "what", "where", "expected", "got", "remedy"]
    assert str(JobError("a.b", "Ended.", remedy="go on")) == "Ended. [a.b]\n  remedy: go on"


def test_every_class_says_what_it_is_for():
    assert all(kind.__doc__ and kind.__module__ == errors.__name__ for kind in KINDS)
