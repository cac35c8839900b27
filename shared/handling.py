"""One event, one transaction: check its tenant and its place in line, claim it, run the handlers, remember it."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from sqlalchemy import text

from shared import catalogue, inbox, quarantine
from shared.clock import Clock, SystemClock
from shared.database import Database, UnitOfWork
from shared.envelope import ReceivedEvent, Unreadable, header_text, read_event, text_of
from shared.kafka import Record
from shared.metrics import DUPLICATES, END_TO_END, HANDLER_SECONDS
from shared.observability import span_from
from shared.principal import NATIONAL_TENANT, Principal
from shared.replica import Handler

DIRECTORY_TOPIC = "impact.directory"
HEARD_WITHIN = timedelta(days=1)
"""How long a service may take to hear of a move. Until it does, the events that it makes rightly name the old tenant,
and directory's word of the move may reach their readers first."""
TENANTS = text(
    "select array(select tenant_id from known_tenancy where org_id = :org and valid_from <= :then"
    "  and (valid_to is null or valid_to > :then - cast(:heard_within as interval))) as lately,"
    " (select tenant_id from known_tenancy where org_id = :org and valid_from <= :now"
    "  and (valid_to is null or valid_to > :now) order by valid_from desc limit 1) as today"
)
log = logging.getLogger(__name__)
Together = Callable[[UnitOfWork, Sequence[ReceivedEvent]], None]
"""Applies events of one tenant, each next in its line, in fewer statements than one by one; with the same effect."""


class PermanentFailure(Exception):
    """An event can never be handled; `reason` is a word for the dead letter."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Outcome(Enum):
    """What became of an event."""

    HANDLED = "handled"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Registration:
    """What a consumer is: its name (it names its inbox), its handlers per event type.

    A projection has `together` as well: how it applies many events of those types at once.
    """

    name: str
    handlers: Mapping[str, Sequence[Handler]]
    together: Together | None = None


def decode(record: Record) -> ReceivedEvent:
    """Return the event of a record; raises PermanentFailure when it is none, or of a type its topic does not carry."""
    try:
        event = read_event(record.topic, record.key, record.value, header_text(record.headers))
    except Unreadable as error:
        raise PermanentFailure("unreadable", str(error)) from error
    if event.type not in catalogue.topics()[record.topic].types:
        raise PermanentFailure("unknown-type", f"{event.type} does not belong on {record.topic}.")
    return event


def placed(tenant_id: str, *, tenantless: bool, lately: Sequence[str], today: str | None) -> tuple[str, str | None]:
    """Return the tenant to apply an event under that names `tenant_id`, and what to wait for before that.

    `lately` are the tenants its organisation had when it was made and shortly before, `today` is the one it has now,
    as far as they are known.
    """
    if tenantless:
        return today or tenant_id, None
    if today is None:
        return tenant_id, "organisation-not-known"
    return today, None if tenant_id in lately else "tenant-differs"


def note_arrival(event: ReceivedEvent) -> None:
    """Measure how long an event took from its making to its effect here."""
    END_TO_END.labels(event.type).observe(max(0.0, time.time() - event.time.timestamp()))


class EventHandling:
    """Applies events for one consumer on one database."""

    def __init__(self, registration: Registration, database: Database, *, clock: Clock | None = None) -> None:
        self.consumer = registration.name
        self._handlers = registration.handlers
        self.together = registration.together
        self.database = database
        self.clock = clock or SystemClock()

    def service_unit(self, tenant_id: str = NATIONAL_TENANT, org_id: str = NATIONAL_TENANT) -> UnitOfWork:
        """Open a unit of work of our own process for one organisation."""
        return UnitOfWork(self.database, Principal.service(tenant_id, org_id), clock=self.clock)

    def handle(self, record: Record, *, again: bool = False) -> Outcome:
        """Apply one record in a transaction of its own; raises PermanentFailure, or whatever a handler raises.

        `again` is for an event that was set aside and that its key has gone past since: it is no duplicate.
        """
        event = decode(record)
        with span_from(event.type, event.trace):
            outcome = self._handle_as(event, record, event.tenant_id, again=again)
        note_arrival(event)
        return outcome

    def _handle_as(self, event: ReceivedEvent, record: Record, tenant_id: str, *, again: bool) -> Outcome:
        with self.service_unit(tenant_id, event.org_id) as uow:
            today, wait_for = self.tenant_today(uow, event)
            if wait_for is not None:
                quarantine.park(uow, self.consumer, record, version=event.aggregate_version, reason=wait_for)
                uow.commit()
                return Outcome.PARKED
            if today == tenant_id:
                outcome = self.apply(uow, event, record, again=again)
                uow.commit()
                return outcome
        return self._handle_as(event, record, today, again=again)

    def tenant_today(self, uow: UnitOfWork, event: ReceivedEvent) -> tuple[str, str | None]:
        """Return today's tenant of the event's organisation, and what to wait for before the event may be applied.

        An event is honest when its tenant was the organisation's when it was made, or until so shortly before that the
        service that made it may not have heard of the move; it is applied under today's tenant. While the replica does
        not (yet) bear it out, it waits.
        """
        about = {"org": event.org_id, "then": event.time, "now": uow.now, "heard_within": HEARD_WITHIN}
        held = uow.session.execute(TENANTS, about).one()
        tenantless = event.topic == DIRECTORY_TOPIC or catalogue.topics()[event.topic].tenantless
        return placed(event.tenant_id, tenantless=tenantless, lately=held.lately, today=held.today)

    def apply(self, uow: UnitOfWork, event: ReceivedEvent, record: Record, *, again: bool = False) -> Outcome:
        """Apply one event inside `uow`; the caller commits."""
        at = inbox.position(uow, self.consumer, event.topic, event.key)
        if event.aggregate_version > at + 1:
            quarantine.park(uow, self.consumer, record, version=event.aggregate_version, reason="gap")
            return Outcome.PARKED
        gone_past = event.aggregate_version <= at
        if (gone_past and not again) or not inbox.claim(uow, self.consumer, event.id):
            DUPLICATES.inc()
            return Outcome.DUPLICATE
        if not gone_past:
            inbox.advance(uow, self.consumer, event.topic, event.key, event.aggregate_version)
        handlers = self._handlers.get(event.type, ())
        if not handlers:
            return Outcome.IGNORED
        self._run(handlers, uow, event)
        return Outcome.HANDLED

    def _run(self, handlers: Sequence[Handler], uow: UnitOfWork, event: ReceivedEvent) -> None:
        catalogue.check_event(event.type, event.key, event.org_id, dict(event.data))
        uow.trace = event.trace
        started, outcome = time.perf_counter(), "failed"
        try:
            for handler in handlers:
                handler(uow, event)
            outcome = "done"
        finally:
            HANDLER_SECONDS.labels(event.type, outcome).observe(time.perf_counter() - started)

    def has_handlers(self, event_type: str) -> bool:
        """Tell whether anybody here reads events of this type."""
        return bool(self._handlers.get(event_type))

    def bury(self, record: Record, refusal: quarantine.Refusal) -> None:
        """Set a record aside for good in a fresh transaction, and let its key go on where order does not matter."""
        with self.service_unit() as uow:
            quarantine.bury(uow, self.consumer, record, refusal)
            version = quarantine.version_said(header_text(record.headers))
            if version and not catalogue.topics()[record.topic].park_followers:
                inbox.step_over(uow, self.consumer, record.topic, text_of(record.key), version)
            uow.commit()
        log.error(
            "An event was set aside",
            extra={"consumer": self.consumer, "topic": record.topic, "offset": record.offset, "reason": refusal.reason},
        )
