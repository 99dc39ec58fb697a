"""How rooms are told: in the order they subscribed, each once."""

from apps.core.domain.events import Event


def test_handlers_run_once_in_the_order_of_their_subscription() -> None:
    event: Event[int] = Event("something_happened")
    heard: list[tuple[str, int]] = []

    def first(payload: int) -> None:
        heard.append(("first", payload))

    def second(payload: int) -> None:
        heard.append(("second", payload))

    event.subscribe(first)
    event.subscribe(second)
    event.subscribe(first)
    event.publish(7)
    assert heard == [("first", 7), ("second", 7)]
