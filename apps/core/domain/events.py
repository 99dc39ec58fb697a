"""How a room tells the rooms to its right that something happened, without importing them."""

from collections.abc import Callable
from typing import Generic, TypeVar

Payload = TypeVar("Payload")


class Event(Generic[Payload]):
    """A declared happening; handlers subscribe once at start-up and run in the order they subscribed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._handlers: list[Callable[[Payload], None]] = []

    def subscribe(self, handler: Callable[[Payload], None]) -> None:
        """Call the handler at every later publication; subscribing twice changes nothing."""
        if handler not in self._handlers:
            self._handlers.append(handler)

    def publish(self, payload: Payload) -> None:
        """Tell every handler; the first error stops the rest and reaches the publisher."""
        for handler in self._handlers:
            handler(payload)
