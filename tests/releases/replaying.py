"""Applies recorded events with today's handlers to an empty read model, without a broker."""

from collections.abc import Sequence

import psycopg

from services.insight.models import READ_MODEL
from services.insight.rebuild import PATIENCE
from shared.consumer import ConsumerLoop
from shared.handling import EventHandling
from shared.kafka import Record
from shared.testing.service_under_test import ServiceUnderTest
from shared.worker import parts_of

BOOKS = ("known_organisation", "known_tenancy", "known_membership", "inbox", "inbox_position", "parked_event")


def replay(insight: ServiceUnderTest, records: Sequence[Record]) -> None:
    """Empty the read model and handle the records as the consumer does, parked ones when their time has come."""
    with psycopg.connect(insight.superuser_url, autocommit=True) as connection:
        for name in (*(table.name for table in READ_MODEL), *BOOKS):
            connection.execute(f"delete from insight.{name}".encode())
    handling = EventHandling(parts_of("insight", insight.config).registration(), insight.database)
    loop = ConsumerLoop(handling, None, stop=lambda: False, patience=PATIENCE)  # type: ignore[arg-type]
    for record in records:
        handling.handle(record)
    while loop.retry_parked():
        pass
