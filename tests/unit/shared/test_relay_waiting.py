"""A relay that waits for its database is well, and says so to whoever looks at its heartbeat."""

from typing import cast

from shared.kafka import Producer
from shared.relay import Relay

NOBODY_LISTENS = "postgresql://127.0.0.1:1/nothing"


class Unused:
    """A producer that is never asked to send."""

    def close(self) -> None:
        """Nothing was opened."""


def test_a_relay_whose_database_is_away_goes_on_beating() -> None:
    beats: list[int] = []
    relay = Relay(service="any", url=NOBODY_LISTENS, producer=cast(Producer, Unused()), stop=lambda: len(beats) == 2)
    relay.on_turn = lambda: beats.append(1)

    relay.run()

    assert len(beats) == 2
