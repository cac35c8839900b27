"""Kafka to handlers: the one loop. It polls, handles record by record (or tenant by tenant), and only then commits.

Three outcomes decide what happens to a record that fails: a transient error leaves the offset where it is and pauses
that partition; a permanent one becomes a dead letter at once; an unexpected one is tried a few times first. The group
stays alive throughout, because the loop keeps polling and never sleeps inside a handler.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby, takewhile

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import quarantine
from shared.batches import Batches
from shared.catalogue import ContractBroken
from shared.crashpoints import crash_point
from shared.driver import is_away
from shared.handling import DIRECTORY_TOPIC, EventHandling, Outcome, PermanentFailure
from shared.kafka import BrokerUnavailable, Consumer, PartitionsLost, Record
from shared.metrics import CONSUMER_LAG
from shared.problems import DomainError
from shared.quarantine import Refusal
from shared.waiting import Place, Waits

log = logging.getLogger(__name__)


class TooManyDeadLetters(Exception):
    """One dead letter after another: a deployment is wrong, and setting everything aside would hide it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the loop waits for what.

    `retries`: seconds before each further try of an unexpected failure. `parked`: how long an event waits for what
    must come first. `measure_lag`: seconds between two looks at the lag: one costs more than ten idle turns.
    `dead_letters_in_a_row`: how many stop the consumer.
    """

    poll: float = 0.5
    retries: tuple[float, ...] = (0.5, 1.0, 4.0, 8.0, 16.0)
    transient: float = 1.0
    parked: timedelta = timedelta(minutes=10)
    look_at_parked: float = 1.0
    measure_lag: float = 5.0
    dead_letters_in_a_row: int = 50


class ConsumerLoop:
    """One consumer of one service."""

    def __init__(
        self,
        handling: EventHandling,
        consumer: Consumer,
        *,
        stop: Callable[[], bool],
        patience: Patience | None = None,
    ) -> None:
        self._handling = handling
        self._consumer = consumer
        self._stop = stop
        self._batches = Batches(handling, handling.together) if handling.together else None
        self._patience = patience or Patience()
        self._waits = Waits()
        self._next_offset: dict[Place, int] = {}
        self._parked_looked_at = 0.0
        self._parked_after: quarantine.Turn | None = None
        self._lag_measured = 0.0
        self._in_a_row = 0
        self.on_turn: Callable[[], None] = lambda: None
        self.on_lag: Callable[[Mapping[Place, int]], None] = lambda _: None

    def run(self) -> None:
        """Work until stopped; raises TooManyDeadLetters when setting events aside has become the rule.

        A broker that is away is waited for: ended processes that all come back at once would only add to its trouble.
        """
        try:
            while not self._stop():
                try:
                    self.turn()
                except BrokerUnavailable as error:
                    log.warning("The broker is away", extra={"error": str(error)})
                    time.sleep(self._patience.transient)
        finally:
            self.close()

    def close(self) -> None:
        """Commit what was handled and leave the group; what cannot be committed is read again and changes nothing."""
        try:
            self._commit()
        except BrokerUnavailable as error:
            log.warning("The last offsets were not committed", extra={"error": str(error)})
        self._consumer.close()

    def turn(self) -> None:
        """Poll once, handle what came, commit; look at parked events now and then."""
        self.on_turn()
        self._wake_partitions()
        records = self._consumer.poll(self._patience.poll)
        if records:
            crash_point("consumer_after_poll")
        if self._batches and len(records) > 1 and not self._waits:
            self._handle_each([record for record in records if record.topic == DIRECTORY_TOPIC])
            of_tenants = [record for record in records if record.topic != DIRECTORY_TOPIC]
            records = self._handle_together(self._batches, of_tenants)
        self._handle_each(records)
        self._commit()
        self._look_at_parked()
        self._measure_lag()

    def _handle_each(self, records: list[Record]) -> None:
        stopped: set[Place] = set()
        for record in records:
            place = _place(record)
            if place in stopped:
                continue
            if self._stop():
                return
            if self._try(record):
                self._next_offset[place] = record.offset + 1
            else:
                stopped.add(place)

    def _try(self, record: Record) -> bool:
        """Handle one record; False when its partition must wait and start again at it."""
        try:
            self._handling.handle(record)
            self._in_a_row = 0
            self._waits.end(_place(record))
            return True
        except PermanentFailure as error:
            return self._bury(record, Refusal(error.reason, str(error)))
        except ContractBroken as error:
            return self._bury(record, Refusal("contract-broken", str(error)))
        except Exception as error:
            return self._unexpected(record, error)

    def _unexpected(self, record: Record, error: Exception) -> bool:
        if isinstance(error, DomainError):
            return self._bury(record, Refusal(error.slug, str(error)))
        if is_away(error):
            self._wait(record, self._patience.transient, error)
            return False
        attempts = self._waits.attempts_at(_place(record), record.offset)
        if attempts < len(self._patience.retries):
            self._wait(record, self._patience.retries[attempts], error, attempts=attempts + 1)
            return False
        log.error("A handler failed for good", exc_info=error)
        return self._bury(record, Refusal("unexpected", type(error).__name__, attempts + 1))

    def _bury(self, record: Record, refusal: Refusal) -> bool:
        try:
            self._handling.bury(record, refusal)
        except (DBAPIError, PoolTimeout) as error:
            if not is_away(error) and record != bare(record):
                return self._bury(bare(record), refusal)
            self._wait(record, self._patience.transient, error)
            return False
        self._waits.end(_place(record))
        self._in_a_row += 1
        if self._in_a_row >= self._patience.dead_letters_in_a_row:
            raise TooManyDeadLetters(f"{self._in_a_row} in a row, the last: {refusal.reason}")
        return True

    def _wait(self, record: Record, seconds: float, error: Exception, *, attempts: int = 0) -> None:
        place = _place(record)
        log.warning(
            "An event will be tried again",
            extra={"topic": record.topic, "offset": record.offset, "error": type(error).__name__, "in": seconds},
        )
        self._waits.begin(place, record.offset, seconds, attempts)
        self._consumer.seek(record.topic, record.partition, record.offset)
        self._consumer.pause([place])

    def _wake_partitions(self) -> None:
        if self._waits.are_over():
            self._waits.keep_only(self._consumer.places())
            self._consumer.resume()
            self._consumer.pause(self._waits.going_on())

    def _commit(self) -> None:
        offsets, self._next_offset = self._next_offset, {}
        try:
            self._consumer.commit(offsets)
        except PartitionsLost as error:
            log.info("Partitions went to another member", extra={"error": str(error)})
            self._waits.end_all()
        except BrokerUnavailable:
            self._next_offset = offsets  # for the next turn
            raise

    def _handle_together(self, batches: Batches, records: list[Record]) -> list[Record]:
        """Handle what can be handled tenant by tenant; return what must be taken one by one.

        Directory's own events went before, since they say which tenant an organisation belongs to.
        """
        left = batches.handle(records)
        waits = set(map(_order, left))
        for place, of_place in groupby(sorted(records, key=_order), key=_place):
            for record in takewhile(lambda one: _order(one) not in waits, of_place):
                self._next_offset[place] = record.offset + 1
        return left

    def _measure_lag(self) -> None:
        if time.monotonic() - self._lag_measured < self._patience.measure_lag:
            return
        self._lag_measured = time.monotonic()
        lags = self._consumer.lag()
        CONSUMER_LAG.clear()  # a partition that went to another member is no longer counted here
        for (topic, partition), lag in lags.items():
            CONSUMER_LAG.labels(topic, str(partition)).set(lag)
        self.on_lag(lags)

    def _look_at_parked(self) -> None:
        if time.monotonic() - self._parked_looked_at < self._patience.look_at_parked:
            return
        self._parked_looked_at = time.monotonic()
        try:
            self.retry_parked()
        except (DBAPIError, PoolTimeout) as error:
            log.warning("Parked events were not looked at", extra={"error": type(error).__name__})

    def retry_parked(self) -> int:
        """Try parked events, going on where the last look ended; return how many were handled or buried."""
        with self._handling.service_unit() as uow:
            rows = quarantine.parked(uow, self._handling.consumer, after=self._parked_after)
            now = uow.now
        self._parked_after = quarantine.turn_of(rows[-1]) if len(rows) == quarantine.AT_A_LOOK else None
        done = 0
        for row in rows:
            record = quarantine.record_of(row)
            too_old = now - row.parked_at > self._patience.parked
            if self._settled(record, too_old=too_old, reason=row.reason):
                with self._handling.service_unit() as uow:
                    quarantine.unpark(uow, row.id)
                    uow.commit()
                done += 1
        return done

    def _settled(self, record: Record, *, too_old: bool, reason: str) -> bool:
        try:
            if self._handling.handle(record, again=reason == quarantine.AGAIN) is not Outcome.PARKED:
                return True
        except PermanentFailure as error:
            return self._bury(record, Refusal(error.reason, str(error)))
        except ContractBroken as error:
            return self._bury(record, Refusal("contract-broken", str(error)))
        except Exception as error:
            if is_away(error):
                raise
            log.warning("An event that waited failed", exc_info=error, extra={"topic": record.topic})
            reason = error.slug if isinstance(error, DomainError) else "unexpected"
            too_old = too_old or isinstance(error, DomainError)
        if too_old:
            return self._bury(record, Refusal(reason, "What must come first did not come in time."))
        return False


def bare(record: Record) -> Record:
    """Return a record without key and headers: its place and its content alone, which every database can hold."""
    return replace(record, key=None, headers=())


def _place(record: Record) -> Place:
    return (record.topic, record.partition)


def _order(record: Record) -> tuple[str, int, int]:
    return (record.topic, record.partition, record.offset)
