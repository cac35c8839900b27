"""Builds the read model again from the first event and, when it has caught up, puts it in the old one's place.

`python -m services.insight.rebuild` makes fresh tables, reads every topic from offset 0 as a consumer group of its own,
and compares (the sum of each table, before and after). `--take-over` then switches to the fresh tables: stop
insight's consumer first, so that nobody writes while positions are compared; without it, nothing is changed.
Equal sums show that the read model is what the events say; they differ when handlers were changed, and then a
difference is what the rebuild is for. Runbook: docs/runbooks/rebuild-read-model.md.
"""

import argparse
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import TextClause, text

from services.insight.config import of_a_rebuild
from services.insight.fresh_tables import (
    LIVE,
    digests,
    fresh_database,
    make_fresh_tables,
    owner_engine,
    take_over,
)
from services.insight.handlers import HANDLERS, together
from shared import catalogue
from shared.clock import SystemClock
from shared.config import KafkaConfig
from shared.consumer import ConsumerLoop, Patience
from shared.database import Database, UnitOfWork
from shared.handling import DIRECTORY_TOPIC, EventHandling
from shared.kafka import Consumer
from shared.observability import configure_logging
from shared.principal import NATIONAL_TENANT, Principal
from shared.worker import WorkerParts

RECORDS: Final = 20_000
"""A poll: the more events of a tenant come together, the fewer statements they take; a row is written once for all."""
TOPICS: Final = [topic.name for topic in catalogue.topics_read_by(LIVE)]
PATIENCE: Final = Patience(poll=0.2, parked=timedelta(days=1), look_at_parked=0.2, measure_lag=float("inf"))
"""An event may wait long for what comes first: topics are read side by side, and the directory's is one of them.
Nobody asks a rebuild for its lag."""
GIVE_UP_AFTER: Final = 120.0
"""Seconds without any progress."""
BEHIND: Final = text(
    "select count(*) from insight.inbox_position l"
    " left join insight_next.inbox_position f on f.consumer = l.consumer and f.topic = l.topic and f.key = l.key"
    " where l.consumer = :consumer and l.topic = any(:topics) and coalesce(f.version, 0) < l.version"
)
AHEAD: Final = text(
    "select count(*) from insight_next.inbox_position f"
    " left join insight.inbox_position l on f.consumer = l.consumer and f.topic = l.topic and f.key = l.key"
    " where f.consumer = :consumer and f.topic = any(:topics) and coalesce(l.version, 0) < f.version"
)
log = logging.getLogger(__name__)


class NotCaughtUp(Exception):
    """The fresh read model does not hold what the live one holds, or the other way round."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The sums of the live and of the fresh tables."""

    live: dict[str, str]
    fresh: dict[str, str]

    @property
    def equal(self) -> bool:
        """Tell whether the rebuild gave the same bytes."""
        return self.live == self.fresh


class Rebuild:
    """One rebuild: its two logins and the group it reads with."""

    def __init__(self, *, app_url: str, owner_url: str) -> None:
        self._owner = owner_engine(owner_url)
        self.live = Database(app_url, pool_size=1)
        self.fresh = fresh_database(app_url)
        registration = WorkerParts(service=LIVE, handlers=HANDLERS, together=together).registration()
        self.handling = EventHandling(registration, self.fresh)

    def begin(self) -> None:
        """Make the fresh tables."""
        make_fresh_tables(self._owner)

    def project(self, kafka: KafkaConfig) -> None:
        """Read every topic from the start until the fresh tables hold what the live ones hold; raises NotCaughtUp.

        The directory's topic first: what an event of an organisation not known yet costs is many times the event.
        """
        group = f"{LIVE}.rebuild.{SystemClock().now():%Y%m%d%H%M%S}"
        for topics in ([DIRECTORY_TOPIC], TOPICS):
            consumer = Consumer(kafka, group, topics, max_records=RECORDS)
            loop = ConsumerLoop(self.handling, consumer, stop=lambda: False, patience=PATIENCE)
            try:
                self._turn_until_caught_up(loop.turn, topics)
            finally:
                loop.close()

    def _turn_until_caught_up(self, turn: Callable[[], None], topics: list[str]) -> None:
        behind, moved_at = self.count(BEHIND, topics), time.monotonic()
        while behind:
            turn()
            now_behind = self.count(BEHIND, topics)
            if now_behind != behind:
                behind, moved_at = now_behind, time.monotonic()
                log.info("Rebuilding", extra={"keys_behind": behind})
            if time.monotonic() - moved_at > GIVE_UP_AFTER:
                raise NotCaughtUp(f"{behind} keys are behind and nothing moves.")

    def count(self, question: TextClause, topics: list[str] = TOPICS) -> int:
        """Return how many keys of these topics one side is behind the other."""
        with UnitOfWork(self.fresh, Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            return int(uow.session.execute(question, {"consumer": LIVE, "topics": topics}).scalar_one())

    def compare(self) -> Comparison:
        """Return the sums of both sides; raises NotCaughtUp unless both have read the same events."""
        if self.count(BEHIND) or self.count(AHEAD):
            raise NotCaughtUp("One side has read events that the other has not. Stop insight's consumer and try again.")
        return Comparison(digests(self.live), digests(self.fresh))

    def take_over(self) -> None:
        """Put the fresh read model in the old one's place; raises NotCaughtUp when they have not read the same."""
        self.compare()
        self.close()
        take_over(self._owner)

    def close(self) -> None:
        """Give the connections back."""
        self.live.dispose()
        self.fresh.dispose()


def main() -> None:
    """Command line: rebuild, compare, and switch if asked to."""
    parser = argparse.ArgumentParser(prog="python -m services.insight.rebuild")
    parser.add_argument("--take-over", action="store_true", help="switch to the rebuilt tables")
    arguments = parser.parse_args()
    app, owner = of_a_rebuild()
    configure_logging(LIVE, "rebuild", app.log_level)
    assert app.kafka is not None  # noqa: S101 - the role consumer always has a broker
    rebuild = Rebuild(app_url=app.database_url, owner_url=owner.database_url)
    rebuild.begin()
    rebuild.project(app.kafka)
    comparison = rebuild.compare()
    log.info("Rebuilt", extra={"equal": comparison.equal, "live": comparison.live, "fresh": comparison.fresh})
    if arguments.take_over:
        rebuild.take_over()
        log.info("The rebuilt read model is in use")
    rebuild.close()
    if not comparison.equal and not arguments.take_over:
        raise SystemExit("The rebuilt read model differs from the live one.")


if __name__ == "__main__":
    main()
