"""Applies recorded events with today's handlers to an empty read model, without a broker."""

from collections.abc import Mapping, Sequence

import psycopg

from services.insight.models import READ_MODEL
from services.insight.rebuild import PATIENCE
from shared.consumer import ConsumerLoop
from shared.handling import EventHandling
from shared.kafka import Consumer, Record
from shared.testing.service_under_test import ServiceUnderTest
from shared.worker import parts_of

BOOKS = ("known_organisation", "known_tenancy", "known_membership", "inbox", "inbox_position", "parked_event")


class Recorded(Consumer):
    """Gives a consumer what was recorded, as the broker would; reading again is not needed, so it is an error."""

    def __init__(self, records: Sequence[Record], at_once: int) -> None:
        self._left = list(records)
        self._at_once = at_once

    def poll(self, timeout: float) -> list[Record]:
        """Return the next records."""
        polled, self._left = self._left[: self._at_once], self._left[self._at_once :]
        return polled

    def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Nothing to remember."""

    def seek(self, topic: str, partition: int, offset: int) -> None:
        """Raise AssertionError: an event failed for the moment."""
        raise AssertionError(f"{topic} had to be read again from {offset}")

    @property
    def is_read(self) -> bool:
        """Tell whether everything was handed out."""
        return not self._left


def replay(insight: ServiceUnderTest, records: Sequence[Record], *, at_once: int = 1) -> None:
    """Empty the read model and handle the records as a rebuild does, parked ones when their time has come.

    One at a time each is handled by itself; `at_once` many are taken together, tenant by tenant.
    """
    with psycopg.connect(insight.superuser_url, autocommit=True) as connection:
        for name in (*(table.name for table in READ_MODEL), *BOOKS):
            connection.execute(f"delete from insight.{name}".encode())
    recorded = Recorded(records, at_once)
    handling = EventHandling(parts_of("insight", insight.config).registration(), insight.database)
    loop = ConsumerLoop(handling, recorded, stop=lambda: False, patience=PATIENCE)
    while not recorded.is_read:
        loop.turn()
    while loop.retry_parked():
        pass
