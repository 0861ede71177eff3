"""Trust: who may do what."""

from cim_core.trust.policy import Action, Decision, Resource, Subject, decide

__all__ = ["Action", "Decision", "Resource", "Subject", "decide"]
