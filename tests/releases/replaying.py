"""Applies recorded events with today's handlers to an empty read model, without a broker."""

from collections.abc import Mapping, Sequence

import psycopg

from services.insight.models import READ_MODEL
from services.insight.rebuild import PATIENCE, RECORDS
from shared.consumer import ConsumerLoop
from shared.handling import EventHandling
from shared.kafka import Consumer, Record
from shared.testing.service_under_test import ServiceUnderTest
from shared.worker import parts_of

BOOKS = ("known_organisation", "known_tenancy", "known_membership", "inbox", "inbox_position", "parked_event")


class Recorded(Consumer):
    """Gives a rebuild what was recorded, as the broker would; reading again is not needed, so it is an error."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._left = list(records)

    def poll(self, timeout: float) -> list[Record]:
        """Return the next records, as many as a rebuild polls."""
        polled, self._left = self._left[:RECORDS], self._left[RECORDS:]
        return polled

    def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Nothing to remember."""

    def seek(self, topic: str, partition: int, offset: int) -> None:
        """Raise AssertionError: an event failed for the moment."""
        raise AssertionError(f"{topic} had to be read again from {offset}")

    def lag(self) -> dict[tuple[str, int], int]:
        """Nothing is measured."""
        return {}

    @property
    def is_read(self) -> bool:
        """Tell whether everything was handed out."""
        return not self._left


def replay_together(insight: ServiceUnderTest, records: Sequence[Record]) -> None:
    """Empty the read model and handle the records as a rebuild does: many at a time, tenant by tenant."""
    empty(insight)
    recorded = Recorded(records)
    handling = EventHandling(parts_of("insight", insight.config).registration(), insight.database)
    loop = ConsumerLoop(handling, recorded, stop=lambda: False, patience=PATIENCE)
    while not recorded.is_read:
        loop.turn()
    while loop.retry_parked():
        pass


def empty(insight: ServiceUnderTest) -> None:
    """Forget everything that was read."""
    with psycopg.connect(insight.superuser_url, autocommit=True) as connection:
        for name in (*(table.name for table in READ_MODEL), *BOOKS):
            connection.execute(f"delete from insight.{name}".encode())


def replay(insight: ServiceUnderTest, records: Sequence[Record]) -> None:
    """Empty the read model and handle the records one by one, parked ones when their time has come."""
    empty(insight)
    handling = EventHandling(parts_of("insight", insight.config).registration(), insight.database)
    loop = ConsumerLoop(handling, None, stop=lambda: False, patience=PATIENCE)  # type: ignore[arg-type]
    for record in records:
        handling.handle(record)
    while loop.retry_parked():
        pass
