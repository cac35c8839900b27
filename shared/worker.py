"""The roles of a service that answer no requests: relay, consumer, scheduler.

`python -m shared.worker <service> relay|consumer|scheduler` runs one until SIGTERM; the service's `worker.py` says
what it handles. `scheduler --as-of DATE` (demo and tests only) makes one pass as if that day had come. What an operator
does now and then is in `shared.upkeep`.
"""

import argparse
import importlib
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared import audit_heads, catalogue, crashpoints, idempotency
from shared.clock import Clock, FrozenClock, SystemClock
from shared.config import Environment, MissingSetting, Mode, ServiceConfig, service_config
from shared.consumer import ConsumerLoop
from shared.database import Database
from shared.handling import EventHandling, Registration, Together
from shared.kafka import Consumer, Producer, wait_until_a_broker_listens
from shared.metrics import serve_metrics
from shared.observability import configure_logging
from shared.progress import ConsumerReports
from shared.relay import Relay
from shared.replica import REPLICA_HANDLERS, Handler
from shared.scheduler import Chore, DueHandler, Scheduler
from shared.schema_version import wait_until_migrated
from shared.storage import FileStore

BATCHED_RECORDS = 2_000
SINGLE_RECORDS = 50
FORGET_ANSWERS = Chore("forget-answers", timedelta(hours=1), idempotency.sweep)


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """What a service's background roles do; returned by `build(config)` in its `worker.py`.

    `handlers` are the service's own, beside those that keep the replica of the register; `together` is for
    projections alone: how they apply many events at once.
    """

    service: str
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    due_handlers: Mapping[str, DueHandler] = field(default_factory=dict)
    chores: Sequence[Chore] = ()
    together: Together | None = None

    def registration(self) -> Registration:
        """Return the consumer of this service: the replica's handlers first, then its own."""
        types = {*REPLICA_HANDLERS, *self.handlers}
        chains = {
            event_type: tuple(
                handlers[event_type] for handlers in (REPLICA_HANDLERS, self.handlers) if event_type in handlers
            )
            for event_type in types
        }
        return Registration(self.service, chains, self.together)


class StopFlag:
    """Becomes true at SIGTERM or SIGINT; loops look at it between two records."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def install(self) -> None:
        """Listen to the signals that ask a process to end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())

    def __call__(self) -> bool:
        return self._stop.is_set()


def parts_of(service: str, config: ServiceConfig) -> WorkerParts:
    """Return what the service's `worker.py` builds."""
    module = importlib.import_module(f"services.{service}.worker")
    parts = module.build(config)
    assert isinstance(parts, WorkerParts)  # noqa: S101 - a programming error, found at start
    return parts


def build_relay(config: ServiceConfig, stop: Callable[[], bool]) -> Relay:
    """Return the relay of a service; it writes to the broker and owns nothing else."""
    if config.kafka is None:
        raise MissingSetting("KAFKA_BOOTSTRAP")
    return Relay(service=config.service, url=config.database_url, producer=Producer(config.kafka), stop=stop)


def build_consumer(config: ServiceConfig, parts: WorkerParts, stop: Callable[[], bool]) -> ConsumerLoop:
    """Return the consumer of a service; its group is named after it, as the broker's permissions ask."""
    if config.kafka is None:
        raise MissingSetting("KAFKA_BOOTSTRAP")
    handling = EventHandling(parts.registration(), database_of(config))
    topics = [topic.name for topic in catalogue.topics_read_by(config.service)]
    records = BATCHED_RECORDS if parts.together else SINGLE_RECORDS
    consumer = Consumer(config.kafka, f"{config.service}.main", topics, max_records=records)
    loop = ConsumerLoop(handling, consumer, stop=stop)
    loop.on_lag = ConsumerReports(handling.database).note
    return loop


def database_of(config: ServiceConfig) -> Database:
    """Return the database of a background process."""
    return Database(config.database_url, pool_size=config.pool_size, wake_channel=f"outbox_{config.service}")


def _clock(as_of: str | None, mode: Mode) -> Clock:
    if as_of is None:
        return SystemClock()
    if mode is Mode.PRODUCTION:
        raise SystemExit("--as-of works in the demo and in tests only.")
    return FrozenClock(datetime.fromisoformat(as_of).replace(tzinfo=UTC))


def _heartbeat(path: str | None) -> Callable[[], None]:
    """Return what a loop calls each turn: a file whose age says whether the loop still turns."""
    return Path(path).touch if path else (lambda: None)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shared.worker")
    parser.add_argument("service")
    parser.add_argument("role", choices=["relay", "consumer", "scheduler"])
    parser.add_argument("--as-of", help="a date: one pass as if it had come (demo and tests)")
    return parser.parse_args()


def main() -> None:
    """Run one role of one service until it is told to stop."""
    arguments = _arguments()
    config = service_config(arguments.service, arguments.role, os.environ)
    environment = Environment(os.environ)
    configure_logging(config.service, config.role, config.log_level)
    crashpoints.arm(config.crash_folder)
    if arguments.as_of is None and (port := environment.optional("METRICS_PORT")):
        serve_metrics(environment.text("BIND_ADDRESS", "127.0.0.1"), int(port))
    stop = StopFlag()
    stop.install()
    heartbeat = _heartbeat(environment.optional("HEARTBEAT_FILE"))
    wait_until_migrated(config.service, config.database_url, stop=stop, on_turn=heartbeat)
    if not stop():
        _run(arguments, config, stop, heartbeat)


def _run(arguments: argparse.Namespace, config: ServiceConfig, stop: StopFlag, heartbeat: Callable[[], None]) -> None:
    if arguments.role == "relay":
        relay = build_relay(config, stop)
        relay.on_turn = heartbeat
        return relay.run()
    parts = parts_of(config.service, config)
    if arguments.role == "consumer":
        if config.kafka is not None:
            wait_until_a_broker_listens(config.kafka, stop=stop, on_turn=heartbeat)
        if stop():
            return None
        loop = build_consumer(config, parts, stop)
        loop.on_turn = heartbeat
        return loop.run()
    clock = _clock(arguments.as_of, config.mode)
    chores = (*parts.chores, FORGET_ANSWERS, audit_heads.chore(config.service, FileStore(config.aws)))
    scheduler = Scheduler(database_of(config), parts.due_handlers, stop=stop, clock=clock, chores=chores)
    scheduler.on_turn = heartbeat
    if arguments.as_of is not None:
        scheduler.run_once()
        return None
    return scheduler.run()


if __name__ == "__main__":
    # By its own name: a service's worker.py imports this module too, and its WorkerParts must be the same class.
    from shared.worker import main as run_role

    run_role()
