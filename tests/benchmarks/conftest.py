"""The running portal of the flows, for what can only be measured from outside."""

from tests.flows.conftest import portal

__all__ = ["portal"]
