"""Polled records of a projection, taken together: one transaction per tenant, a few statements for all its events.

Whatever is not plain (a move, an organisation not known yet, any error) is handed back and taken one by one: it costs
itself alone.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import text

from shared import catalogue, inbox, quarantine
from shared.database import UnitOfWork
from shared.envelope import HEADER_OF, ReceivedEvent, text_of
from shared.handling import HEARD_WITHIN, EventHandling, Together, decode, note_arrival, placed
from shared.kafka import Record
from shared.metrics import DUPLICATES, HANDLER_SECONDS

TENANTS_OF_ALL = text(
    "select asked.loose, array(select tenant_id from known_tenancy where org_id = asked.org and valid_from <= asked.at"
    "  and (valid_to is null or valid_to > asked.at - cast(:heard_within as interval))) as lately,"
    " (select tenant_id from known_tenancy where org_id = asked.org and valid_from <= :now"
    "  and (valid_to is null or valid_to > :now) order by valid_from desc limit 1) as today"
    " from (select distinct org, at, loose from unnest(cast(:orgs as text[]), cast(:times as timestamptz[]),"
    "  cast(:loose as boolean[])) as u (org, at, loose)) as asked"
)
log = logging.getLogger(__name__)
Pair = tuple[ReceivedEvent, Record]


class NotTogether(Exception):
    """These events cannot be applied in one go; one by one, each gets what is right for it."""


class Batches:
    """Applies what a projection polled, tenant by tenant."""

    def __init__(self, handling: EventHandling, together: Together) -> None:
        self._handling = handling
        self._together = together

    def handle(self, records: Sequence[Record]) -> list[Record]:
        """Apply what can be applied together; return what must be taken one by one, in the order it came."""
        left: set[int] = set()
        for tenant, places in _by_tenant(records).items():
            if not tenant or not self._applied([records[place] for place in places]):
                left.update(places)
        return [records[place] for place in sorted(left)]

    def _applied(self, group: list[Record]) -> bool:
        try:
            pairs = [(decode(record), record) for record in group]
            first = pairs[0][0]
            with self._handling.service_unit(first.tenant_id, first.org_id) as uow:
                self._apply(uow, pairs)
                uow.commit()
        except Exception as error:
            log.info("A batch is taken one by one", extra={"error": type(error).__name__, "records": len(group)})
            return False
        for event, _ in pairs:
            note_arrival(event)
        return True

    def _apply(self, uow: UnitOfWork, pairs: list[Pair]) -> None:
        """Apply the events of one tenant inside `uow`; raises NotTogether, or whatever a handler raises."""
        uow.hold_in_place(event.org_id for event, _ in pairs)
        _expect_one_tenant(uow, [event for event, _ in pairs])
        consumer = self._handling.consumer
        next_in_line, reached = self._sort(uow, pairs)
        if inbox.claim_all(uow, consumer, [event.id for event in next_in_line]) != len(next_in_line):
            raise NotTogether("An event was handled before its turn in line.")
        inbox.advance_all(uow, consumer, reached)
        self._project(uow, [event for event in next_in_line if self._handling.has_handlers(event.type)])

    def _sort(self, uow: UnitOfWork, pairs: list[Pair]) -> tuple[list[ReceivedEvent], dict[inbox.Line, int]]:
        """Return the events that are next in their line and how far each line gets; those after a gap are parked."""
        at = inbox.positions(uow, self._handling.consumer, {(event.topic, event.key) for event, _ in pairs})
        next_in_line: list[ReceivedEvent] = []
        reached: dict[inbox.Line, int] = {}
        for event, record in pairs:
            line = (event.topic, event.key)
            position = reached.get(line, at.get(line, 0))
            if event.aggregate_version > position + 1:
                version = event.aggregate_version
                quarantine.park(uow, self._handling.consumer, record, version=version, reason="gap")
            elif event.aggregate_version <= position:
                DUPLICATES.inc()
            else:
                next_in_line.append(event)
                reached[line] = event.aggregate_version
        return next_in_line, reached

    def _project(self, uow: UnitOfWork, events: list[ReceivedEvent]) -> None:
        for event in events:
            catalogue.check_event(event.type, event.key, event.org_id, dict(event.data))
        started = time.perf_counter()
        self._together(uow, events)
        each = (time.perf_counter() - started) / max(1, len(events))
        for event in events:
            HANDLER_SECONDS.labels(event.type, "done").observe(each)


def _by_tenant(records: Sequence[Record]) -> dict[str, list[int]]:
    """Return the places of each tenant's records; under "" those that name none."""
    groups: dict[str, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        named = next((value for name, value in record.headers if name == HEADER_OF["tenant_id"]), None)
        groups[text_of(named)].append(place)
    return groups


def _expect_one_tenant(uow: UnitOfWork, events: list[ReceivedEvent]) -> None:
    """Raise NotTogether unless all belonged to the principal's tenant when they were made (or just before), and do."""
    tenant = uow.principal.tenant_id
    about = {
        "orgs": [event.org_id for event in events],
        "times": [event.time for event in events],
        "loose": [catalogue.topics()[event.topic].tenantless for event in events],
        "now": uow.now,
        "heard_within": HEARD_WITHIN,
    }
    for loose, lately, today in uow.session.execute(TENANTS_OF_ALL, about):
        if placed(tenant, tenantless=loose, lately=lately, today=today) != (tenant, None):
            raise NotTogether("An organisation is not known yet, or has moved.")
