"""One decision for every door: may this subject do this to that? A pure table, no state, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cim_core.schema import Grade

Action = Literal["read", "write", "run"]
"""``read`` looks, ``write`` changes the city or a plan, ``run`` spends the machine's time."""

Role = Literal["owner", "unknown"]


@dataclass(frozen=True)
class Subject:
    """Who asks. ``owner`` is the person at this machine; as long as there are no accounts, nobody else is known."""

    role: Role
    name: str = ""


@dataclass(frozen=True)
class Resource:
    """What is asked for: its kind (``collection``, ``plan``, …), its id, and how open it is."""

    kind: str
    id: str = ""
    grade: Grade = "public"


@dataclass(frozen=True)
class Decision:
    """The answer, with the reason in words."""

    allowed: bool
    reason: str


OWNER = Subject("owner")
UNKNOWN = Subject("unknown")


def decide(who: Subject, what: Resource, action: Action) -> Decision:
    """Whether ``who`` may do ``action`` to ``what``.

    The owner may everything. Anybody else may look at what is public, and nothing more.

    >>> decide(OWNER, Resource("plan", "close-bridge"), "write").allowed
    True
    >>> decide(UNKNOWN, Resource("collection", "roads", "internal"), "read").reason
    'only public data is open to everybody; this is internal'
    """
    if who.role == "owner":
        return Decision(True, "the person at this machine may everything")
    if action != "read":
        return Decision(False, f"only the person at this machine may {action}")
    if what.grade != "public":
        return Decision(False, f"only public data is open to everybody; this is {what.grade}")
    return Decision(True, "public data is open to everybody")
